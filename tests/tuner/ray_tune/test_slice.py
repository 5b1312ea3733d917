"""A slice of two hosts with four simulated chips each, against one process with eight."""

import json
import os
import warnings
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from shampoo_tune.optimizer.config import Configuration, ShampooConfig, WarmupPolynomialConfig
from shampoo_tune.tuner.messages import Failed, Finished, Job, Measured, Message, Started
from shampoo_tune.tuner.ray_tune.places import POD_TYPE, SLICE_NAME, Request
from tests.beside_devices import device_environment, run_with_devices
from tests.process_names import named
from tests.ray_extra import needs_ray
from tests.tuner.ray_tune.recording import STEPS, WORKER
from tests.tuner.test_local_workers import collect, ended, measured

pytestmark = needs_ray

ONE_PROCESS = """
import json, sys, threading
from shampoo_tune.tuner.messages import Job
from tests.tuner.ray_tune.recording import RecordingWorker
RecordingWorker(lambda message: None, None, threading.Event()).work(Job(**json.loads(sys.argv[1])))
"""


def make_job(run_id: int, steps: int = STEPS + 1, learning_rate: float = 0.1) -> Job:
    configuration = Configuration(
        optimizer="shampoo",
        options=ShampooConfig(matrix_epsilon=1e-3),
        schedule=WarmupPolynomialConfig(learning_rate=learning_rate, steps=STEPS + 1),
    )
    workload = {"name": "mlp_digits", "batch_size": 128}
    return Job(run_id, workload, configuration.to_json(), seed=3, steps=steps, eval_every=5)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("recordings")


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """A cluster of two machines that look like the hosts of a slice; gives its address."""
    from ray.cluster_utils import Cluster

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its servers are forked beside JAX's threads
        made = _two_hosts(Cluster)
    yield made.address
    made.shutdown()


def _two_hosts(make_cluster: Any) -> Any:
    made = make_cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    for worker_id in range(2):
        head = {"TPU-v4-16-head": 1} if worker_id == 0 else {}
        made.add_node(
            num_cpus=1,
            resources={"TPU": 4, **head},
            labels={SLICE_NAME: "one", POD_TYPE: "v4-16"},
        )
    return made


@pytest.fixture(scope="module")
def workers(cluster: str, recordings: Path) -> Iterator[Any]:
    from shampoo_tune.tuner.ray_tune.opening import open_ray

    environment = {**device_environment(4), "RECORDINGS": str(recordings)}
    request = Request.of(None, [], "v4-16")
    with open_ray(cluster, request, 300.0, None, WORKER, environment) as opened:
        yield opened


def test_two_hosts_train_together_what_one_process_does(workers: Any, recordings: Path) -> None:
    assert workers.idle() == 1  # the slice
    workers.submit(make_job(1))
    messages = collect(workers, ended)
    kinds = [type(m) for m in messages]
    assert kinds == [Started, Measured, Measured, Measured, Finished], messages
    assert isinstance(messages[0], Started)
    assert messages[0].facts["device_count"] == 8
    os.environ["RECORDINGS"] = str(recordings)
    run_with_devices(8, ONE_PROCESS, json.dumps(asdict(make_job(1))))
    one, first, second = (np.load(recordings / f"{n}.npy") for n in ("1-0", "2-0", "2-1"))
    np.testing.assert_array_equal(first, second)
    assert np.linalg.norm(first - one) <= 1e-5 * np.linalg.norm(one)


def test_its_actors_are_held_for_the_next_run(workers: Any) -> None:
    told: list[Message] = []
    for run_id in (2, 3):
        workers.submit(make_job(run_id, learning_rate=0.05 * run_id))
        told += collect(workers, ended)
    pids = {m.facts["pid"] for m in told if isinstance(m, Started)}
    assert len(pids) == 1
    finished = [m for m in told if isinstance(m, Finished)]
    assert [m.timings["compile_seconds"] for m in finished] == [0, 0]


@pytest.mark.parametrize("which", [0, 1])
def test_a_host_that_dies_takes_its_run_with_it_and_the_next_has_new_hosts(
    workers: Any, which: int
) -> None:
    workers.submit(make_job(4))
    undisturbed = collect(workers, ended)
    workers.submit(make_job(5, steps=100_000))
    started = collect(workers, bool)[0]
    assert isinstance(started, Started)
    ours = psutil.Process(started.facts["pid"])
    others = [host for host in named("ray::Host", psutil.process_iter()) if host != ours]
    (ours if which == 0 else others[0]).kill()
    failed = collect(workers, ended)[-1]
    assert isinstance(failed, Failed)
    assert failed.lost
    workers.submit(make_job(4))
    again = collect(workers, ended)
    assert measured(again) == measured(undisturbed)


def test_a_failure_on_all_hosts_is_told_once_and_the_slice_lives_on(workers: Any) -> None:
    job = make_job(6)
    workers.submit(Job(**{**asdict(job), "workload": {"name": "nothing", "batch_size": 1}}))
    messages = collect(workers, ended)
    assert [type(m) for m in messages] == [Started, Failed]
    workers.submit(make_job(7))
    assert isinstance(collect(workers, ended)[-1], Finished)
