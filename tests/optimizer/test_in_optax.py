"""Shampoo among optax's parts: its wrappers, any tree, and a checkpoint."""

from functools import cache, partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import orbax.checkpoint
import pytest

from shampoo_tune.optimizer import shampoo
from shampoo_tune.optimizer.config import GRAFT_TYPES
from tests.optimizer.test_minimising import parabola

Tree = Any

# A few calls see every branch, and `small` becomes blocks [2, 2] and [2].
SMALL: dict[str, Any] = {"block_size": 2, "start_preconditioning_step": 1, "matrix_epsilon": 1e-3}
CALLS = 4
PLAIN = shampoo(0.1, **SMALL)
plain_update = jax.jit(PLAIN.update)  # compiled once for all tests

# Ranks 0 to 5, leaves without entries, two dtypes.
MIXED: Tree = {
    "scalar": jnp.ones([], jnp.bfloat16),
    "vector": jnp.ones(3, jnp.bfloat16),
    "nothing": jnp.ones(0),
    "no_rows": jnp.ones((3, 0, 2), jnp.bfloat16),
    "more": [jnp.ones((3, 2)), jnp.ones((2, 2, 3), jnp.bfloat16)],
    "convolution": (jnp.ones((1, 2, 3, 2)), jnp.ones((2, 1, 2, 1, 3))),
}


def gradients(params: Tree, call: int) -> Tree:
    """Random numbers like the parameters."""
    leaves, structure = jax.tree.flatten(params)
    rng = np.random.default_rng(call)
    random = [jnp.asarray(rng.standard_normal(leaf.shape), leaf.dtype) for leaf in leaves]
    return jax.tree.unflatten(structure, random)


def small() -> Tree:
    params = {"kernel": jnp.zeros((4, 2)), "bias": jnp.zeros(2)}
    return jax.tree.map(jnp.add, params, gradients(params, 100))


@cache
def step_of(optimizer: Any) -> tuple[Any, list[Tree]]:
    """A jitted step and the parameters of each time that it was traced."""
    traces = []

    @jax.jit
    def step(gradient: Tree, state: Any, params: Tree) -> Any:
        traces.append(params)
        updates, state = optimizer.update(gradient, state, params)
        return optax.apply_updates(params, updates), state

    return step, traces


def run(optimizer: Any, params: Tree, calls: range = range(CALLS), state: Any = None) -> Any:
    """The parameters after each call, and the last state."""
    state, seen = optimizer.init(params) if state is None else state, []
    for call in calls:
        params, state = step_of(optimizer)[0](gradients(params, call), state, params)
        seen.append(params)
    return seen, state


@cache
def plain_run() -> Any:
    return run(PLAIN, small())


def rounded(state: Any) -> Any:
    """The state with residuals below 1e-6, which are rounding errors, all the same."""
    if state.diagnostics is None:
        return state
    residual = jnp.maximum(state.diagnostics.residual, 1e-6)
    return state._replace(diagnostics=state.diagnostics._replace(residual=residual))


def assert_close(one: Tree, other: Tree, rtol: float = 1e-6) -> None:
    """Of each leaf, up to a share of its largest entry."""

    def compare(a: Any, b: Any) -> None:
        a, b = np.asarray(a, np.float32), np.asarray(b, np.float32)
        np.testing.assert_allclose(a, b, rtol=0, atol=rtol * np.max(np.abs(b), initial=0))

    jax.tree.map(compare, one, other)


def assert_identical(one: Tree, other: Tree) -> None:
    dtypes = partial(jax.tree.map, lambda leaf: leaf.dtype)
    assert dtypes(one) == dtypes(other)
    jax.tree.map(np.testing.assert_array_equal, one, other)


def assert_finite(tree: Tree) -> None:
    assert all(np.all(np.isfinite(np.asarray(leaf, np.float32))) for leaf in jax.tree.leaves(tree))


def kinds(tree: Tree) -> Tree:
    """Structure, shapes and types."""
    return jax.tree.map(lambda leaf: (leaf.shape, leaf.dtype, leaf.weak_type), tree)


@pytest.mark.parametrize("graft_type", GRAFT_TYPES)
@pytest.mark.parametrize("dtype", [jnp.float32, jnp.bfloat16])
def test_updates_are_like_the_parameters_and_the_state_keeps_its_shapes(
    graft_type: str, dtype: Any
) -> None:
    """Or `lax.scan` and `lax.cond` would refuse it, and a second call would compile anew."""
    params = jax.tree.map(lambda leaf: leaf.astype(dtype), small())
    optimizer = shampoo(0.1, graft_type=graft_type, weight_decay=0.1, diagnostics=True, **SMALL)
    state = jax.eval_shape(optimizer.init, params)
    updates, new_state = jax.eval_shape(optimizer.update, params, state, params)
    assert kinds(updates) == kinds(params)
    assert kinds(new_state) == kinds(state)


@pytest.mark.parametrize("root_method", ["eigh", "newton"])
def test_the_state_stays_float32_where_float64_is_the_default(root_method: str) -> None:
    with jax.enable_x64(True):
        params = jax.tree.map(lambda leaf: leaf.astype(jnp.float64), small())
        optimizer = shampoo(0.1, root_method=root_method, diagnostics=True)
        state = jax.eval_shape(optimizer.init, params)
        updates, new_state = jax.eval_shape(optimizer.update, params, state, params)
    assert kinds(updates) == kinds(params)
    assert kinds(new_state) == kinds(state)
    assert not any(leaf.dtype == jnp.float64 for leaf in jax.tree.leaves(state))


def test_later_calls_do_not_trace_again() -> None:
    """The first state has the types of all others."""
    optimizer = shampoo(0.1, graft_type="rmsprop", weight_decay=0.1, diagnostics=True, **SMALL)
    run(optimizer, small())
    assert len(step_of(optimizer)[1]) == 1


def test_a_schedule_that_is_constant_is_a_number() -> None:
    assert_identical(run(shampoo(optax.constant_schedule(0.1), **SMALL), small()), plain_run())


def test_extra_arguments_are_for_others() -> None:
    optimizer, params = optax.with_extra_args_support(shampoo(0.1, **SMALL)), small()
    state = optimizer.init(params)
    updates, _ = jax.eval_shape(
        partial(optimizer.update, value=jnp.zeros([])), params, state, params
    )
    assert kinds(updates) == kinds(params)


def test_masked_leaves_take_no_part() -> None:
    """Their gradients pass through, and the state is that of the others alone."""
    params = small()
    gradient = gradients(params, 0)
    masked = optax.masked(PLAIN, {"kernel": True, "bias": False})
    mine, state = jax.jit(masked.update)(gradient, masked.init(params), params)
    kernel, bias = {"kernel": params["kernel"]}, gradient.pop("bias")
    theirs, own_state = plain_update(gradient, PLAIN.init(kernel), kernel)
    assert_identical(mine["bias"], bias)
    assert_close(mine["kernel"], theirs["kernel"])
    assert_close(jax.tree.leaves(state), jax.tree.leaves(own_state))


def test_a_chain_hands_over_clipped_gradients() -> None:
    params, gradient = small(), gradients(small(), 0)
    length = float(optax.tree.norm(gradient))
    chain = optax.chain(optax.clip_by_global_norm(0.5), PLAIN)
    mine, _ = jax.jit(chain.update)(gradient, chain.init(params), params)
    clipped = jax.tree.map(lambda leaf: leaf * (0.5 / length), gradient)
    theirs, _ = plain_update(clipped, PLAIN.init(params), params)
    assert_close(mine, theirs, rtol=1e-5)


def test_gradients_of_two_calls_are_one_step_of_their_average() -> None:
    params = small()
    first, second = gradients(params, 0), gradients(params, 1)
    several = optax.MultiSteps(PLAIN, every_k_schedule=2)
    step = jax.jit(several.update)
    with jax.numpy_dtype_promotion("standard"):  # for optax's own averages
        nothing, state = step(first, several.init(params), params)
        mine, state = step(second, state, params)
    assert not any(np.any(leaf) for leaf in jax.tree.leaves(nothing))
    average = jax.tree.map(lambda a, b: (a + b) / 2, first, second)
    theirs, _ = plain_update(average, PLAIN.init(params), params)
    assert_close(mine, theirs, rtol=1e-5)


def test_gradients_of_several_calls_may_be_bfloat16() -> None:
    params = jax.tree.map(lambda leaf: leaf.astype(jnp.bfloat16), small())
    several = optax.MultiSteps(PLAIN, every_k_schedule=2)
    state = several.init(params)
    with jax.numpy_dtype_promotion("standard"):
        updates, new_state = jax.eval_shape(several.update, params, state, params)
    assert kinds(updates) == kinds(params)
    assert kinds(new_state) == kinds(state)


@pytest.mark.parametrize(
    "options",
    [
        {"learning_rate": 0.1},
        {"learning_rate": optax.linear_schedule(0.1, 0.3, 3)},
        {"learning_rate": 0.1, "beta1": 0.5, "block_size": 2, "graft_type": "rmsprop"},
        {"learning_rate": 0.1, "exponent_override": 3.0, "diagnostics": True},
    ],
    ids=["number", "schedule", "switches", "order"],
)
def test_injected_numbers_are_the_plain_ones(options: dict[str, Any]) -> None:
    options = {"start_preconditioning_step": 1, "matrix_epsilon": 1e-3, **options}
    plain, state = run(shampoo(**options), small())
    mine, injected_state = run(optax.inject_hyperparams(shampoo)(**options), small())
    inner = rounded(injected_state.inner_state)
    assert_close((mine, inner), (plain, rounded(state)), rtol=1e-5)


def test_injected_numbers_are_the_plain_ones_where_roots_are_iterated() -> None:
    options = SMALL | {"root_method": "newton"}
    plain, _ = run(shampoo(0.1, **options), small())
    mine, _ = run(optax.inject_hyperparams(shampoo)(learning_rate=0.1, **options), small())
    assert_close(mine, plain, rtol=1e-5)


def test_the_order_of_an_iteration_is_no_injected_number() -> None:
    options = SMALL | {"root_method": "newton", "exponent_override": 2}
    plain, _ = run(shampoo(0.1, **options), small())
    mine, state = run(optax.inject_hyperparams(shampoo)(learning_rate=0.1, **options), small())
    assert "exponent_override" not in state.hyperparams
    assert_close(mine, plain, rtol=1e-5)


def test_a_mask_that_is_a_function_can_be_left_out_of_the_injected_numbers() -> None:
    def mask(params: Tree) -> Tree:
        return jax.tree.map(lambda leaf: leaf.ndim > 1, params)

    options = SMALL | {"weight_decay": 0.1, "weight_decay_mask": mask}
    plain, _ = run(shampoo(0.1, **options), small())
    inject = optax.inject_hyperparams(shampoo, static_args="weight_decay_mask")
    mine, _ = run(inject(learning_rate=0.1, **options), small())
    assert_close(mine, plain, rtol=1e-5)


def test_injected_numbers_of_small_parameters_can_be_float32() -> None:
    """Their own dtype, bfloat16, would round a beta2 of 0.999 to 1."""
    params = jax.tree.map(lambda leaf: leaf.astype(jnp.bfloat16), small())
    inject = optax.inject_hyperparams(shampoo, hyperparam_dtype=jnp.float32)
    mine, state = run(inject(learning_rate=0.1, **SMALL), params)
    plain, _ = run(shampoo(0.1, **SMALL), params)
    assert_identical(mine, plain)
    assert state.hyperparams["beta2"] == np.float32(0.999)


def test_an_injected_number_can_be_changed_between_steps() -> None:
    """Without compiling anew; from then on it is what a transformation with that number does."""
    params, options = small(), SMALL | {"learning_rate": 0.1}
    injected = optax.inject_hyperparams(shampoo)(**options)
    traces = []

    @jax.jit
    def step(gradient: Tree, state: Any, params: Tree) -> Any:
        traces.append(params)
        return injected.update(gradient, state, params)

    _, state = step(gradients(params, 0), injected.init(params), params)
    usual, _ = step(gradients(params, 1), state, params)
    for name, value in {"learning_rate": 0.2, "beta1": 0.0, "matrix_epsilon": 0.5}.items():
        number = jnp.asarray(value, state.hyperparams[name].dtype)
        changed = state._replace(hyperparams=state.hyperparams | {name: number})
        mine, _ = step(gradients(params, 1), changed, params)
        expected = shampoo(**options | {name: value}).update
        theirs, _ = jax.jit(expected)(gradients(params, 1), state.inner_state, params)
        assert_close(mine, theirs, rtol=1e-5)
        assert not np.allclose(mine["kernel"], usual["kernel"], rtol=1e-2)
    assert len(traces) == 1


def test_optax_maps_over_the_state() -> None:
    """A state without one array per parameter has nothing to map, so it stays as it is."""
    optimizer, params = shampoo(0.1, **SMALL), small()
    state = optimizer.init(params)
    assert_identical(optax.tree.map_params(optimizer, lambda leaf: leaf + 1, state), state)


@pytest.mark.parametrize(("bad", "root_method"), [(np.nan, "eigh"), (np.inf, "newton")])
def test_one_bad_gradient_leaves_the_state_finite_and_training_goes_on(
    bad: float, root_method: str
) -> None:
    start, final, objective = parabola()
    rate = optax.linear_schedule(0.03, 0.0, 500)
    optimizer = shampoo(rate, graft_type="rmsprop", root_method=root_method)

    @jax.jit
    def step(params: Tree, state: Any, poison: jax.Array) -> Any:
        gradient = jax.tree.map(lambda leaf: leaf + poison, jax.grad(objective)(params))
        updates, state = optimizer.update(gradient, state, params)
        return optax.apply_updates(params, updates), state

    params, state = start, optimizer.init(start)
    for count in range(500):
        params, state = step(params, state, jnp.float32(bad if count == 7 else 0))
        if count in (7, 8):
            assert_finite((params, state))
    jax.tree.map(partial(np.testing.assert_allclose, atol=1e-2), params, final)


@pytest.mark.parametrize(
    "options",
    [
        {"root_method": "newton"},
        {"graft_type": "rmsprop", "weight_decay": 0.1, "diagnostics": True},
        {"graft_type": "none", "best_effort_shape_interpretation": False, "block_size": 3},
    ],
    ids=["newton", "everything", "unmerged"],
)
@pytest.mark.parametrize(
    "params",
    [
        MIXED,
        jnp.ones([]),
        jnp.ones(0),
        {"no_rows": jnp.ones((0, 3)), "no_columns": jnp.ones((3, 0), jnp.bfloat16)},
        {},
    ],
    ids=["mixed", "scalar", "nothing", "no_entries", "empty"],
)
def test_any_tree_will_do(params: Tree, options: dict[str, Any]) -> None:
    optimizer = shampoo(0.1, **SMALL | options)
    seen, state = run(optimizer, params, range(2))
    assert kinds(seen[-1]) == kinds(params)
    assert kinds(state) == kinds(jax.eval_shape(optimizer.init, params))
    assert state.count == 2
    assert_finite((seen, state))
    for before, after in zip(*map(jax.tree.leaves, (params, seen[-1])), strict=True):
        assert before.size == 0 or np.any(before != after)


@pytest.mark.parametrize("graft_type", ["adagrad_normalized", "rmsprop_normalized"])
def test_gradients_without_entries_can_be_normalized(graft_type: str) -> None:
    run(shampoo(0.1, graft_type=graft_type), {"no_rows": jnp.ones((0, 3))}, range(1))


def test_a_leaf_is_trained_the_same_whatever_stands_beside_it() -> None:
    """Stacks are shared by all leaves of a tree, numbers are not."""
    kernel = {"kernel": small()["kernel"]}
    beside = {"a": jnp.ones((5, 2)), "z": [jnp.ones([]), jnp.ones((2, 2), jnp.bfloat16)]}
    optimizer = shampoo(0.1, graft_type="rmsprop", weight_decay=0.1, **SMALL)
    step, params = jax.jit(optimizer.update), beside | kernel
    alone_state, state = optimizer.init(kernel), optimizer.init(params)
    for call in range(CALLS):
        gradient = gradients(kernel, call)
        alone, alone_state = step(gradient, alone_state, kernel)
        together, state = step(gradients(beside, call) | gradient, state, params)
        assert_close(together["kernel"], alone["kernel"], rtol=1e-5)


def test_a_checkpoint_is_restored_and_continued_bit_by_bit(tmp_path: Path) -> None:
    optimizer = shampoo(0.1, graft_type="rmsprop", diagnostics=True, **SMALL)
    # Orbax refuses arrays without entries.
    params = {name: leaf for name, leaf in MIXED.items() if name not in ("nothing", "no_rows")}
    seen, state = run(optimizer, params)
    saved = {"params": seen[-1], "state": state}
    with orbax.checkpoint.StandardCheckpointer() as checkpointer:
        checkpointer.save(tmp_path / "checkpoint", saved)
        checkpointer.wait_until_finished()
        like = jax.eval_shape(lambda: saved)
        restored = checkpointer.restore(tmp_path / "checkpoint", like)
    assert isinstance(restored["state"], type(state))
    assert_identical(restored, saved)
    more = range(CALLS, 2 * CALLS)
    uninterrupted = run(optimizer, saved["params"], more, saved["state"])
    assert_identical(run(optimizer, restored["params"], more, restored["state"]), uninterrupted)
