"""What a core of each TPU generation can do, from what is published of its chip.

Sources: Cloud TPU's pages of each generation (v4: peak, memory; v5e, v5p, v6e: all); Jouppi et al.,
"TPU v4: An Optically Reconfigurable Supercomputer" (ISCA 2023), table 4 (v3: peak, memory; v3, v4:
links). Where a page gave two numbers over the years, the lower one is here.
"""

from dataclasses import dataclass

from shampoo_tune.errors import InvalidInputError


@dataclass(frozen=True)
class Chip:
    """One chip; JAX's devices are its cores.

    Attributes:
        flops: bfloat16 operations of matrix products a second.
        memory_bytes: of its main memory.
        memory_rate: bytes a second from and to it.
        link_rate: bytes a second that it can send to other chips, over all links.
        cores: JAX devices of a chip; those of v4 and v5p can work as one.
    """

    flops: float
    memory_bytes: float
    memory_rate: float
    link_rate: float
    cores: int = 1


GIB = 2**30
CHIPS = {
    "v3": Chip(123e12, 32 * GIB, 900e9, 4 * 70e9, cores=2),
    "v4": Chip(275e12, 32 * GIB, 1200e9, 6 * 50e9, cores=2),
    "v5e": Chip(197e12, 16 * GIB, 800e9, 200e9),
    "v5p": Chip(459e12, 95 * GIB, 2765e9, 600e9),
    "v6e": Chip(918e12, 32 * GIB, 1600e9, 400e9),
}


def chip_of(topology: str) -> Chip:
    """The chip of a slice such as `v3:16x8`.

    Raises:
        InvalidInputError: it is no such name.
    """
    generation, _, shape = topology.partition(":")
    sides = shape.split("x")
    if generation not in CHIPS or not all(side.isdecimal() and int(side) for side in sides):
        known = ", ".join(CHIPS)
        raise InvalidInputError(
            f"--topology must be a generation of TPUs and its chips' arrangement, such as v3:16x8"
            f" or v4:4x4x4, got {topology!r} (known generations: {known})"
        )
    return CHIPS[generation]
