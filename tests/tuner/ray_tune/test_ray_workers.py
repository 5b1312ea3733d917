"""Real Ray, real worker processes, the real small workload."""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.study import RunState
from shampoo_tune.tuner.checkpoint_policy import CheckpointPolicy
from shampoo_tune.tuner.dispatcher import Dispatcher
from shampoo_tune.tuner.local_workers import LocalWorkers
from shampoo_tune.tuner.messages import Failed, Finished, Measured, Message, Started
from shampoo_tune.tuner.ray_tune.opening import open_ray
from shampoo_tune.tuner.ray_tune.places import Request
from tests.ray_extra import needs_ray
from tests.tuner.test_local_workers import collect, ended, make_job, measured, trained

pytestmark = needs_ray

HUNG_SECONDS = 25.0  # on a busy machine a worker may be silent for a while


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> CheckpointPolicy:
    return CheckpointPolicy.in_folder(str(tmp_path_factory.mktemp("checkpoints")), 40, 60.0)


@pytest.fixture(scope="module")
def workers(policy: CheckpointPolicy) -> Iterator[Dispatcher]:
    """Two workers; a test leaves them without jobs."""
    secrets = pytest.MonkeyPatch()
    secrets.setenv("SHAMPOO_TUNE_DB", "postgresql://somebody:secret@somewhere/studies")
    secrets.setenv("OMP_NUM_THREADS", "2")
    with open_ray(None, Request(2), HUNG_SECONDS, policy) as opened:
        yield opened
    secrets.undo()


def both_ended(messages: list[Message]) -> bool:
    return len([m for m in messages if isinstance(m, (Finished, Failed))]) == 2


def pids(messages: list[Message]) -> list[int]:
    return [m.facts["pid"] for m in messages if isinstance(m, Started)]


def test_a_job_gives_what_a_local_worker_gives(workers: Dispatcher) -> None:
    with LocalWorkers(1) as local:
        local.submit(make_job())
        expected = collect(local, ended)
    assert workers.idle() == 2
    workers.submit(make_job())
    assert workers.idle() == 1
    messages = collect(workers, ended)
    assert workers.idle() == 2
    assert [type(m) for m in messages] == [Started, Measured, Measured, Finished]
    assert measured(messages) == measured(expected)
    assert isinstance(messages[0], Started)
    assert isinstance(expected[0], Started)
    ours, theirs = messages[0].facts, expected[0].facts
    assert {k: v for k, v in ours.items() if k != "pid"} == {
        k: v for k, v in theirs.items() if k != "pid"
    }


def test_a_worker_has_no_address_of_a_database(workers: Dispatcher) -> None:
    workers.submit(make_job())
    (pid,) = pids(collect(workers, ended))
    environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    assert not [line for line in environment if b"secret" in line]


def test_a_worker_has_the_priority_of_other_processes(workers: Dispatcher) -> None:
    workers.submit(make_job())
    (pid,) = pids(collect(workers, ended))
    assert psutil.Process(pid).nice() == psutil.Process().nice()


def test_all_workers_are_held_through_a_pause_and_compile_once(workers: Dispatcher) -> None:
    held, compiling = [], []
    for turn in range(3):
        for place in range(2):
            workers.submit(make_job(2 * turn + place, learning_rate=0.1 + turn, steps=400))
        messages = collect(workers, both_ended)
        held.append(sorted(pids(messages)))
        compiling += [
            m.timings["compile_seconds"] for m in messages[4:] if isinstance(m, Finished) and turn
        ]
        time.sleep(1.0)  # as at the end of a phase, when no run waits
    assert len(set(held[0])) == 2
    assert held == [held[0]] * 3
    assert compiling == [0.0] * 4


def test_a_verdict_is_infeasible_and_an_error_in_the_code_is_failed(workers: Dispatcher) -> None:
    workers.submit(make_job(1, learning_rate=1e30))
    finished = collect(workers, ended)[-1]
    assert isinstance(finished, Finished)
    assert finished.state is RunState.INFEASIBLE
    workers.submit(replace(make_job(2), workload={"name": "nothing", "batch_size": 1}))
    failed = collect(workers, ended)[-1]
    assert isinstance(failed, Failed)
    assert not failed.lost
    assert "unknown workload 'nothing'" in failed.reason
    workers.submit(make_job(3))
    assert isinstance(collect(workers, ended)[-1], Finished)


def test_a_killed_worker_is_lost_and_replaced(workers: Dispatcher) -> None:
    workers.submit(make_job(1, steps=1_000_000))
    (pid,) = pids(collect(workers, bool)[:1])
    os.kill(pid, signal.SIGKILL)
    lost = collect(workers, ended)[-1]
    assert isinstance(lost, Failed)
    assert lost.lost
    assert not lost.saved
    assert "died" in lost.reason
    workers.submit(make_job(2))
    assert isinstance(collect(workers, ended)[-1], Finished)


def test_a_hung_worker_is_killed_and_replaced(workers: Dispatcher) -> None:
    workers.submit(make_job(1, steps=1_000_000))
    (pid,) = pids(collect(workers, bool)[:1])
    os.kill(pid, signal.SIGSTOP)
    *_, failed = collect(workers, ended)
    assert isinstance(failed, Failed)
    assert failed.lost
    assert failed.reason.startswith("the worker process said nothing for 25 s")
    workers.submit(make_job(2))
    assert isinstance(collect(workers, ended)[-1], Finished)
    assert not psutil.pid_exists(pid)


@pytest.mark.parametrize("how", ["asked", "terminated"])
def test_a_worker_that_is_stopped_saves_and_another_goes_on_to_the_same_bits(
    workers: Dispatcher, policy: CheckpointPolicy, how: str
) -> None:
    for left in Path(policy.folder).iterdir():  # by runs that other tests gave up
        shutil.rmtree(left)
    job = make_job(1, steps=3000)
    workers.submit(job)
    undisturbed = collect(workers, ended)
    workers.submit(job)
    before = collect(workers, trained)
    (pid,) = pids(before)
    if how == "asked":
        workers.drop(save=True)
        assert workers.idle() == 2
    else:
        os.kill(pid, signal.SIGTERM)
        failed = collect(workers, ended)[-1]
        assert isinstance(failed, Failed)
        assert (failed.lost, failed.saved) == (True, True)
    (saved,) = Path(policy.folder).glob("*/[0-9]*")
    assert int(saved.name) >= 40
    workers.submit(job)
    after = collect(workers, ended)
    assert pids(after) != [pid]
    assert measured(after) == measured(undisturbed)
    assert list(Path(policy.folder).iterdir()) == []  # it has its verdict


def test_dropped_jobs_are_heard_of_no_more(workers: Dispatcher) -> None:
    workers.submit(make_job(1, steps=1_000_000))
    (pid,) = pids(collect(workers, bool)[:1])
    workers.submit(make_job(2, steps=1_000_000))  # has perhaps not begun
    workers.drop(save=False)
    assert workers.idle() == 2
    workers.submit(make_job(3))
    messages = collect(workers, ended)
    assert {m.run_id for m in messages} == {3}
    assert isinstance(messages[-1], Finished)
    assert not psutil.pid_exists(pid)


def test_what_no_machine_has_is_refused(workers: Dispatcher) -> None:
    from shampoo_tune.tuner.ray_tune.workers import RayWorkers

    request = Request.of(None, ["TPU=4"], None)
    with (
        pytest.raises(InvalidInputError, match=r"no machine with CPU 1, TPU 4 \(it has CPU 2"),
        RayWorkers(request, "", HUNG_SECONDS, None),
    ):
        raise AssertionError("it has none")
