"""An audit on a terminal: each second training as it ends, then the chain and what was found."""

import time
from types import TracebackType

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from shampoo_tune.progress_bar import progress_bar
from shampoo_tune.tuner.report.table import Table
from shampoo_tune.tuner.verifying.second_training import Outcome, SecondTraining
from shampoo_tune.tuner.verifying.verification import Verification
from shampoo_tune.tuner.verifying.verifying import OnDone

_SHOWN = 5  # differences of one link
_SAID = {
    Outcome.EQUAL: "equal, bit for bit",
    Outcome.CLOSE: "other bits, within the tolerance",
    Outcome.UNCLEAR: "other bits, and no bound for them",
    Outcome.DIFFERENT: "DIFFERENT",
    Outcome.FAILED: "could not be trained here",
}


class TrainingProgress:
    """Shows second trainings: a bar on a terminal, a line a run elsewhere."""

    def __init__(self, total: int, console: Console, *, quiet: bool) -> None:
        self._total, self._console, self._quiet = total, console, quiet
        self._started, self._done = time.monotonic(), 0
        self._bar = progress_bar("training again", console, quiet=quiet)
        self._task = self._bar.add_task("", total=total, last="")

    def __enter__(self) -> OnDone:
        self._bar.start()
        return self._ended

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def _ended(self, training: SecondTraining) -> None:
        self._done += 1
        line = f"{training.published.label}: {_SAID[training.outcome]}"
        if self._console.is_terminal:
            self._bar.update(self._task, advance=1, last=line)
        elif not self._quiet:
            elapsed = time.monotonic() - self._started
            counted = f"{elapsed:6.1f} s  {self._done}/{self._total}  {line}"
            self._console.print(counted, highlight=False, markup=False, soft_wrap=True)


def print_verification(found: Verification, console: Console) -> None:
    """Print the chain, the results, the runs, and every kind of difference."""
    console.print(_text(f"{found.group}, {found.state}, from the {found.source}", style="bold"))
    console.print(_chain(found))
    _print_differences(found, console)
    if found.digest:
        console.print(_text(f"evidence sha256 {found.digest}"))
    if found.results:
        console.print(_drawn(found.results))
    if found.chosen:
        console.print(
            _text(
                f"{found.chosen} of {found.trainable} runs trained again; --seed {found.seed}"
                " chooses the same ones"
            )
        )
        console.print(_runs(found))
    for sentence in (*_reasons(found), *found.remarks):
        console.print(_text(f"note: {sentence}"))


def _text(words: str, style: str = "") -> Text:
    """Without what a terminal obeys: a report is anybody's."""
    return Text("".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in words), style=style)


def _chain(found: Verification) -> RichTable:
    drawn = RichTable("link", "what was compared", "found", box=SIMPLE_HEAD)
    for link in found.links:
        count = len(link.differences)
        drawn.add_row(
            _text(link.name), _text(link.compared), _text(f"{count} differ" if count else "holds")
        )
    return drawn


def _print_differences(found: Verification, console: Console) -> None:
    for link in found.links:
        for difference in link.differences[:_SHOWN]:
            console.print(_text(f"{link.name}: {difference}"))
        if (more := len(link.differences) - _SHOWN) > 0:
            console.print(_text(f"{link.name}: and {more} more; --json has all"))


def _runs(found: Verification) -> RichTable:
    drawn = RichTable("run", "trained again", "apart", box=SIMPLE_HEAD)
    for training in found.trainings:
        apart = "-" if training.apart is None else f"{training.apart:.4g}"
        drawn.add_row(_text(training.published.label), _text(_told(training)), _text(apart))
    return drawn


def _told(training: SecondTraining) -> str:
    if training.outcome is Outcome.FAILED:
        return f"{_SAID[training.outcome]}: {training.failure.strip().splitlines()[-1]}"
    if training.outcome is not Outcome.DIFFERENT:
        return _SAID[training.outcome]
    first = training.differences[0]
    return f"DIFFERENT: {first.what} is {first.stored}, trained again {first.expected}"


def _reasons(found: Verification) -> list[str]:
    """Why bits need not be equal, each reason once."""
    reasons = {
        reason
        for training in found.trainings
        if training.outcome is not Outcome.EQUAL
        for reason in training.reasons
    }
    return [f"bits need not be equal: {reason}" for reason in sorted(reasons)]


def _drawn(table: Table) -> RichTable:
    drawn = RichTable(box=SIMPLE_HEAD)
    for number, header in enumerate(table.headers):
        drawn.add_column(_text(header), overflow="fold", no_wrap=number < table.names)
    for row in table.rows:
        drawn.add_row(*map(_text, row))
    return drawn
