"""`best` and `approve` as a user meets them, on both engines."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import shampoo_tune as package
from shampoo_tune.best_config import BestConfig
from shampoo_tune.best_file import as_yaml
from shampoo_tune.dashboard.access import access_for
from shampoo_tune.dashboard.app import create_app
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


@pytest.fixture(params=["sqlite", "postgresql"])
def address(
    pretended: PretendedLaboratory,
    shampoo_tune: Run,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    """A completed group in a database of either engine, whose best trials crowd at an end."""
    pretended.run(quick_study("budget.trials=40"), rising)
    monkeypatch.setenv("SHAMPOO_TUNE_DB", "sqlite:///study.db")
    if request.param == "sqlite":
        return f"sqlite:///{Path(str(pretended._database.url.database))}"
    server: Server = request.getfixturevalue("postgresql")
    url = server.make_database()
    shampoo_tune("db", "backup", url)
    monkeypatch.setenv("SHAMPOO_TUNE_DB", url)
    return url


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
    assert package.load(f"{STUDY}@champion", db=address).to_document()["digest"] == digest

    shampoo_tune("approve", "quick", "--note", "again")
    with package.open(address) as results:
        history = results.best_configs(STUDY)
    assert list(history["note"]) == ["<b>first</b>", "again"]
    assert list(history["digest"]) == [digest, digest]
    with open_existing(address) as reader:
        app = create_app(reader, access_for("127.0.0.1", None))
        _check_dashboard(TestClient(app, base_url="http://127.0.0.1:8088"), digest)


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


@pytest.mark.parametrize("address", ["sqlite"], indirect=True)
def test_every_format_is_one_document(address: str, shampoo_tune: Run, tmp_path: Path) -> None:
    del address
    document = json.loads(shampoo_tune("best", STUDY, "--format", "json").stdout)
    assert as_yaml(document) == shampoo_tune("best", STUDY).stdout
    code = shampoo_tune("best", STUDY, "--format", "python", "-o", "best.py").stderr
    assert "wrote best.py" in code
    assert document["digest"] in (tmp_path / "best.py").read_text()
    summary = json.loads(shampoo_tune("best", STUDY, "--json", "-o", "best.yaml").stdout)
    assert summary["schema"] == "shampoo-tune/best/v1"
    assert (tmp_path / "best.yaml").read_text() == as_yaml(document)
    assert "--format json" in shampoo_tune("best", "quick@champion", "--json", code=2).stderr
    assert "cannot write nowhere/x" in shampoo_tune("best", STUDY, "-o", "nowhere/x", code=2).stderr
    assert "is a directory" in shampoo_tune("best", STUDY, "-o", ".", code=2).stderr
    assert "no study 'quick/lars'" in shampoo_tune("approve", "quick/lars", code=4).stderr


def test_a_provisional_winner_is_shown_on_demand_and_not_approved(
    pretended: PretendedLaboratory, shampoo_tune: Run
) -> None:
    pretended.run(quick_study(), rising, runs=12)
    db = ("--db", "sqlite:///study.db")
    assert "of 7 final seeds" in shampoo_tune("best", STUDY, *db, code=3).stderr
    assert "provisional: true" in shampoo_tune("best", STUDY, "--provisional", *db).stdout
    assert "is provisional" in shampoo_tune("approve", STUDY, *db, code=3).stderr
