"""The bar that people see while runs are trained."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


def progress_bar(title: str, console: Console, *, quiet: bool) -> Progress:
    """A bar a task, on a terminal only; its field `last` is what came last.

    Args:
        title: before each bar, in which `{task.description}` is the task's.
        console: where it is.
        quiet: show none.
    """
    return Progress(
        TextColumn(title),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[last]}"),
        console=console,
        disable=quiet or not console.is_terminal,
    )
