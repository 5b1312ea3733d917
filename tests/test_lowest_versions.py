"""The constraints by which the package is tried with the lowest versions."""

import tomllib
from pathlib import Path

from packaging.requirements import Requirement

from scripts.lowest_versions import lowest

PROJECT = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())["project"]


def test_every_dependency_has_a_lowest_version_that_it_allows() -> None:
    allowed = {r.name: r.specifier for r in map(Requirement, PROJECT["dependencies"])}
    held = [constraint.split("==") for constraint in lowest(PROJECT["dependencies"])]
    assert [name for name, _ in held] == list(allowed)
    for name, version in held:
        assert version in allowed[name]
