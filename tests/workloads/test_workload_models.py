"""The models: shapes, sizes, initial values, and what training mode does."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.workloads import WORKLOADS, make_workload


def size(tree: Any) -> int:
    return sum(leaf.size for leaf in jax.tree.leaves(tree))


@pytest.mark.parametrize(("name", "expected"), [("resnet_digits", 77_754), ("mlp_digits", 26_122)])
def test_number_of_parameters(name: str, expected: int) -> None:
    params, _ = make_workload(name, 8).init(jax.random.key(0))
    assert size(params) == expected


@pytest.mark.parametrize("name", WORKLOADS)
def test_the_entry_says_what_the_workload_is(name: str) -> None:
    entry, workload = WORKLOADS[name], make_workload(name, 64)
    assert (workload.name, workload.metric, workload.goal) == (name, entry.metric, entry.goal)
    assert workload.target == entry.target
    assert entry.metric in entry.metrics


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_seed_decides_the_initial_weights(name: str) -> None:
    init = make_workload(name, 64).init
    first, again, other = (init(jax.random.key(seed))[0] for seed in (0, 0, 1))
    assert all(map(np.array_equal, jax.tree.leaves(first), jax.tree.leaves(again)))
    assert not all(map(np.array_equal, jax.tree.leaves(first), jax.tree.leaves(other)))


def test_weights_start_with_variance_two_over_fan_in() -> None:
    params, _ = make_workload("resnet_digits", 8).init(jax.random.key(0))
    kernel = params["stage3"]["last"]["kernel"]  # [3, 3, 64, 64]
    assert kernel.shape == (3, 3, 64, 64)
    assert float(kernel.std()) == pytest.approx((2 / 576) ** 0.5, rel=0.02)


def test_residual_blocks_start_as_the_identity() -> None:
    params, state = make_workload("resnet_digits", 8).init(jax.random.key(0))
    for stage in ("stage1", "stage2", "stage3"):
        assert not params[stage]["last_norm"]["scale"].any()
        assert (params[stage]["first_norm"]["scale"] == 1).all()
        assert (state[stage]["last_norm"]["var"] == 1).all()


def test_training_updates_the_running_averages_and_evaluation_does_not_need_them() -> None:
    workload = make_workload("resnet_digits", 32)
    params, state = workload.init(jax.random.key(0))
    batch = next(workload.batches(0, 0))
    _, (updated, _) = workload.loss(params, state, batch, jax.random.key(0))
    changed = jax.tree.map(lambda a, b: bool(jnp.any(a != b)), state, updated)
    assert all(jax.tree.leaves(changed))
    assert jax.tree.map(jnp.shape, updated) == jax.tree.map(jnp.shape, state)
    assert jax.tree.leaves(make_workload("mlp_digits", 8).init(jax.random.key(0))[1]) == []


def test_batches_are_images_with_their_labels() -> None:
    workload = make_workload("mlp_digits", 20)
    batch = next(workload.batches(3, 5))
    assert batch["image"].shape == (20, 8, 8, 1)
    assert batch["label"].shape == (20,)
    assert jnp.array_equal(batch["image"], next(workload.batches(3, 5))["image"])


def test_an_unknown_workload_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="known: resnet_digits, mlp_digits, "):
        make_workload("imagenet", 8)
