"""Exploration: a search whose next point is chosen by the values of the earlier ones.

The next point is a function of the search seed, the replicate, its number and the rows of the
earlier trials: nothing else is kept, so it is the same in every process, and a study that was
stopped goes on as it would have.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any

from sqlalchemy import Connection, Row

from shampoo_tune.storage import queries, records
from shampoo_tune.study import Goal, Phase
from shampoo_tune.tuner.design import design
from shampoo_tune.tuner.parameters import SearchSpace, Value
from shampoo_tune.tuner.submission import new_trial, study_of_document
from shampoo_tune.tuner.tpe import Tried, suggestions

# So often a new point is asked for, then it is looked for among so many points of the design.
MAX_ASKS = 25
MAX_DESIGN = 4096


def add_next_trial(connection: Connection, group: Row[Any], study: Row[Any]) -> None:
    """Ask for the next point of a study; write its trial and queue its search run.

    Args:
        connection: a write transaction.
        group: the row of the study's group.
        study: a row of the studies table.
    """
    file, tried = study_of_document(group.document), tried_of(connection, study)
    arm = file.arm(study.arm)
    point = next_point(arm.space, tried, Goal(study.goal), file.search.seed, study.replicate)
    trial = new_trial(file, arm, len(tried), point)
    records.add_trials(connection, study.id, study.replicate, [trial])


def tried_of(connection: Connection, study: Row[Any]) -> list[Tried]:
    """What the rows tell of a study's trials, in the order of their numbers."""
    trials = queries.trials_by_number(connection, study.id)
    medians = queries.medians(connection, study.name, Phase.SEARCH, study.metric)  # of one seed
    worst = -math.inf if study.goal == Goal.MAXIMIZE else math.inf
    values = {t: worst if row.median is None else row.median for t, row in medians.items()}
    return [Tried(trials[number].point, values.get(number)) for number in range(len(trials))]


def next_point(
    space: SearchSpace, tried: Sequence[Tried], goal: Goal, seed: int, replicate: int
) -> dict[str, Value]:
    """The point of trial number `len(tried)`: the first suggestion that was not tried.

    If suggestions repeat themselves, as they may in a space of few points, the first new point of
    the design; a point is repeated once all were tried.

    Args:
        space: the arm's search space.
        tried: all earlier trials, in their order.
        goal: which direction of the values is better.
        seed: the study file's `search.seed`.
        replicate: each has random numbers of its own.
    """
    asked = islice(suggestions(space, tried, goal, seed, replicate), MAX_ASKS)
    first = next(asked)
    known = {frozenset(trial.point.items()) for trial in tried}
    if space.distinct_points is not None and len(known) >= space.distinct_points:
        return first
    candidates = chain([first], asked, _design_points(space, seed, replicate))
    return next((c for c in candidates if frozenset(c.items()) not in known), first)


def _design_points(space: SearchSpace, seed: int, replicate: int) -> Iterator[dict[str, Value]]:
    units = design(len(space.dimensions), MAX_DESIGN, "halton", seed, replicate)
    yield from map(space.point, units.tolist())
