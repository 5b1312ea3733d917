"""The schedule against the published formula."""

import jax
import numpy as np
import pytest

from shampoo_tune.optimizer import warmup_polynomial
from shampoo_tune.optimizer.config import WarmupPolynomialConfig


def published(t: int, c: WarmupPolynomialConfig) -> float:
    """mlperf_polynomial of google/init2winit, in float64 (start 0, no decay_end)."""
    base, end = c.learning_rate, c.end_factor * c.learning_rate
    length = c.steps - c.warmup_steps + 1
    if t <= c.warmup_steps and c.warmup_steps > 0:
        return float(base * (t / c.warmup_steps) ** c.warmup_power)
    passed = min(t - c.warmup_steps, length)
    return float(end + (base - end) * (1 - passed / length) ** c.decay_power)


CONFIGS = [
    WarmupPolynomialConfig(learning_rate=13.0, steps=1729, warmup_steps=196),
    WarmupPolynomialConfig(
        learning_rate=29.0,
        steps=2512,
        warmup_steps=706,
        warmup_power=1.5,
        decay_power=3.0,
        end_factor=0.01,
    ),
    WarmupPolynomialConfig(learning_rate=0.5, steps=40),
    WarmupPolynomialConfig(learning_rate=0.5, steps=1),
    WarmupPolynomialConfig(learning_rate=0.5, steps=1, warmup_steps=1),
    WarmupPolynomialConfig(learning_rate=0.5, steps=10, decay_power=0.0),
]


@pytest.mark.parametrize("config", CONFIGS)
def test_every_step_has_the_published_learning_rate(config: WarmupPolynomialConfig) -> None:
    counts = np.arange(config.steps + 3, dtype=np.int32)
    rates = jax.vmap(warmup_polynomial(config))(counts)
    expected = [published(int(t), config) for t in counts]
    np.testing.assert_allclose(rates, expected, rtol=2e-6, atol=0)


def test_the_shampoo_schedule_has_the_known_end_points() -> None:
    schedule = warmup_polynomial(CONFIGS[0])
    assert schedule(0) == 0
    assert schedule(196) == 13
    assert float(schedule(1728)) == pytest.approx(13 * (2 / 1534) ** 2, rel=1e-6)
    assert schedule(1730) == 0


def test_without_warmup_the_first_step_has_the_full_rate() -> None:
    assert warmup_polynomial(CONFIGS[2])(0) == 0.5
    assert warmup_polynomial(CONFIGS[3])(0) == 0.5
