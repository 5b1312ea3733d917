"""Tables written and stacked."""

import csv
import io

from shampoo_tune.tuner.report.table import Table, stack


def test_a_csv_reads_back_as_the_rows() -> None:
    rows = (("a,b", '"quoted"'), ("line\nbreak", ""))
    table = Table(("x", "y"), rows)
    assert list(map(tuple, csv.reader(io.StringIO(table.to_csv())))) == [("x", "y"), *rows]


def test_stacked_rows_carry_the_name_of_their_table() -> None:
    first, second = Table(("k",), (("1",), ("2",))), Table(("k",), (("3",),))
    stacked = stack([("a", first), ("b", second)])
    assert stacked.headers == ("study", "k")
    assert stacked.rows == (("a", "1"), ("a", "2"), ("b", "3"))
    assert stacked.names == 2
