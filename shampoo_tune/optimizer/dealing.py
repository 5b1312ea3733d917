"""Which device keeps which matrix of a stack."""

from typing import NamedTuple

import numpy as np


class Deal(NamedTuple):
    """Matrices dealt to devices, each of which has as many of each order.

    Attributes:
        matrices: the matrix in each slot, device after device: [devices * slots].
        places: the first slot of each matrix: [N].
        orders: the order of each of a device's slots, the same on every device: [slots].
    """

    matrices: np.ndarray
    places: np.ndarray
    orders: np.ndarray


def deal(orders: np.ndarray, devices: int) -> Deal:
    """Deal matrices of these orders [N].

    What is missing to equal numbers is filled up with matrices that another device has too. One
    device has the matrices as they are.
    """
    if devices == 1:
        matrices = places = np.arange(len(orders))
        return Deal(matrices, places, orders)
    hands = []
    for order in np.unique(orders):
        members = np.flatnonzero(orders == order)
        slots = -(-len(members) // devices)
        hands.append(np.resize(members, [devices, slots]))
    dealt = np.concatenate(hands, 1)
    places = np.unique(dealt, return_index=True)[1]
    return Deal(dealt.ravel(), places, orders[dealt[0]])
