"""What people see: the table of a group, live progress on a terminal, plain lines elsewhere."""

import time
from collections.abc import Sequence
from types import TracebackType

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from shampoo_tune.progress_bar import progress_bar
from shampoo_tune.storage.results import Cost
from shampoo_tune.study import Phase
from shampoo_tune.tuner.controller import ActiveRun, OnFinished
from shampoo_tune.tuner.formatting import show_bytes, show_seconds
from shampoo_tune.tuner.messages import Finished
from shampoo_tune.tuner.summary import GroupSummary, StudySummary

_UNKNOWN = "-"
MOST_COLUMNS = 4  # studies side by side
FEWEST_FOR_INTERVAL = 6  # order statistics of fewer values cover their median less than 95 %


def print_group(summary: GroupSummary, console: Console) -> None:
    """A column per study, under a title with data set, image size and number of examples."""
    console.print(group_tables(summary))


def group_tables(summary: GroupSummary) -> Group:
    """What `print_group` prints."""
    several = range(0, len(summary.studies), MOST_COLUMNS)
    tables = [_table(summary, summary.studies[first : first + MOST_COLUMNS]) for first in several]
    return Group(Text(summary.title, style="bold"), *tables)


def _table(summary: GroupSummary, studies: Sequence[StudySummary]) -> Table:
    table = Table(box=SIMPLE_HEAD)
    table.add_column(Text(_group_heading(summary)))
    for study in studies:
        table.add_column(Text(study.study.removeprefix(f"{summary.group}/")), overflow="fold")
    columns = [_column(study, summary.costs[study.study]) for study in studies]
    for label in dict.fromkeys(label for column in columns for label in column):
        table.add_row(label, *(Text(column.get(label, "")) for column in columns))
    return table


def _group_heading(summary: GroupSummary) -> str:
    """With the group's state where its studies' differ: one that was handed back is queued."""
    said = all(study.state == summary.state for study in summary.studies)
    return summary.group if said else f"{summary.group}: {summary.state}"


def _column(study: StudySummary, cost: Cost) -> dict[str, str]:
    """Label -> text of one study, from what was searched to what it cost."""
    devices = ", ".join(sorted(cost.device_kinds))
    point = study.best.hyperparameters if study.best else {}
    return {
        "state": f"{study.state}, {study.runs_done}/{study.runs_total} runs",
        "infeasible trials": f"{study.infeasible}/{study.trials}",
        "best point": f"trial {study.best.trial}" if study.best else _UNKNOWN,
        "": "\n".join(f"{name} {_short(value)}" for name, value in point.items()),
        "metric": study.metric,
        "search value": _with_note(study.search_value, _of_search(study)),
        "finalist median": _with_note(study.finalist_median, f"{study.finalist_seeds} seeds"),
        "final median": _with_note(study.median, f"{study.seeds} fresh seeds"),
        "95 % interval over seeds": _interval(study),
        "test median": _short(study.test_median),
        f"reached {_short(study.target)}": _reached(study),
        "median steps to target": _steps(study),
        "a step": _UNKNOWN if not devices else f"{show_seconds(cost.step_seconds)}, {devices}",
        "optimizer's state": show_bytes(cost.optimizer_state_bytes),
    }


def _with_note(value: float | None, note: str) -> str:
    return _UNKNOWN if value is None else f"{_short(value)} ({note})"


def _of_search(study: StudySummary) -> str:
    """Finalists may have chosen another trial than the one that the search found best."""
    searched = study.runs_done if study.phase == Phase.SEARCH else study.trials
    if study.search_value == study.best_search_value:
        return f"best of {searched} by 1 seed"
    return f"by 1 seed; best of {searched}: {_short(study.best_search_value)}"


def _interval(study: StudySummary) -> str:
    if study.reached is None:
        return _UNKNOWN
    if study.seeds < FEWEST_FOR_INTERVAL:
        return "n too small"
    return f"[{_short(study.ci_low)}, {_short(study.ci_high)}]"


def _reached(study: StudySummary) -> str:
    return _UNKNOWN if study.reached is None else f"{study.reached}/{study.seeds} seeds"


def _steps(study: StudySummary) -> str:
    if study.reached is None:
        return _UNKNOWN
    if study.median_steps_to_target is None:
        return f"more than {study.steps}"
    return f"{_short(study.median_steps_to_target)} of {study.steps}"


def _short(value: object) -> str:
    if value is None:
        return _UNKNOWN
    return f"{value:.4g}" if isinstance(value, float) else str(value)


class RunProgress:
    """Shows each finished run: a bar per study on a terminal, a line per run elsewhere."""

    def __init__(self, summary: GroupSummary, console: Console, *, quiet: bool) -> None:
        self._console = console
        self._quiet = quiet
        self._started = time.monotonic()
        self._done = sum(study.runs_done for study in summary.studies)
        self._total = sum(study.runs_total for study in summary.studies)
        self._bars = progress_bar("{task.description}", console, quiet=quiet)
        self._metrics = {study.study: study.metric for study in summary.studies}
        self._tasks = {
            study.study: self._bars.add_task(
                study.study, total=study.runs_total, completed=study.runs_done, last=""
            )
            for study in summary.studies
        }

    def __enter__(self) -> OnFinished:
        self._bars.start()
        return self.finished

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def finished(self, active: ActiveRun, message: Finished) -> None:
        """Show one run that came to its verdict."""
        self._done += 1
        run = active.run
        result = message.reason or self._value(active)
        line = f"{run.phase} trial {run.trial} seed {run.seed}: {result}"
        if self._console.is_terminal:
            self._bars.update(self._tasks[run.study], advance=1, last=line)
        elif not self._quiet:
            elapsed = time.monotonic() - self._started
            self._console.print(
                f"{elapsed:6.1f} s  {self._done}/{self._total}  {run.study} {line}",
                highlight=False,
                markup=False,
                soft_wrap=True,
            )

    def _value(self, active: ActiveRun) -> str:
        metric = self._metrics[active.run.study]
        if active.measurement is None or metric not in active.measurement.metrics:
            return "completed"
        return f"{metric} {_short(active.measurement.metrics[metric])}"
