"""Real programs under real workers: verdicts, reasons, and that none outlives its worker."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from shampoo_tune.study import Measurement, RunState
from shampoo_tune.tuner.local_workers import LocalWorkers
from shampoo_tune.tuner.messages import Failed, Finished, Measured, Started
from shampoo_tune.tuner.programs.command import Command
from tests.tuner.programs.test_command import job
from tests.tuner.test_local_workers import collect, ended

ONE = '{"step": 20, "metric": "valid_f1", "value": 0.5}'
WORKER = "shampoo_tune.tuner.programs.worker"


@contextmanager
def program(code: str, hung_seconds: float = 100.0) -> Iterator[LocalWorkers]:
    """One worker that runs Python code as its program."""
    argv = (sys.executable, "-c", code, "{seed}", "{learning_rate}")
    with LocalWorkers(1, hung_seconds, module=(WORKER, *argv)) as workers:
        yield workers


def outcome(code: str) -> Finished | Failed:
    with program(code) as workers:
        workers.submit(job())
        last = collect(workers, ended)[-1]
    assert isinstance(last, (Finished, Failed))
    return last


def test_a_program_is_started_measured_and_finished_without_jax() -> None:
    code = f"import os, sys; print('seed', sys.argv[1]); print('{ONE}')"
    with program(code) as workers:
        workers.submit(job())
        started, measured, finished = collect(workers, ended)
        workers.submit(job())
        assert isinstance(collect(workers, ended)[-1], Finished)
    assert isinstance(started, Started)
    argv = (sys.executable, "-c", code, "{seed}", "{learning_rate}")
    assert started.facts["workload_fingerprint"] == Command(argv).digest
    assert started.facts["threads"]["OMP_NUM_THREADS"] == "1"
    assert measured == Measured(1, Measurement(20, {"valid_f1": 0.5}))
    assert isinstance(finished, Finished)
    assert finished.state is RunState.COMPLETED
    assert finished.timings["seconds"] > 0
    script = f"import sys, {WORKER}; print('jax' in sys.modules, 'sqlalchemy' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert told.stdout == "False False\n"


def test_an_exit_code_is_a_failure_with_the_end_of_standard_error() -> None:
    failed = outcome("print('x' * 9); raise ValueError('no such file')")
    assert isinstance(failed, Failed)
    assert not failed.lost
    assert failed.reason.startswith("the program ended with exit code 1\nTraceback")
    assert failed.reason.endswith("ValueError: no such file")


def test_without_standard_error_the_other_lines_are_the_reason() -> None:
    failed = outcome("import sys; print('disk full'); sys.exit(3)")
    assert isinstance(failed, Failed)
    assert failed.reason == "the program ended with exit code 3\ndisk full"


def test_a_killed_program_tells_its_signal() -> None:
    failed = outcome("import os; os.kill(os.getpid(), 9)")
    assert isinstance(failed, Failed)
    assert failed.reason == "the program ended with signal 9"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import sys; sys.exit(99)", "diverged: the program ended with exit code 99"),
        ("import time; print('{\"step\": 5, \"metric\": \"loss\", \"value\": NaN}', flush=True);"
         " time.sleep(1000)", "non-finite metric at step 5: loss"),
    ],
)  # fmt: skip
def test_divergence_is_infeasible_and_waits_for_nothing(code: str, reason: str) -> None:
    finished = outcome(code)
    assert isinstance(finished, Finished)
    assert (finished.state, finished.reason) == (RunState.INFEASIBLE, reason)


def sleeping(folder: Path) -> tuple[str, Path]:
    """A program that starts another and waits; both write their numbers to a file."""
    told = folder / "pids"
    inner = "import time; time.sleep(1000)"
    code = (
        "import os, subprocess, sys, time;"
        f" p = subprocess.Popen([sys.executable, '-c', {inner!r}]);"
        f" print(os.getpid(), p.pid, file=open({str(told)!r}, 'w'), flush=True); time.sleep(1000)"
    )
    return code, told


def pids(told: Path) -> list[int]:
    deadline = time.monotonic() + 60
    while not (told.exists() and told.read_text().endswith("\n")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return [int(word) for word in told.read_text().split()]


def all_gone(numbers: list[int]) -> bool:
    deadline = time.monotonic() + 20
    while any(map(_runs, numbers)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_program_and_all_that_it_started_end_with_the_workers(tmp_path: Path) -> None:
    code, told = sleeping(tmp_path)
    with program(code) as workers:
        workers.submit(job())
        numbers = pids(told)
    assert len(numbers) == 2
    assert all_gone(numbers)


def test_a_program_that_says_nothing_is_killed_and_lost(tmp_path: Path) -> None:
    code, told = sleeping(tmp_path)
    with program(code, hung_seconds=2.0) as workers:
        workers.submit(job())
        numbers = pids(told)
        lost = collect(workers, ended)[-1]
        assert all_gone(numbers)
    assert isinstance(lost, Failed)
    assert lost.lost


def test_a_program_ends_with_a_worker_that_is_killed(tmp_path: Path) -> None:
    code, told = sleeping(tmp_path)
    with program(code) as workers:
        workers.submit(job())
        numbers = pids(told)
        (started,) = collect(workers, bool)[:1]
        assert isinstance(started, Started)
        os.kill(started.facts["pid"], signal.SIGKILL)
        assert isinstance(collect(workers, ended)[-1], Failed)
        assert all_gone(numbers)


def test_a_program_ends_when_its_controller_is_gone(tmp_path: Path) -> None:
    code, told = sleeping(tmp_path)
    controller = (
        "import sys, time; from shampoo_tune.tuner.local_workers import LocalWorkers;"
        " from tests.tuner.programs.test_command import job;"
        f" workers = LocalWorkers(1, module=({WORKER!r}, {sys.executable!r}, '-c', {code!r}));"
        " workers.__enter__(); workers.submit(job()); time.sleep(1000)"
    )
    with subprocess.Popen([sys.executable, "-c", controller]) as process:
        try:
            numbers = pids(told)
        finally:
            process.kill()
    assert all_gone(numbers)


def test_what_cannot_be_started_has_failed() -> None:
    with LocalWorkers(1, module=(WORKER, "/no/such/program", "{seed}")) as workers:
        workers.submit(job())
        failed = collect(workers, ended)[-1]
    assert isinstance(failed, Failed)
    assert "the program cannot be started" in failed.reason
