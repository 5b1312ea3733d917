"""What `launch` does: register the group, own it, run it to its end, say what came out."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import Row

from shampoo_tune.errors import NotFoundError
from shampoo_tune.storage.database import Database, create_or_open, open_existing
from shampoo_tune.storage.lease import RemoteOwnerError
from shampoo_tune.study import GroupState
from shampoo_tune.tuner.controller import Controller, OnFinished
from shampoo_tune.tuner.design import prepare
from shampoo_tune.tuner.dispatcher import Dispatcher, OpenDispatcher
from shampoo_tune.tuner.ownership import owning
from shampoo_tune.tuner.programs.adopting import check_group
from shampoo_tune.tuner.programs.command import Command
from shampoo_tune.tuner.study_file.loading import Study, digest
from shampoo_tune.tuner.submission import find, plan, submit
from shampoo_tune.tuner.summary import GroupSummary, summarize

SHOWN_POINTS = 5
_COUNTDOWN_SECONDS = 5.0

# Shows finished runs while the block runs: called with what is known of the group at its start.
ShowProgress = Callable[[GroupSummary], AbstractContextManager[OnFinished]]


def default_name(study: Study, *, overridden: bool) -> str:
    """The file's name, with six digits of the digest if values were overridden."""
    return f"{study.name}-{digest(study)[:6]}" if overridden else study.name


def describe(study: Study, group_name: str, database_url: str) -> str:
    """What a launch would do: runs, steps and the first points of every arm.

    Raises:
        InvalidInputError: the database has a group of that name that was made from another file.
    """
    lines = [f"group {group_name}: {_known(study, group_name, database_url)}"]
    budget = study.budget
    runs = budget.trials + budget.finalists * budget.finalist_seeds + budget.seeds
    for new in plan(study, group_name):
        lines.append(f"{new.columns['name']}: {runs} runs of {budget.steps} steps; first points:")
        for trial in new.trials[:SHOWN_POINTS]:
            shown = (f"{k}={v:.4g}" if isinstance(v, float) else f"{k}={v}"
                     for k, v in trial.point.items())  # fmt: skip
            lines.append(f"  {trial.number}: {' '.join(shown)}")
        if later := budget.trials - len(new.trials):
            sampler = study.search.sampler
            lines.append(
                f"  {len(new.trials)} of {budget.trials} points are drawn;"
                f" the other {later} are asked of {sampler} later, as values come in"
            )
    return "\n".join(lines) + "\n"


def _known(study: Study, group_name: str, database_url: str) -> str:
    """What a database has of a group; it may not be there yet."""
    nothing = "nothing was created"
    try:
        database = open_existing(database_url)
    except NotFoundError:
        return nothing
    with database, database.read() as connection:
        group = find(connection, study, group_name)
        if group is None:
            return nothing
        studies = summarize(connection, group).studies
    done, total = (sum(getattr(s, name) for s in studies) for name in ("runs_done", "runs_total"))
    return f"{done} of {total} runs have their verdict; nothing was changed"


def launch(  # noqa: PLR0913  (what is trained, where, by what, and who is told)
    study: Study,
    group_name: str,
    database_url: str,
    *,
    open_dispatcher: OpenDispatcher,
    show_progress: ShowProgress,
    say: Callable[[str], None],
    should_stop: Callable[[], bool] = lambda: False,
    command: Command | None = None,
) -> GroupSummary:
    """Create or continue a group and run it to its end.

    Args:
        study: the validated file.
        group_name: the group to create or continue.
        database_url: created if it does not exist.
        open_dispatcher: called if there is anything to train.
        show_progress: see `ShowProgress`.
        say: receives sentences for people.
        should_stop: asked at least once a second; once true, the group is handed back unfinished.
        command: of the program that the dispatcher runs, if it does.

    Raises:
        InvalidInputError: the group was made from another file, or is trained by another command.
        GroupBusyError: another living controller owns the group.
    """
    with create_or_open(database_url) as database:
        with database.read() as connection:
            group = find(connection, study, group_name)
        if group is not None:
            check_group(group, command)
        if group is None or group.state != GroupState.COMPLETED:
            # First of all: workers import what they need while this process does.
            with open_dispatcher() as dispatcher:
                prepare()
                with database.write() as connection:
                    group = submit(connection, study, group_name)
                run_group(database, group, dispatcher, show_progress, say, should_stop, command)
        return _summary(database, group)


def run_group(
    database: Database,
    group: Row[tuple[object, ...]],
    dispatcher: Dispatcher,
    show_progress: ShowProgress,
    say: Callable[[str], None],
    should_stop: Callable[[], bool],
    command: Command | None = None,
) -> GroupState:
    """Own a group and run it to its end; returns the state it came to, see `Controller.run`."""
    with (
        show_progress(_summary(database, group)) as on_finished,
        _owning_patiently(
            lambda: owning(database, group, dispatcher, on_finished, should_stop, command=command),
            say,
        ) as controller,
    ):
        return controller.run()


@contextmanager
def _owning_patiently(
    own: Callable[[], AbstractContextManager[Controller]], say: Callable[[str], None]
) -> Iterator[Controller]:
    """Wait for the lease of an owner on another machine, which may be gone, to expire."""
    while True:
        try:
            with own() as controller:
                yield controller
                return
        except RemoteOwnerError as busy:
            say(f"{busy}; taking over in {busy.seconds:.0f} s unless it shows that it lives")
            time.sleep(min(busy.seconds, _COUNTDOWN_SECONDS))


def _summary(database: Database, group: Row[tuple[object, ...]]) -> GroupSummary:
    with database.read() as connection:
        return summarize(connection, group)
