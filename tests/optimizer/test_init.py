"""The public names, and what importing the package does not load."""

import subprocess
import sys
from pathlib import Path

import pytest

import shampoo_tune.optimizer as package


@pytest.mark.parametrize("module", ["shampoo_tune.optimizer", "shampoo_tune.optimizer.config"])
def test_importing_it_loads_neither_jax_nor_optax(module: str) -> None:
    code = f"import sys, {module}; print(sorted({{'jax', 'jaxlib', 'optax'}} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize("name", package.__all__)
def test_every_public_name_is_the_function_of_that_name(name: str) -> None:
    function = getattr(package, name)
    assert function.__name__ == name
    assert not (Path(package.__file__).parent / f"{name}.py").exists()


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'sgd'"):
        _ = package.sgd
