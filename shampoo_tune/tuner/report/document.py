"""A whole report, before it is written in any format: texts, figures and tables in their order."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from shampoo_tune.storage import queries
from shampoo_tune.tuner.comparison.comparing import Comparison, compare_contenders
from shampoo_tune.tuner.comparison.contender import read_contenders
from shampoo_tune.tuner.ladder.reading import read_ladders
from shampoo_tune.tuner.ladder.result import LadderResult
from shampoo_tune.tuner.report import comparison_tables as tables
from shampoo_tune.tuner.report.figure import Figure
from shampoo_tune.tuner.report.group_figures import (
    best_of_k_figures,
    seed_bands_figure,
    seeds_figure,
    steps_to_target_figure,
    two_levels_figures,
)
from shampoo_tune.tuner.report.measured_curves import MeasuredCurves, read_curves
from shampoo_tune.tuner.report.provenance import failures_table, provenance_table, study_table
from shampoo_tune.tuner.report.seeds import final_seeds, results_table
from shampoo_tune.tuner.report.steps_to_target import crossings_table
from shampoo_tune.tuner.report.study_figures import study_figures
from shampoo_tune.tuner.report.table import Table
from shampoo_tune.tuner.study_data import StudyData
from shampoo_tune.tuner.study_file.document import render_yaml
from shampoo_tune.tuner.submission import study_of_document


@dataclass(frozen=True)
class Section:
    """A part of the document under a heading of its own.

    Attributes:
        key: its place in the document, as in `study-0`.
        title: of the heading.
        text: a sentence, or empty.
        tables: shown before the figures.
        figures: in their order.
        source: text in a fixed font after all, or empty.
        folded: whether it begins folded; None cannot be folded.
    """

    key: str
    title: str
    text: str = ""
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()
    source: str = ""
    folded: bool | None = None


@dataclass(frozen=True)
class Document:
    """A report.

    Attributes:
        group: the group's name.
        title: data set, image size, number of examples, step budget.
        state: of the group.
        verdict: a sentence; it stands first.
        differences: what should be equal in all arms and is not, or None.
        remarks: further sentences.
        failures: runs that block the verdict, or None.
        sections: in their order.
    """

    group: str
    title: str
    state: str
    verdict: str
    differences: Table | None
    remarks: tuple[str, ...]
    failures: Table | None
    sections: tuple[Section, ...]


def make_document(connection: Connection, group_name: str) -> Document:
    """The report of a group, whatever its state.

    Args:
        connection: a read transaction.
        group_name: the group.

    Raises:
        NotFoundError: there is no such group.
    """
    group = queries.require_group(connection, group_name)
    contenders = read_contenders(connection, [group_name])
    comparison = compare_contenders(contenders, read_ladders(connection, [group_name]))
    studies = [study for contender in contenders for study in contender.studies]
    costs = [cost for contender in contenders for cost in contender.costs]
    curves = [read_curves(connection, study) for study in studies]
    failed = queries.failed_runs(connection, group.id)
    provenance = Section(
        "provenance",
        "Provenance",
        "The study file, with every default, trains the same again.",
        (provenance_table(group, costs),),
        source=render_yaml(study_of_document(group.document)),
    )
    return Document(
        group=group.name,
        title=comparison.title,
        state=group.state,
        verdict=comparison.verdict,
        differences=tables.inequalities_table(comparison) if comparison.inequalities else None,
        remarks=comparison.remarks,
        failures=failures_table(failed) if failed else None,
        sections=(*_sections(comparison, studies, curves), provenance),
    )


def _sections(
    comparison: Comparison, studies: Sequence[StudyData], curves: Sequence[MeasuredCurves]
) -> tuple[Section, ...]:
    seeds = Section(
        "result",
        "Result",
        "Only the final median is from seeds that no choice was made with.",
        (results_table([final_seeds(study) for study in studies]),),
        (
            seeds_figure(studies),
            *two_levels_figures(comparison),
            seed_bands_figure(studies, curves),
        ),
    )
    search = Section(
        "budget",
        "Smaller budgets",
        tables=(tables.best_of_table(comparison),),
        figures=best_of_k_figures(studies),
    )
    return (
        seeds,
        *_ladder_sections(comparison),
        search,
        *_study_sections(studies, curves),
        *_table_sections(comparison),
    )


def _ladder_sections(comparison: Comparison) -> list[Section]:
    """Of a rung: what its whole ladder came to."""
    if not comparison.ladders:
        return []
    results = [ladder for ladder in comparison.ladders if isinstance(ladder, LadderResult)]
    return [
        Section(
            "ladder",
            "Ladder",
            "This group is one rung; what follows is from all of them.",
            tuple(map(crossings_table, results)),
            (steps_to_target_figure(comparison.ladders),),
        )
    ]


def _study_sections(
    studies: Sequence[StudyData], curves: Sequence[MeasuredCurves]
) -> list[Section]:
    """A section a study; those of further replicates begin folded."""
    first = min(study.replicate for study in studies)
    return [
        Section(
            f"study-{number}",
            study.name,
            tables=(study_table(study),),
            figures=study_figures(study, measured, number),
            folded=study.replicate > first,
        )
        for number, (study, measured) in enumerate(zip(studies, curves, strict=True))
    ]


def _table_sections(comparison: Comparison) -> list[Section]:
    arms = [tables.arms_table(comparison)]
    if comparison.pairs:
        arms.append(tables.pairs_table(comparison))
    ledger = (tables.ledger_table(comparison),)
    return [
        Section("comparison", "Comparison", tables=tuple(arms)),
        Section("ledger", "Ledger", tables=ledger),
    ]
