"""What is compiled for a deep model is what is compiled for a shallow one of the same shapes."""

import re
from collections import Counter
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
import pytest

from shampoo_tune.optimizer import shampoo

# Operations that gather parameters into stacks and hand them back: some for every parameter.
PER_PARAMETER = ("reshape", "slice", "concatenate", "convert", "transpose")
OF_SEVERAL_BLOCKS = (*PER_PARAMETER, "gather", "constant")


def multilayer_perceptron(layers: int) -> Any:
    widths = [32, *[64] * (layers - 1), 10]
    shapes = {
        f"layer_{i}": {"kernel": (before, after), "bias": (after,)}
        for i, (before, after) in enumerate(pairwise(widths))
    }
    return jax.eval_shape(lambda: jax.tree.map(jnp.zeros, shapes, is_leaf=is_shape))


def is_shape(node: Any) -> bool:
    return isinstance(node, tuple)


def operations(layers: int, options: dict[str, Any]) -> Counter[str]:
    """How often each operation is in the program of an update, before XLA transforms it."""
    params = multilayer_perceptron(layers)
    optimizer = shampoo(0.1, **options)
    state = jax.eval_shape(optimizer.init, params)
    program = jax.jit(optimizer.update).lower(params, state, params).as_text()
    found = re.findall(r" = \"?(?:(?:stablehlo|chlo)\.(\w+)|(call) )", program)
    return Counter(name or call for name, call in found)


@pytest.mark.parametrize(
    "options",
    [{}, {"graft_type": "rmsprop_normalized", "weight_decay": 0.1, "diagnostics": True}],
    ids=["default", "everything"],
)
@pytest.mark.parametrize("root_method", ["eigh", "newton"])
def test_a_thousand_layers_are_no_larger_program_than_ten(
    root_method: str, options: dict[str, Any]
) -> None:
    """1.00 times the operations, but for a reshape or two and a slice of each parameter.

    A program that grew with the number of layers would take minutes to compile.
    """
    few, many = (
        operations(layers, options | {"root_method": root_method}) for layers in (10, 1000)
    )
    sizes = [sum(n for name, n in c.items() if name not in PER_PARAMETER) for c in (few, many)]
    assert sizes[1] <= 1.2 * sizes[0], f"{sizes}, of which {many - few}"
    assert (many - few).total() <= 4 * (2 * 990), many - few


def test_tensors_of_several_blocks_add_a_choice_of_blocks_each() -> None:
    few, many = (operations(layers, {"block_size": 32}) for layers in (10, 1000))
    sizes = [sum(n for name, n in c.items() if name not in OF_SEVERAL_BLOCKS) for c in (few, many)]
    assert sizes[1] <= 1.2 * sizes[0], f"{sizes}, of which {many - few}"
    assert (many - few).total() <= 7 * (2 * 990), many - few
