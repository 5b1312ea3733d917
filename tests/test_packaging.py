"""The wheel, built from the source distribution, works in a folder that has nothing of ours."""

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import shampoo_tune

ROOT = Path(__file__).parent.parent
TINY = (
    "--set", "workload.name=mlp_digits", "--set", "budget.trials=1", "--set", "budget.seeds=1",
    "--set", "budget.steps=2", "--workers", "1",
)  # fmt: skip


def _build(source: Path, target: str, folder: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    with tarfile.open(_build(ROOT, "sdist", folder / "sdist")) as archive:
        archive.extractall(folder / "source", filter="data")
    (source,) = (folder / "source").iterdir()
    return _build(source, "wheel", folder / "wheel")


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Runs the command of an installation of its own, from a folder without files."""
    site, elsewhere = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("elsewhere")
    pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, "--no-deps", "--no-index", "--target", site, wheel], check=True)
    environment = os.environ | {"PYTHONPATH": str(site)}
    where = [sys.executable, "-c", "import shampoo_tune; print(shampoo_tune.__file__)"]
    ours = subprocess.check_output(where, cwd=elsewhere, env=environment, text=True)
    assert Path(ours).is_relative_to(site)

    def run(*arguments: str) -> str:
        return subprocess.run(
            [str(site / "bin" / "shampoo-tune"), *arguments],
            cwd=elsewhere,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            check=True,
        ).stdout

    return run


def _files(folder: Path) -> set[str]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)) for path in found if "__pycache__" not in path.parts}


def test_the_wheel_has_all_of_the_package_the_study_files_and_nothing_else(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    package = {f"shampoo_tune/{name}" for name in _files(ROOT / "shampoo_tune")}
    spaces = {f"shampoo_tune/search_spaces/{name}" for name in _files(ROOT / "search_spaces")}
    assert names == package | spaces
    assert "shampoo_tune/py.typed" in names


def test_the_wheel_names_its_licence_its_command_and_its_version(wheel: Path) -> None:
    folder = f"shampoo_tune-{shampoo_tune.__version__}.dist-info"
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(f"{folder}/METADATA").decode()
        assert archive.read(f"{folder}/licenses/LICENSE") == (ROOT / "LICENSE").read_bytes()
        assert b"shampoo-tune = shampoo_tune.cli:main" in archive.read(f"{folder}/entry_points.txt")
    assert "License-Expression: Apache-2.0" in metadata


def test_a_shipped_study_is_validated_from_any_folder(installed: Callable[..., str]) -> None:
    assert installed("validate", "resnet").startswith("version: 1\nname: resnet\n")


def test_a_shipped_study_is_launched_from_any_folder(installed: Callable[..., str]) -> None:
    summary = json.loads(installed("launch", "resnet", "--name", "tiny", "--json", *TINY))
    (study,) = summary["studies"]
    assert (study["study"], study["state"]) == ("tiny/shampoo", "completed")
