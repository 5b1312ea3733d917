"""`compare`: arms side by side, if their budgets allow it."""

import sys

import click

from shampoo_tune.commands import options


@click.command()
@click.argument("groups", nargs=-1, required=True, metavar="GROUP...")
@click.option(
    "--allow-unequal",
    is_flag=True,
    help="Show search values as the best of equally many trials in spite of unequal budgets.",
)
@click.option(
    "--objective",
    type=click.Choice(["final", "best"]),
    help="Judge runs by another value than the file says: at the last step, or the best.",
)
@options.database
@options.as_json
def compare(
    groups: tuple[str, ...], allow_unequal: bool, objective: str | None, db: str, as_json: bool
) -> None:
    """Compare the arms of one or more groups: verdict, table, ledger, intervals.

    Arms are compared only at equal budgets, counted over all rounds that led to them. Otherwise,
    and while runs are missing, everything is shown without a verdict and the exit code is 3.
    """
    from rich.console import Console

    from shampoo_tune.compare_console import print_comparison
    from shampoo_tune.storage.database import open_existing
    from shampoo_tune.study import Objective
    from shampoo_tune.tuner.comparison.comparing import compare_groups

    with open_existing(db) as database, database.read() as connection:
        comparison = compare_groups(
            connection,
            groups,
            objective=Objective(objective) if objective else None,
            allow_unequal=allow_unequal,
        )
    if as_json:
        options.print_json(comparison.to_json())
    else:
        print_comparison(comparison, Console(width=None if sys.stdout.isatty() else 120))
    if not comparison.condition_met:
        sys.exit(3)
