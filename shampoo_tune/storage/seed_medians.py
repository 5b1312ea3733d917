"""Medians over seeds, written with each verdict: a question about ten thousand trials sorts none.

The view `computed_medians` says what they are; the table holds its rows, and `db check` compares.
A trial's search run is its own median and has no row.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, Select, delete, func, select, text

from shampoo_tune.storage.median_ranks import low_rank
from shampoo_tune.storage.tables import MedianRank, Run, SeedMedian, Study
from shampoo_tune.study import Phase

# Two new groups may need the same ranks at the same moment.
_RANK = "insert into median_ranks (n, low_rank) values (:n, :low_rank) on conflict do nothing"
_OF_ALL = "insert into seed_medians select * from computed_medians"
_OF_TRIAL = f"{_OF_ALL} where trial_id = :trial and phase = :phase"


def ensure_median_ranks(connection: Connection, most: int) -> None:
    """Store the intervals' ranks for medians of up to so many values, as far as they are missing.

    They come before the first verdict: what was stored without a rank would lack its interval.
    """
    known = connection.scalar(select(func.count()).where(MedianRank.n <= most))
    if known != most:
        ranks = [{"n": n, "low_rank": low_rank(n)} for n in range(1, most + 1)]
        connection.execute(text(_RANK), ranks)


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
    largest = (func.max(Study.seeds), func.max(Study.finalist_seeds))
    newest = select(func.max(MedianRank.n)).scalar_subquery()
    known = connection.execute(select(*largest, newest)).one()
    ensure_median_ranks(connection, max(n or 0 for n in known))
    connection.execute(delete(SeedMedian))
    connection.execute(text(_OF_ALL))
