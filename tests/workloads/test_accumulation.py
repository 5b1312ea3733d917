"""Gradients of parts of a batch, added up, against those of the whole batch."""

import dataclasses
import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.workloads import make_workload
from shampoo_tune.workloads.accumulation import batch_gradients
from shampoo_tune.workloads.classification import cross_entropy
from shampoo_tune.workloads.data_parallel import local_devices
from shampoo_tune.workloads.nnx_model import functional
from shampoo_tune.workloads.virtual_batch_norm import VirtualBatchNorm
from shampoo_tune.workloads.workload import Workload
from tests.beside_devices import run_with_devices

KEY = jax.random.key(0)


class Normalised(nnx.Module):
    """A perceptron with a normalisation over four examples."""

    def __init__(self, training: bool) -> None:
        self.first = nnx.Linear(64, 16, rngs=nnx.Rngs(0))
        self.norm = VirtualBatchNorm(16, 4, training=training)
        self.head = nnx.Linear(16, 10, rngs=nnx.Rngs(0))

    def __call__(self, images: jax.Array) -> jax.Array:
        return self.head(self.norm(self.first(images.reshape(images.shape[0], -1))))


def workload(microbatches: int) -> Workload:
    model = functional(Normalised, "test")

    def loss(params, state, batch, key):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        logits, state = model.apply(params, state, batch["image"], True)
        return cross_entropy(logits, batch["label"]).mean(), (state, {})

    digits = make_workload("mlp_digits", 64)
    return dataclasses.replace(digits, init=model.init, loss=loss, microbatches=microbatches)


@pytest.mark.parametrize("microbatches", [2, 4, 16])
def test_parts_of_whole_groups_give_the_gradients_and_averages_of_the_batch(
    microbatches: int,
) -> None:
    whole, parted = workload(1), workload(microbatches)
    params, state = whole.init(KEY)
    batch = next(whole.batches(0, 0))
    expected = batch_gradients(whole, params, state, batch, KEY, 1)
    step = jax.jit(lambda p, s, b: batch_gradients(parted, p, s, b, KEY, 1))
    found = step(params, state, batch)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=2e-6), expected, found)


def test_each_part_has_consecutive_examples_of_every_device() -> None:
    seen: list[jax.Array] = []

    def loss(params, state, batch, key):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        jax.debug.callback(seen.append, batch["x"], ordered=True)
        return (params * batch["x"]).mean(), (state, {})

    made = dataclasses.replace(workload(2), loss=loss)
    batch = {"x": jnp.arange(16.0)}
    (mean, _), gradient = batch_gradients(made, jnp.float32(1), {}, batch, KEY, 4)
    jax.effects_barrier()  # type: ignore[no-untyped-call]
    assert [part.tolist() for part in seen] == [
        [0, 1, 4, 5, 8, 9, 12, 13],
        [2, 3, 6, 7, 10, 11, 14, 15],
    ]
    assert (float(mean), float(gradient)) == (7.5, 7.5)


def test_devices_must_have_whole_parts() -> None:
    with pytest.raises(InvalidInputError, match="in 3 parts each: make batch_size a multiple of 3"):
        local_devices().check(64, 3)


SCRIPT = """
import json, jax
from shampoo_tune.workloads.data_parallel import all_devices
from shampoo_tune.workloads.accumulation import batch_gradients
from tests.workloads.test_accumulation import KEY, workload

devices, made = all_devices(), workload(2)
(params, state), batch = made.init(KEY), next(made.batches(0, 0))
if devices:
    params, state = jax.device_put((params, state), devices.everywhere)
    batch = devices.split(batch, 64)
step = jax.jit(lambda *a: batch_gradients(made, *a, KEY, jax.device_count()))
compiled = step.lower(params, state, batch).compile()
(loss, _), gradients = compiled(params, state, batch)
text = compiled.as_text()
print(json.dumps([float(loss), float(sum(abs(g).sum() for g in jax.tree.leaves(gradients))),
                  "all-to-all" in text or "collective-permute" in text or "all-gather" in text]))
"""


def test_eight_devices_agree_with_one_and_move_no_examples() -> None:
    one, eight = (json.loads(run_with_devices(n, SCRIPT)) for n in (1, 8))
    assert eight[:2] == pytest.approx(one[:2], rel=1e-5)
    assert not eight[2]
