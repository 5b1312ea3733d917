"""Groups of two arms, trained for real once and compared in many tests."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import Connection

from shampoo_tune.tuner.comparison.comparing import Comparison, compare_groups
from tests.tuner.conftest import Laboratory, quick_study

TWO_ARMS = """\
version: 1
name: pair
workload: {name: mlp_digits, batch_size: 128}
target: 0.9
budget: {steps: 20, trials: 5, finalists: 2, finalist_seeds: 3, seeds: 7, eval_every: 10}
schedule: {name: warmup_polynomial, warmup_fraction: 0.1}
optimizers:
  nesterov:
    learning_rate: {min: 0.1, max: 0.5, scale: log}
    momentum: {min: 0.5, max: 0.9, scale: one_minus_log}
  slow:
    optimizer: nesterov
    learning_rate: {min: 1e-3, max: 1e-2, scale: log}
    momentum: 0.5
"""


@dataclass
class Pairs:
    """A database with whole launches of `TWO_ARMS`; each group is trained once."""

    laboratory: Laboratory
    launched: set[str] = field(default_factory=set)

    def launch(self, name: str, *overrides: str) -> str:
        """Launch a variant of the file under a name."""
        if name not in self.launched:
            self.laboratory.launch(quick_study(f"name={name}", *overrides, text=TWO_ARMS))
            self.launched.add(name)
        return name

    def compare(self, *groups: str, **options: Any) -> Comparison:
        """The comparison of groups."""
        with self.laboratory.read() as connection:
            return compare_groups(connection, groups, **options)


@pytest.fixture(scope="session")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Pairs:
    """One database for all tests; none of them changes a group."""
    return Pairs(Laboratory(tmp_path_factory.mktemp("pairs")))


@pytest.fixture
def connection(pairs: Pairs) -> Iterator[Connection]:
    """A read transaction on the groups `pair` and `thrice`."""
    pairs.launch("pair")
    with pairs.laboratory.read() as opened:
        yield opened
