"""Matrices dealt to devices."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shampoo_tune.optimizer.dealing import deal

ORDERS = st.lists(st.sampled_from([2.0, 4.0, 6.0]), min_size=1, max_size=40).map(np.asarray)


@given(ORDERS, st.integers(1, 9))
def test_every_matrix_has_a_place(orders: np.ndarray, devices: int) -> None:
    dealt = deal(orders, devices)
    np.testing.assert_array_equal(dealt.matrices[dealt.places], np.arange(len(orders)))


@given(ORDERS, st.integers(1, 9))
def test_all_devices_have_the_same_orders(orders: np.ndarray, devices: int) -> None:
    dealt = deal(orders, devices)
    for own in dealt.matrices.reshape([devices, -1]):
        np.testing.assert_array_equal(orders[own], dealt.orders)


@given(ORDERS, st.integers(1, 9))
def test_no_device_has_more_of_an_order_than_its_share(orders: np.ndarray, devices: int) -> None:
    dealt = deal(orders, devices)
    for order in np.unique(orders):
        number = np.sum(orders == order)
        assert np.sum(dealt.orders == order) == -(-number // devices)


def test_one_order_is_dealt_in_turn() -> None:
    np.testing.assert_array_equal(deal(np.full(5, 4.0), 2).matrices, [0, 1, 2, 3, 4, 0])


def test_one_device_has_the_matrices_as_they_are() -> None:
    orders = np.asarray([4.0, 2.0, 4.0])
    dealt = deal(orders, 1)
    np.testing.assert_array_equal(dealt.matrices, [0, 1, 2])
    np.testing.assert_array_equal(dealt.orders, orders)
