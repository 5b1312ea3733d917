"""Every command line of the documentation: the program knows it, and where it can run, it runs."""

import configparser
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from starlette.testclient import TestClient

from shampoo_tune.cli import cli
from shampoo_tune.dashboard.access import access_for
from shampoo_tune.dashboard.app import create_app
from shampoo_tune.storage.database import open_existing
from shampoo_tune.tuner.local_workers import SAVE_SECONDS
from shampoo_tune.tuner.study_file.document import render_yaml
from shampoo_tune.tuner.study_file.loading import load_study_file
from shampoo_tune.workloads import WORKLOADS
from tests.test_docs import PAGES, ROOT

FENCE = re.compile(r"^```(sh|ini)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
# Commands that are read here, not run: by their first word or by the beginning of another, and why.
FIRST = {
    "controller": "serves until it is stopped",
    "dashboard": "serves until it is stopped",
    "doctor": "looks at this machine; its own tests run it",
    "watch": "follows what a controller does meanwhile",
    "data": "needs ImageNet",
}
ANY = {
    "--topology": "needs a TPU, or its compiler, which tests of `plan` run",
    "--backend": "needs Ray, whose tests run it",
    "--exec": "its own tests run it",
    "examples/own_workload": "needs an installed package, which its own tests install",
}
TINY = ("budget.trials=2", "budget.seeds=6", "budget.steps=20", "budget.finalists=1",
        "budget.finalist_seeds=1")  # fmt: skip


def lines() -> Iterator[tuple[Path, list[str]]]:
    """Page and words of every line of every block of commands."""
    for page in PAGES:
        for _, block in FENCE.findall(page.read_text()):
            for line in block.splitlines():
                yield page, shlex.split(line, comments=True)


def ours(words: list[str]) -> list[str] | None:
    """The arguments of our program in a line, wherever it is called; None if it is not."""
    for place, word in enumerate(words):
        if re.fullmatch(r"(ExecStart=)?([\w/.-]*/)?shampoo-tune(:cpu)?", word):
            return words[place + 1 : words.index(">") if ">" in words else None]
        if word.startswith("shampoo-tune "):  # a command in quotes
            return shlex.split(word)[1:]
    return None


LINES = list(lines())
OURS = [(page, arguments) for page, words in LINES if (arguments := ours(words))]
HERE = [(page, ours(words) or []) for page, words in LINES if words[:1] == ["shampoo-tune"]]


def only_read(arguments: list[str]) -> bool:
    """Whether a command is not run."""
    return arguments[0] in FIRST or any(a.startswith(part) for a in arguments for part in ANY)


def read(command: click.Command, arguments: list[str], parent: click.Context | None) -> None:
    """Parse a command as the program does, options, choices and files included, and no more."""
    context = command.make_context(command.name, list(arguments), parent=parent)
    if isinstance(command, click.Group):
        chosen = command.get_command(context, arguments[0])
        assert chosen is not None, arguments
        read(chosen, arguments[1:], context)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pages' commands are given: the repository's files, with tiny budgets."""
    folder = tmp_path_factory.mktemp("pages")
    (folder / "search_spaces").mkdir()
    for name in ("resnet", "resnet_compare", "transformer"):
        path = ROOT / "search_spaces" / f"{name}.yaml"
        (folder / "search_spaces" / path.name).write_text(tiny(path))
    (folder / "FILE").write_text(tiny(RESNET, "name=file"))
    (folder / "study.yaml").write_text(tiny(RESNET, "name=numpy"))
    (folder / "finished.jsonl").touch()
    for name in ("examples", "docker"):
        (folder / name).symlink_to(ROOT / name)
    for name in ("ILSVRC2012", "imagenet"):
        (folder / name).mkdir()
    run(folder, ["launch", "search_spaces/resnet.yaml"])
    run(folder, ["report", "resnet", "-o", "report.html"])
    return folder


RESNET = ROOT / "search_spaces" / "resnet.yaml"


def tiny(path: Path, *overrides: str) -> str:
    """A study file with few short runs; of images an even smaller model."""
    small = ("workload.name=mlp_digits",) if "resnet_digits" in path.read_text() else ()
    return render_yaml(load_study_file(path, [*TINY, *small, *overrides], WORKLOADS).study)


def run(folder: Path, arguments: list[str]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "shampoo_tune", *arguments],
        cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, f"{arguments}\n{done.stdout}{done.stderr}"
    return done.stdout


def test_every_command_is_one_that_the_program_knows(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    assert len(OURS) > 50
    for page, arguments in OURS:
        try:
            read(cli, arguments, None)
        except (click.ClickException, click.exceptions.Exit) as error:
            pytest.fail(f"{page.name}: {arguments}: {error}")


def places() -> list[tuple[Path, list[list[str]]]]:
    """The commands of each page that can run, in its order."""
    runnable = [(page, arguments) for page, arguments in HERE if not only_read(arguments)]
    pages = dict.fromkeys(page for page, _ in runnable)
    return [(page, [a for of, a in runnable if of == page]) for page in pages]


@pytest.mark.parametrize(
    ("page", "commands"), places(), ids=lambda value: getattr(value, "name", "")
)
def test_every_command_runs_in_the_order_of_its_page(
    folder: Path, tmp_path: Path, page: Path, commands: list[list[str]]
) -> None:
    here = shutil.copytree(folder, tmp_path / page.stem, symlinks=True)
    for arguments in commands:
        run(here, arguments)


def test_every_address_of_the_interface_answers(folder: Path) -> None:
    urls = [words[1] for _, words in LINES if words[:1] == ["curl"]]
    assert urls
    app = create_app(
        open_existing(f"sqlite:///{folder / 'shampoo-tune.db'}"), access_for("127.0.0.1", None)
    )
    with TestClient(app, base_url="http://127.0.0.1:8088") as client:
        for url in urls:
            assert client.get(url).status_code == 200, url


def test_the_service_file_stops_a_controller_as_it_wants_to_be_stopped() -> None:
    page = (ROOT / "docs" / "preemptible.md").read_text()
    unit = configparser.ConfigParser()
    unit.read_string(dict(FENCE.findall(page))["ini"])
    service = unit["Service"]
    assert service["KillSignal"] == "SIGTERM"
    assert float(service["TimeoutStopSec"]) >= SAVE_SECONDS
    assert ours(shlex.split(service["ExecStart"])) in [arguments for _, arguments in OURS]


def test_the_entry_point_of_the_page_is_that_of_the_example() -> None:
    page = (ROOT / "docs" / "own_workload.md").read_text()
    (block,) = re.findall(r"^```toml\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    example = tomllib.loads((ROOT / "examples" / "own_workload" / "pyproject.toml").read_text())
    points = tomllib.loads(block)["project"]["entry-points"]
    assert points == example["project"]["entry-points"]


def test_the_lines_of_the_page_are_recorded(folder: Path, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "own_program.md").read_text()
    *_, results = re.findall(r"^```json\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    here = shutil.copytree(folder, tmp_path / "recorded", symlinks=True)
    (here / "finished.jsonl").write_text(results)
    run(here, ["submit", "study.yaml", "--name", "numpy", "--set", "budget.steps=60"])
    run(here, ["pause", "numpy"])
    run(here, ["record", "numpy", "finished.jsonl"])
    (study,) = json.loads(run(here, ["status", "numpy", "--json"]))["studies"]
    assert (study["runs_done"], study["infeasible"]) == (2, 1)


def test_every_other_command_is_of_a_program_that_is_tested_elsewhere_or_cannot_be() -> None:
    elsewhere = {"curl", "python", "scripts/demo", "scripts/test", "scripts/install"}
    of_machines = {"docker", "docker/prepare", "kubectl", "ray", "datasette", "pip"}
    of_shells = {"source", "mkdir", "export", "shampoo-tune"}
    known = elsewhere | of_machines | of_shells
    blocks = [block for page in PAGES for kind, block in FENCE.findall(page.read_text())
              if kind == "sh"]  # fmt: skip
    for line in filter(None, "\n".join(blocks).splitlines()):
        assert line.split()[0] in known or line.startswith("head=$(kubectl"), line
