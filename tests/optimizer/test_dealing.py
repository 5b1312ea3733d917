"""Items dealt to devices."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shampoo_tune.optimizer.dealing import deal

KINDS = st.lists(st.sampled_from([2.0, 4.0, 6.0]), min_size=1, max_size=40).map(np.asarray)


@given(KINDS, st.integers(1, 9))
def test_every_item_has_a_place(kinds: np.ndarray, devices: int) -> None:
    dealt = deal(kinds, devices)
    np.testing.assert_array_equal(dealt.items.ravel()[dealt.places], np.arange(len(kinds)))


@given(KINDS, st.integers(1, 9))
def test_all_devices_have_the_same_kinds(kinds: np.ndarray, devices: int) -> None:
    dealt = deal(kinds, devices)
    for own in dealt.items:
        np.testing.assert_array_equal(kinds[own], dealt.kinds)


@given(KINDS, st.integers(1, 9))
def test_no_device_has_more_of_an_kind_than_its_share(kinds: np.ndarray, devices: int) -> None:
    dealt = deal(kinds, devices)
    for kind in np.unique(kinds):
        number = np.sum(kinds == kind)
        assert np.sum(dealt.kinds == kind) == -(-number // devices)


def test_one_kind_is_dealt_in_turn() -> None:
    np.testing.assert_array_equal(deal(np.full(5, 4.0), 2).items, [[0, 2, 4], [1, 3, 0]])


def test_one_device_has_the_items_as_they_are() -> None:
    kinds = np.asarray([4.0, 2.0, 4.0])
    dealt = deal(kinds, 1)
    np.testing.assert_array_equal(dealt.items, [[0, 1, 2]])
    np.testing.assert_array_equal(dealt.kinds, kinds)
