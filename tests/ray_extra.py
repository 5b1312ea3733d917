"""Ray is an extra: its tests are skipped where it is missing, unless it must not be."""

import importlib.util
import os
import secrets

import pytest

from tests.conftest import REQUIRED_PARTS

# As our sessions do before they import Ray, which reads it once: whichever test imports it first,
# a later one may begin a cluster of its own.
os.environ.setdefault("RAY_AUTH_MODE", "token")
os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
os.environ.setdefault("RAY_worker_niceness", "0")

needs_ray = pytest.mark.skipif(
    not importlib.util.find_spec("ray") and "ray" not in REQUIRED_PARTS,
    reason="Ray is not installed: SHAMPOO_TUNE_EXTRAS=ray scripts/test installs it",
)
