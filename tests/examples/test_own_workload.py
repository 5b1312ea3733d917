"""The example of a workload of one's own, installed as a user does, is validated and trained."""

import json
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import jax
import pytest

from shampoo_tune.study import Goal
from shampoo_tune.workloads import WorkloadEntry
from shampoo_tune.workloads.checking import check_values, check_workload
from tests.conftest import Run

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "own_workload"
STUDY = EXAMPLE / "study.yaml"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the example is installed in, without any network."""
    folder = tmp_path_factory.mktemp("site")
    offline = ["--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check"]
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", *offline, "--target", folder, EXAMPLE],
        check=True,
    )
    return folder


@pytest.fixture
def installed(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}:{site}")


@pytest.mark.usefixtures("installed")
def test_the_file_is_valid_with_the_defaults_of_the_entry(shampoo_tune: Run) -> None:
    shown = shampoo_tune("validate", STUDY).stdout
    assert "workload: {name: softmax_digits, batch_size: 128, args: {l2: 0.0}}" in shown
    assert "target: 0.9\n" in shown
    assert "softmax_digits of softmax-digits 1.0" in shampoo_tune("doctor").stdout


def test_without_the_package_its_file_is_refused(shampoo_tune: Run) -> None:
    assert "unknown workload 'softmax_digits'" in shampoo_tune("validate", STUDY, code=2).stderr


@pytest.mark.usefixtures("installed")
def test_a_launch_trains_it_and_tells_its_package(shampoo_tune: Run, tmp_path: Path) -> None:
    document = json.loads(shampoo_tune("launch", STUDY, "-q", "--json").stdout)
    (study,) = document["studies"]
    assert (study["state"], study["runs_done"]) == ("completed", 19)
    assert study["median"] > 0.9
    connection = sqlite3.connect(tmp_path / "shampoo-tune.db")
    (provenance,) = connection.execute("select provenance from groups").fetchone()
    facts = [json.loads(f) for (f,) in connection.execute("select facts from execution_facts")]
    connection.close()
    package = {"name": "softmax-digits", "version": "1.0"}
    assert json.loads(provenance)["workload"]["package"] == package
    told = [fact for fact in facts if fact]  # of an attempt that has just begun there are none
    assert all(fact["workload_package"] == package for fact in told)
    assert all(re.fullmatch("[0-9a-f]{64}", fact["workload_fingerprint"]) for fact in told)
    shampoo_tune("report", "softmax", "-o", "report.md")
    assert "Softmax regression" in (tmp_path / "report.md").read_text()


def test_the_page_shows_the_example_as_it_is() -> None:
    page = (ROOT / "docs" / "own_workload.md").read_text()
    fences = re.findall(r"^```(\w+)\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    assert dict(fences)["toml"] in (EXAMPLE / "pyproject.toml").read_text()
    commands = next(block for language, block in fences if language == "sh")
    assert commands in (EXAMPLE / "README.md").read_text()


def test_the_entry_of_the_page_is_that_of_the_example() -> None:
    page = (ROOT / "docs" / "own_workload.md").read_text()
    block = page.split("```python\n")[1].split("```")[0]
    shown: dict[str, object] = {}
    real: dict[str, object] = {}
    exec(block, shown)  # noqa: S102
    exec((EXAMPLE / "softmax_digits" / "__init__.py").read_text(), real)  # noqa: S102
    assert shown["ENTRY"] == real["ENTRY"]


def test_the_factory_of_the_page_builds_what_it_says() -> None:
    page = (ROOT / "docs" / "own_workload.md").read_text()
    names: dict[str, Any] = {}
    exec(page.split("```python\n")[2].split("```")[0], names)  # noqa: S102
    metrics = ("train_loss", "valid_loss", "test_loss")
    entry = WorkloadEntry("a:b", "", metrics, "valid_loss", Goal.MINIMIZE, target=0.1)
    workload = check_workload(names["parabola"](4), "parabola", entry, 4)
    check_values(workload.evaluate(*workload.init(jax.random.key(0)), "valid"), "valid", entry)
