"""Runs a ladder: declares all rungs in one transaction, then brings each to its end."""

import re
from collections.abc import Callable

from sqlalchemy import Connection, Row

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.storage import queries
from shampoo_tune.storage.database import Database, create_or_open
from shampoo_tune.study import GroupState
from shampoo_tune.tuner.design import prepare
from shampoo_tune.tuner.dispatcher import Dispatcher, OpenDispatcher
from shampoo_tune.tuner.ladder.declaration import Ladder
from shampoo_tune.tuner.launching import ShowProgress, run_group
from shampoo_tune.tuner.submission import submit
from shampoo_tune.tuner.summary import GroupSummary, summarize


def describe(ladder: Ladder) -> str:
    """What the ladder would run, one line a rung."""
    lines = [f"ladder {ladder.name}: nothing was created"]
    total = 0
    for rung in ladder.rungs:
        budget = rung.study.budget
        search = budget.trials + budget.finalists * budget.finalist_seeds
        studies = len(rung.study.arms) * budget.studies
        total += studies * (search + budget.seeds) * rung.steps
        seeds = " or ".join(map(str, ladder.looks))
        lines.append(
            f"{rung.group}: {rung.steps} steps a run; {studies} x ({search} runs of the search,"
            f" {seeds} final seeds)"
        )
    lines.append(f"at most {total:,} steps in all")
    return "\n".join(lines) + "\n"


def run_ladder(
    ladder: Ladder,
    database_url: str,
    *,
    open_dispatcher: OpenDispatcher,
    show_progress: ShowProgress,
    say: Callable[[str], None],
    should_stop: Callable[[], bool] = lambda: False,
) -> list[GroupSummary]:
    """Create or continue the groups of a ladder and run them, the largest budget first.

    Ends early when asked to stop, or when failed runs block a rung. All rungs share the workers,
    and with them what these have compiled.

    Args:
        ladder: as declared.
        database_url: created if it does not exist.
        open_dispatcher: called if there is anything to train.
        show_progress: see `launching.ShowProgress`; called for each rung.
        say: receives sentences for people.
        should_stop: asked at least once a second; once true, the rung is handed back unfinished.

    Returns:
        How far each rung is.

    Raises:
        InvalidInputError: groups of these names belong to something else.
        GroupBusyError: another living controller owns a rung.
    """
    prepare()
    with create_or_open(database_url) as database:
        with database.write() as connection:
            groups = submit_ladder(connection, ladder)
        unfinished = [group for group in groups if group.state != GroupState.COMPLETED]
        if unfinished:
            with open_dispatcher() as dispatcher:
                _run_groups(database, unfinished, dispatcher, show_progress, say, should_stop)
        with database.read() as connection:
            return summaries(connection, ladder)


def _run_groups(
    database: Database,
    groups: list[Row[tuple[object, ...]]],
    dispatcher: Dispatcher,
    show_progress: ShowProgress,
    say: Callable[[str], None],
    should_stop: Callable[[], bool],
) -> None:
    for group in groups:
        state = run_group(database, group, dispatcher, show_progress, say, should_stop)
        if state != GroupState.COMPLETED:
            return  # asked to stop, paused, cancelled, or blocked by failed runs


def submit_ladder(connection: Connection, ladder: Ladder) -> list[Row[tuple[object, ...]]]:
    """The groups of a ladder, created or found; all or none.

    Raises:
        InvalidInputError: groups of these names belong to another ladder or to an ordinary file.
    """
    groups = [submit(connection, rung.study, rung.group, rung.declaration) for rung in ladder.rungs]
    named_alike = re.compile(rf"{re.escape(ladder.name)}-s\d+")
    others = [
        name
        for name in (name for _, name in queries.groups(connection))
        if named_alike.fullmatch(name) and name not in {group.name for group in groups}
    ]
    if others:
        raise InvalidInputError(
            f"{', '.join(others)} belong to another ladder called {ladder.name!r}, of other "
            "budgets; use --name to make another ladder"
        )
    return groups


def summaries(connection: Connection, ladder: Ladder) -> list[GroupSummary]:
    """How far each rung is, in their order."""
    return [
        summarize(connection, queries.require_group(connection, rung.group))
        for rung in ladder.rungs
    ]
