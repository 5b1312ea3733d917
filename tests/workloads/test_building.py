"""What another package builds is checked before it trains, and blamed by its package's name."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.workloads import make_workload
from tests.workloads.packages import Site, site

# A line of {change} may replace any part of a workload that is in order.
MODULE = """\
import jax.numpy as jnp
from shampoo_tune.study import Goal
from shampoo_tune.workloads import WorkloadEntry
from shampoo_tune.workloads.workload import Workload

ENTRY = WorkloadEntry(
    "{module}:make", "a parabola", metrics=("train_loss", "valid_loss", "test_loss"),
    metric="valid_loss", goal=Goal.MINIMIZE, target=0.1, batch_size=4,
)

def make(batch_size, depth=1):
    parts = dict(
        name="parabola", metric="valid_loss", goal=Goal.MINIMIZE, target=0.1,
        batch_size=batch_size, fingerprint="parabola 1",
        init=lambda key: ({{"w": jnp.ones(3)}}, {{}}),
        loss=lambda p, s, batch, key: ((p["w"] ** 2).sum() + batch["x"].mean(), (s, {{}})),
        evaluate=lambda p, s, split: {{"loss": float((p["w"] ** 2).sum())}},
        batches=lambda seed, start: iter([{{"x": jnp.zeros(batch_size)}}] * 9),
    )
    {change}
    return Workload(**parts)
"""


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with site(tmp_path, monkeypatch) as found:
        yield found


def install(packages: Site, change: str) -> str:
    name = f"parabola-{abs(hash(change))}"
    module = MODULE.format(module=name.replace("-", "_"), change=change)
    packages.install(name, module, "parabola")
    return name


def test_a_workload_in_order_is_built_with_its_arguments(packages: Site) -> None:
    install(packages, "parts['fingerprint'] += str(depth)")
    workload = make_workload("parabola", 5, depth=3)
    assert (workload.batch_size, workload.fingerprint) == (5, "parabola 13")
    params, state = workload.init(None)  # type: ignore[arg-type]
    assert workload.evaluate(params, state, "valid") == {"loss": 3.0}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("return None", "the factory must return a Workload, got NoneType"),
        ("del parts['batches']", "missing 1 required positional argument: 'batches'"),
        ("raise OSError('no data here')", "no data here"),
        ("parts['name'] = 'other'", "name must be 'parabola', as its entry says, got 'other'"),
        ("parts['batch_size'] = 8", "batch_size must be 4"),
        ("parts['target'] = None", "target must be 0.1"),
        ("parts['fingerprint'] = ''", "fingerprint must be a text that is not empty"),
        ("parts['init'] = lambda key: jnp.ones(3)", "init must return (params, model_state)"),
        ("parts['init'] = lambda key: ({'w': jnp.arange(3)}, {})", "params must be arrays of floa"),
        ("parts['init'] = lambda key: ({}, {})", "params must be arrays of floats"),
        ("parts['batches'] = lambda seed, start: iter([jnp.zeros(4)])", "must be a dict of arrays"),
        ("parts['batches'] = lambda *_: iter([{'x': jnp.zeros(3)}])", "begin with 4 examples"),
        ("parts['loss'] = lambda p, s, b, k: p['w'].sum()", "loss must return (loss, (model_state"),
        ("parts['loss'] = lambda p, s, b, k: (p['w'], (s, {}))", "the loss must be one float"),
        ("parts['loss'] = lambda p, s, b, k: (p['w'].sum(), (p, {}))", "a model_state like init's"),
    ],
)
def test_what_is_no_workload_names_the_package_and_the_rule(
    packages: Site, change: str, told: str
) -> None:
    name = install(packages, change)
    with pytest.raises(InvalidInputError) as caught:
        make_workload("parabola", 4)
    assert f"of the package {name} 1.0: " in str(caught.value)
    assert told in str(caught.value)
    assert "docs/own_workload.md" in str(caught.value)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ("{'loss': jnp.ones(())}", "a dict of Python floats"),
        ("{'accuracy': 0.5}", "the entry's metrics of the valid split, ['loss']"),
    ],
)
def test_what_evaluate_returns_is_checked_each_time(packages: Site, values: str, told: str) -> None:
    name = install(packages, f"parts['evaluate'] = lambda p, s, split: {values}")
    workload = make_workload("parabola", 4)
    with pytest.raises(InvalidInputError) as caught:
        workload.evaluate({}, {}, "valid")
    assert name in str(caught.value)
    assert told in str(caught.value)
