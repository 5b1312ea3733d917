"""`record`: what runs came to that were trained elsewhere."""

from pathlib import Path

import click

from shampoo_tune.commands import options

_LINE = """\b
A line is one finished run, as `design` names it:
  {"trial": 0, "phase": "search", "seed": 0, "state": "completed", "measurements":
   [{"step": 20, "metrics": {"valid_accuracy": 0.9, "valid_loss": 0.4}}]}
or one that diverged:
  {"trial": 1, "phase": "search", "seed": 1, "state": "infeasible",
   "reason": "diverged at step 3", "measurements": []}
"""


@click.command(epilog=_LINE)
@click.argument("study")
@click.argument("file", type=click.Path(path_type=Path))
@options.database
def record(study: str, file: Path, db: str) -> None:
    """Store the runs of FILE, a JSON object a line, that were trained elsewhere.

    All lines are checked first, and nothing is stored if one is wrong. A run that is stored already
    is skipped if it says the same, and refused otherwise. A phase that is complete is followed by
    the next: `design` shows its runs.
    """
    from shampoo_tune.storage.database import open_for_writing
    from shampoo_tune.tuner.recording.storing import record as store

    with open_for_writing(db) as database:
        recorded = store(database, study, file)
    skipped = f", {recorded.known} were stored before" if recorded.known else ""
    click.echo(f"{recorded.study}: {recorded.new} runs stored{skipped}, {recorded.queued} queued")
    group = recorded.study.split("/", 1)[0]
    if recorded.queued:
        options.suggest(f"design {recorded.study}")
    else:
        options.suggest(f"status {group}")
