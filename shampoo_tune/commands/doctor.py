"""`doctor`: whether everything that a launch needs is in order."""

import sys
from dataclasses import asdict

import click

from shampoo_tune.commands import options


@click.command()
@options.database
@options.as_json
def doctor(db: str, as_json: bool) -> None:
    """Look at versions, devices, compilation cache, database and disk; say what is wrong.

    Nothing is changed or trained. Exit code 1 if there is a problem.
    """
    from shampoo_tune.tuner.doctor import examine

    findings = []
    for finding in examine(db):
        findings.append(finding)
        if not as_json:
            mark = "PROBLEM" if finding.problem else "ok"
            click.echo(f"{mark:7} {finding.name}: {finding.value}")
            if finding.problem:
                click.echo(f"        {finding.problem}")
    if as_json:
        rows = [asdict(finding) for finding in findings]
        options.print_json({"schema": "shampoo-tune/doctor/v1", "findings": rows})
    if any(finding.problem for finding in findings):
        sys.exit(1)
