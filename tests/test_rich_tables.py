"""Tables on a terminal: no number is cut in two, however narrow it is."""

import io

import pytest
from rich.console import Console

from shampoo_tune.rich_tables import to_rich
from shampoo_tune.tuner.report.table import Table

LEDGER = Table(
    ("arm", "round", "search runs", "finalist runs", "final runs", "without verdict", "attempts",
     "steps a run", "steps trained", "worker hours"),
    (("nesterov", "digits", "20", "15", "20", "0", "55", "40", "2,200", "0.00124"),
     ("nesterov", "digits-round2", "20", "15", "20", "0", "55", "40", "12,200", "0.00125")),
    caption="Every run of every round that led here counts, cancelled and failed ones too; "
    "attempts are tries at them, interrupted ones included.",
    names=2,
)  # fmt: skip


def printed(table: Table, width: int) -> str:
    console = Console(file=io.StringIO(), width=width)
    console.print(to_rich(table, width))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("width", range(50, 150))
def test_every_word_of_a_wide_table_is_whole(width: int) -> None:
    text = printed(LEDGER, width)
    words = text.split()
    for cell in (*LEDGER.headers[2:], *LEDGER.rows[1]):
        assert set(cell.split()) <= set(words), (cell, text)
    assert " ".join(words).endswith(LEDGER.caption)


def test_a_table_that_fits_keeps_its_rows() -> None:
    (line,) = [line for line in printed(LEDGER, 140).splitlines() if "digits-round2" in line]
    assert "12,200" in line


def test_in_the_narrowest_terminal_words_are_cut_and_nothing_is_left_out() -> None:
    long = Table(("arm", "value"), tuple((f"arm{n}", "0.123456789") for n in range(30)))
    text = printed(long, 14)
    assert "".join(text.split()).count("9") == sum("9" in str(n) for n in range(30)) + 30
    assert max(map(len, text.splitlines())) <= 14
