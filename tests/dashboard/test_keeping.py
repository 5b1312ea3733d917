"""What is kept is made once for each revision, and the oldest makes room."""

import threading
import time

from shampoo_tune.dashboard.keeping import Kept


def test_a_value_is_made_again_only_for_a_new_revision() -> None:
    kept: Kept[int] = Kept(2)
    made = iter(range(10))
    assert kept.get("a", 1, lambda: next(made)) == 0
    assert kept.get("a", 1, lambda: next(made)) == 0
    assert kept.get("a", 2, lambda: next(made)) == 1


def test_the_value_longest_not_asked_for_makes_room() -> None:
    kept: Kept[str] = Kept(2)
    for key in ("a", "b", "a", "c"):
        kept.get(key, 0, lambda key=key: key)  # type: ignore[misc]
    assert kept.get("a", 0, lambda: "new") == "a"
    assert kept.get("b", 0, lambda: "new") == "new"


def test_what_was_made_last_is_known_whatever_its_revision() -> None:
    kept: Kept[str] = Kept(1)
    assert kept.last("a") is None
    kept.get("a", 1, lambda: "old")
    seen = kept.get("a", 2, lambda: f"new after {kept.last('a')}")
    assert (seen, kept.last("a")) == ("new after old", "new after old")
    kept.get("b", 1, lambda: "b")
    assert kept.last("a") is None


def test_threads_that_ask_at_once_wait_for_one_of_them() -> None:
    kept: Kept[int] = Kept(2)
    made: list[int] = []

    def make() -> int:
        time.sleep(0.05)
        made.append(1)
        return len(made)

    threads = [threading.Thread(target=kept.get, args=("a", 0, make)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]
