"""Fixtures of all tests, and the rule for parts that are too heavy to run everywhere."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
REQUIRED_PARTS = set(os.environ.get("SHAMPOO_TUNE_REQUIRE", "").replace(",", " ").split())

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def require() -> Callable[[str], None]:
    """Skips the test unless SHAMPOO_TUNE_REQUIRE names its heavy part."""

    def check(part: str) -> None:
        if part not in REQUIRED_PARTS:
            pytest.skip(f"heavy; SHAMPOO_TUNE_REQUIRE={part} runs it")

    return check


@pytest.fixture
def shampoo_tune(tmp_path: Path) -> Run:
    """Runs the command line as a user does, in an empty folder; returns the finished process."""

    def run(*arguments: str | Path, code: int = 0) -> subprocess.CompletedProcess[str]:
        result = subprocess.run(
            [sys.executable, "-m", "shampoo_tune", *map(str, arguments)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == code, result.stdout + result.stderr
        return result

    return run
