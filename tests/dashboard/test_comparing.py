"""The comparison as pages and as an interface: ladders, and the data of every plot."""

import csv
import io
import re
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection
from starlette.testclient import TestClient

from shampoo_tune.storage.database import open_existing
from shampoo_tune.tuner.comparison.comparing import compare_groups
from shampoo_tune.tuner.ladder.reading import result_of
from shampoo_tune.tuner.report.document import make_document
from shampoo_tune.tuner.report.steps_to_target import sentences
from tests.dashboard.conftest import TWO_ARMS, Place, accuracy, climb_ladder
from tests.dashboard.test_pages import text_of
from tests.tuner.conftest import quick_study
from tests.tuner.pretending import PretendedLaboratory

RUNGS = "group=climb-s30&group=climb-s15"


@pytest.fixture(scope="module")
def climbed(ladder: Place) -> TestClient:
    return ladder.client()


def keys_of(page: str) -> list[str]:
    return re.findall(r'<figure id="([^"]+)"', page)


@pytest.fixture(scope="module")
def repeated(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """A client of the group `quick`, every arm of three studies."""
    folder = tmp_path_factory.mktemp("repeated")
    laboratory = PretendedLaboratory(folder)
    laboratory.run(quick_study("budget.studies=3", text=TWO_ARMS), accuracy)
    laboratory.close()
    return Place(f"sqlite:///{folder / 'study.db'}").client()


def test_repeated_studies_are_shown_over_seeds_and_over_studies(repeated: TestClient) -> None:
    page = repeated.get("/compare?group=quick").text
    assert keys_of(page) == ["best-of-k-compared", "seed-bands", "seeds", "two-levels"]
    arms = repeated.get("/api/v1/compare/views/two-levels?group=quick").json()["arms"]
    assert [len(arm["studies"]) for arm in arms] == [3, 3]
    assert arms[0]["over_studies"]["low"] < arms[0]["over_studies"]["high"]
    check_plots(repeated, "group=quick", 4)


@pytest.mark.parametrize("query", ["group=quick", "group=quick&group=quick"])
def test_every_plot_has_its_data_and_an_address_that_restores_it(
    client: TestClient, query: str
) -> None:
    check_plots(client, query, 3)


def check_plots(client: TestClient, query: str, count: int) -> None:
    page = client.get(f"/compare?{query}").text
    figures = page.split("<figure ")[1:]
    assert len(figures) == count
    for figure in figures:
        links = {name: address.replace("&amp;", "&") for address, name in re.findall(
            r'href="([^"]+)"[^>]*>(Link|JSON|CSV)<', figure)}  # fmt: skip
        assert set(links) == {"Link", "JSON", "CSV"}
        assert re.search(r"</h2>\s*<p>[^<]+\.</p>", figure)  # what to look for
        drawing = figure[figure.index("<svg") : figure.index("</svg>")]
        assert drawing in client.get(links["Link"]).text
        assert client.get(links["JSON"]).json()
        rows = list(csv.reader(io.StringIO(client.get(links["CSV"]).text)))
        assert len(rows) > 2
        assert len({len(row) for row in rows}) == 1


def test_a_rung_brings_its_whole_ladder(climbed: TestClient, ladder: Place) -> None:
    result = result_of(ladder.address, "climb-s30")
    page = climbed.get(f"/compare?{RUNGS}").text
    assert page.index("Not comparable") < page.index('id="steps-to-target"')
    for sentence in sentences(result):
        assert sentence in text_of(page)
    alone = climbed.get("/compare?group=climb-s8").text
    assert keys_of(alone)[-1] == "steps-to-target"
    assert 'aria-label="Steps to the target' in alone


def test_the_ladder_is_the_same_for_people_programs_and_reports(
    climbed: TestClient, ladder: Place
) -> None:
    expected = result_of(ladder.address, "climb-s30").to_json()
    assert climbed.get(f"/api/v1/compare?{RUNGS}").json()["ladders"] == [expected]
    view = climbed.get(f"/api/v1/compare/views/steps-to-target?{RUNGS}").json()
    assert view == {"climb": expected}
    with open_existing(ladder.address) as database, database.read() as connection:
        assert compare_groups(connection, ["climb-s8"]).to_json()["ladders"] == [expected]
        assert _ladder_in_report(connection) == {"climb": expected}


def test_the_known_crossings_are_found(climbed: TestClient) -> None:
    arms = climbed.get("/api/v1/compare?group=climb-s30").json()["ladders"][0]["arms"]
    assert arms["nesterov"]["steps_to_target"] == pytest.approx(16, rel=0.02)
    assert arms["adamw"]["steps_to_target"] == pytest.approx(11, rel=0.02)


def test_an_unfinished_ladder_says_what_is_missing(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'study.db'}"
    climb_ladder(address, most=3)
    client = Place(address).client()
    page = client.get("/compare?group=climb-s30").text
    assert "Not shown: not finished: climb-s8/nesterov" in text_of(page)
    answer = client.get("/api/v1/compare?group=climb-s30").json()
    assert answer["ladders"][0]["absent"].startswith("not finished: ")
    csv_of = client.get("/api/v1/compare/views/steps-to-target.csv?group=climb-s30")
    assert csv_of.status_code == 404
    assert "not finished" in csv_of.json()["detail"]


def test_a_new_verdict_of_another_rung_makes_the_page_anew(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'study.db'}"
    climb_ladder(address, most=32)
    client = Place(address).client()
    assert "Not shown: not finished" in text_of(client.get("/compare?group=climb-s30").text)
    climb_ladder(address)
    assert "<svg" in client.get("/compare/views/steps-to-target?group=climb-s30").text


def test_a_plot_that_these_groups_do_not_have_is_not_found(client: TestClient) -> None:
    for path in ("/compare/views/steps-to-target", "/api/v1/compare/views/odd.csv"):
        answer = client.get(f"{path}?group=quick")
        assert answer.status_code == 404
        assert "there is best-of-k-compared, seed-bands, seeds" in answer.text
    assert client.get("/api/v1/compare/views/seeds").status_code == 400
    assert client.get("/compare/views/seeds?group=odd").status_code == 404


def _ladder_in_report(connection: Connection) -> object:
    document = make_document(connection, "climb-s15")
    figures = [figure for section in document.sections for figure in section.figures]
    (found,) = [figure.data for figure in figures if figure.key == "steps-to-target"]
    return found
