"""`report`: everything about a group in one file."""

from pathlib import Path
from typing import Literal

import click

from shampoo_tune.commands import options
from shampoo_tune.errors import InvalidInputError

Format = Literal["html", "md"]
_ENDINGS: dict[str, Format] = {".html": "html", ".htm": "html", ".md": "md", ".markdown": "md"}


@click.command()
@click.argument("group")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="Write the report here."
)
@click.option(
    "--format",
    "chosen",
    type=click.Choice(["html", "md"]),
    help="How to write it; by the file's ending unless given.",
)
@options.database
def report(group: str, output: Path, chosen: Format | None, db: str) -> None:
    """Write one file with every view of a group: verdict, plots, tables, provenance.

    An HTML file loads nothing from anywhere and needs no script, and `shampoo-tune verify FILE`
    audits it: it holds the points, seeds and measurements that its numbers follow from. A Markdown
    file has the same numbers as tables.
    """
    from shampoo_tune.storage.database import open_existing
    from shampoo_tune.tuner.report.document import make_document
    from shampoo_tune.tuner.report.markdown import render_markdown
    from shampoo_tune.tuner.report.page import render_page
    from shampoo_tune.tuner.verifying.evidence import make_evidence

    html = (chosen or options.by_ending(output, _ENDINGS)) == "html"
    with open_existing(db) as database, database.read() as connection:
        document = make_document(connection, group)
        evidence = make_evidence(connection, group) if html else {}
    _write(output, render_page(document, evidence) if html else render_markdown(document))
    click.echo(f"wrote {output}: {document.verdict}", err=True)


def _write(output: Path, text: str) -> None:
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InvalidInputError(f"cannot write {output}: {error.strerror}") from None
