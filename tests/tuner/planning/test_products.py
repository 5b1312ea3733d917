"""Operations of products, against XLA's own count of programs that are not yet optimized."""

from typing import Any

import jax
import jax.numpy as jnp
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shampoo_tune.tuner.planning.hlo_text import read_program
from shampoo_tune.tuner.planning.products import Product, product


def only_product(function: Any, *shapes: Any) -> tuple[Product, float]:
    """Ours, and XLA's count of the whole program, which does nothing else."""
    lowered = jax.jit(function).lower(*shapes)
    module, cost = lowered.compiler_ir("hlo"), lowered.cost_analysis()
    assert module is not None
    assert cost is not None
    program = read_program(module.get_hlo_module().to_string())
    (found,) = (
        product(instruction, computation)
        for computation in program.computations.values()
        for instruction in computation.instructions
        if instruction.operation in ("dot", "convolution")
    )
    return found, cost.get("flops", 0.0)


def shape(*dimensions: int, dtype: Any = jnp.float32) -> Any:
    return jax.ShapeDtypeStruct(dimensions, dtype)  # type: ignore[no-untyped-call]


@settings(max_examples=40)
@given(st.data())
def test_a_convolution_counts_as_xla_counts_it(data: st.DataObject) -> None:
    draw = data.draw
    size, kernel, stride = (draw(st.tuples(st.integers(a, b), st.integers(a, b)))
                            for a, b in ((5, 9), (1, 4), (1, 3)))  # fmt: skip
    pads = draw(st.tuples(*[st.tuples(st.integers(0, 2), st.integers(0, 2))] * 2))
    left, right = (draw(st.tuples(st.integers(1, 3), st.integers(1, 2))) for _ in range(2))
    for axis in (0, 1):  # the kernel lies within the image
        reach = (kernel[axis] - 1) * right[axis] + 1
        assume(reach <= (size[axis] - 1) * left[axis] + 1 + sum(pads[axis]))
    batch, inputs, outputs = draw(st.tuples(*[st.integers(1, 3)] * 3))

    def convolve(images: jax.Array, weights: jax.Array) -> jax.Array:
        return jax.lax.conv_general_dilated(
            images, weights, stride, pads, left, right, dimension_numbers=("NHWC", "HWIO", "NHWC")
        )

    arrays = shape(batch, *size, inputs), shape(*kernel, inputs, outputs)
    found, xla = only_product(convolve, *arrays)
    assert found.flops == xla


@given(st.lists(st.integers(1, 6), min_size=4, max_size=4))
def test_a_batched_product_counts_as_xla_counts_it(sizes: list[int]) -> None:
    batch, rows, inner, columns = sizes
    left, right = shape(batch, rows, inner), shape(batch, inner, columns)
    found, xla = only_product(lambda a, b: jnp.einsum("bri,bic->brc", a, b), left, right)
    assert found.flops == xla


@pytest.mark.parametrize(
    ("dtype", "precision", "expected"),
    [
        (jnp.bfloat16, None, ("bf16", 1)),
        (jnp.float32, None, ("bf16", 1)),
        (jnp.float32, "high", ("bf16x3", 3)),
        (jnp.float32, "highest", ("bf16x6", 6)),
    ],
)
def test_float32_takes_several_passes(
    dtype: Any, precision: Any, expected: tuple[str, int]
) -> None:
    square = shape(8, 8, dtype=dtype)
    found, _ = only_product(lambda a: jnp.matmul(a, a, precision=precision), square)
    assert (found.precision, found.passes) == expected
