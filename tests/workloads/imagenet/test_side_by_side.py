"""Work by threads: results in order, and an end at once when something goes wrong."""

import threading

import pytest

from shampoo_tune.workloads.imagenet.side_by_side import Advance, side_by_side


def test_results_are_in_the_order_of_the_items() -> None:
    counted: list[int] = []

    def work(item: int, advance: Advance) -> int:
        advance(item)
        return item * item

    assert side_by_side(work, range(20), 4, counted.append) == [i * i for i in range(20)]
    assert sorted(counted) == list(range(20))


def test_an_error_stops_the_others_at_their_next_image() -> None:
    begun = threading.Event()

    def work(item: int, advance: Advance) -> None:
        if item == 1:
            begun.wait(30)
            raise KeyError(item)
        while True:  # for ever, unless it is stopped
            advance(1)
            begun.set()

    with pytest.raises(KeyError):
        side_by_side(work, range(5), 2, lambda _: None)
