-- A database as the second version of the tables left it: two completed studies, with infeasible runs.
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
INSERT INTO "attempts" VALUES(1,1,1,'completed','diverged at step 4','{"host": "laboratory", "pid": 30842, "platform": "Linux", "packages": {"shampoo-tune": "0.1.0", "jax": "0.10.1", "jaxlib": "0.10.1", "optax": "0.2.8", "flax": "0.12.8", "numpy": "2.4.6", "scipy": "1.17.1", "scikit-learn": "1.9.1"}, "python": "3.11.7", "git": {"commit": "eb4f50aa824f564a04f4107e73feded87a7089b0", "dirty": true}, "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 104492}','2026-11-25 04:11:53.828012',2.22866268002690048888e-01,2.16897204001725185662e-01,0.0);
INSERT INTO "attempts" VALUES(2,2,1,'completed',NULL,'{"host": "laboratory", "pid": 30844, "platform": "Linux", "packages": {"shampoo-tune": "0.1.0", "jax": "0.10.1", "jaxlib": "0.10.1", "optax": "0.2.8", "flax": "0.12.8", "numpy": "2.4.6", "scipy": "1.17.1", "scikit-learn": "1.9.1"}, "python": "3.11.7", "git": {"commit": "eb4f50aa824f564a04f4107e73feded87a7089b0", "dirty": true}, "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 104492}','2026-11-25 04:11:53.882994',3.58159897998120868578e-01,3.40260568998928647488e-01,3.45051100157434120774e-03);
INSERT INTO "attempts" VALUES(3,3,1,'completed','diverged at step 4','{"host": "laboratory", "pid": 30842, "platform": "Linux", "packages": {"shampoo-tune": "0.1.0", "jax": "0.10.1", "jaxlib": "0.10.1", "optax": "0.2.8", "flax": "0.12.8", "numpy": "2.4.6", "scipy": "1.17.1", "scikit-learn": "1.9.1"}, "python": "3.11.7", "git": {"commit": "eb4f50aa824f564a04f4107e73feded87a7089b0", "dirty": true}, "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 104492}','2026-11-25 04:11:54.066144',7.51804099854780361056e-03,0.0,0.0);
INSERT INTO "attempts" VALUES(4,4,1,'completed',NULL,'{"host": "laboratory", "pid": 30842, "platform": "Linux", "packages": {"shampoo-tune": "0.1.0", "jax": "0.10.1", "jaxlib": "0.10.1", "optax": "0.2.8", "flax": "0.12.8", "numpy": "2.4.6", "scipy": "1.17.1", "scikit-learn": "1.9.1"}, "python": "3.11.7", "git": {"commit": "eb4f50aa824f564a04f4107e73feded87a7089b0", "dirty": true}, "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 208984}','2026-11-25 04:11:54.080786',1.48275902003661030903e-01,1.30999421002343297004e-01,2.50759700065827928483e-03);
INSERT INTO "attempts" VALUES(5,5,1,'completed',NULL,'{"host": "laboratory", "pid": 30842, "platform": "Linux", "packages": {"shampoo-tune": "0.1.0", "jax": "0.10.1", "jaxlib": "0.10.1", "optax": "0.2.8", "flax": "0.12.8", "numpy": "2.4.6", "scipy": "1.17.1", "scikit-learn": "1.9.1"}, "python": "3.11.7", "git": {"commit": "eb4f50aa824f564a04f4107e73feded87a7089b0", "dirty": true}, "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 208984}','2026-11-25 04:11:54.236142',2.18596589984372258186e-02,0.0,3.65622800018172711133e-03);
INSERT INTO "attempts" VALUES(6,6,1,'completed',NULL,'{"host": "laboratory", "pid": 30844, "platform": "Linux", "packages": {"shampoo-tune": "0.1.0", "jax": "0.10.1", "jaxlib": "0.10.1", "optax": "0.2.8", "flax": "0.12.8", "numpy": "2.4.6", "scipy": "1.17.1", "scikit-learn": "1.9.1"}, "python": "3.11.7", "git": {"commit": "eb4f50aa824f564a04f4107e73feded87a7089b0", "dirty": true}, "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 208984}','2026-11-25 04:11:54.275514',1.51043677000416209921e-01,1.36206180002773180603e-01,2.6932030013995245099e-03);
INSERT INTO "attempts" VALUES(7,7,1,'completed',NULL,'{"host": "laboratory", "pid": 30842, "platform": "Linux", "packages": {"shampoo-tune": "0.1.0", "jax": "0.10.1", "jaxlib": "0.10.1", "optax": "0.2.8", "flax": "0.12.8", "numpy": "2.4.6", "scipy": "1.17.1", "scikit-learn": "1.9.1"}, "python": "3.11.7", "git": {"commit": "eb4f50aa824f564a04f4107e73feded87a7089b0", "dirty": true}, "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 104492}','2026-11-25 04:11:54.277126',2.00208089991065207868e-02,0.0,7.85951000216300599277e-03);
INSERT INTO "attempts" VALUES(8,8,1,'completed','diverged at step 20','{"host": "laboratory", "pid": 30842, "platform": "Linux", "packages": {"shampoo-tune": "0.1.0", "jax": "0.10.1", "jaxlib": "0.10.1", "optax": "0.2.8", "flax": "0.12.8", "numpy": "2.4.6", "scipy": "1.17.1", "scikit-learn": "1.9.1"}, "python": "3.11.7", "git": {"commit": "eb4f50aa824f564a04f4107e73feded87a7089b0", "dirty": true}, "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 104492}','2026-11-25 04:11:54.301958',1.75287059973925352096e-02,0.0,1.44935899879783391952e-03);
INSERT INTO "attempts" VALUES(9,9,1,'completed',NULL,'{"host": "laboratory", "pid": 30842, "platform": "Linux", "packages": {"shampoo-tune": "0.1.0", "jax": "0.10.1", "jaxlib": "0.10.1", "optax": "0.2.8", "flax": "0.12.8", "numpy": "2.4.6", "scipy": "1.17.1", "scikit-learn": "1.9.1"}, "python": "3.11.7", "git": {"commit": "eb4f50aa824f564a04f4107e73feded87a7089b0", "dirty": true}, "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 104492}','2026-11-25 04:11:54.316188',1.71200879995012655854e-02,0.0,2.48170700069749727845e-03);
INSERT INTO "attempts" VALUES(10,10,1,'completed',NULL,'{"host": "laboratory", "pid": 30842, "platform": "Linux", "packages": {"shampoo-tune": "0.1.0", "jax": "0.10.1", "jaxlib": "0.10.1", "optax": "0.2.8", "flax": "0.12.8", "numpy": "2.4.6", "scipy": "1.17.1", "scikit-learn": "1.9.1"}, "python": "3.11.7", "git": {"commit": "eb4f50aa824f564a04f4107e73feded87a7089b0", "dirty": true}, "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 104492}','2026-11-25 04:11:54.344712',1.94499099998211022466e-02,0.0,6.66304700280306860804e-03);
INSERT INTO "attempts" VALUES(11,11,1,'completed',NULL,'{"host": "laboratory", "pid": 30842, "platform": "Linux", "packages": {"shampoo-tune": "0.1.0", "jax": "0.10.1", "jaxlib": "0.10.1", "optax": "0.2.8", "flax": "0.12.8", "numpy": "2.4.6", "scipy": "1.17.1", "scikit-learn": "1.9.1"}, "python": "3.11.7", "git": {"commit": "eb4f50aa824f564a04f4107e73feded87a7089b0", "dirty": true}, "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 104492}','2026-11-25 04:11:54.374874',2.0074830001249210909e-02,0.0,5.33319600071990862488e-03);
INSERT INTO "attempts" VALUES(12,12,1,'completed',NULL,'{"host": "laboratory", "pid": 30842, "platform": "Linux", "packages": {"shampoo-tune": "0.1.0", "jax": "0.10.1", "jaxlib": "0.10.1", "optax": "0.2.8", "flax": "0.12.8", "numpy": "2.4.6", "scipy": "1.17.1", "scikit-learn": "1.9.1"}, "python": "3.11.7", "git": {"commit": "eb4f50aa824f564a04f4107e73feded87a7089b0", "dirty": true}, "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 104492}','2026-11-25 04:11:54.392137',2.01487000013003125786e-02,0.0,4.82717300110380165278e-03);
INSERT INTO "attempts" VALUES(13,13,1,'completed',NULL,'{"host": "laboratory", "pid": 30842, "platform": "Linux", "packages": {"shampoo-tune": "0.1.0", "jax": "0.10.1", "jaxlib": "0.10.1", "optax": "0.2.8", "flax": "0.12.8", "numpy": "2.4.6", "scipy": "1.17.1", "scikit-learn": "1.9.1"}, "python": "3.11.7", "git": {"commit": "eb4f50aa824f564a04f4107e73feded87a7089b0", "dirty": true}, "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 104492}','2026-11-25 04:11:54.412299',1.60869879982783459126e-02,0.0,2.97170800331514328718e-03);
INSERT INTO "attempts" VALUES(14,14,1,'completed',NULL,'{"host": "laboratory", "pid": 30844, "platform": "Linux", "packages": {"shampoo-tune": "0.1.0", "jax": "0.10.1", "jaxlib": "0.10.1", "optax": "0.2.8", "flax": "0.12.8", "numpy": "2.4.6", "scipy": "1.17.1", "scikit-learn": "1.9.1"}, "python": "3.11.7", "git": {"commit": "eb4f50aa824f564a04f4107e73feded87a7089b0", "dirty": true}, "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 104492}','2026-11-25 04:11:54.440462',1.9024174998776288703e-02,0.0,5.04197199916234239935e-03);
INSERT INTO "attempts" VALUES(15,15,1,'completed',NULL,'{"host": "laboratory", "pid": 30842, "platform": "Linux", "packages": {"shampoo-tune": "0.1.0", "jax": "0.10.1", "jaxlib": "0.10.1", "optax": "0.2.8", "flax": "0.12.8", "numpy": "2.4.6", "scipy": "1.17.1", "scikit-learn": "1.9.1"}, "python": "3.11.7", "git": {"commit": "eb4f50aa824f564a04f4107e73feded87a7089b0", "dirty": true}, "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 208984}','2026-11-25 04:11:54.442907',0.02248146599959,0.0,4.83514400184503756463e-03);
INSERT INTO "attempts" VALUES(16,16,1,'completed',NULL,'{"host": "laboratory", "pid": 30844, "platform": "Linux", "packages": {"shampoo-tune": "0.1.0", "jax": "0.10.1", "jaxlib": "0.10.1", "optax": "0.2.8", "flax": "0.12.8", "numpy": "2.4.6", "scipy": "1.17.1", "scikit-learn": "1.9.1"}, "python": "3.11.7", "git": {"commit": "eb4f50aa824f564a04f4107e73feded87a7089b0", "dirty": true}, "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 208984}','2026-11-25 04:11:54.455906',2.46327109998674131929e-02,0.0,6.54393999866442754864e-03);
INSERT INTO "attempts" VALUES(17,17,1,'completed',NULL,'{"host": "laboratory", "pid": 30842, "platform": "Linux", "packages": {"shampoo-tune": "0.1.0", "jax": "0.10.1", "jaxlib": "0.10.1", "optax": "0.2.8", "flax": "0.12.8", "numpy": "2.4.6", "scipy": "1.17.1", "scikit-learn": "1.9.1"}, "python": "3.11.7", "git": {"commit": "eb4f50aa824f564a04f4107e73feded87a7089b0", "dirty": true}, "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 208984}','2026-11-25 04:11:54.469434',1.53794440011552069336e-02,0.0,3.31354700028896331787e-03);
INSERT INTO "attempts" VALUES(18,18,1,'completed',NULL,'{"host": "laboratory", "pid": 30844, "platform": "Linux", "packages": {"shampoo-tune": "0.1.0", "jax": "0.10.1", "jaxlib": "0.10.1", "optax": "0.2.8", "flax": "0.12.8", "numpy": "2.4.6", "scipy": "1.17.1", "scikit-learn": "1.9.1"}, "python": "3.11.7", "git": {"commit": "eb4f50aa824f564a04f4107e73feded87a7089b0", "dirty": true}, "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 208984}','2026-11-25 04:11:54.482307',2.20325669979501981288e-02,0.0,0.00360323899803916);
INSERT INTO "attempts" VALUES(19,19,1,'completed',NULL,'{"host": "laboratory", "pid": 30842, "platform": "Linux", "packages": {"shampoo-tune": "0.1.0", "jax": "0.10.1", "jaxlib": "0.10.1", "optax": "0.2.8", "flax": "0.12.8", "numpy": "2.4.6", "scipy": "1.17.1", "scikit-learn": "1.9.1"}, "python": "3.11.7", "git": {"commit": "eb4f50aa824f564a04f4107e73feded87a7089b0", "dirty": true}, "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 208984}','2026-11-25 04:11:54.509119',1.87197610030125360935e-02,0.0,0.00264773500020965);
INSERT INTO "attempts" VALUES(20,20,1,'completed',NULL,'{"host": "laboratory", "pid": 30844, "platform": "Linux", "packages": {"shampoo-tune": "0.1.0", "jax": "0.10.1", "jaxlib": "0.10.1", "optax": "0.2.8", "flax": "0.12.8", "numpy": "2.4.6", "scipy": "1.17.1", "scikit-learn": "1.9.1"}, "python": "3.11.7", "git": {"commit": "eb4f50aa824f564a04f4107e73feded87a7089b0", "dirty": true}, "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 208984}','2026-11-25 04:11:54.511822',2.52366610002354718744e-02,0.0,5.19526100106304511427e-03);
INSERT INTO "attempts" VALUES(21,21,1,'completed',NULL,'{"host": "laboratory", "pid": 30842, "platform": "Linux", "packages": {"shampoo-tune": "0.1.0", "jax": "0.10.1", "jaxlib": "0.10.1", "optax": "0.2.8", "flax": "0.12.8", "numpy": "2.4.6", "scipy": "1.17.1", "scikit-learn": "1.9.1"}, "python": "3.11.7", "git": {"commit": "eb4f50aa824f564a04f4107e73feded87a7089b0", "dirty": true}, "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 208984}','2026-11-25 04:11:54.545201',2.32716329992399550974e-02,0.0,0.00423501099794521);
INSERT INTO "attempts" VALUES(22,22,1,'completed',NULL,'{"host": "laboratory", "pid": 30844, "platform": "Linux", "packages": {"shampoo-tune": "0.1.0", "jax": "0.10.1", "jaxlib": "0.10.1", "optax": "0.2.8", "flax": "0.12.8", "numpy": "2.4.6", "scipy": "1.17.1", "scikit-learn": "1.9.1"}, "python": "3.11.7", "git": {"commit": "eb4f50aa824f564a04f4107e73feded87a7089b0", "dirty": true}, "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 208984}','2026-11-25 04:11:54.548388',1.81518649987992830574e-02,0.0,2.69195099826902151107e-03);
INSERT INTO "attempts" VALUES(23,23,1,'completed',NULL,'{"host": "laboratory", "pid": 30844, "platform": "Linux", "packages": {"shampoo-tune": "0.1.0", "jax": "0.10.1", "jaxlib": "0.10.1", "optax": "0.2.8", "flax": "0.12.8", "numpy": "2.4.6", "scipy": "1.17.1", "scikit-learn": "1.9.1"}, "python": "3.11.7", "git": {"commit": "eb4f50aa824f564a04f4107e73feded87a7089b0", "dirty": true}, "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 208984}','2026-11-25 04:11:54.572436',1.83346779995190445333e-02,0.0,3.50286899993079714477e-03);
INSERT INTO "attempts" VALUES(24,24,1,'completed',NULL,'{"host": "laboratory", "pid": 30842, "platform": "Linux", "packages": {"shampoo-tune": "0.1.0", "jax": "0.10.1", "jaxlib": "0.10.1", "optax": "0.2.8", "flax": "0.12.8", "numpy": "2.4.6", "scipy": "1.17.1", "scikit-learn": "1.9.1"}, "python": "3.11.7", "git": {"commit": "eb4f50aa824f564a04f4107e73feded87a7089b0", "dirty": true}, "jaxlib": "0.10.1", "device_kind": "cpu", "device_count": 1, "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, "workload_fingerprint": "86c7f1c143ea06eaf3cea2db6e17e53c53972fe0ba6155d9c9ecfd253fc44466", "optimizer_state_bytes": 208984}','2026-11-25 04:11:54.576838',2.59310349974839482456e-02,0.0,5.68521099921781569719e-03);
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
INSERT INTO "groups" VALUES(1,'second','completed','c75cc0fd3b77e070985526e36319f10ebf3deb857333b0d41196f5fe81c11743','{"version": 1, "name": "first", "workload": {"name": "mlp_digits", "batch_size": 128, "args": {}}, "metric": {"name": "valid_accuracy", "goal": "maximize", "objective": "final"}, "target": 0.9, "budget": {"steps": 20, "trials": 3, "finalists": 2, "finalist_seeds": 2, "seeds": 6, "eval_every": 10, "studies": 1}, "search": {"sampler": "halton", "seed": 0}, "schedule": {"name": "warmup_polynomial", "warmup_fraction": 0.1, "warmup_power": 1.0, "decay_power": 2.0, "end_factor": 0.0}, "shared": {"label_smoothing": 0.0}, "optimizers": {"nesterov": {"optimizer": "nesterov", "learning_rate": {"min": 0.1, "max": 100000000.0, "scale": "log", "type": "float"}, "momentum": {"min": 0.5, "max": 0.9, "scale": "one_minus_log", "type": "float"}}, "adamw": {"optimizer": "adamw", "learning_rate": {"min": 0.001, "max": 0.1, "scale": "log", "type": "float"}}}}','{"packages": {"shampoo-tune": "0.1.0", "jax": "0.10.1", "jaxlib": "0.10.1", "optax": "0.2.8", "flax": "0.12.8", "numpy": "2.4.6", "scipy": "1.17.1", "scikit-learn": "1.9.1"}, "python": "3.11.7", "git": null, "protocol": {"name": "protocol v1, after Nado, Gilmer et al. 2021", "version": 1}, "sampler": "scipy 1.17.1 halton", "workload": {"description": "MLP (two layers of 128) on scikit-learn''s digits, 8x8 grey images, n = 1,797 (train 1,078, validation 359, test 360)", "arguments": {"name": "mlp_digits", "batch_size": 128}}}','2026-11-25 04:11:52.917121','2026-11-25 04:11:54.594892');
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
	metric VARCHAR NOT NULL, 
	step INTEGER NOT NULL, 
	value DOUBLE NOT NULL, 
	PRIMARY KEY (attempt_id, metric, step), 
	FOREIGN KEY(attempt_id) REFERENCES attempts (id)
)
 WITHOUT ROWID

;
INSERT INTO "measurements" VALUES(2,'test_accuracy',10,1.08333333333333337034e-01);
INSERT INTO "measurements" VALUES(2,'test_accuracy',20,1.08333333333333337034e-01);
INSERT INTO "measurements" VALUES(2,'test_loss',10,154161.1);
INSERT INTO "measurements" VALUES(2,'test_loss',20,1.73388144444444449615e+05);
INSERT INTO "measurements" VALUES(2,'train_loss',10,1777.35205078125);
INSERT INTO "measurements" VALUES(2,'train_loss',20,8.65048503875732421875e+00);
INSERT INTO "measurements" VALUES(2,'valid_accuracy',10,0.0947075208913649);
INSERT INTO "measurements" VALUES(2,'valid_accuracy',20,0.0947075208913649);
INSERT INTO "measurements" VALUES(2,'valid_loss',10,1.06518765505309893622e+01);
INSERT INTO "measurements" VALUES(2,'valid_loss',20,8.42928286581650354492e+00);
INSERT INTO "measurements" VALUES(4,'test_accuracy',10,9.05555555555555558022e-01);
INSERT INTO "measurements" VALUES(4,'test_accuracy',20,9.33333333333333348136e-01);
INSERT INTO "measurements" VALUES(4,'test_loss',10,2.93883853488498270056e-01);
INSERT INTO "measurements" VALUES(4,'test_loss',20,1.82287470499674475465e-01);
INSERT INTO "measurements" VALUES(4,'train_loss',10,2.53234058618545532226e-01);
INSERT INTO "measurements" VALUES(4,'train_loss',20,2.56649851799011230468e-01);
INSERT INTO "measurements" VALUES(4,'valid_accuracy',10,8.63509749303621121363e-01);
INSERT INTO "measurements" VALUES(4,'valid_accuracy',20,9.275766016713091755e-01);
INSERT INTO "measurements" VALUES(4,'valid_loss',10,3.63640745370168882999e-01);
INSERT INTO "measurements" VALUES(4,'valid_loss',20,2.10626416219642231819e-01);
INSERT INTO "measurements" VALUES(5,'test_accuracy',10,7.58333333333333303727e-01);
INSERT INTO "measurements" VALUES(5,'test_accuracy',20,8.38888888888888906159e-01);
INSERT INTO "measurements" VALUES(5,'test_loss',10,1.036712646484375e+00);
INSERT INTO "measurements" VALUES(5,'test_loss',20,8.13977813720703102795e-01);
INSERT INTO "measurements" VALUES(5,'train_loss',10,1.14332520961761474609e+00);
INSERT INTO "measurements" VALUES(5,'train_loss',20,0.725445032119751);
INSERT INTO "measurements" VALUES(5,'valid_accuracy',10,7.77158774373259086942e-01);
INSERT INTO "measurements" VALUES(5,'valid_accuracy',20,8.16155988857938718972e-01);
INSERT INTO "measurements" VALUES(5,'valid_loss',10,9.74903159818941489334e-01);
INSERT INTO "measurements" VALUES(5,'valid_loss',20,7.86906632872345079832e-01);
INSERT INTO "measurements" VALUES(6,'test_accuracy',10,6.6388888888888886175e-01);
INSERT INTO "measurements" VALUES(6,'test_accuracy',20,8.44444444444444441977e-01);
INSERT INTO "measurements" VALUES(6,'test_loss',10,9.6499752468532984384e-01);
INSERT INTO "measurements" VALUES(6,'test_loss',20,5.50421057807074620704e-01);
INSERT INTO "measurements" VALUES(6,'train_loss',10,9.77172732353210449218e-01);
INSERT INTO "measurements" VALUES(6,'train_loss',20,4.26384717226028442382e-01);
INSERT INTO "measurements" VALUES(6,'valid_accuracy',10,6.29526462395543218164e-01);
INSERT INTO "measurements" VALUES(6,'valid_accuracy',20,8.32869080779944259695e-01);
INSERT INTO "measurements" VALUES(6,'valid_loss',10,1.09682130946422362605e+00);
INSERT INTO "measurements" VALUES(6,'valid_loss',20,5.89532283687325908694e-01);
INSERT INTO "measurements" VALUES(7,'test_accuracy',10,8.05555555555555607982e-02);
INSERT INTO "measurements" VALUES(7,'test_accuracy',20,9.16666666666666601903e-02);
INSERT INTO "measurements" VALUES(7,'test_loss',10,1.3223434787326388218e+01);
INSERT INTO "measurements" VALUES(7,'test_loss',20,1.06391309950086814244e+01);
INSERT INTO "measurements" VALUES(7,'train_loss',10,1.3862275123596191406e+01);
INSERT INTO "measurements" VALUES(7,'train_loss',20,9.08962631225586);
INSERT INTO "measurements" VALUES(7,'valid_accuracy',10,0.116991643454039);
INSERT INTO "measurements" VALUES(7,'valid_accuracy',20,1.08635097493036208993e-01);
INSERT INTO "measurements" VALUES(7,'valid_loss',10,1.18125013601149024826e+01);
INSERT INTO "measurements" VALUES(7,'valid_loss',20,9.41774297092618439819e+00);
INSERT INTO "measurements" VALUES(8,'test_accuracy',10,9.16666666666666601903e-02);
INSERT INTO "measurements" VALUES(8,'test_loss',10,2.57480846036027149993e+15);
INSERT INTO "measurements" VALUES(8,'train_loss',10,39617716.0);
INSERT INTO "measurements" VALUES(8,'valid_accuracy',10,1.08635097493036208993e-01);
INSERT INTO "measurements" VALUES(8,'valid_loss',10,1.59237348189415031814e+05);
INSERT INTO "measurements" VALUES(9,'test_accuracy',10,8.05555555555555607982e-02);
INSERT INTO "measurements" VALUES(9,'test_accuracy',20,9.16666666666666601903e-02);
INSERT INTO "measurements" VALUES(9,'test_loss',10,1.05041564941406253554e+01);
INSERT INTO "measurements" VALUES(9,'test_loss',20,6.51191541883680535818e+00);
INSERT INTO "measurements" VALUES(9,'train_loss',10,1.25442066192626953122e+01);
INSERT INTO "measurements" VALUES(9,'train_loss',20,6.53935527801513671875e+00);
INSERT INTO "measurements" VALUES(9,'valid_accuracy',10,0.116991643454039);
INSERT INTO "measurements" VALUES(9,'valid_accuracy',20,1.08635097493036208993e-01);
INSERT INTO "measurements" VALUES(9,'valid_loss',10,1.00390604598276453882e+01);
INSERT INTO "measurements" VALUES(9,'valid_loss',20,6.31066384488161524757e+00);
INSERT INTO "measurements" VALUES(10,'test_accuracy',10,8.61111111111111104943e-02);
INSERT INTO "measurements" VALUES(10,'test_accuracy',20,1.0277777777777777346e-01);
INSERT INTO "measurements" VALUES(10,'test_loss',10,5.77005777777777766448e+04);
INSERT INTO "measurements" VALUES(10,'test_loss',20,9.87774793836805642399e+00);
INSERT INTO "measurements" VALUES(10,'train_loss',10,12458.2822265625);
INSERT INTO "measurements" VALUES(10,'train_loss',20,1.00654630661010742183e+01);
INSERT INTO "measurements" VALUES(10,'valid_accuracy',10,1.08635097493036208993e-01);
INSERT INTO "measurements" VALUES(10,'valid_accuracy',20,1.03064066852367686166e-01);
INSERT INTO "measurements" VALUES(10,'valid_loss',10,3.48563481894150390869e+04);
INSERT INTO "measurements" VALUES(10,'valid_loss',20,1.07420773306928971633e+01);
INSERT INTO "measurements" VALUES(11,'test_accuracy',10,0.1);
INSERT INTO "measurements" VALUES(11,'test_accuracy',20,9.16666666666666601903e-02);
INSERT INTO "measurements" VALUES(11,'test_loss',10,6.298706111111111386e+04);
INSERT INTO "measurements" VALUES(11,'test_loss',20,9.56392618815104178509e+00);
INSERT INTO "measurements" VALUES(11,'train_loss',10,39988.1015625);
INSERT INTO "measurements" VALUES(11,'train_loss',20,1.0522965431213378906e+01);
INSERT INTO "measurements" VALUES(11,'valid_accuracy',10,6.40668523676880263817e-02);
INSERT INTO "measurements" VALUES(11,'valid_accuracy',20,1.08635097493036208993e-01);
INSERT INTO "measurements" VALUES(11,'valid_loss',10,6.01552423398328683099e+04);
INSERT INTO "measurements" VALUES(11,'valid_loss',20,9.63039421570334219779e+00);
INSERT INTO "measurements" VALUES(12,'test_accuracy',10,9.16666666666666601903e-02);
INSERT INTO "measurements" VALUES(12,'test_accuracy',20,9.72222222222222237641e-02);
INSERT INTO "measurements" VALUES(12,'test_loss',10,5.49784722222222228555e+01);
INSERT INTO "measurements" VALUES(12,'test_loss',20,1.00803914388020832149e+01);
INSERT INTO "measurements" VALUES(12,'train_loss',10,12616.912109375);
INSERT INTO "measurements" VALUES(12,'train_loss',20,9.22464084625244140625e+00);
INSERT INTO "measurements" VALUES(12,'valid_accuracy',10,1.08635097493036208993e-01);
INSERT INTO "measurements" VALUES(12,'valid_accuracy',20,1.00278551532033424753e-01);
INSERT INTO "measurements" VALUES(12,'valid_loss',10,4.65596056754874680887e+01);
INSERT INTO "measurements" VALUES(12,'valid_loss',20,8.685017110245473404e+00);
INSERT INTO "measurements" VALUES(13,'test_accuracy',10,1.22222222222222218213e-01);
INSERT INTO "measurements" VALUES(13,'test_accuracy',20,9.16666666666666601903e-02);
INSERT INTO "measurements" VALUES(13,'test_loss',10,6.11238742404513857309e+00);
INSERT INTO "measurements" VALUES(13,'test_loss',20,4.03113708496093714472e+00);
INSERT INTO "measurements" VALUES(13,'train_loss',10,7.20185565948486328125e+00);
INSERT INTO "measurements" VALUES(13,'train_loss',20,4.23792123794555664062e+00);
INSERT INTO "measurements" VALUES(13,'valid_accuracy',10,0.0947075208913649);
INSERT INTO "measurements" VALUES(13,'valid_accuracy',20,1.08635097493036208993e-01);
INSERT INTO "measurements" VALUES(13,'valid_loss',10,6.41684461503307801422e+00);
INSERT INTO "measurements" VALUES(13,'valid_loss',20,4.23166973145891400776e+00);
INSERT INTO "measurements" VALUES(14,'test_accuracy',10,1.22222222222222218213e-01);
INSERT INTO "measurements" VALUES(14,'test_accuracy',20,0.1);
INSERT INTO "measurements" VALUES(14,'test_loss',10,6.692824978298610894e+00);
INSERT INTO "measurements" VALUES(14,'test_loss',20,4.77469957139756928654e+00);
INSERT INTO "measurements" VALUES(14,'train_loss',10,7.17599582672119140625e+00);
INSERT INTO "measurements" VALUES(14,'train_loss',20,5.62379360198974609375e+00);
INSERT INTO "measurements" VALUES(14,'valid_accuracy',10,0.0947075208913649);
INSERT INTO "measurements" VALUES(14,'valid_accuracy',20,6.68523676880222877949e-02);
INSERT INTO "measurements" VALUES(14,'valid_loss',10,7.66549674116469326179e+00);
INSERT INTO "measurements" VALUES(14,'valid_loss',20,5.4112994265755567369e+00);
INSERT INTO "measurements" VALUES(15,'test_accuracy',10,8.83333333333333303727e-01);
INSERT INTO "measurements" VALUES(15,'test_accuracy',20,0.9);
INSERT INTO "measurements" VALUES(15,'test_loss',10,4.57203801472981785636e-01);
INSERT INTO "measurements" VALUES(15,'test_loss',20,3.23377736409505234238e-01);
INSERT INTO "measurements" VALUES(15,'train_loss',10,5.32659828662872314453e-01);
INSERT INTO "measurements" VALUES(15,'train_loss',20,2.72518306970596313476e-01);
INSERT INTO "measurements" VALUES(15,'valid_accuracy',10,8.60724233983286901583e-01);
INSERT INTO "measurements" VALUES(15,'valid_accuracy',20,8.96935933147632313833e-01);
INSERT INTO "measurements" VALUES(15,'valid_loss',10,4.70035563604413286764e-01);
INSERT INTO "measurements" VALUES(15,'valid_loss',20,3.32637053678294769554e-01);
INSERT INTO "measurements" VALUES(16,'test_accuracy',10,0.875);
INSERT INTO "measurements" VALUES(16,'test_accuracy',20,9.1111111111111109384e-01);
INSERT INTO "measurements" VALUES(16,'test_loss',10,0.404436280992296);
INSERT INTO "measurements" VALUES(16,'test_loss',20,2.61613676283094620522e-01);
INSERT INTO "measurements" VALUES(16,'train_loss',10,2.62919008731842041015e-01);
INSERT INTO "measurements" VALUES(16,'train_loss',20,2.13776871562004089355e-01);
INSERT INTO "measurements" VALUES(16,'valid_accuracy',10,9.08077994428969303974e-01);
INSERT INTO "measurements" VALUES(16,'valid_accuracy',20,0.924791086350975);
INSERT INTO "measurements" VALUES(16,'valid_loss',10,3.46971772175313386554e-01);
INSERT INTO "measurements" VALUES(16,'valid_loss',20,2.46494983896239555631e-01);
INSERT INTO "measurements" VALUES(17,'test_accuracy',10,7.36111111111111160454e-01);
INSERT INTO "measurements" VALUES(17,'test_accuracy',20,8.55555555555555513613e-01);
INSERT INTO "measurements" VALUES(17,'test_loss',10,8.2987018161349823675e-01);
INSERT INTO "measurements" VALUES(17,'test_loss',20,5.01980675591362834886e-01);
INSERT INTO "measurements" VALUES(17,'train_loss',10,8.29665303230285644531e-01);
INSERT INTO "measurements" VALUES(17,'train_loss',20,3.39343488216400146484e-01);
INSERT INTO "measurements" VALUES(17,'valid_accuracy',10,7.35376044568245124111e-01);
INSERT INTO "measurements" VALUES(17,'valid_accuracy',20,8.32869080779944259695e-01);
INSERT INTO "measurements" VALUES(17,'valid_loss',10,8.72831296787952681803e-01);
INSERT INTO "measurements" VALUES(17,'valid_loss',20,4.84672355120560560681e-01);
INSERT INTO "measurements" VALUES(18,'test_accuracy',10,7.33333333333333281522e-01);
INSERT INTO "measurements" VALUES(18,'test_accuracy',20,8.44444444444444441977e-01);
INSERT INTO "measurements" VALUES(18,'test_loss',10,8.40190463595920089545e-01);
INSERT INTO "measurements" VALUES(18,'test_loss',20,4.77654393513997410636e-01);
INSERT INTO "measurements" VALUES(18,'train_loss',10,9.0009981393814086914e-01);
INSERT INTO "measurements" VALUES(18,'train_loss',20,3.18954288959503173828e-01);
INSERT INTO "measurements" VALUES(18,'valid_accuracy',10,0.713091922005571);
INSERT INTO "measurements" VALUES(18,'valid_accuracy',20,8.18941504178272938752e-01);
INSERT INTO "measurements" VALUES(18,'valid_loss',10,9.11388939137578346638e-01);
INSERT INTO "measurements" VALUES(18,'valid_loss',20,5.20489153423681183419e-01);
INSERT INTO "measurements" VALUES(19,'test_accuracy',10,0.875);
INSERT INTO "measurements" VALUES(19,'test_accuracy',20,9.27777777777777812318e-01);
INSERT INTO "measurements" VALUES(19,'test_loss',10,4.45461569892035613715e-01);
INSERT INTO "measurements" VALUES(19,'test_loss',20,2.35798729790581584886e-01);
INSERT INTO "measurements" VALUES(19,'train_loss',10,4.58337455987930297851e-01);
INSERT INTO "measurements" VALUES(19,'train_loss',20,2.14457392692565917968e-01);
INSERT INTO "measurements" VALUES(19,'valid_accuracy',10,8.63509749303621121363e-01);
INSERT INTO "measurements" VALUES(19,'valid_accuracy',20,9.22005571030640624918e-01);
INSERT INTO "measurements" VALUES(19,'valid_loss',10,4.55444123419546487152e-01);
INSERT INTO "measurements" VALUES(19,'valid_loss',20,2.40402327938664256423e-01);
INSERT INTO "measurements" VALUES(20,'test_accuracy',10,8.19444444444444419772e-01);
INSERT INTO "measurements" VALUES(20,'test_accuracy',20,9.02777777777777790113e-01);
INSERT INTO "measurements" VALUES(20,'test_loss',10,4.98097568088107622852e-01);
INSERT INTO "measurements" VALUES(20,'test_loss',20,3.22906070285373270056e-01);
INSERT INTO "measurements" VALUES(20,'train_loss',10,3.35880249738693237304e-01);
INSERT INTO "measurements" VALUES(20,'train_loss',20,2.48631596565246582031e-01);
INSERT INTO "measurements" VALUES(20,'valid_accuracy',10,0.83008356545961);
INSERT INTO "measurements" VALUES(20,'valid_accuracy',20,8.94150417827298094053e-01);
INSERT INTO "measurements" VALUES(20,'valid_loss',10,4.68597497116556405138e-01);
INSERT INTO "measurements" VALUES(20,'valid_loss',20,3.27169859309714483597e-01);
INSERT INTO "measurements" VALUES(21,'test_accuracy',10,8.94444444444444486386e-01);
INSERT INTO "measurements" VALUES(21,'test_accuracy',20,9.30555555555555580227e-01);
INSERT INTO "measurements" VALUES(21,'test_loss',10,3.12181854248046897204e-01);
INSERT INTO "measurements" VALUES(21,'test_loss',20,1.93898031446668839272e-01);
INSERT INTO "measurements" VALUES(21,'train_loss',10,2.85395056009292602539e-01);
INSERT INTO "measurements" VALUES(21,'train_loss',20,1.36364102363586425781e-01);
INSERT INTO "measurements" VALUES(21,'valid_accuracy',10,8.74651810584958222527e-01);
INSERT INTO "measurements" VALUES(21,'valid_accuracy',20,0.935933147632312);
INSERT INTO "measurements" VALUES(21,'valid_loss',10,3.86549713219772828054e-01);
INSERT INTO "measurements" VALUES(21,'valid_loss',20,0.222247556723592);
INSERT INTO "measurements" VALUES(22,'test_accuracy',10,8.80555555555555535818e-01);
INSERT INTO "measurements" VALUES(22,'test_accuracy',20,0.925);
INSERT INTO "measurements" VALUES(22,'test_loss',10,3.85329013400607656159e-01);
INSERT INTO "measurements" VALUES(22,'test_loss',20,2.43830362955729157414e-01);
INSERT INTO "measurements" VALUES(22,'train_loss',10,5.24833559989929199218e-01);
INSERT INTO "measurements" VALUES(22,'train_loss',20,1.94216132164001464843e-01);
INSERT INTO "measurements" VALUES(22,'valid_accuracy',10,8.80222841225626773109e-01);
INSERT INTO "measurements" VALUES(22,'valid_accuracy',20,9.19220055710306405138e-01);
INSERT INTO "measurements" VALUES(22,'valid_loss',10,3.73153388998302582013e-01);
INSERT INTO "measurements" VALUES(22,'valid_loss',20,2.59984603499303634777e-01);
INSERT INTO "measurements" VALUES(23,'test_accuracy',10,8.83333333333333303727e-01);
INSERT INTO "measurements" VALUES(23,'test_accuracy',20,9.38888888888888883954e-01);
INSERT INTO "measurements" VALUES(23,'test_loss',10,0.322486326429579);
INSERT INTO "measurements" VALUES(23,'test_loss',20,1.65028232998318147295e-01);
INSERT INTO "measurements" VALUES(23,'train_loss',10,2.38263070583343505859e-01);
INSERT INTO "measurements" VALUES(23,'train_loss',20,1.17499448359012603759e-01);
INSERT INTO "measurements" VALUES(23,'valid_accuracy',10,8.88579387186629543471e-01);
INSERT INTO "measurements" VALUES(23,'valid_accuracy',20,9.38718662952646276664e-01);
INSERT INTO "measurements" VALUES(23,'valid_loss',10,3.23474405867807734971e-01);
INSERT INTO "measurements" VALUES(23,'valid_loss',20,1.55293095410700299208e-01);
INSERT INTO "measurements" VALUES(24,'test_accuracy',10,8.69444444444444464181e-01);
INSERT INTO "measurements" VALUES(24,'test_accuracy',20,9.30555555555555580227e-01);
INSERT INTO "measurements" VALUES(24,'test_loss',10,3.27607938978407120522e-01);
INSERT INTO "measurements" VALUES(24,'test_loss',20,1.98059230380588119357e-01);
INSERT INTO "measurements" VALUES(24,'train_loss',10,1.96032673120498657226e-01);
INSERT INTO "measurements" VALUES(24,'train_loss',20,1.6616585850715637207e-01);
INSERT INTO "measurements" VALUES(24,'valid_accuracy',10,8.80222841225626773109e-01);
INSERT INTO "measurements" VALUES(24,'valid_accuracy',20,9.22005571030640624918e-01);
INSERT INTO "measurements" VALUES(24,'valid_loss',10,3.1396983792190763518e-01);
INSERT INTO "measurements" VALUES(24,'valid_loss',20,1.89454145086176889423e-01);
CREATE TABLE median_ranks (
	n INTEGER NOT NULL, 
	low_rank INTEGER, 
	PRIMARY KEY (n)
);
INSERT INTO "median_ranks" VALUES(1,NULL);
INSERT INTO "median_ranks" VALUES(2,NULL);
INSERT INTO "median_ranks" VALUES(6,1);
CREATE TABLE run_metrics (
	run_id INTEGER NOT NULL, 
	metric VARCHAR NOT NULL, 
	final_value DOUBLE, 
	best_value DOUBLE NOT NULL, 
	best_step INTEGER NOT NULL, 
	steps_to_target INTEGER, 
	PRIMARY KEY (run_id, metric), 
	FOREIGN KEY(run_id) REFERENCES runs (id)
)
 WITHOUT ROWID

;
INSERT INTO "run_metrics" VALUES(2,'test_accuracy',1.08333333333333337034e-01,1.08333333333333337034e-01,10,NULL);
INSERT INTO "run_metrics" VALUES(2,'test_loss',1.73388144444444449615e+05,154161.1,10,NULL);
INSERT INTO "run_metrics" VALUES(2,'train_loss',8.65048503875732421875e+00,8.65048503875732421875e+00,20,NULL);
INSERT INTO "run_metrics" VALUES(2,'valid_accuracy',0.0947075208913649,0.0947075208913649,10,NULL);
INSERT INTO "run_metrics" VALUES(2,'valid_loss',8.42928286581650354492e+00,8.42928286581650354492e+00,20,NULL);
INSERT INTO "run_metrics" VALUES(4,'test_accuracy',9.33333333333333348136e-01,9.33333333333333348136e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(4,'test_loss',1.82287470499674475465e-01,1.82287470499674475465e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(4,'train_loss',2.56649851799011230468e-01,2.53234058618545532226e-01,10,NULL);
INSERT INTO "run_metrics" VALUES(4,'valid_accuracy',9.275766016713091755e-01,9.275766016713091755e-01,20,20);
INSERT INTO "run_metrics" VALUES(4,'valid_loss',2.10626416219642231819e-01,2.10626416219642231819e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(5,'test_accuracy',8.38888888888888906159e-01,8.38888888888888906159e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(5,'test_loss',8.13977813720703102795e-01,8.13977813720703102795e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(5,'train_loss',0.725445032119751,0.725445032119751,20,NULL);
INSERT INTO "run_metrics" VALUES(5,'valid_accuracy',8.16155988857938718972e-01,8.16155988857938718972e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(5,'valid_loss',7.86906632872345079832e-01,7.86906632872345079832e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(6,'test_accuracy',8.44444444444444441977e-01,8.44444444444444441977e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(6,'test_loss',5.50421057807074620704e-01,5.50421057807074620704e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(6,'train_loss',4.26384717226028442382e-01,4.26384717226028442382e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(6,'valid_accuracy',8.32869080779944259695e-01,8.32869080779944259695e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(6,'valid_loss',5.89532283687325908694e-01,5.89532283687325908694e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(7,'test_accuracy',9.16666666666666601903e-02,9.16666666666666601903e-02,20,NULL);
INSERT INTO "run_metrics" VALUES(7,'test_loss',1.06391309950086814244e+01,1.06391309950086814244e+01,20,NULL);
INSERT INTO "run_metrics" VALUES(7,'train_loss',9.08962631225586,9.08962631225586,20,NULL);
INSERT INTO "run_metrics" VALUES(7,'valid_accuracy',1.08635097493036208993e-01,0.116991643454039,10,NULL);
INSERT INTO "run_metrics" VALUES(7,'valid_loss',9.41774297092618439819e+00,9.41774297092618439819e+00,20,NULL);
INSERT INTO "run_metrics" VALUES(9,'test_accuracy',9.16666666666666601903e-02,9.16666666666666601903e-02,20,NULL);
INSERT INTO "run_metrics" VALUES(9,'test_loss',6.51191541883680535818e+00,6.51191541883680535818e+00,20,NULL);
INSERT INTO "run_metrics" VALUES(9,'train_loss',6.53935527801513671875e+00,6.53935527801513671875e+00,20,NULL);
INSERT INTO "run_metrics" VALUES(9,'valid_accuracy',1.08635097493036208993e-01,0.116991643454039,10,NULL);
INSERT INTO "run_metrics" VALUES(9,'valid_loss',6.31066384488161524757e+00,6.31066384488161524757e+00,20,NULL);
INSERT INTO "run_metrics" VALUES(10,'test_accuracy',1.0277777777777777346e-01,1.0277777777777777346e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(10,'test_loss',9.87774793836805642399e+00,9.87774793836805642399e+00,20,NULL);
INSERT INTO "run_metrics" VALUES(10,'train_loss',1.00654630661010742183e+01,1.00654630661010742183e+01,20,NULL);
INSERT INTO "run_metrics" VALUES(10,'valid_accuracy',1.03064066852367686166e-01,1.08635097493036208993e-01,10,NULL);
INSERT INTO "run_metrics" VALUES(10,'valid_loss',1.07420773306928971633e+01,1.07420773306928971633e+01,20,NULL);
INSERT INTO "run_metrics" VALUES(11,'test_accuracy',9.16666666666666601903e-02,0.1,10,NULL);
INSERT INTO "run_metrics" VALUES(11,'test_loss',9.56392618815104178509e+00,9.56392618815104178509e+00,20,NULL);
INSERT INTO "run_metrics" VALUES(11,'train_loss',1.0522965431213378906e+01,1.0522965431213378906e+01,20,NULL);
INSERT INTO "run_metrics" VALUES(11,'valid_accuracy',1.08635097493036208993e-01,1.08635097493036208993e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(11,'valid_loss',9.63039421570334219779e+00,9.63039421570334219779e+00,20,NULL);
INSERT INTO "run_metrics" VALUES(12,'test_accuracy',9.72222222222222237641e-02,9.72222222222222237641e-02,20,NULL);
INSERT INTO "run_metrics" VALUES(12,'test_loss',1.00803914388020832149e+01,1.00803914388020832149e+01,20,NULL);
INSERT INTO "run_metrics" VALUES(12,'train_loss',9.22464084625244140625e+00,9.22464084625244140625e+00,20,NULL);
INSERT INTO "run_metrics" VALUES(12,'valid_accuracy',1.00278551532033424753e-01,1.08635097493036208993e-01,10,NULL);
INSERT INTO "run_metrics" VALUES(12,'valid_loss',8.685017110245473404e+00,8.685017110245473404e+00,20,NULL);
INSERT INTO "run_metrics" VALUES(13,'test_accuracy',9.16666666666666601903e-02,1.22222222222222218213e-01,10,NULL);
INSERT INTO "run_metrics" VALUES(13,'test_loss',4.03113708496093714472e+00,4.03113708496093714472e+00,20,NULL);
INSERT INTO "run_metrics" VALUES(13,'train_loss',4.23792123794555664062e+00,4.23792123794555664062e+00,20,NULL);
INSERT INTO "run_metrics" VALUES(13,'valid_accuracy',1.08635097493036208993e-01,1.08635097493036208993e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(13,'valid_loss',4.23166973145891400776e+00,4.23166973145891400776e+00,20,NULL);
INSERT INTO "run_metrics" VALUES(14,'test_accuracy',0.1,1.22222222222222218213e-01,10,NULL);
INSERT INTO "run_metrics" VALUES(14,'test_loss',4.77469957139756928654e+00,4.77469957139756928654e+00,20,NULL);
INSERT INTO "run_metrics" VALUES(14,'train_loss',5.62379360198974609375e+00,5.62379360198974609375e+00,20,NULL);
INSERT INTO "run_metrics" VALUES(14,'valid_accuracy',6.68523676880222877949e-02,0.0947075208913649,10,NULL);
INSERT INTO "run_metrics" VALUES(14,'valid_loss',5.4112994265755567369e+00,5.4112994265755567369e+00,20,NULL);
INSERT INTO "run_metrics" VALUES(15,'test_accuracy',0.9,0.9,20,NULL);
INSERT INTO "run_metrics" VALUES(15,'test_loss',3.23377736409505234238e-01,3.23377736409505234238e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(15,'train_loss',2.72518306970596313476e-01,2.72518306970596313476e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(15,'valid_accuracy',8.96935933147632313833e-01,8.96935933147632313833e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(15,'valid_loss',3.32637053678294769554e-01,3.32637053678294769554e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(16,'test_accuracy',9.1111111111111109384e-01,9.1111111111111109384e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(16,'test_loss',2.61613676283094620522e-01,2.61613676283094620522e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(16,'train_loss',2.13776871562004089355e-01,2.13776871562004089355e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(16,'valid_accuracy',0.924791086350975,0.924791086350975,20,10);
INSERT INTO "run_metrics" VALUES(16,'valid_loss',2.46494983896239555631e-01,2.46494983896239555631e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(17,'test_accuracy',8.55555555555555513613e-01,8.55555555555555513613e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(17,'test_loss',5.01980675591362834886e-01,5.01980675591362834886e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(17,'train_loss',3.39343488216400146484e-01,3.39343488216400146484e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(17,'valid_accuracy',8.32869080779944259695e-01,8.32869080779944259695e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(17,'valid_loss',4.84672355120560560681e-01,4.84672355120560560681e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(18,'test_accuracy',8.44444444444444441977e-01,8.44444444444444441977e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(18,'test_loss',4.77654393513997410636e-01,4.77654393513997410636e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(18,'train_loss',3.18954288959503173828e-01,3.18954288959503173828e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(18,'valid_accuracy',8.18941504178272938752e-01,8.18941504178272938752e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(18,'valid_loss',5.20489153423681183419e-01,5.20489153423681183419e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(19,'test_accuracy',9.27777777777777812318e-01,9.27777777777777812318e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(19,'test_loss',2.35798729790581584886e-01,2.35798729790581584886e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(19,'train_loss',2.14457392692565917968e-01,2.14457392692565917968e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(19,'valid_accuracy',9.22005571030640624918e-01,9.22005571030640624918e-01,20,20);
INSERT INTO "run_metrics" VALUES(19,'valid_loss',2.40402327938664256423e-01,2.40402327938664256423e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(20,'test_accuracy',9.02777777777777790113e-01,9.02777777777777790113e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(20,'test_loss',3.22906070285373270056e-01,3.22906070285373270056e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(20,'train_loss',2.48631596565246582031e-01,2.48631596565246582031e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(20,'valid_accuracy',8.94150417827298094053e-01,8.94150417827298094053e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(20,'valid_loss',3.27169859309714483597e-01,3.27169859309714483597e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(21,'test_accuracy',9.30555555555555580227e-01,9.30555555555555580227e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(21,'test_loss',1.93898031446668839272e-01,1.93898031446668839272e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(21,'train_loss',1.36364102363586425781e-01,1.36364102363586425781e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(21,'valid_accuracy',0.935933147632312,0.935933147632312,20,20);
INSERT INTO "run_metrics" VALUES(21,'valid_loss',0.222247556723592,0.222247556723592,20,NULL);
INSERT INTO "run_metrics" VALUES(22,'test_accuracy',0.925,0.925,20,NULL);
INSERT INTO "run_metrics" VALUES(22,'test_loss',2.43830362955729157414e-01,2.43830362955729157414e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(22,'train_loss',1.94216132164001464843e-01,1.94216132164001464843e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(22,'valid_accuracy',9.19220055710306405138e-01,9.19220055710306405138e-01,20,20);
INSERT INTO "run_metrics" VALUES(22,'valid_loss',2.59984603499303634777e-01,2.59984603499303634777e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(23,'test_accuracy',9.38888888888888883954e-01,9.38888888888888883954e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(23,'test_loss',1.65028232998318147295e-01,1.65028232998318147295e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(23,'train_loss',1.17499448359012603759e-01,1.17499448359012603759e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(23,'valid_accuracy',9.38718662952646276664e-01,9.38718662952646276664e-01,20,20);
INSERT INTO "run_metrics" VALUES(23,'valid_loss',1.55293095410700299208e-01,1.55293095410700299208e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(24,'test_accuracy',9.30555555555555580227e-01,9.30555555555555580227e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(24,'test_loss',1.98059230380588119357e-01,1.98059230380588119357e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(24,'train_loss',1.6616585850715637207e-01,1.6616585850715637207e-01,20,NULL);
INSERT INTO "run_metrics" VALUES(24,'valid_accuracy',9.22005571030640624918e-01,9.22005571030640624918e-01,20,20);
INSERT INTO "run_metrics" VALUES(24,'valid_loss',1.89454145086176889423e-01,1.89454145086176889423e-01,20,NULL);
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
INSERT INTO "runs" VALUES(9,1,2,'final',200000,'completed',NULL);
INSERT INTO "runs" VALUES(10,1,2,'final',200001,'completed',NULL);
INSERT INTO "runs" VALUES(11,1,2,'final',200002,'completed',NULL);
INSERT INTO "runs" VALUES(12,1,2,'final',200003,'completed',NULL);
INSERT INTO "runs" VALUES(13,1,2,'final',200004,'completed',NULL);
INSERT INTO "runs" VALUES(14,1,2,'final',200005,'completed',NULL);
INSERT INTO "runs" VALUES(15,2,4,'finalists',100000,'completed',NULL);
INSERT INTO "runs" VALUES(16,2,4,'finalists',100001,'completed',NULL);
INSERT INTO "runs" VALUES(17,2,6,'finalists',100000,'completed',NULL);
INSERT INTO "runs" VALUES(18,2,6,'finalists',100001,'completed',NULL);
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
INSERT INTO "schema_version" VALUES(2);
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
INSERT INTO "studies" VALUES(1,1,'second/nesterov','nesterov','nesterov',0,'mlp_digits','valid_accuracy','maximize','final',0.9,20,3,2,2,6,10);
INSERT INTO "studies" VALUES(2,1,'second/adamw','adamw','adamw',0,'mlp_digits','valid_accuracy','maximize','final',0.9,20,3,2,2,6,10);
CREATE TABLE study_metrics (
	study_id INTEGER NOT NULL, 
	metric VARCHAR NOT NULL, 
	goal VARCHAR NOT NULL, 
	PRIMARY KEY (study_id, metric), 
	FOREIGN KEY(study_id) REFERENCES studies (id)
);
INSERT INTO "study_metrics" VALUES(1,'train_loss','minimize');
INSERT INTO "study_metrics" VALUES(1,'valid_loss','minimize');
INSERT INTO "study_metrics" VALUES(1,'valid_accuracy','maximize');
INSERT INTO "study_metrics" VALUES(1,'test_loss','minimize');
INSERT INTO "study_metrics" VALUES(1,'test_accuracy','maximize');
INSERT INTO "study_metrics" VALUES(2,'train_loss','minimize');
INSERT INTO "study_metrics" VALUES(2,'valid_loss','minimize');
INSERT INTO "study_metrics" VALUES(2,'valid_accuracy','maximize');
INSERT INTO "study_metrics" VALUES(2,'test_loss','minimize');
INSERT INTO "study_metrics" VALUES(2,'test_accuracy','maximize');
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
select c.*,
       case when c.target is null then null
            when c.goal = 'maximize' and c.value >= c.target then 1
            when c.goal = 'minimize' and c.value <= c.target then 1 else 0 end reached
from (
  select s.name study, t.number trial, r.phase, r.seed, m.metric, m.goal,
         case when r.state = 'infeasible' then 1 else 0 end infeasible,
         case when m.metric = s.metric then s.target end target,
         case when m.metric = s.metric and s.objective = 'best' then v.best_value
              else v.final_value end value,
         v.steps_to_target
  from studies s
  join study_metrics m on m.study_id = s.id
  join trials t on t.study_id = s.id
  join runs r on r.trial_id = t.id and r.state in ('completed', 'infeasible')
  left join run_metrics v on v.run_id = r.id and v.metric = m.metric and r.state = 'completed'
) c;
CREATE VIEW v1_studies as
select s.name study, g.name group_name, s.arm, s.replicate, s.workload, s.metric, s.goal, s.target,
       s.steps, s.trials, s.finalists, s.seeds,
       case when exists (select 1 from runs r where r.study_id = s.id and r.state = 'failed')
              then 'blocked'
            when g.state in ('completed', 'cancelled', 'paused') then g.state
            when not exists (select 1 from runs r where r.study_id = s.id
                             and r.state in ('queued', 'running'))
                 and (select count(*) from trials t where t.study_id = s.id) >= s.trials
              then 'completed'
            when exists (select 1 from runs r where r.study_id = s.id and r.state <> 'queued')
              then 'running'
            else 'queued' end state,
       g.created_at
from studies s join groups g on g.id = s.group_id;
CREATE VIEW v1_trials as
select s.name study, t.number trial, coalesce(r.state, 'queued') state, r.reason, s.objective,
       case s.objective when 'best' then v.best_value else v.final_value end search_value,
       v.best_value, a.seconds, v.best_step
from trials t
join studies s on s.id = t.study_id
left join runs r on r.trial_id = t.id and r.phase = 'search'
left join run_metrics v on v.run_id = r.id and v.metric = s.metric and r.state = 'completed'
left join attempts a on a.run_id = r.id and r.state in ('completed', 'infeasible')
  and a.number = (select max(number) from attempts where run_id = r.id);
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
select v.study, v.trial, v.phase, v.seed, v.steps_to_target steps
from run_values v
join studies s on s.name = v.study and s.metric = v.metric;
CREATE VIEW v1_seed_medians as
with ranked as (
  select v.*,
    row_number() over (partition by v.study, v.trial, v.phase, v.metric
      order by (v.value is null) = (v.goal = 'minimize'), v.value) k,
    row_number() over (partition by v.study, v.trial, v.phase, v.metric
      order by v.steps_to_target is null, v.steps_to_target) k_steps,
    count(*) over (partition by v.study, v.trial, v.phase, v.metric) n
  from run_values v
  where v.phase <> 'search'
), gathered as (
  select u.study, u.trial, u.phase, u.metric, u.goal, u.k, u.n,
    sum(u.infeasible) over runs_of_trial infeasible,
    sum(u.reached) over runs_of_trial reached,
    count(case when u.k in ((u.n + 1) / 2, (u.n + 2) / 2) then u.value end)
      over runs_of_trial middles,
    avg(case when u.k in ((u.n + 1) / 2, (u.n + 2) / 2) then u.value end)
      over runs_of_trial middle,
    max(case when u.k = q.low_rank then u.value end) over runs_of_trial ci_low,
    max(case when u.k = u.n + 1 - q.low_rank then u.value end) over runs_of_trial ci_high,
    count(case when u.k_steps in ((u.n + 1) / 2, (u.n + 2) / 2) then u.steps_to_target end)
      over runs_of_trial middles_steps,
    avg(case when u.k_steps in ((u.n + 1) / 2, (u.n + 2) / 2) then u.steps_to_target * 1.0 end)
      over runs_of_trial middle_steps
  from ranked u
  left join median_ranks q on q.n = u.n
  window runs_of_trial as (partition by u.study, u.trial, u.phase, u.metric)
)
select g.study, g.trial, g.phase, g.metric, g.goal, g.n seeds, g.infeasible, g.reached,
  case when g.middles = 2 - g.n % 2 then g.middle end median, g.ci_low, g.ci_high,
  case when g.middles_steps = 2 - g.n % 2 then g.middle_steps end median_steps_to_target
from gathered g
where g.k = 1
union all
select v.study, v.trial, v.phase, v.metric, v.goal, 1, v.infeasible, v.reached, v.value, null, null,
  v.steps_to_target * 1.0
from run_values v
where v.phase = 'search';
COMMIT;
