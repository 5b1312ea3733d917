-- A database as the first version of the tables left it: two completed studies, with infeasible runs.
BEGIN TRANSACTION;
CREATE TABLE attempts (
	id INTEGER NOT NULL, 
	run_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	state VARCHAR NOT NULL, 
	reason VARCHAR, 
	facts JSON NOT NULL, 
	started_at DATETIME NOT NULL, 
	seconds DOUBLE, 
	compile_seconds DOUBLE, 
	evaluation_seconds DOUBLE, 
	PRIMARY KEY (id), 
	UNIQUE (run_id, number), 
	FOREIGN KEY(run_id) REFERENCES runs (id)
);
INSERT INTO "attempts" VALUES(1,2,1,'completed',NULL,'{"host": "laboratory", "pid": 23979, "platform": "Linux", "python": "3.11.7", "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 104492}','2026-11-25 03:51:53.868090',2.72955547996389213949e-01,2.56665046999842161312e-01,2.6656219997676089406e-03);
INSERT INTO "attempts" VALUES(2,1,1,'completed','diverged at step 4','{"host": "laboratory", "pid": 23977, "platform": "Linux", "python": "3.11.7", "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 104492}','2026-11-25 03:51:53.896926',4.68123607999586965888e-01,4.62263396999333053827e-01,0.0);
INSERT INTO "attempts" VALUES(3,3,1,'completed','diverged at step 4','{"host": "laboratory", "pid": 23979, "platform": "Linux", "python": "3.11.7", "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 104492}','2026-11-25 03:51:54.146357',6.36352099900250323116e-03,0.0,0.0);
INSERT INTO "attempts" VALUES(4,4,1,'completed',NULL,'{"host": "laboratory", "pid": 23979, "platform": "Linux", "python": "3.11.7", "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 208984}','2026-11-25 03:51:54.165119',1.63332251999236177653e-01,1.36800199998106108978e-01,2.12360400109901092946e-03);
INSERT INTO "attempts" VALUES(5,5,1,'completed',NULL,'{"host": "laboratory", "pid": 23979, "platform": "Linux", "python": "3.11.7", "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 208984}','2026-11-25 03:51:54.336516',2.10868479989585466682e-02,0.0,2.90474700159393250942e-03);
INSERT INTO "attempts" VALUES(6,6,1,'completed',NULL,'{"host": "laboratory", "pid": 23979, "platform": "Linux", "python": "3.11.7", "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 208984}','2026-11-25 03:51:54.364715',1.84315619990229606628e-02,0.0,3.69910199879086576402e-03);
INSERT INTO "attempts" VALUES(7,7,1,'completed',NULL,'{"host": "laboratory", "pid": 23977, "platform": "Linux", "python": "3.11.7", "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 104492}','2026-11-25 03:51:54.379925',1.88543169970216695219e-02,0.0,3.68292199709685519337e-03);
INSERT INTO "attempts" VALUES(8,8,1,'completed','diverged at step 20','{"host": "laboratory", "pid": 23979, "platform": "Linux", "python": "3.11.7", "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 104492}','2026-11-25 03:51:54.397700',1.40143409989832434803e-02,0.0,1.65384399952017702162e-03);
INSERT INTO "attempts" VALUES(9,9,1,'completed',NULL,'{"host": "laboratory", "pid": 23977, "platform": "Linux", "python": "3.11.7", "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 208984}','2026-11-25 03:51:54.409532',1.8223515000136103481e-01,1.60803454000415513291e-01,0.00441127300291555);
INSERT INTO "attempts" VALUES(10,13,1,'completed',NULL,'{"host": "laboratory", "pid": 23979, "platform": "Linux", "python": "3.11.7", "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 104492}','2026-11-25 03:51:54.420995',2.57349630010139662772e-02,0.0,3.40855800095596350729e-03);
INSERT INTO "attempts" VALUES(11,14,1,'completed',NULL,'{"host": "laboratory", "pid": 23979, "platform": "Linux", "python": "3.11.7", "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 104492}','2026-11-25 03:51:54.459996',1.84014070000557694584e-02,0.0,3.78738299696124158799e-03);
INSERT INTO "attempts" VALUES(12,15,1,'completed',NULL,'{"host": "laboratory", "pid": 23979, "platform": "Linux", "python": "3.11.7", "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 104492}','2026-11-25 03:51:54.482974',1.5637979999155504629e-02,0.0,2.64455000069574452936e-03);
INSERT INTO "attempts" VALUES(13,16,1,'completed',NULL,'{"host": "laboratory", "pid": 23979, "platform": "Linux", "python": "3.11.7", "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 104492}','2026-11-25 03:51:54.508026',1.3711820000025909394e-02,0.0,2.83763699917471967637e-03);
INSERT INTO "attempts" VALUES(14,17,1,'completed',NULL,'{"host": "laboratory", "pid": 23979, "platform": "Linux", "python": "3.11.7", "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 104492}','2026-11-25 03:51:54.527982',1.66710390003572683781e-02,0.0,3.78196399833541363477e-03);
INSERT INTO "attempts" VALUES(15,18,1,'completed',NULL,'{"host": "laboratory", "pid": 23979, "platform": "Linux", "python": "3.11.7", "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 104492}','2026-11-25 03:51:54.550798',1.92709920011111535131e-02,0.0,5.65812000058940611779e-03);
INSERT INTO "attempts" VALUES(16,10,1,'completed',NULL,'{"host": "laboratory", "pid": 23979, "platform": "Linux", "python": "3.11.7", "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 208984}','2026-11-25 03:51:54.573312',2.29435199980798643082e-02,0.0,2.89242000144440680742e-03);
INSERT INTO "attempts" VALUES(17,11,1,'completed',NULL,'{"host": "laboratory", "pid": 23977, "platform": "Linux", "python": "3.11.7", "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 208984}','2026-11-25 03:51:54.598320',2.47077229978458490222e-02,0.0,4.59638200118206441402e-03);
INSERT INTO "attempts" VALUES(18,12,1,'completed',NULL,'{"host": "laboratory", "pid": 23979, "platform": "Linux", "python": "3.11.7", "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 208984}','2026-11-25 03:51:54.607541',1.88261840012273751199e-02,0.0,2.37214500157278962433e-03);
INSERT INTO "attempts" VALUES(19,19,1,'completed',NULL,'{"host": "laboratory", "pid": 23977, "platform": "Linux", "python": "3.11.7", "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 208984}','2026-11-25 03:51:54.633615',1.75834580004448071122e-02,0.0,2.59498599916696548461e-03);
INSERT INTO "attempts" VALUES(20,20,1,'completed',NULL,'{"host": "laboratory", "pid": 23979, "platform": "Linux", "python": "3.11.7", "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 208984}','2026-11-25 03:51:54.637269',0.019448076000117,0.0,2.8099169940105639398e-03);
INSERT INTO "attempts" VALUES(21,21,1,'completed',NULL,'{"host": "laboratory", "pid": 23977, "platform": "Linux", "python": "3.11.7", "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 208984}','2026-11-25 03:51:54.661548',1.85474639984022360295e-02,0.0,2.45348500175168737769e-03);
INSERT INTO "attempts" VALUES(22,22,1,'completed',NULL,'{"host": "laboratory", "pid": 23979, "platform": "Linux", "python": "3.11.7", "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 208984}','2026-11-25 03:51:54.670768',1.73794639995321631431e-02,0.0,2.50862800021423026919e-03);
INSERT INTO "attempts" VALUES(23,23,1,'completed',NULL,'{"host": "laboratory", "pid": 23977, "platform": "Linux", "python": "3.11.7", "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 208984}','2026-11-25 03:51:54.684457',1.71718250021513085812e-02,0.0,2.14231200152426026761e-03);
INSERT INTO "attempts" VALUES(24,24,1,'completed',NULL,'{"host": "laboratory", "pid": 23979, "platform": "Linux", "python": "3.11.7", "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 208984}','2026-11-25 03:51:54.695977',1.58523589998367242515e-02,0.0,2.08236199978273361921e-03);
CREATE TABLE groups (
	id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	digest VARCHAR NOT NULL, 
	document JSON NOT NULL, 
	provenance JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	finished_at DATETIME, 
	PRIMARY KEY (id), 
	UNIQUE (name)
);
INSERT INTO "groups" VALUES(1,'first','completed','c75cc0fd3b77e070985526e36319f10ebf3deb857333b0d41196f5fe81c11743','{"version": 1, "name": "first", "workload": {"name": "mlp_digits", "batch_size": 128, "args": {}}, "metric": {"name": "valid_accuracy", "goal": "maximize", "objective": "final"}, "target": 0.9, "budget": {"steps": 20, "trials": 3, "finalists": 2, "finalist_seeds": 2, "seeds": 6, "eval_every": 10, "studies": 1}, "search": {"sampler": "halton", "seed": 0}, "schedule": {"name": "warmup_polynomial", "warmup_fraction": 0.1, "warmup_power": 1.0, "decay_power": 2.0, "end_factor": 0.0}, "shared": {"label_smoothing": 0.0}, "optimizers": {"nesterov": {"optimizer": "nesterov", "learning_rate": {"min": 0.1, "max": 100000000.0, "scale": "log", "type": "float"}, "momentum": {"min": 0.5, "max": 0.9, "scale": "one_minus_log", "type": "float"}}, "adamw": {"optimizer": "adamw", "learning_rate": {"min": 0.001, "max": 0.1, "scale": "log", "type": "float"}}}}','{"packages": {"shampoo-tune": "0.1.0", "jax": "0.10.1", "jaxlib": "0.10.1", "optax": "0.2.8", "flax": "0.12.8", "numpy": "2.4.6", "scipy": "1.17.1", "scikit-learn": "1.9.1"}, "python": "3.11.7", "git": null, "protocol": {"name": "protocol v1, after Nado, Gilmer et al. 2021", "version": 1}, "sampler": "scipy 1.17.1 halton", "workload": {"description": "MLP (two layers of 128) on scikit-learn''s digits, 8x8 grey images, n = 1,797 (train 1,078, validation 359, test 360)", "arguments": {"name": "mlp_digits", "batch_size": 128}}}','2026-11-25 03:51:52.569694','2026-11-25 03:51:54.712873');
CREATE TABLE leases (
	group_id INTEGER NOT NULL, 
	token VARCHAR(32) NOT NULL, 
	host VARCHAR NOT NULL, 
	boot VARCHAR NOT NULL, 
	pid INTEGER NOT NULL, 
	process_started DOUBLE NOT NULL, 
	heartbeat_at DATETIME NOT NULL, 
	PRIMARY KEY (group_id), 
	FOREIGN KEY(group_id) REFERENCES groups (id)
);
CREATE TABLE measurements (
	attempt_id INTEGER NOT NULL, 
	step INTEGER NOT NULL, 
	metric VARCHAR NOT NULL, 
	value DOUBLE NOT NULL, 
	PRIMARY KEY (attempt_id, step, metric), 
	FOREIGN KEY(attempt_id) REFERENCES attempts (id)
);
INSERT INTO "measurements" VALUES(1,10,'train_loss',1777.35205078125);
INSERT INTO "measurements" VALUES(1,10,'valid_loss',1.06518765505309893622e+01);
INSERT INTO "measurements" VALUES(1,10,'valid_accuracy',0.0947075208913649);
INSERT INTO "measurements" VALUES(1,10,'test_loss',154161.1);
INSERT INTO "measurements" VALUES(1,10,'test_accuracy',1.08333333333333337034e-01);
INSERT INTO "measurements" VALUES(1,20,'train_loss',8.65048503875732421875e+00);
INSERT INTO "measurements" VALUES(1,20,'valid_loss',8.42928286581650354492e+00);
INSERT INTO "measurements" VALUES(1,20,'valid_accuracy',0.0947075208913649);
INSERT INTO "measurements" VALUES(1,20,'test_loss',1.73388144444444449615e+05);
INSERT INTO "measurements" VALUES(1,20,'test_accuracy',1.08333333333333337034e-01);
INSERT INTO "measurements" VALUES(4,10,'train_loss',2.53234058618545532226e-01);
INSERT INTO "measurements" VALUES(4,10,'valid_loss',3.63640745370168882999e-01);
INSERT INTO "measurements" VALUES(4,10,'valid_accuracy',8.63509749303621121363e-01);
INSERT INTO "measurements" VALUES(4,10,'test_loss',2.93883853488498270056e-01);
INSERT INTO "measurements" VALUES(4,10,'test_accuracy',9.05555555555555558022e-01);
INSERT INTO "measurements" VALUES(4,20,'train_loss',2.56649851799011230468e-01);
INSERT INTO "measurements" VALUES(4,20,'valid_loss',2.10626416219642231819e-01);
INSERT INTO "measurements" VALUES(4,20,'valid_accuracy',9.275766016713091755e-01);
INSERT INTO "measurements" VALUES(4,20,'test_loss',1.82287470499674475465e-01);
INSERT INTO "measurements" VALUES(4,20,'test_accuracy',9.33333333333333348136e-01);
INSERT INTO "measurements" VALUES(5,10,'train_loss',1.14332520961761474609e+00);
INSERT INTO "measurements" VALUES(5,10,'valid_loss',9.74903159818941489334e-01);
INSERT INTO "measurements" VALUES(5,10,'valid_accuracy',7.77158774373259086942e-01);
INSERT INTO "measurements" VALUES(5,10,'test_loss',1.036712646484375e+00);
INSERT INTO "measurements" VALUES(5,10,'test_accuracy',7.58333333333333303727e-01);
INSERT INTO "measurements" VALUES(5,20,'train_loss',0.725445032119751);
INSERT INTO "measurements" VALUES(5,20,'valid_loss',7.86906632872345079832e-01);
INSERT INTO "measurements" VALUES(5,20,'valid_accuracy',8.16155988857938718972e-01);
INSERT INTO "measurements" VALUES(5,20,'test_loss',8.13977813720703102795e-01);
INSERT INTO "measurements" VALUES(5,20,'test_accuracy',8.38888888888888906159e-01);
INSERT INTO "measurements" VALUES(6,10,'train_loss',9.77172732353210449218e-01);
INSERT INTO "measurements" VALUES(6,10,'valid_loss',1.09682130946422362605e+00);
INSERT INTO "measurements" VALUES(6,10,'valid_accuracy',6.29526462395543218164e-01);
INSERT INTO "measurements" VALUES(6,10,'test_loss',9.6499752468532984384e-01);
INSERT INTO "measurements" VALUES(6,10,'test_accuracy',6.6388888888888886175e-01);
INSERT INTO "measurements" VALUES(6,20,'train_loss',4.26384717226028442382e-01);
INSERT INTO "measurements" VALUES(6,20,'valid_loss',5.89532283687325908694e-01);
INSERT INTO "measurements" VALUES(6,20,'valid_accuracy',8.32869080779944259695e-01);
INSERT INTO "measurements" VALUES(6,20,'test_loss',5.50421057807074620704e-01);
INSERT INTO "measurements" VALUES(6,20,'test_accuracy',8.44444444444444441977e-01);
INSERT INTO "measurements" VALUES(7,10,'train_loss',1.3862275123596191406e+01);
INSERT INTO "measurements" VALUES(7,10,'valid_loss',1.18125013601149024826e+01);
INSERT INTO "measurements" VALUES(7,10,'valid_accuracy',0.116991643454039);
INSERT INTO "measurements" VALUES(7,10,'test_loss',1.3223434787326388218e+01);
INSERT INTO "measurements" VALUES(7,10,'test_accuracy',8.05555555555555607982e-02);
INSERT INTO "measurements" VALUES(7,20,'train_loss',9.08962631225586);
INSERT INTO "measurements" VALUES(7,20,'valid_loss',9.41774297092618439819e+00);
INSERT INTO "measurements" VALUES(7,20,'valid_accuracy',1.08635097493036208993e-01);
INSERT INTO "measurements" VALUES(7,20,'test_loss',1.06391309950086814244e+01);
INSERT INTO "measurements" VALUES(7,20,'test_accuracy',9.16666666666666601903e-02);
INSERT INTO "measurements" VALUES(8,10,'train_loss',39617716.0);
INSERT INTO "measurements" VALUES(8,10,'valid_loss',1.59237348189415031814e+05);
INSERT INTO "measurements" VALUES(8,10,'valid_accuracy',1.08635097493036208993e-01);
INSERT INTO "measurements" VALUES(8,10,'test_loss',2.57480846036027149993e+15);
INSERT INTO "measurements" VALUES(8,10,'test_accuracy',9.16666666666666601903e-02);
INSERT INTO "measurements" VALUES(10,10,'train_loss',1.25442066192626953122e+01);
INSERT INTO "measurements" VALUES(10,10,'valid_loss',1.00390604598276453882e+01);
INSERT INTO "measurements" VALUES(10,10,'valid_accuracy',0.116991643454039);
INSERT INTO "measurements" VALUES(10,10,'test_loss',1.05041564941406253554e+01);
INSERT INTO "measurements" VALUES(10,10,'test_accuracy',8.05555555555555607982e-02);
INSERT INTO "measurements" VALUES(10,20,'train_loss',6.53935527801513671875e+00);
INSERT INTO "measurements" VALUES(10,20,'valid_loss',6.31066384488161524757e+00);
INSERT INTO "measurements" VALUES(10,20,'valid_accuracy',1.08635097493036208993e-01);
INSERT INTO "measurements" VALUES(10,20,'test_loss',6.51191541883680535818e+00);
INSERT INTO "measurements" VALUES(10,20,'test_accuracy',9.16666666666666601903e-02);
INSERT INTO "measurements" VALUES(11,10,'train_loss',12458.2822265625);
INSERT INTO "measurements" VALUES(11,10,'valid_loss',3.48563481894150390869e+04);
INSERT INTO "measurements" VALUES(11,10,'valid_accuracy',1.08635097493036208993e-01);
INSERT INTO "measurements" VALUES(11,10,'test_loss',5.77005777777777766448e+04);
INSERT INTO "measurements" VALUES(11,10,'test_accuracy',8.61111111111111104943e-02);
INSERT INTO "measurements" VALUES(11,20,'train_loss',1.00654630661010742183e+01);
INSERT INTO "measurements" VALUES(11,20,'valid_loss',1.07420773306928971633e+01);
INSERT INTO "measurements" VALUES(11,20,'valid_accuracy',1.03064066852367686166e-01);
INSERT INTO "measurements" VALUES(11,20,'test_loss',9.87774793836805642399e+00);
INSERT INTO "measurements" VALUES(11,20,'test_accuracy',1.0277777777777777346e-01);
INSERT INTO "measurements" VALUES(12,10,'train_loss',39988.1015625);
INSERT INTO "measurements" VALUES(12,10,'valid_loss',6.01552423398328683099e+04);
INSERT INTO "measurements" VALUES(12,10,'valid_accuracy',6.40668523676880263817e-02);
INSERT INTO "measurements" VALUES(12,10,'test_loss',6.298706111111111386e+04);
INSERT INTO "measurements" VALUES(12,10,'test_accuracy',0.1);
INSERT INTO "measurements" VALUES(12,20,'train_loss',1.0522965431213378906e+01);
INSERT INTO "measurements" VALUES(12,20,'valid_loss',9.63039421570334219779e+00);
INSERT INTO "measurements" VALUES(12,20,'valid_accuracy',1.08635097493036208993e-01);
INSERT INTO "measurements" VALUES(12,20,'test_loss',9.56392618815104178509e+00);
INSERT INTO "measurements" VALUES(12,20,'test_accuracy',9.16666666666666601903e-02);
INSERT INTO "measurements" VALUES(13,10,'train_loss',12616.912109375);
INSERT INTO "measurements" VALUES(13,10,'valid_loss',4.65596056754874680887e+01);
INSERT INTO "measurements" VALUES(13,10,'valid_accuracy',1.08635097493036208993e-01);
INSERT INTO "measurements" VALUES(13,10,'test_loss',5.49784722222222228555e+01);
INSERT INTO "measurements" VALUES(13,10,'test_accuracy',9.16666666666666601903e-02);
INSERT INTO "measurements" VALUES(13,20,'train_loss',9.22464084625244140625e+00);
INSERT INTO "measurements" VALUES(13,20,'valid_loss',8.685017110245473404e+00);
INSERT INTO "measurements" VALUES(13,20,'valid_accuracy',1.00278551532033424753e-01);
INSERT INTO "measurements" VALUES(13,20,'test_loss',1.00803914388020832149e+01);
INSERT INTO "measurements" VALUES(13,20,'test_accuracy',9.72222222222222237641e-02);
INSERT INTO "measurements" VALUES(14,10,'train_loss',7.20185565948486328125e+00);
INSERT INTO "measurements" VALUES(14,10,'valid_loss',6.41684461503307801422e+00);
INSERT INTO "measurements" VALUES(14,10,'valid_accuracy',0.0947075208913649);
INSERT INTO "measurements" VALUES(14,10,'test_loss',6.11238742404513857309e+00);
INSERT INTO "measurements" VALUES(14,10,'test_accuracy',1.22222222222222218213e-01);
INSERT INTO "measurements" VALUES(14,20,'train_loss',4.23792123794555664062e+00);
INSERT INTO "measurements" VALUES(14,20,'valid_loss',4.23166973145891400776e+00);
INSERT INTO "measurements" VALUES(14,20,'valid_accuracy',1.08635097493036208993e-01);
INSERT INTO "measurements" VALUES(14,20,'test_loss',4.03113708496093714472e+00);
INSERT INTO "measurements" VALUES(14,20,'test_accuracy',9.16666666666666601903e-02);
INSERT INTO "measurements" VALUES(15,10,'train_loss',7.17599582672119140625e+00);
INSERT INTO "measurements" VALUES(15,10,'valid_loss',7.66549674116469326179e+00);
INSERT INTO "measurements" VALUES(15,10,'valid_accuracy',0.0947075208913649);
INSERT INTO "measurements" VALUES(15,10,'test_loss',6.692824978298610894e+00);
INSERT INTO "measurements" VALUES(15,10,'test_accuracy',1.22222222222222218213e-01);
INSERT INTO "measurements" VALUES(15,20,'train_loss',5.62379360198974609375e+00);
INSERT INTO "measurements" VALUES(15,20,'valid_loss',5.4112994265755567369e+00);
INSERT INTO "measurements" VALUES(15,20,'valid_accuracy',6.68523676880222877949e-02);
INSERT INTO "measurements" VALUES(15,20,'test_loss',4.77469957139756928654e+00);
INSERT INTO "measurements" VALUES(15,20,'test_accuracy',0.1);
INSERT INTO "measurements" VALUES(9,10,'train_loss',5.32659828662872314453e-01);
INSERT INTO "measurements" VALUES(9,10,'valid_loss',4.70035563604413286764e-01);
INSERT INTO "measurements" VALUES(9,10,'valid_accuracy',8.60724233983286901583e-01);
INSERT INTO "measurements" VALUES(9,10,'test_loss',4.57203801472981785636e-01);
INSERT INTO "measurements" VALUES(9,10,'test_accuracy',8.83333333333333303727e-01);
INSERT INTO "measurements" VALUES(16,10,'train_loss',2.62919008731842041015e-01);
INSERT INTO "measurements" VALUES(16,10,'valid_loss',3.46971772175313386554e-01);
INSERT INTO "measurements" VALUES(16,10,'valid_accuracy',9.08077994428969303974e-01);
INSERT INTO "measurements" VALUES(16,10,'test_loss',0.404436280992296);
INSERT INTO "measurements" VALUES(16,10,'test_accuracy',0.875);
INSERT INTO "measurements" VALUES(9,20,'train_loss',2.72518306970596313476e-01);
INSERT INTO "measurements" VALUES(9,20,'valid_loss',3.32637053678294769554e-01);
INSERT INTO "measurements" VALUES(9,20,'valid_accuracy',8.96935933147632313833e-01);
INSERT INTO "measurements" VALUES(9,20,'test_loss',3.23377736409505234238e-01);
INSERT INTO "measurements" VALUES(9,20,'test_accuracy',0.9);
INSERT INTO "measurements" VALUES(16,20,'train_loss',2.13776871562004089355e-01);
INSERT INTO "measurements" VALUES(16,20,'valid_loss',2.46494983896239555631e-01);
INSERT INTO "measurements" VALUES(16,20,'valid_accuracy',0.924791086350975);
INSERT INTO "measurements" VALUES(16,20,'test_loss',2.61613676283094620522e-01);
INSERT INTO "measurements" VALUES(16,20,'test_accuracy',9.1111111111111109384e-01);
INSERT INTO "measurements" VALUES(17,10,'train_loss',8.29665303230285644531e-01);
INSERT INTO "measurements" VALUES(17,10,'valid_loss',8.72831296787952681803e-01);
INSERT INTO "measurements" VALUES(17,10,'valid_accuracy',7.35376044568245124111e-01);
INSERT INTO "measurements" VALUES(17,10,'test_loss',8.2987018161349823675e-01);
INSERT INTO "measurements" VALUES(17,10,'test_accuracy',7.36111111111111160454e-01);
INSERT INTO "measurements" VALUES(18,10,'train_loss',9.0009981393814086914e-01);
INSERT INTO "measurements" VALUES(18,10,'valid_loss',9.11388939137578346638e-01);
INSERT INTO "measurements" VALUES(18,10,'valid_accuracy',0.713091922005571);
INSERT INTO "measurements" VALUES(18,10,'test_loss',8.40190463595920089545e-01);
INSERT INTO "measurements" VALUES(18,10,'test_accuracy',7.33333333333333281522e-01);
INSERT INTO "measurements" VALUES(17,20,'train_loss',3.39343488216400146484e-01);
INSERT INTO "measurements" VALUES(17,20,'valid_loss',4.84672355120560560681e-01);
INSERT INTO "measurements" VALUES(17,20,'valid_accuracy',8.32869080779944259695e-01);
INSERT INTO "measurements" VALUES(17,20,'test_loss',5.01980675591362834886e-01);
INSERT INTO "measurements" VALUES(17,20,'test_accuracy',8.55555555555555513613e-01);
INSERT INTO "measurements" VALUES(18,20,'train_loss',3.18954288959503173828e-01);
INSERT INTO "measurements" VALUES(18,20,'valid_loss',5.20489153423681183419e-01);
INSERT INTO "measurements" VALUES(18,20,'valid_accuracy',8.18941504178272938752e-01);
INSERT INTO "measurements" VALUES(18,20,'test_loss',4.77654393513997410636e-01);
INSERT INTO "measurements" VALUES(18,20,'test_accuracy',8.44444444444444441977e-01);
INSERT INTO "measurements" VALUES(19,10,'train_loss',4.58337455987930297851e-01);
INSERT INTO "measurements" VALUES(19,10,'valid_loss',4.55444123419546487152e-01);
INSERT INTO "measurements" VALUES(19,10,'valid_accuracy',8.63509749303621121363e-01);
INSERT INTO "measurements" VALUES(19,10,'test_loss',4.45461569892035613715e-01);
INSERT INTO "measurements" VALUES(19,10,'test_accuracy',0.875);
INSERT INTO "measurements" VALUES(20,10,'train_loss',3.35880249738693237304e-01);
INSERT INTO "measurements" VALUES(20,10,'valid_loss',4.68597497116556405138e-01);
INSERT INTO "measurements" VALUES(20,10,'valid_accuracy',0.83008356545961);
INSERT INTO "measurements" VALUES(20,10,'test_loss',4.98097568088107622852e-01);
INSERT INTO "measurements" VALUES(20,10,'test_accuracy',8.19444444444444419772e-01);
INSERT INTO "measurements" VALUES(19,20,'train_loss',2.14457392692565917968e-01);
INSERT INTO "measurements" VALUES(19,20,'valid_loss',2.40402327938664256423e-01);
INSERT INTO "measurements" VALUES(19,20,'valid_accuracy',9.22005571030640624918e-01);
INSERT INTO "measurements" VALUES(19,20,'test_loss',2.35798729790581584886e-01);
INSERT INTO "measurements" VALUES(19,20,'test_accuracy',9.27777777777777812318e-01);
INSERT INTO "measurements" VALUES(20,20,'train_loss',2.48631596565246582031e-01);
INSERT INTO "measurements" VALUES(20,20,'valid_loss',3.27169859309714483597e-01);
INSERT INTO "measurements" VALUES(20,20,'valid_accuracy',8.94150417827298094053e-01);
INSERT INTO "measurements" VALUES(20,20,'test_loss',3.22906070285373270056e-01);
INSERT INTO "measurements" VALUES(20,20,'test_accuracy',9.02777777777777790113e-01);
INSERT INTO "measurements" VALUES(21,10,'train_loss',2.85395056009292602539e-01);
INSERT INTO "measurements" VALUES(21,10,'valid_loss',3.86549713219772828054e-01);
INSERT INTO "measurements" VALUES(21,10,'valid_accuracy',8.74651810584958222527e-01);
INSERT INTO "measurements" VALUES(21,10,'test_loss',3.12181854248046897204e-01);
INSERT INTO "measurements" VALUES(21,10,'test_accuracy',8.94444444444444486386e-01);
INSERT INTO "measurements" VALUES(21,20,'train_loss',1.36364102363586425781e-01);
INSERT INTO "measurements" VALUES(21,20,'valid_loss',0.222247556723592);
INSERT INTO "measurements" VALUES(21,20,'valid_accuracy',0.935933147632312);
INSERT INTO "measurements" VALUES(21,20,'test_loss',1.93898031446668839272e-01);
INSERT INTO "measurements" VALUES(21,20,'test_accuracy',9.30555555555555580227e-01);
INSERT INTO "measurements" VALUES(22,10,'train_loss',5.24833559989929199218e-01);
INSERT INTO "measurements" VALUES(22,10,'valid_loss',3.73153388998302582013e-01);
INSERT INTO "measurements" VALUES(22,10,'valid_accuracy',8.80222841225626773109e-01);
INSERT INTO "measurements" VALUES(22,10,'test_loss',3.85329013400607656159e-01);
INSERT INTO "measurements" VALUES(22,10,'test_accuracy',8.80555555555555535818e-01);
INSERT INTO "measurements" VALUES(22,20,'train_loss',1.94216132164001464843e-01);
INSERT INTO "measurements" VALUES(22,20,'valid_loss',2.59984603499303634777e-01);
INSERT INTO "measurements" VALUES(22,20,'valid_accuracy',9.19220055710306405138e-01);
INSERT INTO "measurements" VALUES(22,20,'test_loss',2.43830362955729157414e-01);
INSERT INTO "measurements" VALUES(22,20,'test_accuracy',0.925);
INSERT INTO "measurements" VALUES(23,10,'train_loss',2.38263070583343505859e-01);
INSERT INTO "measurements" VALUES(23,10,'valid_loss',3.23474405867807734971e-01);
INSERT INTO "measurements" VALUES(23,10,'valid_accuracy',8.88579387186629543471e-01);
INSERT INTO "measurements" VALUES(23,10,'test_loss',0.322486326429579);
INSERT INTO "measurements" VALUES(23,10,'test_accuracy',8.83333333333333303727e-01);
INSERT INTO "measurements" VALUES(23,20,'train_loss',1.17499448359012603759e-01);
INSERT INTO "measurements" VALUES(23,20,'valid_loss',1.55293095410700299208e-01);
INSERT INTO "measurements" VALUES(23,20,'valid_accuracy',9.38718662952646276664e-01);
INSERT INTO "measurements" VALUES(23,20,'test_loss',1.65028232998318147295e-01);
INSERT INTO "measurements" VALUES(23,20,'test_accuracy',9.38888888888888883954e-01);
INSERT INTO "measurements" VALUES(24,10,'train_loss',1.96032673120498657226e-01);
INSERT INTO "measurements" VALUES(24,10,'valid_loss',3.1396983792190763518e-01);
INSERT INTO "measurements" VALUES(24,10,'valid_accuracy',8.80222841225626773109e-01);
INSERT INTO "measurements" VALUES(24,10,'test_loss',3.27607938978407120522e-01);
INSERT INTO "measurements" VALUES(24,10,'test_accuracy',8.69444444444444464181e-01);
INSERT INTO "measurements" VALUES(24,20,'train_loss',1.6616585850715637207e-01);
INSERT INTO "measurements" VALUES(24,20,'valid_loss',1.89454145086176889423e-01);
INSERT INTO "measurements" VALUES(24,20,'valid_accuracy',9.22005571030640624918e-01);
INSERT INTO "measurements" VALUES(24,20,'test_loss',1.98059230380588119357e-01);
INSERT INTO "measurements" VALUES(24,20,'test_accuracy',9.30555555555555580227e-01);
CREATE TABLE median_ranks (
	n INTEGER NOT NULL, 
	low_rank INTEGER, 
	PRIMARY KEY (n)
);
INSERT INTO "median_ranks" VALUES(1,NULL);
INSERT INTO "median_ranks" VALUES(2,NULL);
INSERT INTO "median_ranks" VALUES(6,1);
CREATE TABLE runs (
	id INTEGER NOT NULL, 
	study_id INTEGER NOT NULL, 
	trial_id INTEGER NOT NULL, 
	phase VARCHAR NOT NULL, 
	seed INTEGER NOT NULL, 
	state VARCHAR NOT NULL, 
	reason VARCHAR, 
	PRIMARY KEY (id), 
	UNIQUE (trial_id, phase, seed), 
	FOREIGN KEY(study_id) REFERENCES studies (id), 
	FOREIGN KEY(trial_id) REFERENCES trials (id)
);
INSERT INTO "runs" VALUES(1,1,1,'search',0,'infeasible','diverged at step 4');
INSERT INTO "runs" VALUES(2,1,2,'search',1,'completed',NULL);
INSERT INTO "runs" VALUES(3,1,3,'search',2,'infeasible','diverged at step 4');
INSERT INTO "runs" VALUES(4,2,4,'search',0,'completed',NULL);
INSERT INTO "runs" VALUES(5,2,5,'search',1,'completed',NULL);
INSERT INTO "runs" VALUES(6,2,6,'search',2,'completed',NULL);
INSERT INTO "runs" VALUES(7,1,2,'finalists',100000,'completed',NULL);
INSERT INTO "runs" VALUES(8,1,2,'finalists',100001,'infeasible','diverged at step 20');
INSERT INTO "runs" VALUES(9,2,4,'finalists',100000,'completed',NULL);
INSERT INTO "runs" VALUES(10,2,4,'finalists',100001,'completed',NULL);
INSERT INTO "runs" VALUES(11,2,6,'finalists',100000,'completed',NULL);
INSERT INTO "runs" VALUES(12,2,6,'finalists',100001,'completed',NULL);
INSERT INTO "runs" VALUES(13,1,2,'final',200000,'completed',NULL);
INSERT INTO "runs" VALUES(14,1,2,'final',200001,'completed',NULL);
INSERT INTO "runs" VALUES(15,1,2,'final',200002,'completed',NULL);
INSERT INTO "runs" VALUES(16,1,2,'final',200003,'completed',NULL);
INSERT INTO "runs" VALUES(17,1,2,'final',200004,'completed',NULL);
INSERT INTO "runs" VALUES(18,1,2,'final',200005,'completed',NULL);
INSERT INTO "runs" VALUES(19,2,4,'final',200000,'completed',NULL);
INSERT INTO "runs" VALUES(20,2,4,'final',200001,'completed',NULL);
INSERT INTO "runs" VALUES(21,2,4,'final',200002,'completed',NULL);
INSERT INTO "runs" VALUES(22,2,4,'final',200003,'completed',NULL);
INSERT INTO "runs" VALUES(23,2,4,'final',200004,'completed',NULL);
INSERT INTO "runs" VALUES(24,2,4,'final',200005,'completed',NULL);
CREATE TABLE schema_version (
	version INTEGER NOT NULL, 
	PRIMARY KEY (version)
);
INSERT INTO "schema_version" VALUES(1);
CREATE TABLE studies (
	id INTEGER NOT NULL, 
	group_id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	arm VARCHAR NOT NULL, 
	optimizer VARCHAR NOT NULL, 
	replicate INTEGER NOT NULL, 
	workload VARCHAR NOT NULL, 
	metric VARCHAR NOT NULL, 
	goal VARCHAR NOT NULL, 
	objective VARCHAR NOT NULL, 
	target DOUBLE, 
	steps INTEGER NOT NULL, 
	trials INTEGER NOT NULL, 
	finalists INTEGER NOT NULL, 
	finalist_seeds INTEGER NOT NULL, 
	seeds INTEGER NOT NULL, 
	eval_every INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (group_id, arm, replicate), 
	FOREIGN KEY(group_id) REFERENCES groups (id), 
	UNIQUE (name)
);
INSERT INTO "studies" VALUES(1,1,'first/nesterov','nesterov','nesterov',0,'mlp_digits','valid_accuracy','maximize','final',0.9,20,3,2,2,6,10);
INSERT INTO "studies" VALUES(2,1,'first/adamw','adamw','adamw',0,'mlp_digits','valid_accuracy','maximize','final',0.9,20,3,2,2,6,10);
CREATE TABLE study_metrics (
	study_id INTEGER NOT NULL, 
	metric VARCHAR NOT NULL, 
	PRIMARY KEY (study_id, metric), 
	FOREIGN KEY(study_id) REFERENCES studies (id)
);
INSERT INTO "study_metrics" VALUES(1,'train_loss');
INSERT INTO "study_metrics" VALUES(1,'valid_loss');
INSERT INTO "study_metrics" VALUES(1,'valid_accuracy');
INSERT INTO "study_metrics" VALUES(1,'test_loss');
INSERT INTO "study_metrics" VALUES(1,'test_accuracy');
INSERT INTO "study_metrics" VALUES(2,'train_loss');
INSERT INTO "study_metrics" VALUES(2,'valid_loss');
INSERT INTO "study_metrics" VALUES(2,'valid_accuracy');
INSERT INTO "study_metrics" VALUES(2,'test_loss');
INSERT INTO "study_metrics" VALUES(2,'test_accuracy');
CREATE TABLE trial_parameters (
	trial_id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	value_number DOUBLE, 
	value_text VARCHAR NOT NULL, 
	PRIMARY KEY (trial_id, name), 
	FOREIGN KEY(trial_id) REFERENCES trials (id)
);
INSERT INTO "trial_parameters" VALUES(1,'learning_rate',2.12093073487486050003e+05,'212093.07348748605');
INSERT INTO "trial_parameters" VALUES(1,'momentum',6.12833176354852571243e-01,'0.6128331763548526');
INSERT INTO "trial_parameters" VALUES(2,'learning_rate',6.70697188165926228009e+00,'6.706971881659262');
INSERT INTO "trial_parameters" VALUES(2,'momentum',7.73583468002811303065e-01,'0.7735834680028113');
INSERT INTO "trial_parameters" VALUES(3,'learning_rate',3.77160745594668537377e+07,'37716074.559466854');
INSERT INTO "trial_parameters" VALUES(3,'momentum',8.67590808843115901538e-01,'0.8675908088431159');
INSERT INTO "trial_parameters" VALUES(4,'learning_rate',2.54621325459622703524e-02,'0.02546213254596227');
INSERT INTO "trial_parameters" VALUES(5,'learning_rate',2.54621325459622677503e-03,'0.0025462132545962268');
INSERT INTO "trial_parameters" VALUES(6,'learning_rate',8.05183329303426897904e-02,'0.08051833293034269');
CREATE TABLE trials (
	id INTEGER NOT NULL, 
	study_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	point JSON NOT NULL, 
	configuration JSON NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (study_id, number), 
	FOREIGN KEY(study_id) REFERENCES studies (id)
);
INSERT INTO "trials" VALUES(1,1,0,'{"learning_rate": 212093.07348748605, "momentum": 0.6128331763548526}','{"optimizer": "nesterov", "options": {"momentum": 0.6128331763548526, "weight_decay": 0.0}, "schedule": {"name": "warmup_polynomial", "learning_rate": 212093.07348748605, "steps": 20, "warmup_steps": 2, "warmup_power": 1.0, "decay_power": 2.0, "end_factor": 0.0}}');
INSERT INTO "trials" VALUES(2,1,1,'{"learning_rate": 6.706971881659262, "momentum": 0.7735834680028113}','{"optimizer": "nesterov", "options": {"momentum": 0.7735834680028113, "weight_decay": 0.0}, "schedule": {"name": "warmup_polynomial", "learning_rate": 6.706971881659262, "steps": 20, "warmup_steps": 2, "warmup_power": 1.0, "decay_power": 2.0, "end_factor": 0.0}}');
INSERT INTO "trials" VALUES(3,1,2,'{"learning_rate": 37716074.559466854, "momentum": 0.8675908088431159}','{"optimizer": "nesterov", "options": {"momentum": 0.8675908088431159, "weight_decay": 0.0}, "schedule": {"name": "warmup_polynomial", "learning_rate": 37716074.559466854, "steps": 20, "warmup_steps": 2, "warmup_power": 1.0, "decay_power": 2.0, "end_factor": 0.0}}');
INSERT INTO "trials" VALUES(4,2,0,'{"learning_rate": 0.02546213254596227}','{"optimizer": "adamw", "options": {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-08, "weight_decay": 0.0}, "schedule": {"name": "warmup_polynomial", "learning_rate": 0.02546213254596227, "steps": 20, "warmup_steps": 2, "warmup_power": 1.0, "decay_power": 2.0, "end_factor": 0.0}}');
INSERT INTO "trials" VALUES(5,2,1,'{"learning_rate": 0.0025462132545962268}','{"optimizer": "adamw", "options": {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-08, "weight_decay": 0.0}, "schedule": {"name": "warmup_polynomial", "learning_rate": 0.0025462132545962268, "steps": 20, "warmup_steps": 2, "warmup_power": 1.0, "decay_power": 2.0, "end_factor": 0.0}}');
INSERT INTO "trials" VALUES(6,2,2,'{"learning_rate": 0.08051833293034269}','{"optimizer": "adamw", "options": {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-08, "weight_decay": 0.0}, "schedule": {"name": "warmup_polynomial", "learning_rate": 0.08051833293034269, "steps": 20, "warmup_steps": 2, "warmup_power": 1.0, "decay_power": 2.0, "end_factor": 0.0}}');
CREATE INDEX ix_studies_group_id ON studies (group_id);
CREATE INDEX runs_by_state ON runs (study_id, state);
CREATE VIEW run_results as
select r.id run_id, r.study_id, r.trial_id, r.phase, r.seed, r.state, r.reason, a.id attempt_id,
       a.seconds
from runs r
join attempts a on a.run_id = r.id and a.number = (
  select max(number) from attempts where run_id = r.id)
where r.state in ('completed', 'infeasible');
CREATE VIEW run_values as
select r.run_id, r.study_id, r.trial_id, r.phase, r.seed, r.state, m.metric,
       case when m.metric = s.metric then s.goal
            when m.metric like '%accuracy' then 'maximize' else 'minimize' end goal,
       case when r.state = 'completed' then
         case when m.metric = s.metric and s.objective = 'best' then
           case s.goal when 'maximize' then max(v.value) else min(v.value) end
         else max(case when v.step = s.steps then v.value end) end
       end value,
       case when r.state = 'completed' and m.metric = s.metric then
         min(case when (s.goal = 'maximize' and v.value >= s.target)
                    or (s.goal = 'minimize' and v.value <= s.target) then v.step end)
       end steps_to_target,
       case when r.state = 'completed' then
         case s.goal when 'maximize' then max(v.value) else min(v.value) end
       end best_value
from run_results r
join studies s on s.id = r.study_id
join study_metrics m on m.study_id = s.id
left join measurements v on v.attempt_id = r.attempt_id and v.metric = m.metric
group by r.run_id, r.study_id, r.trial_id, r.phase, r.seed, r.state, m.metric, s.metric, s.goal,
         s.objective;
CREATE VIEW v1_studies as
select s.name study, g.name group_name, s.arm, s.replicate, s.workload, s.metric, s.goal, s.target,
       s.steps, s.trials, s.finalists, s.seeds,
       case when exists (select 1 from runs r where r.study_id = s.id and r.state = 'failed')
              then 'blocked'
            when g.state in ('completed', 'cancelled', 'paused') then g.state
            when not exists (select 1 from runs r where r.study_id = s.id
                             and r.state in ('queued', 'running'))
              then 'completed'
            when exists (select 1 from runs r where r.study_id = s.id and r.state <> 'queued')
              then 'running'
            else 'queued' end state,
       g.created_at
from studies s join groups g on g.id = s.group_id;
CREATE VIEW v1_trials as
select s.name study, t.number trial, coalesce(r.state, 'queued') state, r.reason, s.objective,
       v.value search_value, v.best_value, x.seconds
from trials t
join studies s on s.id = t.study_id
left join runs r on r.trial_id = t.id and r.phase = 'search'
left join run_values v on v.run_id = r.id and v.metric = s.metric
left join run_results x on x.run_id = r.id;
CREATE VIEW v1_trial_parameters as
select s.name study, t.number trial, p.name, p.value_number, p.value_text
from trial_parameters p
join trials t on t.id = p.trial_id
join studies s on s.id = t.study_id;
CREATE VIEW v1_curves as
select s.name study, t.number trial, r.phase, r.seed, m.step, m.metric, m.value
from run_results r
join measurements m on m.attempt_id = r.attempt_id
join trials t on t.id = r.trial_id
join studies s on s.id = r.study_id;
CREATE VIEW v1_steps_to_target as
select s.name study, t.number trial, v.phase, v.seed, v.steps_to_target steps
from run_values v
join studies s on s.id = v.study_id and s.metric = v.metric
join trials t on t.id = v.trial_id;
CREATE VIEW v1_seed_medians as
with ranked as (
  select v.*,
    row_number() over (partition by v.trial_id, v.phase, v.metric order by
      case when v.goal = 'maximize' then case when v.value is null then 0 else 1 end
           else case when v.value is null then 1 else 0 end end, v.value) k,
    row_number() over (partition by v.trial_id, v.phase, v.metric order by
      case when v.steps_to_target is null then 1 else 0 end, v.steps_to_target) k_steps,
    count(*) over (partition by v.trial_id, v.phase, v.metric) n
  from run_values v
)
select s.name study, t.number trial, r.phase, r.metric, min(r.goal) goal, count(*) seeds,
  sum(case when r.state = 'infeasible' then 1 else 0 end) infeasible,
  case when r.metric = s.metric and s.target is not null then
    sum(case when (r.goal = 'maximize' and r.value >= s.target)
               or (r.goal = 'minimize' and r.value <= s.target) then 1 else 0 end) end reached,
  case when sum(case when r.k in ((r.n + 1) / 2, (r.n + 2) / 2) and r.value is null
                then 1 else 0 end) = 0
    then avg(case when r.k in ((r.n + 1) / 2, (r.n + 2) / 2) then r.value end) end median,
  max(case when r.k = q.low_rank then r.value end) ci_low,
  max(case when r.k = r.n + 1 - q.low_rank then r.value end) ci_high,
  case when sum(case when r.k_steps in ((r.n + 1) / 2, (r.n + 2) / 2) and r.steps_to_target is null
                then 1 else 0 end) = 0
    then avg(case when r.k_steps in ((r.n + 1) / 2, (r.n + 2) / 2)
             then r.steps_to_target * 1.0 end) end median_steps_to_target
from ranked r
join studies s on s.id = r.study_id
join trials t on t.id = r.trial_id
left join median_ranks q on q.n = r.n
group by s.name, t.number, r.phase, r.metric, s.metric, s.target;
COMMIT;
