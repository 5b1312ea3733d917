"""A convolution as one matrix product per kernel tap: on a CPU twice as fast as XLA's, forward.

Measured on the forward pass of ResNet-8 over 720 images of 8x8, in batches of 90: 26 ms against
52 ms. Its gradient is no faster, so training uses XLA's own convolution.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp


def shifted_convolution(
    images: jax.Array, kernel: jax.Array, strides: tuple[int, int], padding: str, **others: Any
) -> jax.Array:
    """Equal to `jax.lax.conv_general_dilated` for NHWC images, HWIO kernels and SAME padding.

    Args:
        images: [n, height, width, inputs].
        kernel: [kernel height, kernel width, inputs, outputs].
        strides: of height and width.
        padding: SAME.
        **others: what `flax.nnx.Conv` passes besides: all at its defaults.

    Returns:
        An array [n, ceil(height / stride), ceil(width / stride), outputs].

    Raises:
        ValueError: another padding.
    """
    del others
    if padding != "SAME":
        raise ValueError(f"only SAME padding is supported, got {padding!r}")
    rows, columns = (
        _taps(images.shape[1 + axis], kernel.shape[axis], strides[axis]) for axis in (0, 1)
    )
    padded = jnp.pad(images, [(0, 0), rows.margins, columns.margins, (0, 0)])
    products = [
        jnp.einsum("nhwi,io->nhwo", padded[:, row, column], kernel[i, j])
        for i, row in enumerate(rows.slices)
        for j, column in enumerate(columns.slices)
    ]
    return sum(products[1:], products[0])


class _Taps(NamedTuple):
    """One axis: zeros before and after it, and the pixels that each tap of the kernel meets."""

    margins: tuple[int, int]
    slices: list[slice]


def _taps(length: int, size: int, stride: int) -> _Taps:
    outputs = -(-length // stride)
    margin = max((outputs - 1) * stride + size - length, 0)
    last = (outputs - 1) * stride + 1
    slices = [slice(tap, tap + last, stride) for tap in range(size)]
    return _Taps((margin // 2, margin - margin // 2), slices)
