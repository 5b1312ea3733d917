"""The image: its Dockerfile, what it is made of, and those of its steps that need no engine."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.docker.test_compose import options_of

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "docker"
DOCKERFILE = (DOCKER / "Dockerfile").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PINS = {path.stem.removeprefix("image_"): path for path in (ROOT / "requirements").glob("image_*")}


def test_hadolint_has_nothing_to_say() -> None:
    hadolint = Path(sys.executable).parent / "hadolint"
    subprocess.run([hadolint, "--no-color", DOCKER / "Dockerfile"], check=True)


def _allowed() -> list[str]:
    lines = (DOCKER / "Dockerfile.dockerignore").read_text().splitlines()
    assert lines[1] == "*"
    return [line[1:] for line in lines if line.startswith("!")]


def test_what_is_copied_exists_and_is_let_through() -> None:
    sources = [
        source.replace("${EXTRA}", extra)
        for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
        for source in line.split()
        for extra in PINS
    ]
    assert "pyproject.toml" in sources
    for source in sources:
        assert (ROOT / source).exists()
        assert any(Path(source).is_relative_to(path) for path in _allowed()), source


def test_the_package_is_built_from_what_is_let_through(tmp_path: Path) -> None:
    for name in re.findall(r"^COPY (pyproject.toml.*) ./$", DOCKERFILE, re.MULTILINE)[0].split():
        shutil.copy(ROOT / name, tmp_path)
    for name in ("search_spaces", "shampoo_tune"):
        shutil.copytree(ROOT / name, tmp_path / name)
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "wheel"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert len(list((tmp_path / "wheel").iterdir())) == 1


@pytest.mark.parametrize("extra", ["cpu", "tpu", "cuda13"])
def test_pins_are_versions_that_the_package_allows(extra: str) -> None:
    lines = PINS[extra].read_text().split()
    pins = {name: Version(version) for name, version in (line.split("==") for line in lines)}
    optional = PROJECT["optional-dependencies"]
    wanted = [*PROJECT["dependencies"], *optional.get(extra, [])]
    for name in ("postgres", "ray", "gcs", "imagenet"):
        wanted += optional[name]
    for text in wanted:
        requirement = Requirement(text)
        assert pins[requirement.name.lower()] in requirement.specifier, text


def test_nothing_runs_as_root_and_a_health_check_asks_our_own_command() -> None:
    last = DOCKERFILE.split("FROM ")[-1]
    (user,) = re.findall(r"^USER (\d+)$", last, re.MULTILINE)
    assert user != "0"
    (check,) = re.findall(r"HEALTHCHECK .*CMD (\[.*\])", last)
    program, *arguments = json.loads(check)
    assert program == json.loads(re.findall(r"ENTRYPOINT (\[.*\])", last)[0])[0]
    options_of(arguments)


def test_the_entrypoint_takes_the_password_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("from a file\n")
    (tmp_path / "shampoo-tune").symlink_to("/usr/bin/env")  # prints what it was given
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    run = [str(DOCKER / "entrypoint")]
    file = {"PGPASSWORD_FILE": str(tmp_path / "password")}
    shown = subprocess.check_output(run, env=environment | file, text=True).splitlines()
    assert "PGPASSWORD=from a file" in shown
    assert "PGPASSWORD" not in subprocess.check_output(run, env=environment, text=True)


def test_the_password_is_made_once_and_its_folder_is_its_owner_s_alone(tmp_path: Path) -> None:
    prepare = tmp_path / "prepare"
    shutil.copy(DOCKER / "prepare", prepare)
    subprocess.run([prepare], check=True)
    password = tmp_path / "secrets" / "database_password"
    first = password.read_text()
    assert len(first) == 64
    assert stat.S_IMODE(password.parent.stat().st_mode) == 0o700
    subprocess.run([prepare], check=True)
    assert password.read_text() == first
