"""Approvals: the history of an alias, in the order in which it was given."""

from typing import Any

from sqlalchemy import text

from shampoo_tune.storage.approvals import add_approval


def test_the_history_of_an_alias_is_kept(make_filled: Any) -> None:
    filled = make_filled()
    with filled.database.write() as connection:
        add_approval(connection, 1, {"digest": "sha256:1"}, author="ada@laptop", note="first")
        add_approval(connection, 3, {"digest": "sha256:3"}, author="bob@laptop")
    query = text(
        "select study, trial, alias, digest, note from v1_best_configs order by approved_at"
    )
    with filled.database.read() as connection:
        assert connection.execute(query).all() == [
            ("g/shampoo", 0, "champion", "sha256:1", "first"),
            ("g/shampoo", 2, "champion", "sha256:3", None),
        ]
