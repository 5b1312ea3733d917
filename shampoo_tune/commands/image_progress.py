"""How far a command is in its images: a bar on a terminal, now and then a line elsewhere."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

_LINE_EVERY = 30.0  # seconds


@contextmanager
def image_progress(doing: str, total: int) -> Iterator[Callable[[int], None]]:
    """On standard error; what it gives is told of so many more images, by any thread."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines(doing, total).advance
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Remaining())
    with Progress(*columns, console=console) as bars:
        task = bars.add_task(doing, total=total)
        yield lambda images: bars.advance(task, images)


class _Lines:
    """A line every half minute, and one at the end."""

    def __init__(self, doing: str, total: int) -> None:
        self._doing, self._total, self._done = doing, total, 0
        self._said = time.monotonic()
        self._lock = threading.Lock()

    def advance(self, images: int) -> None:
        """So many more."""
        with self._lock:
            self._done += images
            now = time.monotonic()
            if self._done == self._total or now - self._said > _LINE_EVERY:
                self._said = now
                click.echo(f"{self._doing}: {self._done:,} of {self._total:,} images", err=True)
