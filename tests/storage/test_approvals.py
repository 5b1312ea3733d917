"""Approvals: the history of an alias, in the order in which it was given."""

from typing import Any

import pytest
from sqlalchemy import text

from shampoo_tune.errors import NotFoundError
from shampoo_tune.storage import lease
from shampoo_tune.storage.approvals import add_approval, approvals, champion

# Floats to the bit, keys in an order of their own, what is not ASCII.
FIRST = {"digest": "sha256:1", "b": 0.1 + 0.2, "a": {"z": 1e-300, "y": None, "x": [True, "µ"]}}
SECOND = {"digest": "sha256:3", "b": 5e-324}


def test_the_history_of_an_alias_is_kept(make_filled: Any) -> None:
    filled = make_filled()
    with filled.database.write() as connection:
        add_approval(connection, 1, FIRST, author="ada@laptop", note="first")
        add_approval(connection, 3, SECOND, author="bob@laptop")
    query = text(
        "select study, trial, alias, digest, note from v1_best_configs order by approved_at"
    )
    with filled.database.read() as connection:
        assert connection.execute(query).all() == [
            ("g/shampoo", 0, "champion", "sha256:1", "first"),
            ("g/shampoo", 2, "champion", "sha256:3", None),
        ]
        assert [row.author for row in approvals(connection)] == ["bob@laptop", "ada@laptop"]


def test_the_newest_approval_is_the_champion_just_as_it_was_approved(make_filled: Any) -> None:
    filled = make_filled()
    for trial, document in ((1, FIRST), (3, SECOND), (2, FIRST)):
        with filled.database.write() as connection:
            add_approval(connection, trial, document, author="ada@laptop", note=f"of {trial}")
        with filled.database.read() as connection:
            found = champion(connection, "g/shampoo")
        assert repr(found.document) == repr(document)
        assert (found.approval.trial, found.approval.note) == (trial - 1, f"of {trial}")


def test_somebody_else_may_approve_while_a_controller_holds_the_lease(make_filled: Any) -> None:
    filled = make_filled()
    with filled.database.write() as connection:
        held = lease.acquire(connection, 1)
    with filled.database.write() as connection:
        add_approval(connection, 1, FIRST, author="ada@laptop")
    with filled.database.write() as connection:
        lease.heartbeat(connection, held)
        assert champion(connection, "g").document == FIRST


def test_what_is_not_approved_is_not_found(make_filled: Any) -> None:
    filled = make_filled()
    with filled.database.write() as connection:
        with pytest.raises(NotFoundError, match="nothing of g/shampoo is approved; `shampoo-tune"):
            champion(connection, "g")
        with pytest.raises(NotFoundError, match="no study 'g/adamw'"):
            champion(connection, "g/adamw")
        # Of before there was a document, or under a name that somebody made up.
        add_approval(connection, 1, FIRST, author="ada@laptop", alias="other")
        add_approval(connection, 1, FIRST, author="ada@laptop")
        connection.execute(text("update approvals set document = null where alias = 'champion'"))
        with pytest.raises(NotFoundError, match="nothing of g/shampoo is approved"):
            champion(connection, "g")
