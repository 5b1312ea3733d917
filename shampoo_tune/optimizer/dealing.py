"""Which device keeps which of equal items: matrices of a stack, blocks of a bucket."""

from typing import NamedTuple

import numpy as np


class Deal(NamedTuple):
    """Items dealt to devices, each of which has as many of each kind.

    Attributes:
        items: the item in each of a device's slots: [devices, slots].
        places: the first slot of each item, device after device: [N].
        kinds: the kind of each of a device's slots, the same on every device: [slots].
    """

    items: np.ndarray
    places: np.ndarray
    kinds: np.ndarray


def deal(kinds: np.ndarray, devices: int) -> Deal:
    """Deal items of these kinds [N], those of a kind in turn.

    What is missing to equal numbers is filled up with items that another device has too. One
    device has the items as they are.
    """
    if devices == 1:
        items = np.arange(len(kinds))
        return Deal(items[None], items, kinds)
    hands = []
    for kind in np.unique(kinds):
        members = np.flatnonzero(kinds == kind)
        slots = -(-len(members) // devices)
        hands.append(np.resize(members, [slots, devices]).T)
    dealt = np.concatenate(hands, 1)
    places = np.unique(dealt, return_index=True)[1]
    return Deal(dealt, places, kinds[dealt[0]])
