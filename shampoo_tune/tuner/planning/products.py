"""Floating-point operations of a matrix product or convolution of an optimized program."""

import math
import re
from dataclasses import dataclass
from typing import NamedTuple

from shampoo_tune.tuner.planning.hlo_text import Array, Computation, Instruction

# Products of the matrix unit that one product in float32 takes there, by the precision asked for.
PASSES = {"default": 1, "high": 3, "highest": 6}


@dataclass(frozen=True)
class Product:
    """What one product takes.

    Attributes:
        flops: multiplications and additions, each one.
        precision: bf16, or bf16x3 and bf16x6 for float32 from several products.
        passes: how many there are of those.
    """

    flops: float
    precision: str
    passes: int


def product(instruction: Instruction, computation: Computation) -> Product:
    """Of a `dot` or `convolution`."""
    left, right = (computation.by_name[name].arrays[0] for name in instruction.operands)
    count = _dot_flops if instruction.operation == "dot" else _convolution_flops
    passes = _passes(instruction, left, right)
    precision = "bf16" if passes == 1 else f"bf16x{passes}"
    return Product(count(instruction, left, right), precision, passes)


def _passes(instruction: Instruction, left: Array, right: Array) -> int:
    if "f32" not in (left.kind, right.kind):
        return 1
    asked = re.search(r"operand_precision=\{(\w+),(\w+)\}", instruction.attributes)
    return max(PASSES[name] for name in asked.groups()) if asked else 1


def _dot_flops(instruction: Instruction, left: Array, right: Array) -> float:
    del right
    found = re.search(r"lhs_contracting_dims=\{([\d,]*)\}", instruction.attributes)
    axes = [int(axis) for axis in found[1].split(",") if axis] if found else []
    contracted = math.prod(left.dimensions[axis] for axis in axes)
    return 2.0 * math.prod(instruction.arrays[0].dimensions) * contracted


class _Axis(NamedTuple):
    """One spatial axis of a convolution."""

    size: int
    stride: int
    low: int  # zeros before the input
    left_dilation: int
    right_dilation: int


def _convolution_flops(instruction: Instruction, left: Array, right: Array) -> float:
    """Of input values only: a product with a zero of padding or dilation counts nothing."""
    labels = re.search(r"dim_labels=(\w+)_(\w+)->(\w+)", instruction.attributes)
    if labels is None:
        raise ValueError(f"a convolution without dim_labels: {instruction.name}")
    inputs, kernel, outputs = labels.groups()
    result = instruction.arrays[0].dimensions
    flops = 2.0 * result[outputs.index("b")] * result[outputs.index("f")]
    flops *= right.dimensions[kernel.index("i")]
    for number, axis in enumerate(_axes(instruction, len(outputs) - 2)):
        label = str(number)
        sizes = left.dimensions[inputs.index(label)], result[outputs.index(label)]
        flops *= _met(axis, *sizes)
    return flops


def _axes(instruction: Instruction, count: int) -> list[_Axis]:
    found = re.search(r"window=\{([^}]*)\}", instruction.attributes)
    window = dict(part.split("=") for part in found[1].split()) if found else {}

    def numbers(name: str, default: str) -> list[str]:
        return window.get(name, "x".join([default] * count)).split("x") if count else []

    pads = [pad.split("_")[0] for pad in numbers("pad", "0_0")]
    columns = (numbers("size", "1"), numbers("stride", "1"), pads)
    dilations = numbers("lhs_dilate", "1"), numbers("rhs_dilate", "1")
    return [_Axis(*map(int, row)) for row in zip(*columns, *dilations, strict=True)]


def _met(axis: _Axis, inputs: int, outputs: int) -> int:
    """Pairs of output position and kernel tap that meet an input value."""
    met = 0
    for tap in range(axis.size):
        # Output o reads position o * stride + tap * right_dilation - low of the dilated input.
        offset = tap * axis.right_dilation - axis.low
        positions = range(offset, offset + outputs * axis.stride, axis.stride)
        met += sum(
            position % axis.left_dilation == 0 and 0 <= position < inputs * axis.left_dilation
            for position in positions
        )
    return met
