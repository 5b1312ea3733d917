"""Groups side by side: the comparison, and every plot that the studies in view allow."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from shampoo_tune.tuner.comparison.comparing import Comparison, compare_contenders
from shampoo_tune.tuner.comparison.contender import read_contenders
from shampoo_tune.tuner.ladder.reading import read_ladders
from shampoo_tune.tuner.report.figure import Figure
from shampoo_tune.tuner.report.group_figures import (
    best_of_k_figures,
    seed_bands_figure,
    seeds_figure,
    steps_to_target_figure,
    two_levels_figures,
)
from shampoo_tune.tuner.report.measured_curves import read_curves
from shampoo_tune.tuner.study_data import StudyData


@dataclass(frozen=True)
class Compared:
    """A comparison with its figures, by their keys, in the order of reading."""

    comparison: Comparison
    figures: dict[str, Figure]


def compare_in_figures(connection: Connection, groups: Sequence[str]) -> Compared:
    """All that is shown of some groups side by side.

    Args:
        connection: a read transaction.
        groups: their names.

    Raises:
        NotFoundError: there is no such group.
    """
    contenders = read_contenders(connection, groups)
    comparison = compare_contenders(contenders, read_ladders(connection, groups))
    studies = [study for contender in contenders for study in contender.studies]
    figures = [*_figures(connection, comparison, studies)]
    if comparison.ladders:
        figures.append(steps_to_target_figure(comparison.ladders))
    return Compared(comparison, {figure.key: figure for figure in figures})


def _figures(
    connection: Connection, comparison: Comparison, studies: Sequence[StudyData]
) -> list[Figure]:
    """Best of k behind the gate; the seeds of whatever shares an axis."""
    figures = [] if comparison.inequalities else [best_of_k_figures(studies)[0]]
    # Values of other workloads, metrics or budgets of steps have no common axis.
    if len({(s.workload, s.metric, s.target, s.steps) for s in studies}) > 1:
        return figures
    curves = [read_curves(connection, study) for study in studies]
    bands, strips = seed_bands_figure(studies, curves), seeds_figure(studies)
    return [*figures, bands, strips, *two_levels_figures(comparison)]
