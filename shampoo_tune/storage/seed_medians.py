"""Medians over seeds, written with each verdict: a question about ten thousand trials sorts none.

The view `computed_medians` says what they are; the table holds its rows, and `db check` compares.
A trial's search run is its own median and has no row.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, Select, delete, select, text

from shampoo_tune.storage.tables import Run, SeedMedian
from shampoo_tune.study import Phase

_OF_ALL = "insert into seed_medians select * from computed_medians"
_OF_TRIAL = f"{_OF_ALL} where trial_id = :trial and phase = :phase"


def seeds_beside(
    connection: Connection, runs: Sequence[int] | Select[int]
) -> list[tuple[int, Phase]]:
    """The trials (ids) and phases over whose seeds these runs' medians go."""
    query = select(Run.trial_id, Run.phase).where(Run.id.in_(runs), Run.phase != Phase.SEARCH)
    return [(trial, Phase(phase)) for trial, phase in connection.execute(query.distinct())]


def write_seed_medians(connection: Connection, trial_id: int, phase: Phase) -> None:
    """Write the medians of a trial's runs in a phase anew, as the verdicts now are."""
    old = (SeedMedian.trial_id == trial_id, SeedMedian.phase == phase)
    connection.execute(delete(SeedMedian).where(*old))
    connection.execute(text(_OF_TRIAL), {"trial": trial_id, "phase": phase.value})


def write_all_seed_medians(connection: Connection) -> None:
    """Write all medians of the database anew."""
    connection.execute(delete(SeedMedian))
    connection.execute(text(_OF_ALL))
