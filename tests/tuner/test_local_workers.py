"""Real worker processes that train the real small workload."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import jax
import psutil
import pytest

from shampoo_tune.optimizer.baseline_config import NesterovConfig
from shampoo_tune.optimizer.config import Configuration, WarmupPolynomialConfig
from shampoo_tune.study import Measurement, RunState
from shampoo_tune.tuner.checkpoint_policy import CheckpointPolicy
from shampoo_tune.tuner.dispatcher import Dispatcher
from shampoo_tune.tuner.local_workers import LocalWorkers, _Process
from shampoo_tune.tuner.messages import Failed, Finished, Job, Measured, Message, Started
from shampoo_tune.workloads import make_workload


def make_job(run_id: int = 1, learning_rate: float = 0.1, steps: int = 20) -> Job:
    configuration = Configuration(
        optimizer="nesterov",
        options=NesterovConfig(momentum=0.9),
        schedule=WarmupPolynomialConfig(learning_rate=learning_rate, steps=steps, warmup_steps=2),
    )
    return Job(
        run_id,
        {"name": "mlp_digits", "batch_size": 128},
        configuration.to_json(),
        seed=run_id,
        steps=steps,
        eval_every=10,
    )


def collect(workers: Dispatcher, enough: Callable[[list[Message]], bool]) -> list[Message]:
    messages: list[Message] = []
    deadline = time.monotonic() + 300
    while not enough(messages):
        assert time.monotonic() < deadline, messages
        messages += workers.messages(timeout=1.0)
    return messages


def ended(messages: list[Message]) -> bool:
    return any(isinstance(m, (Finished, Failed)) for m in messages)


def test_a_job_is_started_measured_and_finished_in_that_order() -> None:
    with LocalWorkers(1) as workers:
        workers.submit(make_job())
        assert workers.idle() == 0
        messages = collect(workers, ended)
        assert workers.idle() == 1
    assert [type(m) for m in messages] == [Started, Measured, Measured, Finished]
    started, finished = messages[0], messages[-1]
    assert isinstance(started, Started)
    assert started.facts["threads"] == {
        "NPROC": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
    assert isinstance(finished, Finished)
    assert finished.state is RunState.COMPLETED
    parts = finished.timings["compile_seconds"] + finished.timings["evaluation_seconds"]
    assert finished.timings["seconds"] > parts
    assert finished.timings["evaluation_seconds"] > 0


def test_a_worker_tells_what_it_trains_and_how_much_memory_that_takes() -> None:
    workload = make_workload("mlp_digits", 128)
    weights = jax.tree.leaves(workload.init(jax.random.key(0))[0])
    with LocalWorkers(1) as workers:
        workers.submit(make_job())
        started = collect(workers, ended)[0]
    assert isinstance(started, Started)
    assert started.facts["workload_fingerprint"] == workload.fingerprint
    momentum = sum(leaf.nbytes for leaf in weights)
    assert momentum < started.facts["optimizer_state_bytes"] < momentum + 100  # and a few counters


def test_a_worker_is_held_and_compiles_once_for_all_numbers() -> None:
    with LocalWorkers(1) as workers:
        timings = []
        for run_id, learning_rate in enumerate([0.1, 0.3, 1.0]):
            workers.submit(make_job(run_id, learning_rate))
            finished = collect(workers, ended)[-1]
            assert isinstance(finished, Finished)
            timings.append(finished.timings["compile_seconds"])
    assert timings[0] > 0
    assert timings[1:] == [0, 0]


def test_a_diverging_run_is_infeasible() -> None:
    with LocalWorkers(1) as workers:
        workers.submit(make_job(learning_rate=1e30))
        finished = collect(workers, ended)[-1]
    assert isinstance(finished, Finished)
    assert finished.state is RunState.INFEASIBLE
    assert finished.reason is not None
    assert finished.reason.startswith("diverged at step")


def test_an_error_in_the_code_is_failed_and_the_worker_lives_on() -> None:
    with LocalWorkers(1) as workers:
        workers.submit(replace(make_job(1), workload={"name": "nothing", "batch_size": 1}))
        started, failed = collect(workers, ended)
        workers.submit(make_job(2))
        finished = collect(workers, ended)[-1]
    assert isinstance(started, Started)
    assert "host" in started.facts
    assert isinstance(failed, Failed)
    assert not failed.lost
    assert "unknown workload 'nothing'" in failed.reason
    assert isinstance(finished, Finished)


def test_a_killed_worker_is_lost_and_replaced() -> None:
    with LocalWorkers(1) as workers:
        workers.submit(make_job(1, steps=1_000_000))
        (started,) = collect(workers, bool)[:1]
        assert isinstance(started, Started)
        os.kill(started.facts["pid"], signal.SIGKILL)
        lost = collect(workers, ended)[-1]
        workers.submit(make_job(2))
        finished = collect(workers, ended)[-1]
    assert isinstance(lost, Failed)
    assert lost.lost
    assert lost.run_id == 1
    assert "signal 9" in lost.reason
    assert isinstance(finished, Finished)


def test_no_worker_outlives_the_controller() -> None:
    before = set(psutil.Process().children(recursive=True))
    with LocalWorkers(2) as workers:
        workers.submit(make_job(1, steps=1_000_000))
        collect(workers, bool)
        processes = set(psutil.Process().children(recursive=True)) - before
        assert len(processes) == 2
    assert not any(process.is_running() for process in processes)


@pytest.mark.parametrize("variable", ["NPROC", "OMP_NUM_THREADS"])
def test_thread_settings_of_the_user_do_not_reach_the_workers(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "2")
    with LocalWorkers(1) as workers:
        workers.submit(make_job(steps=1))
        started = collect(workers, ended)[0]
    assert isinstance(started, Started)
    assert started.facts["threads"][variable] == "1"


def test_a_hung_worker_is_killed_and_replaced() -> None:
    with LocalWorkers(1, hung_seconds=10.0) as workers:  # a busy machine starts it in less
        workers.submit(make_job(1, steps=100_000))
        started = collect(workers, bool)[0]
        assert isinstance(started, Started)
        os.kill(started.facts["pid"], signal.SIGSTOP)
        *_, failed = collect(workers, ended)
        assert isinstance(failed, Failed)
        assert failed.lost
        assert failed.reason.startswith("the worker process said nothing for 10 s")
        assert not psutil.pid_exists(started.facts["pid"])
        assert workers.idle() == 1
    with LocalWorkers(1, hung_seconds=60.0) as workers:
        workers.submit(make_job(2))
        assert isinstance(collect(workers, ended)[-1], Finished)


def test_dropped_jobs_are_heard_of_no_more() -> None:
    with LocalWorkers(2) as workers:
        for run_id in (1, 2):
            workers.submit(make_job(run_id, steps=100_000))
        started = collect(workers, lambda messages: len({m.run_id for m in messages}) == 2)
        pids = [m.facts["pid"] for m in started if isinstance(m, Started)]
        workers.drop(save=True)
        assert workers.idle() == 2
        assert not any(psutil.pid_exists(pid) for pid in pids)
        workers.submit(make_job(3))
        messages = collect(workers, ended)
    assert {m.run_id for m in messages} == {3}
    assert isinstance(messages[-1], Finished)


@pytest.fixture
def policy(tmp_path: Path) -> CheckpointPolicy:
    return CheckpointPolicy.in_folder(str(tmp_path / "checkpoints"), 40, 60.0)


def measured(messages: list[Message]) -> list[Measurement]:
    return [message.measurement for message in messages if isinstance(message, Measured)]


def trained(messages: list[Message]) -> bool:
    return len(measured(messages)) >= 5


def saved_steps(policy: CheckpointPolicy) -> list[int]:
    return [int(path.name) for path in Path(policy.folder).glob("*/*") if path.name.isdigit()]


@pytest.mark.parametrize("how", ["killed", "asked", "terminated"])
def test_another_worker_goes_on_from_the_checkpoint_to_the_same_bits(
    policy: CheckpointPolicy, how: str, require: Callable[[str], None]
) -> None:
    if how != "terminated":
        require("disturbances")
    job = make_job(1, steps=3000)
    with LocalWorkers(1) as workers:
        workers.submit(job)
        undisturbed = collect(workers, ended)
    with LocalWorkers(1, checkpoints=policy) as workers:
        workers.submit(job)
        before = collect(workers, trained)
        started = before[0]
        assert isinstance(started, Started)
        if how == "asked":
            workers.drop(save=True)
        else:
            number = signal.SIGKILL if how == "killed" else signal.SIGTERM
            os.kill(started.facts["pid"], number)
            failed = collect(workers, ended)[-1]
            assert isinstance(failed, Failed)
            assert (failed.lost, failed.saved) == (True, how == "terminated")
        (step,) = saved_steps(policy)
        assert step >= 40
        workers.submit(job)
        after = collect(workers, ended)
    assert isinstance(after[-1], Finished)
    assert measured(after) == measured(undisturbed)
    assert measured(before) == measured(undisturbed)[: len(measured(before))]
    assert list(Path(policy.folder).iterdir()) == []  # it has its verdict


def test_another_run_does_not_go_on_from_it(policy: CheckpointPolicy) -> None:
    with LocalWorkers(1, checkpoints=policy) as workers:
        workers.submit(make_job(1, steps=3000))
        collect(workers, trained)
        workers.drop(save=True)
        assert len(saved_steps(policy)) == 1
        workers.submit(replace(make_job(1, steps=3000), seed=2))
        collect(workers, ended)
    assert len(saved_steps(policy)) == 1


def test_a_worker_without_a_job_ends_when_it_is_told_to(policy: CheckpointPolicy) -> None:
    with LocalWorkers(1, checkpoints=policy) as workers:
        workers.submit(make_job())
        started = collect(workers, ended)[0]
        assert isinstance(started, Started)
        os.kill(started.facts["pid"], signal.SIGTERM)
        workers.submit(make_job(2, steps=3000))
        failed = collect(workers, ended)[-1]
        assert isinstance(failed, Failed)
        assert failed.saved


def test_a_line_that_comes_in_parts_is_read_whole() -> None:
    says = (
        "import os, sys\nfor part in (b'a\\nb', b'c\\n'): os.write(1, part); sys.stdin.readline()"
    )
    popen = subprocess.Popen(
        [sys.executable, "-c", says], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert popen.stdin is not None
    assert popen.stdout is not None
    with popen:
        process = _Process(popen, popen.stdin, popen.stdout, io.StringIO())
        assert process.read() == [b"a"]
        process.write("go on\n")
        assert process.read() == [b"bc"]
        process.write("end\n")
        assert process.read() is None
