"""Simulated runs and workers: values without accidents, and a clock that goes on."""

import subprocess
import sys
from collections import deque
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.simulated.runs import Rates, course, evaluation_steps, events
from benchmarks.simulated.virtual_workers import VirtualWorkers
from shampoo_tune.study import Measurement
from shampoo_tune.tuner.messages import Failed, Finished, Job, Measured, Started, encode

RATES = Rates()
ROUGH = Rates(failure=0.05, preemption=0.2, straggler=0.1)


def job(run_id: int = 1, learning_rate: float = 0.1, seed: int = 0, steps: int = 100) -> Job:
    configuration = {"optimizer": "nesterov", "schedule": {"learning_rate": learning_rate}}
    return Job(run_id, {"name": "mlp_digits", "batch_size": 512}, configuration, seed, steps, 10)


jobs = st.builds(
    job, st.integers(1, 9), st.floats(1e-2, 1.0), st.integers(0, 9), st.integers(1, 40)
)
shares = st.floats(0.0, 0.5)
all_rates = st.builds(Rates, st.floats(0.01, 9.0), shares, shares, shares, st.just(5.0), shares)


@given(jobs, all_rates, st.integers(1, 5), st.integers(0, 99))
def test_whatever_happens_a_run_measures_the_same(
    given_job: Job, rates: Rates, attempt: int, accident_seed: int
) -> None:
    told = events(given_job, attempt, rates, accident_seed)
    assert told == events(given_job, attempt, rates, accident_seed)
    assert [at for at, _ in told] == sorted(at for at, _ in told)
    expected, end = course(given_job, rates.infeasible), told[-1][1]
    measured = tuple(m.measurement for _, m in told if isinstance(m, Measured))
    assert measured == expected.measurements[: len(measured)]
    assert len(told) == len(measured) + 2 or (len(told) == 1 and isinstance(end, Failed))
    if isinstance(end, Finished):
        assert isinstance(told[0][1], Started)
        assert (end.state, end.reason) == (expected.state, expected.reason)
        assert len(measured) == len(expected.measurements)
    else:
        assert isinstance(end, Failed)
    assert all(encode(message) for _, message in told)  # finite, and can be sent


@given(jobs, st.integers(1, 50))
def test_a_step_has_its_value_however_often_one_looks(given_job: Job, eval_every: int) -> None:
    def by_step(looked: Job) -> dict[int, Measurement]:
        return {m.step: m for m in course(looked, 0.0).measurements}

    often, seldom = replace(given_job, eval_every=1), replace(given_job, eval_every=eval_every)
    assert set(by_step(seldom)) == set(evaluation_steps(given_job.steps, eval_every))
    assert by_step(seldom).items() <= by_step(often).items()


def test_the_numbers_are_those_of_every_process() -> None:
    runs = [job(seed=seed) for seed in range(4)]
    assert [course(run, 0.5).diverged_at for run in runs] == [None, 10, 100, None]
    third = [course(run, 0.0).measurements[2].metrics for run in runs]
    assert [round(359 * metrics["valid_accuracy"]) for metrics in third] == [303, 310, 304, 308]


def test_the_best_learning_rate_is_in_the_middle() -> None:
    def accuracy(rate: float) -> float:
        return course(job(learning_rate=rate), 0.0).measurements[-1].metrics["valid_accuracy"]

    assert accuracy(0.01) < accuracy(0.05) < accuracy(0.1) > accuracy(0.3) > accuracy(1.0)


def test_accidents_are_as_frequent_as_told_and_no_two_failures_alike() -> None:
    told = [events(job(run_id, seed=run_id), 1, ROUGH, 0) for run_id in range(2000)]
    failed = [m for *_, (_, m) in told if isinstance(m, Failed)]
    reasons = [m.reason.rsplit("\n", 1)[-1] for m in failed if not m.lost]
    assert sum(m.lost for m in failed) == pytest.approx(400, abs=60)
    assert len(reasons) == len(set(reasons)) == pytest.approx(100, abs=30)
    slow = [t for t in told if isinstance(t[-1][1], Finished) and t[0][0] > 2 * ROUGH.step_seconds]
    assert len(slow) == pytest.approx(150, abs=40)


def test_a_simulated_actor_needs_neither_jax_nor_a_database() -> None:
    code = "import benchmarks.simulated.runs, sys; print({'jax', 'sqlalchemy'} & {*sys.modules})"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "set()\n"


@given(st.lists(jobs, unique_by=lambda j: j.run_id, max_size=9), st.integers(1, 4), all_rates)
def test_virtual_time_goes_on_and_no_worker_is_idle_while_jobs_wait(
    given_jobs: list[Job], count: int, rates: Rates
) -> None:
    workers, waiting, clock = VirtualWorkers(count, rates, 0), deque(given_jobs), [0.0]
    while waiting or workers.idle() < count:
        while waiting and workers.idle():
            workers.submit(waiting.popleft())
        said = list(workers.messages(timeout=1.0))
        assert not any(isinstance(m, (Finished, Failed)) for m in said[:-1])
        assert clock[-1] <= workers.clock() <= clock[-1] + 1.0
        clock.append(workers.clock())
    begins = sorted(stay.began for stay in workers.stays)
    ends = sorted(stay.ended for stay in workers.stays)
    assert begins == [0.0] * min(count, len(begins)) + ends[: max(0, len(ends) - count)]


def test_the_controllers_time_passes_if_it_is_given() -> None:
    now = [0.0]
    workers = VirtualWorkers(2, Rates().undisturbed(), 0, lambda: now[0])
    for run_id in (1, 2):
        workers.submit(job(run_id))
    now[0] += 60.0
    assert sum(isinstance(m, Finished) for m in workers.messages(1.0)) == 2
    assert workers.clock() == 60.0
    assert max(stay.ended for stay in workers.stays) < 25.0


def test_jobs_that_are_dropped_are_heard_no_more() -> None:
    workers = VirtualWorkers(2, RATES, 0)
    workers.submit(job())
    workers.drop(save=False)
    assert (workers.idle(), list(workers.messages(1.0)), workers.clock()) == (2, [], 1.0)
    assert workers.stays[0].message is None
