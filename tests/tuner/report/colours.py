"""How colours look to people with and without colour blindness, and how far apart they are then."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Linear sRGB as a person without one kind of cone sees it: Machado, Oliveira & Fernandes, A
# Physiologically-based Model for Simulation of Color Vision Deficiency (2009), severity 1.
VISIONS: Mapping[str, Array] = {
    "common": np.eye(3),
    "protanopia": np.array([
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ]),
    "deuteranopia": np.array([
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]),
    "tritanopia": np.array([
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ]),
}  # fmt: skip
# Linear sRGB to XYZ with the white of D65 (IEC 61966-2-1).
_TO_XYZ = np.array([
    [0.4124564, 0.3575761, 0.1804375],
    [0.2126729, 0.7151522, 0.0721750],
    [0.0193339, 0.1191920, 0.9503041],
])  # fmt: skip


def linear(colour: str) -> Array:
    """`#rrggbb` as linear sRGB in [0, 1]."""
    coded = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)


def cielab(colour: str, vision: str = "common") -> Array:
    """L, a and b of a colour as it is seen."""
    seen = np.clip(VISIONS[vision] @ linear(colour), 0, 1)
    share = (_TO_XYZ @ seen) / _TO_XYZ.sum(axis=1)
    small = share <= (6 / 29) ** 3
    x, y, z = np.where(small, share / (3 * (6 / 29) ** 2) + 4 / 29, np.cbrt(share))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def difference(first: str, second: str, vision: str) -> float:
    """Their distance in CIELAB as it is seen (the CIE's colour difference of 1976)."""
    return float(np.linalg.norm(cielab(first, vision) - cielab(second, vision)))


def contrast(first: str, second: str) -> float:
    """From 1 to 21, as WCAG 2 defines it."""
    darker, lighter = sorted(float(_TO_XYZ[1] @ linear(colour)) for colour in (first, second))
    return (lighter + 0.05) / (darker + 0.05)
