"""The third link: the runs are those that the protocol begins, with its seeds and its choices.

Finalists and winner are chosen again from the measurements.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection

from shampoo_tune.storage.attempts import facts_digest
from shampoo_tune.storage.study_rows import StoredRun, stored_facts
from shampoo_tune.study import AttemptState, Goal, GroupState, Phase, RunState, run_seed
from shampoo_tune.tuner.final_looks import looks_of
from shampoo_tune.tuner.phases import TIE_BREAKER
from shampoo_tune.tuner.selection import Scored, best_trials
from shampoo_tune.tuner.statistics.looks import spending
from shampoo_tune.tuner.verifying.link import Difference, Link
from shampoo_tune.tuner.verifying.medians import median_of_runs
from shampoo_tune.tuner.verifying.stored_study import StoredStudy


def runs_link(connection: Connection, state: str, studies: Sequence[StoredStudy]) -> Link:
    """Whether the runs of all studies are those of the protocol, in a group of this state."""
    found = list[Difference]()
    for study in studies:
        found += _verdicts(study, state)
        found += _search(study)
        found += _finalists(study, state)
        found += _final(study, looks_of(connection, study.row), state)
    found += _facts(connection, studies)
    count = sum(len(study.runs) for study in studies)
    return Link("runs", f"seeds of {count} runs, finalists and winners", tuple(found))


def _facts(connection: Connection, studies: Sequence[StoredStudy]) -> Iterator[Difference]:
    """Whether what workers told of their machines is what they told."""
    named: dict[int, str] = {}
    for study in studies:
        for run in study.runs:
            named |= {a.facts: f"{study.name} {run.label}" for a in run.attempts}
    for number, (digest, facts) in stored_facts(connection, named).items():
        if digest != facts_digest(facts):
            yield Difference(named[number], "digest of its facts", digest, facts_digest(facts))


def _verdicts(study: StoredStudy, state: str) -> Iterator[Difference]:
    """Whether the state of each run agrees with its attempts and its measurements."""
    for run in study.runs:
        where = f"{study.name} {run.label}"
        if not run.judged and state == GroupState.COMPLETED:
            yield Difference(
                where, "state", run.state.value, "a verdict, as the group is completed"
            )
        attempt = run.attempts[-1].state if run.attempts else None
        if run.judged and attempt is not AttemptState.COMPLETED:
            yield Difference(where, "last attempt", attempt and attempt.value, "completed")
        at_end = study.measured_to.get(run.run_id) == study.row.steps
        if run.judged and at_end != (run.state is RunState.COMPLETED):
            step = study.measured_to.get(run.run_id)
            expected = "the last step" if run.state is RunState.COMPLETED else "a step before"
            yield Difference(where, f"last step of a run that is {run.state}", step, expected)


def _search(study: StoredStudy) -> Iterator[Difference]:
    replicate, numbers = study.row.replicate, [number for number, _, _ in study.points]
    expected = {n: [run_seed(replicate, Phase.SEARCH, n)] for n in numbers}
    yield from _seeds(study, Phase.SEARCH, expected)


def _finalists(study: StoredStudy, state: str) -> Iterator[Difference]:
    runs, search = study.of(Phase.FINALISTS), study.of(Phase.SEARCH)
    if not _due(runs, search, state):
        return
    completed = [run for run in search if run.state is RunState.COMPLETED]
    chosen = best_trials(
        [
            Scored(run.trial, study.value(run, study.row.metric), study.value(run, TIE_BREAKER))
            for run in completed
        ],
        Goal(study.row.goal),
        study.row.finalists,
    )
    yield from _choice(study, "finalists", runs, chosen)
    indices = range(study.row.finalist_seeds)
    seeds = [run_seed(study.row.replicate, Phase.FINALISTS, index) for index in indices]
    yield from _seeds(study, Phase.FINALISTS, {run.trial: seeds for run in runs})


def _final(study: StoredStudy, looks: Sequence[int], state: str) -> Iterator[Difference]:
    runs, finalists = study.of(Phase.FINAL), study.of(Phase.FINALISTS)
    if not _due(runs, finalists, state):
        return
    scored = [_scored(study, trial, finalists) for trial in {run.trial: None for run in finalists}]
    yield from _choice(study, "winner", runs, best_trials(scored, Goal(study.row.goal), 1))
    count = _final_seeds(study, runs, looks) if state == GroupState.COMPLETED else len(runs)
    seeds = [run_seed(study.row.replicate, Phase.FINAL, index) for index in range(count)]
    yield from _seeds(study, Phase.FINAL, {run.trial: seeds for run in runs})


def _due(runs: Sequence[StoredRun], before: Sequence[StoredRun], state: str) -> bool:
    """Whether a phase has begun, or should have: all runs before it have their verdict."""
    ready = bool(before) and all(run.judged for run in before)
    return bool(runs) or (ready and state == GroupState.COMPLETED)


def _scored(study: StoredStudy, trial: int, runs: Sequence[StoredRun]) -> Scored:
    own = [run for run in runs if run.trial == trial]
    middles = [
        median_of_runs(study, own, metric)["median"] for metric in (study.row.metric, TIE_BREAKER)
    ]
    return Scored(trial, *middles)


def _final_seeds(study: StoredStudy, runs: Sequence[StoredRun], looks: Sequence[int]) -> int:
    """How many final seeds a study has in the end: all, or those of the look that stopped it."""
    for look, limit in zip(looks, spending(looks), strict=False):  # none belongs to the last look
        reached = median_of_runs(study, runs[:look], study.row.metric)["reached"]
        if reached is not None and reached <= limit:
            return look
    return looks[-1]


def _choice(
    study: StoredStudy, what: str, runs: Sequence[StoredRun], chosen: Sequence[int]
) -> Iterator[Difference]:
    stored = list(dict.fromkeys(run.trial for run in runs))
    if sorted(stored) != sorted(chosen):
        yield Difference(study.name, what, _trials(stored), _trials(chosen))


def _trials(numbers: Sequence[int]) -> Any:
    return ", ".join(f"trial {number}" for number in numbers) or None


def _seeds(
    study: StoredStudy, phase: Phase, expected: dict[int, list[int]]
) -> Iterator[Difference]:
    """Whether each trial has been given the seeds that it should."""
    stored: dict[int, list[int]] = {trial: [] for trial in expected}
    for run in study.of(phase):
        stored.setdefault(run.trial, []).append(run.seed)
    for trial, seeds in stored.items():
        wanted = expected.get(trial, [])
        extra = [seed for seed in seeds if seed not in wanted]
        missing = [seed for seed in wanted if seed not in seeds]
        for place in range(max(len(extra), len(missing))):
            yield Difference(
                f"{study.name} {phase} trial {trial}",
                "seed",
                extra[place] if place < len(extra) else None,
                missing[place] if place < len(missing) else None,
            )
