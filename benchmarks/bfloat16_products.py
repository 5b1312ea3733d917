"""Float32 matrix products made of bfloat16 products, as a TPU makes them, on any machine.

Usage: python -m benchmarks.bfloat16_products

A float32 x is b0 + b1 + b2, where b0 is x rounded to bfloat16, b1 the rest so rounded, and b2 the
rest of that. A product of two such sums is made of 1, 3 or 6 products of their parts. A product of
two bfloat16 numbers is exact in float32, so float32 products of the parts give what a matrix unit
gives that multiplies bfloat16 and adds up float32. (A CPU ignores a request for such products.)

The command prints the errors of all kinds against float64.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax.lax import Precision

Multiply = Callable[[jax.Array, jax.Array], jax.Array]

# Which parts of the two factors are multiplied, the smallest products first.
_PARTS = {
    "bf16x1": ((0, 0),),
    "bf16x3": ((1, 0), (0, 1), (0, 0)),
    "bf16x6": ((2, 0), (0, 2), (1, 1), (1, 0), (0, 1), (0, 0)),
}

# What a TPU makes of each `jax.lax.Precision`, the cheapest first.
PRECISIONS = {"bf16x1": "DEFAULT", "bf16x3": "HIGH", "bf16x6": "HIGHEST"}


def round_to_bfloat16(x: jax.Array) -> jax.Array:
    """The nearest bfloat16 numbers, as float32."""
    # Not two casts: XLA may leave out a cast to fewer digits and back.
    return jax.lax.reduce_precision(x, exponent_bits=8, mantissa_bits=7)


def split(x: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Float32 numbers as sums of three bfloat16 numbers, the largest first."""
    first = round_to_bfloat16(x)
    second = round_to_bfloat16(x - first)
    return first, second, round_to_bfloat16(x - first - second)


def multiply_in_parts(left: jax.Array, right: jax.Array, kind: str) -> jax.Array:
    """The product of two (stacks of) matrices by the bfloat16 products of that kind."""
    lefts, rights = split(left), split(right)
    total = None
    for i, j in _PARTS[kind]:
        product = multiply_float32(lefts[i], rights[j])
        total = product if total is None else total + product
    assert total is not None
    return total


def multiply_float32(left: jax.Array, right: jax.Array) -> jax.Array:
    """The plain float32 product."""
    return jnp.matmul(left, right, precision=Precision.HIGHEST)


def multiplication(kind: str) -> Multiply:
    """`float32`, or one of `PRECISIONS`; traceable."""
    if kind == "float32":
        return multiply_float32
    return lambda left, right: multiply_in_parts(left, right, kind)


def relative_error(kind: str, size: int, seed: int = 0) -> float:
    """Frobenius norm of the error of a product of two normal matrices, by that of the product."""
    random = np.random.RandomState(seed)
    left, right = random.normal(size=(2, size, size)).astype(np.float32)
    exact = left.astype(np.float64) @ right.astype(np.float64)
    product = np.asarray(jax.jit(multiplication(kind))(left, right), np.float64)
    return float(np.linalg.norm(product - exact) / np.linalg.norm(exact))


def main() -> None:
    """Print the errors."""
    print("relative error of the product of two normal matrices")
    print(f"{'size':>6}" + "".join(f"{kind:>11}" for kind in (*PRECISIONS, "float32")))
    for size in (16, 64, 128, 512):
        errors = [relative_error(kind, size) for kind in (*PRECISIONS, "float32")]
        print(f"{size:>6}" + "".join(f"{error:>11.1e}" for error in errors))


if __name__ == "__main__":
    main()
