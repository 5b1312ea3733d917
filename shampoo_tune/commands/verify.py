"""`verify`: whether a published result holds."""

import secrets
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import click

from shampoo_tune.commands import options
from shampoo_tune.commands.programs import runs_programs
from shampoo_tune.commands.stopping import StopRequest
from shampoo_tune.errors import ConditionNotMetError, ShampooTuneError

_REPORTS = (".html", ".htm")
_EXAMPLES = """\b
Examples:
  shampoo-tune verify resnet                        a group of the database
  shampoo-tune verify report.html --runs 20         a report; no database is needed
  shampoo-tune verify report.html --runs 0          the chain alone, in seconds
  shampoo-tune verify numpy --exec -- python train.py --lr {learning_rate} --seed {seed}
"""


@click.command(epilog=_EXAMPLES)
@click.argument("result", metavar="GROUP|REPORT.html")
@click.option(
    "--runs",
    type=click.IntRange(min=0),
    default=5,
    show_default=True,
    help="Train so many runs again; 0 checks the chain alone.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    help="Choose the same runs as an earlier audit; drawn at random, and printed, by default.",
)
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0),
    default=0.05,
    show_default=True,
    help="How far a final or finalist run's metric may be where bits need not be equal, as on "
    "another processor: absolute up to a value of 1, relative above.",
)
@click.option(
    "--workers", type=click.IntRange(min=1), help="Runs at a time; by default one per core."
)
@runs_programs
@options.database
@options.as_json
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def verify(  # noqa: PLR0913  (one parameter an option)
    result: str,
    runs: int,
    seed: int | None,
    tolerance: float,
    workers: int | None,
    program: Any,
    db: str,
    as_json: bool,
    quiet: bool,
) -> None:
    """Audit a group of the database, or a report that somebody published.

    First the chain: the file's digest, the points drawn again from its seed, the seeds of all
    runs, finalists and winner chosen again, values and medians computed again from the
    measurements, and every number that a report shows. Then some runs, chosen at random, are
    trained again: on the same code, libraries, devices and threads they have the same bits.
    What was changed consistently in all links is found only there.

    Nothing is written. Exit code 3 if anything differs, with the row, what is there, and what
    should be.
    """
    from rich.console import Console

    from shampoo_tune.tuner.verifying.verifying import Sample
    from shampoo_tune.tuner.verifying.verifying import verify as audit
    from shampoo_tune.verify_console import TrainingProgress, print_verification

    stop = StopRequest()
    chosen_by = secrets.randbelow(2**32) if seed is None else seed
    console = Console(stderr=True)
    with _open(result, db) as source:
        found = audit(
            source,
            Sample(runs, chosen_by, tolerance, program),
            _opener(workers, program),
            lambda total: TrainingProgress(total, console, quiet=quiet),
            lambda: stop.number is not None,
        )
    if stop.number is not None:
        click.echo(f"stopped; --seed {chosen_by} chooses the same runs", err=True)
        sys.exit(128 + stop.number)
    if as_json:
        options.print_json(found.to_json())
    else:
        print_verification(found, Console(width=None if sys.stdout.isatty() else 120))
    _conclude(found, runs, as_json=as_json)


def _open(result: str, db: str) -> AbstractContextManager[Any]:
    from shampoo_tune.tuner.verifying.sources import open_group, open_report

    if Path(result).suffix.lower() in _REPORTS:
        return open_report(Path(result))
    return open_group(db, result)


def _opener(workers: int | None, program: Any) -> Callable[[Any], Any]:
    from shampoo_tune.tuner.local_workers import TRAINER, LocalWorkers
    from shampoo_tune.tuner.thread_settings import usable_cores

    by_program = ("shampoo_tune.tuner.programs.worker", *program.argv) if program else TRAINER
    count = workers or usable_cores()
    return lambda threads: LocalWorkers(count, module=by_program, threads=threads)


def _conclude(found: Any, runs: int, *, as_json: bool) -> None:
    """Raises what explains why the result does not hold, or was not seen to."""
    from shampoo_tune.tuner.verifying.second_training import Outcome

    if found.differences:
        raise ConditionNotMetError(
            f"{found.group!r} does not hold: {found.differences} differences"
        )
    if failed := found.outcomes[Outcome.FAILED]:
        raise ShampooTuneError(f"{failed} runs could not be trained here: nothing is known of them")
    if runs and not found.chosen:
        raise ConditionNotMetError(
            f"no run of {found.group!r} can be trained again here; --runs 0 checks the chain alone"
        )
    if runs and len(found.trainings) == found.outcomes[Outcome.UNCLEAR]:
        raise ConditionNotMetError(
            f"no run of {found.group!r} has the same bits or can be judged without: ask for more"
            " with --runs"
        )
    if not as_json:
        click.echo(_sentence(found), err=True)


def _sentence(found: Any) -> str:
    from shampoo_tune.tuner.verifying.second_training import Outcome

    parts = ["every link of the chain holds"]
    if equal := found.outcomes[Outcome.EQUAL]:
        parts.append(f"{equal} {'run has' if equal == 1 else 'runs have'} the same bits again")
    if close := found.outcomes[Outcome.CLOSE]:
        parts.append(f"{close} are within the tolerance, in which a change would not be seen")
    if unclear := found.outcomes[Outcome.UNCLEAR]:
        parts.append(f"{unclear} show nothing")
    return f"verified: {', '.join(parts)}"
