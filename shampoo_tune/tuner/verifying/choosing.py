"""Which runs are trained again: at random, but from every phase, and the winner's final runs first.

A run's place is a hash of the audit's seed and the run's name: the same in every version of every
library, whatever else is in the database.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import cycle

from shampoo_tune.storage.study_rows import StoredRun
from shampoo_tune.study import Phase
from shampoo_tune.tuner.verifying.stored_study import StoredStudy

_TURNS = (Phase.FINAL, Phase.SEARCH, Phase.FINAL, Phase.FINALISTS)

Chosen = tuple[StoredStudy, StoredRun]


def choose(runs: Sequence[Chosen], count: int, seed: int) -> list[Chosen]:
    """So many runs, or all if there are fewer.

    Phases take turns, of which every other is the final phase's, for the published medians are of
    its runs. Each takes its next run from a study that was chosen least so far.
    """
    waiting = {
        phase: sorted(
            (chosen for chosen in runs if chosen[1].phase is phase),
            key=lambda chosen: _place(seed, *chosen),
        )
        for phase in Phase
    }
    taken = list[Chosen]()
    phases = cycle(_TURNS)
    while len(taken) < min(count, len(runs)):
        if several := waiting[next(phases)]:
            taken.append(_take(several, Counter(study.name for study, _ in taken)))
    return taken


def _take(waiting: list[Chosen], taken: Counter[str]) -> Chosen:
    chosen = min(waiting, key=lambda chosen: taken[chosen[0].name])  # the first of several
    waiting.remove(chosen)
    return chosen


def _place(seed: int, study: StoredStudy, run: StoredRun) -> bytes:
    return hashlib.sha256(f"{seed} {study.name} {run.label}".encode()).digest()


def trainable(
    studies: Collection[StoredStudy], recorded: Collection[int], *, by_command: bool
) -> list[Chosen]:
    """All runs with a verdict but those that were recorded from outside, unless by a command.

    Args:
        studies: of a group.
        recorded: numbers of the execution facts of runs that were recorded from outside.
        by_command: whether a command was given that trains them.
    """
    return [
        (study, run)
        for study in studies
        for run in study.runs
        if run.last is not None and (by_command or run.last.facts not in recorded)
    ]
