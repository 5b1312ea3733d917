"""Numbers that travel in the state: data wherever the optimizer is used."""

import dataclasses
from pathlib import Path
from typing import Any

import flax.serialization
import jax
import jax.numpy as jnp
import numpy as np
import optax
import orbax.checkpoint
import pytest

from shampoo_tune.optimizer import tuned
from shampoo_tune.optimizer.config import (
    OPTIMIZERS,
    Configuration,
    ShampooConfig,
    WarmupPolynomialConfig,
    make_options,
)

PARAMS = {"w": jnp.ones((4, 3)), "bias": jnp.zeros(3)}
SCHEDULE = WarmupPolynomialConfig(learning_rate=0.1, steps=10, warmup_steps=2)


def configuration(optimizer: str = "nesterov", **options: Any) -> Configuration:
    return Configuration(
        optimizer=optimizer, options=make_options(optimizer, options), schedule=SCHEDULE
    )


def gradients(call: int) -> Any:
    rng = np.random.default_rng(call)
    return jax.tree.map(lambda p: jnp.asarray(rng.normal(size=p.shape), p.dtype), PARAMS)


def trained(optimizer: Any, state: Any, calls: range) -> tuple[list[Any], Any]:
    update, seen = jax.jit(optimizer.update), []
    for call in calls:
        updates, state = update(gradients(call), state, PARAMS)
        seen.append(updates)
    return seen, state


def identical(one: Any, other: Any) -> bool:
    pairs = zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_number_is_a_scalar_of_the_state(optimizer: str) -> None:
    config = configuration(optimizer)
    state = jax.eval_shape(tuned(config).init, PARAMS)
    for part in ("options", "schedule"):
        own = getattr(config, part)
        types = {f.name: f.type for f in dataclasses.fields(own) if f.metadata["traced"]}
        found = {n: (a.shape, a.dtype) for n, a in state.hyperparameters[part].items()}
        assert found == {
            name: ((), np.float32 if kind is float else np.int32) for name, kind in types.items()
        }


def test_configurations_that_differ_in_numbers_are_one_program() -> None:
    one, other = (tuned(configuration(momentum=m)) for m in (0.5, 0.75))
    state = one.init(PARAMS)

    def program(optimizer: Any) -> str:
        return str(jax.jit(optimizer.update).lower(gradients(0), state, PARAMS).as_text())

    assert program(one) == program(other)
    assert "7.5" not in program(other)


def test_the_numbers_of_a_checkpoint_win() -> None:
    """A file that has changed since does not change a training that goes on."""
    one, other = (tuned(configuration(momentum=m)) for m in (0.5, 0.75))
    _, state = trained(one, one.init(PARAMS), range(2))
    assert identical(trained(other, state, range(2, 4)), trained(one, state, range(2, 4)))
    assert not identical(trained(other, other.init(PARAMS), range(4))[1], state)


def test_the_order_of_an_iterated_root_is_no_data() -> None:
    small: dict[str, Any] = {"root_method": "newton", "block_size": 4}
    second, fourth = (configuration("shampoo", exponent_override=p, **small) for p in (2, 4))
    state = tuned(second).init(PARAMS)
    assert "exponent_override" not in state.hyperparameters["options"]
    updates = [jax.jit(tuned(c).update)(gradients(0), state, PARAMS)[1] for c in (second, fourth)]
    assert not identical(*updates)


def test_a_checkpoint_of_orbax_or_flax_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    optimizer = tuned(configuration("shampoo", start_preconditioning_step=1))
    _, state = trained(optimizer, optimizer.init(PARAMS), range(2))
    wanted, _ = trained(optimizer, state, range(2, 4))
    like = optimizer.init(PARAMS)
    with orbax.checkpoint.StandardCheckpointer() as checkpointer:
        checkpointer.save(tmp_path / "checkpoint", state)
        checkpointer.wait_until_finished()
        restored = checkpointer.restore(tmp_path / "checkpoint", like)
    raw = flax.serialization.to_bytes(state)
    for again in (restored, flax.serialization.from_bytes(like, raw)):
        assert identical(trained(optimizer, again, range(2, 4))[0], wanted)


def test_optax_wraps_it_and_maps_over_its_state() -> None:
    optimizer = tuned(configuration("adamw"))
    state = optimizer.init(PARAMS)
    mapped = optax.tree.map_params(optimizer, lambda x: x + 1, state)
    assert identical(mapped.hyperparameters, state.hyperparameters)
    assert not identical(mapped, state)
    chained = optax.chain(optax.identity(), optimizer)
    assert identical(
        trained(chained, chained.init(PARAMS), range(3))[0], trained(optimizer, state, range(3))[0]
    )
    skipping = optax.apply_if_finite(optimizer, 3)
    bad = jax.tree.map(lambda g: g * np.nan, gradients(0))
    updates, kept = skipping.update(bad, skipping.init(PARAMS), PARAMS)
    assert identical(updates, jax.tree.map(jnp.zeros_like, PARAMS))
    assert identical(kept.inner_state, state)


def test_the_average_of_schedule_free_is_in_the_inner_state() -> None:
    optimizer = tuned(configuration("schedule_free"))
    state = optimizer.init(PARAMS)
    average = optax.contrib.schedule_free_eval_params(state.inner, PARAMS)
    assert identical(average, PARAMS)  # nothing has moved yet


def test_without_jit_it_is_the_same_up_to_rounding() -> None:
    optimizer = tuned(configuration("adamw"))
    jitted, state = trained(optimizer, optimizer.init(PARAMS), range(3))[0], optimizer.init(PARAMS)
    for call in range(3):
        updates, state = optimizer.update(gradients(call), state, PARAMS)
        jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, 1e-6), updates, jitted[call])


def test_the_options_of_the_configuration_are_not_touched() -> None:
    config = configuration("shampoo")
    tuned(config).init(PARAMS)
    assert config.options == ShampooConfig()
