"""The comparison's tables against its numbers."""

from sqlalchemy import Connection

from shampoo_tune.tuner.comparison.comparing import compare_groups
from shampoo_tune.tuner.formatting import show_value
from shampoo_tune.tuner.report import comparison_tables as tables


def test_every_arm_has_its_column(connection: Connection) -> None:
    comparison = compare_groups(connection, ["quick"])
    table = tables.arms_table(comparison)
    assert table.headers == ("", "nesterov", "wild")
    known = {row[0]: row[1:] for row in table.rows}
    for column, row in enumerate(comparison.rows):
        (study,) = row.studies
        assert known["final median"][column].startswith(show_value(study.final_median, 1 / 359))
        assert known["test median"][column] == show_value(study.test_median, 1 / 359)
        assert known["a step"][column].endswith(" ms, cpu")
        assert known["optimizer's state"][column].endswith("iB")
    assert known["steps a run"] == ("30", "30")
    assert known["95 % over studies"] == ("configuration only", "configuration only")


def test_the_size_of_a_space_stands_beside_its_best_of_k(connection: Connection) -> None:
    comparison = compare_groups(connection, ["quick"])
    table = tables.best_of_table(comparison)
    assert table.headers == ("arm", "tuned dimensions", "decades", "best of 1", "best of 2")
    assert [row[:3] for row in table.rows] == [("nesterov", "2", "1.4"), ("wild", "2", "8.3")]
    for shown, row in zip(table.rows, comparison.rows, strict=True):
        assert shown[3:] == tuple(show_value(row.best_of[k], 1 / 359) for k in (1, 2))


def test_the_ledger_counts_every_run(connection: Connection) -> None:
    table = tables.ledger_table(compare_groups(connection, ["quick"]))
    # One trial of `wild` is feasible, so one finalist.
    assert [row[1:6] for row in table.rows] == [
        ("quick", "4", "6", "7", "0"),
        ("quick", "4", "3", "7", "0"),
    ]
    assert {row[7] for row in table.rows} == {"30"}


def test_a_pair_shows_both_claims(connection: Connection) -> None:
    comparison = compare_groups(connection, ["quick"])
    (row,) = tables.pairs_table(comparison).rows
    assert row[0] == "nesterov - wild"
    assert row[4:] == ("configuration only", "-")
    assert tables.inequalities_table(comparison).rows == ()
