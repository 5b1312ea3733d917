"""best.yaml: what the study chose, unchanged, as an optimizer."""

import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import yaml

import shampoo_tune
from shampoo_tune.best_config import BestConfig
from shampoo_tune.errors import InvalidInputError
from shampoo_tune.optimizer import build
from shampoo_tune.optimizer.config import Configuration, ShampooConfig, WarmupPolynomialConfig
from shampoo_tune.optimizer.pytrees import as_arrays

CONFIG = BestConfig(
    Configuration(
        optimizer="shampoo",
        options=ShampooConfig(beta1=0.1 + 0.2, matrix_epsilon=1.5e-05, exponent_override=4.0),
        schedule=WarmupPolynomialConfig(learning_rate=13.0, steps=1729, warmup_steps=196),
    ),
    evidence={"metric": "valid_accuracy", "final": {"median": 0.97, "ci_low": None}},
    provenance={"study": "resnet/shampoo"},
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "best.yaml"
    path.write_text(CONFIG.to_yaml())
    return path


def test_a_best_yaml_is_read_back_equal(path: Path) -> None:
    assert shampoo_tune.load(path) == CONFIG
    assert shampoo_tune.load(str(path)).hyperparameters["beta1"] == 0.1 + 0.2


def test_production_steps_equal_tuning_steps(path: Path) -> None:
    """Baked into a user's program or traced by the tuner: the same updates up to rounding."""
    params = {"w": jnp.ones((7, 5)), "bias": jnp.zeros(5)}
    rng = np.random.default_rng(0)
    production = shampoo_tune.load(path).optimizer()
    state, numbers = production.init(params), as_arrays(CONFIG.configuration)
    tuning = jax.jit(lambda n, g, s, p: build(n).update(g, s, p))
    tuning_state = state
    for _ in range(8):
        gradients = jax.tree.map(lambda p: jnp.asarray(rng.normal(size=p.shape), p.dtype), params)
        updates, state = jax.jit(production.update)(gradients, state, params)
        wanted, tuning_state = tuning(numbers, gradients, tuning_state, params)
        for ours, theirs in zip(jax.tree.leaves(updates), jax.tree.leaves(wanted), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-7)


def test_another_budget_warns_and_stretches_the_schedule(path: Path) -> None:
    config = shampoo_tune.load(path)
    with pytest.warns(UserWarning, match="tuned for 1729 steps, used for 3458"):
        config.optimizer(total_steps=3458)
    config.optimizer(total_steps=1729)  # no warning, which would be an error here


def test_a_file_changed_by_hand_is_refused(path: Path) -> None:
    path.write_text(path.read_text().replace("learning_rate: 13.0", "learning_rate: 12.0"))
    with pytest.raises(InvalidInputError, match="does not match its digest"):
        shampoo_tune.load(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("schema: shampoo-tune/best-config/v2\n", "expected schema"),
        ("- a list\n", "expected schema"),
        ("schema: shampoo-tune/best-config/v1\nconfig: {}\n", "missing digest"),
        ("a: [", "cannot read"),
        ("!!python/object/apply:os.system [exit 1]", "cannot read"),
    ],
)
def test_what_is_not_a_best_yaml_is_refused(path: Path, text: str, message: str) -> None:
    path.write_text(text)
    with pytest.raises(InvalidInputError, match=message):
        shampoo_tune.load(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="No such file"):
        shampoo_tune.load(tmp_path / "none.yaml")


def test_the_file_is_plain_yaml_that_anyone_can_read(path: Path) -> None:
    document = yaml.safe_load(path.read_text())
    assert list(document) == ["schema", "digest", "config", "evidence", "provenance"]
    assert document["config"]["options"]["matrix_epsilon"] == 1.5e-05


def test_loading_needs_neither_a_database_nor_flax(path: Path) -> None:
    script = (
        f"import sys, shampoo_tune\nshampoo_tune.load({str(path)!r}).optimizer()\n"
        "assert not {'sqlalchemy', 'flax', 'optuna', 'pandas', 'sklearn'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_an_unknown_attribute_of_the_package_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'lode'"):
        _ = shampoo_tune.lode
