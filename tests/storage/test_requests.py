"""Requests: anybody adds, the owner reads what is new, nothing is ever changed."""

from typing import Any

from shampoo_tune.storage.requests import add_request, requests_after
from shampoo_tune.study import Action


def test_a_controller_reads_what_is_new_to_it(make_filled: Any) -> None:
    filled = make_filled()
    with filled.database.write() as connection:
        add_request(connection, 1, Action.PAUSE, "ada@laptop")
    with filled.database.read() as connection:
        (first,) = requests_after(connection, 1, 0)
        assert (first.action, first.author) == (Action.PAUSE, "ada@laptop")
        assert first.requested_at.tzinfo is not None
        assert requests_after(connection, 1, first.number) == []
    with filled.database.write() as connection:
        add_request(connection, 1, Action.CANCEL, "bob@laptop")
        add_request(connection, 1, Action.PAUSE, "ada@laptop")
    with filled.database.read() as connection:
        new = requests_after(connection, 1, first.number)
        assert [r.action for r in new] == [Action.CANCEL, Action.PAUSE]


def test_requests_of_another_group_are_not_ours(make_filled: Any) -> None:
    with make_filled().database.write() as connection:
        add_request(connection, 1, Action.PAUSE, "ada@laptop")
        assert requests_after(connection, 2, 0) == []
