"""Questions that are asked once, each by a new process: how long it took and its peak memory.

As a program it is that process: it reads an address and prints what it found.
"""

# Libraries are imported where they are used: a process shall have only those that it needs.
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

STUDY = "large/shampoo"


@contextmanager
def _frame(address: str) -> Iterator[Callable[[], int]]:
    import shampoo_tune.opening

    def ask() -> int:
        with shampoo_tune.opening.open(address) as results:
            return len(results.trials(STUDY))

    yield ask


@contextmanager
def _optuna_trials(address: str) -> Iterator[Callable[[], int]]:
    from benchmarks.optuna_storage import first_trials, opened

    with opened(address) as storage:
        yield lambda: first_trials(storage, STUDY)


@contextmanager
def _optuna_summary(address: str) -> Iterator[Callable[[], int]]:
    from benchmarks.optuna_storage import opened, summaries

    with opened(address) as storage:
        yield lambda: summaries(storage)


_QUESTIONS: dict[str, Callable[[str], AbstractContextManager[Callable[[], int]]]] = {
    "trials": _frame,
    "optuna-trials": _optuna_trials,
    "optuna-summary": _optuna_summary,
}


def ask_new_process(name: str, address: str) -> dict[str, float]:
    """What a new process found, in seconds and megabytes; `total` has its imports too."""
    command = [sys.executable, "-m", "benchmarks.storage_processes", name]
    # Not as an argument, which others could read: it may have a password.
    result = subprocess.run(command, input=address, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, float] = json.loads(result.stdout)
    return found


def _answer(name: str, address: str) -> dict[str, float]:
    started, rows = time.perf_counter(), []
    with _QUESTIONS[name](address) as ask:
        wall, cpu = timed(lambda: rows.append(ask()))
    total = time.perf_counter() - started
    return {"wall": wall, "cpu": cpu, "total": total, "rows": rows[0], "peak": _peak_megabytes()}


def _peak_megabytes() -> float:
    """Of this program: `ru_maxrss` would begin with the memory of the process that started it."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6


def timed(ask: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the wall and of this process."""
    wall, computed = time.perf_counter(), time.process_time()
    ask()
    return time.perf_counter() - wall, time.process_time() - computed


if __name__ == "__main__":
    print(json.dumps(_answer(sys.argv[1], sys.stdin.read())))
