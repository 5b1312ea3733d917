"""A ladder as it is declared: every budget is written down before anything runs.

Rung i is the file with steps * factor ** i steps a run and is tuned in full, as a group of its own.
What was declared is part of what makes each of its groups, so that no rung can be added, moved or
taken for an ordinary group once results are known.
"""

import itertools
from dataclasses import dataclass, replace
from typing import Any

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.tuner.ladder.recorded import rung_name
from shampoo_tune.tuner.statistics.looks import ALPHA, looks_at
from shampoo_tune.tuner.study_file.loading import Study, digest


@dataclass(frozen=True)
class Rung:
    """One budget.

    Attributes:
        group: the name of its group.
        study: the file with this budget.
        declaration: what is stored with the group, as JSON values.
    """

    group: str
    study: Study
    declaration: dict[str, Any]

    @property
    def steps(self) -> int:
        """Of every run."""
        return self.study.budget.steps


@dataclass(frozen=True)
class Ladder:
    """A study at several budgets.

    Attributes:
        name: what the names of its groups begin with.
        factor: each budget is this part of the one before.
        target: what is to be reached.
        looks: the numbers of final seeds at which a hopeless rung is stopped.
        rungs: from the file's own budget downwards.
    """

    name: str
    factor: float
    target: float
    looks: tuple[int, ...]
    rungs: tuple[Rung, ...]


def declare(study: Study, name: str, factor: float, rungs: int) -> Ladder:
    """The ladder of a file.

    Args:
        study: the validated file; its budget is the largest rung.
        name: of the ladder; its groups are `<name>-s<steps>`.
        factor: in (0, 1); budgets are rounded to whole steps, halves to even.
        rungs: how many, 2 or more.

    Raises:
        InvalidInputError: one of these rules is broken, the file has no target, or the ladder is so
            long that two budgets are the same.
    """
    if study.target is None:
        raise InvalidInputError(
            f"a ladder asks how many steps reach the target, and {study.name!r} has none: "
            "write `target:` into the file, or add --set target=VALUE"
        )
    budgets = ladder_steps(study.budget.steps, factor, rungs)
    looks = looks_at(study.budget.seeds)
    shared = {
        "name": name,
        "digest": digest(study),
        "factor": factor,
        "steps": budgets,
        "looks": list(looks),
        "alpha": ALPHA,
    }
    return Ladder(
        name=name,
        factor=factor,
        target=study.target,
        looks=looks,
        rungs=tuple(
            Rung(rung_name(name, steps), _with_steps(study, steps), {**shared, "index": index})
            for index, steps in enumerate(budgets)
        ),
    )


def ladder_steps(steps: int, factor: float, rungs: int) -> list[int]:
    """The budgets, largest first. Raises InvalidInputError, see `declare`."""
    if not 0 < factor < 1:
        raise InvalidInputError(f"--factor must lie between 0 and 1, got {factor:g}")
    if rungs < 2:
        raise InvalidInputError(f"a ladder has 2 rungs or more, got --rungs {rungs}")
    budgets = [round(steps * factor**index) for index in range(rungs)]
    if budgets[-1] < 1 or any(a <= b for a, b in itertools.pairwise(budgets)):
        found = ", ".join(map(str, budgets))
        raise InvalidInputError(
            f"the rungs must be different whole numbers of steps, got {found}: take"
            " fewer --rungs, a smaller --factor, or more budget.steps"
        )
    return budgets


def _with_steps(study: Study, steps: int) -> Study:
    """Schedules are fractions of the steps; a last step is always evaluated."""
    eval_every = min(study.budget.eval_every, steps)
    return replace(study, budget=replace(study.budget, steps=steps, eval_every=eval_every))
