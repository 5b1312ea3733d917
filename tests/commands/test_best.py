"""`best` and `approve` as a user meets them, on both engines."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from starlette.testclient import TestClient

import shampoo_tune as package
from shampoo_tune.best_config import BestConfig
from shampoo_tune.best_file import as_python, as_yaml
from shampoo_tune.cli import cli
from shampoo_tune.dashboard.access import access_for
from shampoo_tune.dashboard.app import create_app
from shampoo_tune.errors import InvalidInputError
from shampoo_tune.storage.database import open_existing
from tests.conftest import Run
from tests.postgresql import Server
from tests.tuner.conftest import quick_study
from tests.tuner.pretending import PretendedLaboratory

STUDY = "quick/nesterov"


@pytest.fixture
def pretended(tmp_path: Path) -> Iterator[PretendedLaboratory]:
    laboratory = PretendedLaboratory(tmp_path)
    yield laboratory
    laboratory.close()


def rising(point: dict[str, object], seed: int) -> float:
    """The larger the rate the better, up to the end of its range."""
    return 0.8 + 0.3 * float(str(point["learning_rate"])) + 0.001 * (seed % 7)


@pytest.fixture
def address(pretended: PretendedLaboratory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A completed group whose best trials crowd at an end."""
    pretended.run(quick_study("budget.trials=40"), rising)
    found = f"sqlite:///{tmp_path / 'study.db'}"
    monkeypatch.setenv("SHAMPOO_TUNE_DB", found)
    return found


def test_from_winner_to_champion(address: str, shampoo_tune: Run, tmp_path: Path) -> None:
    missing = shampoo_tune("best", f"{STUDY}@champion", code=4).stderr
    assert f"nothing of {STUDY} is approved; `shampoo-tune approve {STUDY}" in missing

    wrote = shampoo_tune("best", STUDY, "-o", "best.yaml")
    assert "crowd at the high end of learning_rate, 0.5" in wrote.stderr
    text = (tmp_path / "best.yaml").read_text()
    digest = package.load(tmp_path / "best.yaml").to_document()["digest"]

    approved = shampoo_tune("approve", STUDY, "--note", "<b>first</b>")
    assert f"{STUDY} is its champion, {digest}\n" in approved.stdout
    assert "crowd at the high end of learning_rate" in approved.stderr
    shown = shampoo_tune("best", f"{STUDY}@champion")
    assert shown.stdout == text
    assert ": '<b>first</b>'" in shown.stderr

    shampoo_tune("approve", "quick", "--note", "again")
    check_history(address, digest)
    with open_existing(address) as reader:
        app = create_app(reader, access_for("127.0.0.1", None))
        _check_dashboard(TestClient(app, base_url="http://127.0.0.1:8088"), digest)


def check_history(address: str, digest: str) -> None:
    """Both approvals, as Python sees them."""
    with package.open(address) as results:
        history = results.best_configs(STUDY)
    assert list(history["note"]) == ["<b>first</b>", "again"]
    assert list(history["digest"]) == [digest, digest]


def test_a_server_keeps_the_same_history(
    address: str, shampoo_tune: Run, postgresql: Server
) -> None:
    text, server = shampoo_tune("best", STUDY).stdout, postgresql.make_database()
    shampoo_tune("db", "backup", server)
    for note in ("<b>first</b>", "again"):
        shampoo_tune("approve", STUDY, "--note", note, "--db", server)
    assert shampoo_tune("best", f"{STUDY}@champion", "--db", server).stdout == text
    digest = package.load(f"{STUDY}@champion", db=server).to_document()["digest"]
    check_history(server, digest)
    with package.open(address) as results:  # what was copied from is as it was
        assert results.best_configs().empty


def _check_dashboard(client: TestClient, digest: str) -> None:
    """Both approvals, the newest first and current, with the digest of best.yaml."""
    with client:
        page = client.get("/best").text
        told = client.get("/api/v1/best").json()["approvals"]
        document = client.get(f"/api/v1/best/{STUDY}").json()
    assert page.index("champion, now") < page.index("again") < page.index("champion, before")
    assert "&lt;b&gt;first&lt;/b&gt;" in page
    assert page.count(digest[:19]) == 2
    assert [(row["study"], row["digest"]) for row in told] == [(STUDY, digest)] * 2
    assert document["digest"] == digest
    assert BestConfig.from_document(document, "the answer").to_document() == document


@pytest.mark.usefixtures("address")
def test_every_format_is_one_document(tmp_path: Path) -> None:
    def best(*arguments: str | Path) -> Result:
        return CliRunner().invoke(cli, ["best", *map(str, arguments)])

    document = json.loads(best(STUDY, "--format", "json").stdout)
    assert best(STUDY).stdout == as_yaml(document)
    assert best(STUDY, "--format", "python", "-o", tmp_path / "best.txt").stdout == ""
    assert best(STUDY, "-o", tmp_path / "best.py").stdout == ""
    for name in ("best.txt", "best.py"):
        assert (tmp_path / name).read_text() == as_python(document)
    best(STUDY, "-o", tmp_path / "best.json")
    assert json.loads((tmp_path / "best.json").read_text()) == document
    summary = best(STUDY, "--json", "-o", tmp_path / "best.yaml").stdout
    assert json.loads(summary)["schema"] == "shampoo-tune/best/v1"
    assert (tmp_path / "best.yaml").read_text() == as_yaml(document)
    for arguments, message in (
        (("quick@champion", "--json"), "ask with --format json"),
        ((STUDY, "-o", tmp_path / "nowhere" / "x.py"), "cannot write .*nowhere/x"),
        ((STUDY, "-o", tmp_path / "x.pdf"), "x.pdf ends in none of .yaml, .* --format"),
    ):
        error = best(*arguments).exception
        assert isinstance(error, InvalidInputError)
        assert re.search(message, str(error))


def test_a_provisional_winner_is_shown_on_demand_and_not_approved(
    pretended: PretendedLaboratory, shampoo_tune: Run
) -> None:
    pretended.run(quick_study(), rising, runs=12)
    db = ("--db", "sqlite:///study.db")
    assert "of 7 final seeds" in shampoo_tune("best", STUDY, *db, code=3).stderr
    assert "provisional: true" in shampoo_tune("best", STUDY, "--provisional", *db).stdout
    assert "is provisional" in shampoo_tune("approve", STUDY, *db, code=3).stderr
