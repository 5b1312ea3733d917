"""What `controller` does: serves queued groups, first come first served, until it is stopped."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Row

from shampoo_tune.errors import GroupBusyError, InvalidInputError
from shampoo_tune.storage import queries
from shampoo_tune.storage.database import Database
from shampoo_tune.tuner.dispatcher import Dispatcher
from shampoo_tune.tuner.launching import ShowProgress
from shampoo_tune.tuner.ownership import owning
from shampoo_tune.tuner.programs.adopting import check_group
from shampoo_tune.tuner.programs.command import Command
from shampoo_tune.tuner.summary import summarize

POLL_SECONDS = 1.0


def serve(
    database: Database,
    dispatcher: Dispatcher,
    show_progress: ShowProgress,
    say: Callable[[str], None],
    should_stop: Callable[[], bool],
    *,
    until_idle: bool = False,
    command: Command | None = None,
) -> None:
    """Bring one group after the other to its end, the oldest first.

    A group that another controller owns is left to it; one whose owner died is taken over. One
    that was paused, blocked by failed runs or cancelled waits until somebody submits it again. One
    that the command cannot train, or that needs one, is passed over, and that is said once.

    Args:
        database: of the groups; several controllers may share it.
        dispatcher: where runs are trained.
        show_progress: see `launching.ShowProgress`; called for each group.
        say: receives sentences for people.
        should_stop: asked at least once a second; once true, the group is handed back.
        until_idle: whether to return once no group can be served, instead of waiting for one.
        command: of the program that the dispatcher runs, if it does.
    """
    passed_over = set[str]()
    while not should_stop():
        served = any(
            _serve_group(database, group, dispatcher, show_progress, say, should_stop, command)
            for group in _waiting(database)
            if not should_stop() and _can_train(group, command, passed_over, say)
        )
        if served:
            continue
        if until_idle:
            return
        time.sleep(POLL_SECONDS)


def _waiting(database: Database) -> Sequence[Row[Any]]:
    with database.read() as connection:
        return queries.unfinished_groups(connection)


def _can_train(
    group: Row[Any], command: Command | None, passed_over: set[str], say: Callable[[str], None]
) -> bool:
    try:
        check_group(group, command)
    except InvalidInputError as error:
        if group.name not in passed_over:
            say(f"{group.name} is passed over: {error}")
        passed_over.add(group.name)
        return False
    return True


def _serve_group(
    database: Database,
    group: Row[Any],
    dispatcher: Dispatcher,
    show_progress: ShowProgress,
    say: Callable[[str], None],
    should_stop: Callable[[], bool],
    command: Command | None,
) -> bool:
    """Own a group and run it to its end; returns False if another controller owns it."""
    owned = False
    try:
        with database.read() as connection:
            summary = summarize(connection, group)
        with (
            show_progress(summary) as on_finished,
            owning(
                database, group, dispatcher, on_finished, should_stop, command=command
            ) as controller,
        ):
            owned = True
            state = controller.run()
    except GroupBusyError as busy:
        if owned:
            say(f"{group.name}: {busy}")
        return owned
    say(f"{group.name}: {state}" if not should_stop() else f"{group.name}: handed back")
    return True
