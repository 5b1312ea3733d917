"""What people see: the table of a group, live progress on a terminal, plain lines elsewhere."""

import time
from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from shampoo_tune.tuner.controller import ActiveRun, OnFinished
from shampoo_tune.tuner.messages import Finished
from shampoo_tune.tuner.summary import GroupSummary, StudySummary

_UNKNOWN = "-"


def print_group(summary: GroupSummary, console: Console) -> None:
    """The table of a group, with data set, image size and number of examples in its title."""
    console.print(Text(f"{summary.group} ({summary.state}): {summary.title}", style="bold"))
    table = Table()
    for name in ("study", "best point", "value", "of the final seeds"):
        table.add_column(name, overflow="fold")
    for study in summary.studies:
        table.add_row(*(escape(cell) for cell in _row(study)))
    console.print(table)


def _row(study: StudySummary) -> tuple[str, str, str, str]:
    progress = f"{study.study}\n{study.state}, phase {study.phase}"
    progress += f"\n{study.runs_done}/{study.runs_total} runs"
    progress += f"\n{study.infeasible}/{study.trials} trials infeasible"
    return progress, _best(study), _values(study), _seeds(study)


def _best(study: StudySummary) -> str:
    if study.best is None:
        return _UNKNOWN
    lines = [f"trial {study.best.trial}"]
    return "\n".join(lines + [f"{k} {_short(v)}" for k, v in study.best.hyperparameters.items()])


def _values(study: StudySummary) -> str:
    return "\n".join(
        [
            f"{study.metric}, target {_short(study.target)}",
            f"search (1 seed) {_short(study.search_value)}",
            f"finalist median {_short(study.finalist_median)}",
            f"final median {_short(study.median)}",
            f"  95 % over seeds {_interval(study)}",
            f"test median {_short(study.test_median)}",
        ]
    )


def _interval(study: StudySummary) -> str:
    if study.median is None:
        return _UNKNOWN
    if study.ci_low is None and study.ci_high is None and study.seeds < 6:
        return "n too small"
    return f"[{_short(study.ci_low)}, {_short(study.ci_high)}]"


def _seeds(study: StudySummary) -> str:
    if study.reached is None:
        return f"{study.seeds} seeds done"
    steps = _short(study.median_steps_to_target)
    return (
        f"{study.reached}/{study.seeds} reached the target\n"
        f"median steps to target {'never' if study.median_steps_to_target is None else steps}\n"
        "configuration only"
    )


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
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[last]}"),
            console=console,
            disable=quiet or not console.is_terminal,
        )
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
