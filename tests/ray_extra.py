"""Ray is an extra: its tests are skipped where it is missing, unless it must not be."""

import importlib.util

import pytest

from tests.conftest import REQUIRED_PARTS

needs_ray = pytest.mark.skipif(
    not importlib.util.find_spec("ray") and "ray" not in REQUIRED_PARTS,
    reason="Ray is not installed: SHAMPOO_TUNE_EXTRAS=ray scripts/test installs it",
)
