"""One worker compiles at a time."""

import multiprocessing
import time
from multiprocessing.queues import Queue
from pathlib import Path

import pytest

from shampoo_tune.tuner.compile_lock import compiling


def compile_for_a_while(program: str, intervals: "Queue[tuple[float, float]]") -> None:
    with compiling(program):
        started = time.monotonic()
        time.sleep(0.5)
        intervals.put((started, time.monotonic()))


def overlap(programs: list[str]) -> bool:
    context = multiprocessing.get_context("spawn")
    intervals: Queue[tuple[float, float]] = context.Queue()
    processes = [
        context.Process(target=compile_for_a_while, args=(program, intervals))
        for program in programs
    ]
    for process in processes:
        process.start()
    (_, first_end), (second_start, _) = sorted(intervals.get(timeout=60) for _ in processes)
    for process in processes:
        process.join()
    return second_start < first_end


def test_the_same_program_is_compiled_by_one_process_at_a_time(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", str(tmp_path / "cache"))
    assert not overlap(["step", "step"])


def test_without_a_cache_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAX_COMPILATION_CACHE_DIR", raising=False)
    with compiling("step"), compiling("step"):
        pass
