"""Products of a program told apart by where they come from: of a step of this machine."""

import jax
import jax.numpy as jnp

from shampoo_tune.tuner.planning.frames import Frames
from shampoo_tune.tuner.planning.hlo_text import read_program
from shampoo_tune.tuner.planning.precisions import precisions


def _gram(x: jax.Array) -> jax.Array:
    return _squared(x, "highest")


@jax.named_scope("inverse_roots")
def roots(x: jax.Array) -> jax.Array:
    return _squared(x, "high")


def _squared(x: jax.Array, precision: str) -> jax.Array:
    return jnp.matmul(x, x, precision=precision)


def test_a_product_belongs_to_the_function_or_scope_that_asked_for_it() -> None:
    def step(x: jax.Array) -> jax.Array:
        return roots(_gram(x)) @ x

    module = jax.jit(step).lower(jnp.ones((16, 16))).compiler_ir("hlo")
    assert module is not None
    text = module.get_hlo_module().to_string()
    found = precisions(read_program(text), Frames(text))
    assert found == {"statistics": ["bf16x6"], "roots": ["bf16x3"], "application": []}
