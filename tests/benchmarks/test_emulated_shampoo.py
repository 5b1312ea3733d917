"""With float32 products the replay is the optimizer's own arithmetic, near the exact one."""

import jax.numpy as jnp
import numpy as np
import pytest

from benchmarks.emulated_shampoo import (
    EXACT,
    Products,
    directions,
    first_statistics,
    inverse_roots,
    next_statistics,
    replay,
)
from benchmarks.gradient_record import BETA2, Record
from shampoo_tune.optimizer import newton_roots

AXES = [(0, 1, 2), (0,)]


def _gradients(seed: int) -> list[np.ndarray]:
    random = np.random.RandomState(seed)
    return [random.normal(size=(2, *s)).astype(np.float32) for s in ((3, 4, 5), (7,))]


def test_statistics_contract_all_other_axes() -> None:
    gradients = _gradients(0)
    old = first_statistics(gradients, AXES, 0.1)
    middle = next_statistics(old, gradients, AXES, EXACT)[1]
    gram = np.einsum("niak,nibk->nab", *2 * [gradients[0].astype(np.float64)])
    np.testing.assert_allclose(middle, BETA2 * 0.1 * np.eye(4) + (1 - BETA2) * gram)


def test_roots_multiply_every_axis() -> None:
    gradients = _gradients(0)
    roots = [np.random.RandomState(1).normal(size=(2, s, s)) for s in (3, 4, 5, 7)]
    tensor, vector = directions(gradients, AXES, roots, EXACT)
    expected = np.einsum("nijk,nai,nbj,nck->nabc", gradients[0], *roots[:3])
    np.testing.assert_allclose(tensor, expected, rtol=1e-10)
    np.testing.assert_allclose(vector, np.einsum("ni,nai->na", gradients[1], roots[3]))


def test_exact_root_is_the_inverse_fourth_root() -> None:
    found = inverse_roots([np.diag([16.0, 1.0])[None]], 0.25, EXACT)  # a ridge of 4
    np.testing.assert_allclose(found.roots[0], [np.diag([20**-0.25, 5**-0.25])])
    assert found.failed == 0


def test_a_failed_root_is_not_a_number() -> None:
    found = inverse_roots([np.diag([1.0, -0.5])[None]], 0.25, EXACT)
    assert found.failed == 1
    assert np.all(np.isnan(found.roots[0]))


@pytest.mark.parametrize(("kind", "error"), [("float32", 1e-4), ("bf16x6", 1e-4), ("bf16x3", 1e-2)])
def test_replay_is_near_the_exact_one(kind: str, error: float) -> None:
    record = Record(AXES, [_gradients(seed) for seed in range(8)], [0.0] * 8)
    exact = list(replay(record, 1e-4, Products()))
    replaced = list(replay(record, 1e-4, Products(kind, kind, kind)))
    assert len(exact) == len(replaced) == 3
    for got, expected in zip(replaced, exact, strict=True):
        for a, b in zip(got.updates, expected.updates, strict=True):
            assert np.linalg.norm(a - b) < error * np.linalg.norm(b)
            assert np.any(a != b)


def test_newton_gets_its_own_product_back() -> None:
    own = newton_roots._multiply
    statistics = first_statistics(_gradients(0), AXES, 1.0)
    inverse_roots(statistics, 1e-3, "bf16x1")
    assert newton_roots._multiply is own
    left = jnp.full((2, 2), 1 + 2.0**-12)
    assert newton_roots._multiply(left, left)[0, 0] != 2
