"""Items taken one after the other, against all at once."""

import re
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from shampoo_tune.optimizer import shampoo
from shampoo_tune.optimizer.one_by_one import in_place, too_large


def halved(old: jax.Array, own: jax.Array) -> tuple[jax.Array, Any]:
    return old / 2 + own, jnp.sum(old)


@pytest.mark.parametrize("always", [True, False])
def test_a_part_of_the_stack_has_new_items_and_facts(always: bool) -> None:
    stack = jnp.arange(24, dtype=jnp.float32).reshape([6, 2, 2])
    own = jnp.ones((3, 2, 2))
    found, facts = jax.jit(lambda s, o: in_place(halved, s, (o,), 2, always=always))(stack, own)
    expected = np.asarray(stack).copy()
    expected[2:5] = expected[2:5] / 2 + 1
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(facts, np.asarray(stack)[2:5].sum((1, 2)))


def test_only_what_stays_in_no_cache_is_taken_one_by_one() -> None:
    def loops(number: int) -> bool:
        stack = jnp.ones((number, 128, 128))
        return "while" in jax.jit(lambda s: in_place(halved, s, (s,))).lower(stack).as_text()

    assert [loops(number) for number in (128, 129)] == [False, True]
    assert [too_large((number, 128, 128)) for number in (128, 129)] == [False, True]


def test_shampoo_changes_its_matrices_where_they_lie() -> None:
    """A copy of the stack for each of its matrices would not change a number, only the time."""
    params = {"w": jnp.ones((1280, 1280))}
    optimizer = shampoo(0.1, diagnostics=True)
    state = jax.eval_shape(optimizer.init, params)
    step = jax.jit(optimizer.update, donate_argnums=1).lower(params, state, params).compile()
    text = step.as_text() or ""
    assert "f32[200,128,128]" in text
    assert not re.findall(r"f32\[200,128,128\]\S* copy\(", text)
