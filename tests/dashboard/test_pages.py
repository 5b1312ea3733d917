"""Every page, whatever the state of its study."""

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from shampoo_tune.storage.database import create_or_open
from tests.dashboard.conftest import Place, run_group
from tests.tuner.conftest import quick_study
from tests.tuner.pretending import PretendedLaboratory

STUDY = "/studies/quick/nesterov"
PAGES = (
    "/", STUDY, f"{STUDY}/more", f"{STUDY}/trials", f"{STUDY}/trials/0", "/compare?group=quick",
    "/compare", "/best", "/running", f"{STUDY}/views/seeds", f"{STUDY}/views/axis-plots",
)  # fmt: skip
ORDER = [
    "seeds", "seed-band", "best-of-k", "boundary", "axis-plots", "isolation", "curves", "history",
]  # fmt: skip


def text_of(page: str) -> str:
    """What a reader sees, without markup and drawings."""
    bare = re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", bare))


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_one_heading_and_no_inline_script_or_style(
    client: TestClient, path: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.text.count("<h1>") == 1
    assert not re.search(r"<script(?! src=)|<style|\sstyle=|\son\w+=", answer.text)
    assert "http://" not in answer.text.replace("http://www.w3.org/2000/svg", "")


def test_the_verdict_stands_before_every_number_and_the_views_in_the_order_of_reading(
    client: TestClient,
) -> None:
    page = client.get(STUDY).text
    assert re.findall(r'<figure id="([^"]+)"', page) == ORDER
    assert page.index('class="verdict"') < page.index('class="results"') < page.index("<figure")
    assert "95 % interval over seeds" in text_of(page)


def test_a_value_stands_beside_the_examples_that_it_counts(client: TestClient) -> None:
    shown = re.search(r"median valid_accuracy (0\.\d+) \((\d+)/359\)", client.get(STUDY).text)
    assert shown is not None
    assert shown[1] == f"{int(shown[2]) / 359:.3f}"


def test_a_tick_needs_an_interval_past_the_target(client: TestClient) -> None:
    reached = client.get(STUDY).text
    assert "✓" in reached
    page = client.get("/").text
    lines = re.findall(r"<tr>.*?</tr>", page, flags=re.DOTALL)[1:]
    assert len(lines) == 2
    for line in lines:
        assert ("✓" in line) == ("reaches 0.9 (" in text_of(line) and "not" not in text_of(line))


@pytest.mark.parametrize(
    ("runs", "words"),
    [
        (0, "none of the 20 trials has a result"),
        (5, "5 of 20 trials have their search value"),
        (22, "the search is done, and its best trials are to be run again"),
        (42, "the search is done, and 6 of 6 runs of the finalists are in"),
        (50, "4 of 7 final seeds are in"),
    ],
)
def test_an_unfinished_study_says_how_far_it_is(
    partial: Callable[..., TestClient], runs: int, words: str
) -> None:
    client = partial(runs)
    page = client.get(STUDY)
    assert page.status_code == 200
    assert words in text_of(page.text)
    assert "✓" not in page.text
    assert "state-completed" not in client.get("/").text
    for path in PAGES:
        assert client.get(path).status_code == 200, path


def test_a_study_without_a_feasible_trial_says_so(partial: Callable[..., TestClient]) -> None:
    client = partial(20, lambda point, seed: None)
    text = text_of(client.get(STUDY).text)
    assert "No verdict" in text
    assert "Not shown: no trial is feasible so far." in text


def test_failed_runs_block_the_verdict_and_are_counted(tmp_path: Path) -> None:
    run_group(tmp_path, lambda point, seed: 0.95)
    with sqlite3.connect(tmp_path / "study.db") as database:
        database.execute("update runs set state = 'failed', reason = 'Traceback\nOSError: <x>' "
                         "where id = 1")  # fmt: skip
    database.close()
    client = Place(f"sqlite:///{tmp_path / 'study.db'}").client()
    assert "No verdict: 1 run failed" in text_of(client.get(STUDY).text)
    assert "blocked by 1 failed run" in text_of(client.get("/").text)
    trial = client.get(f"{STUDY}/trials/0").text
    assert "OSError: &lt;x&gt;" in trial


def test_markup_in_names_is_text(tmp_path: Path) -> None:
    run_group(tmp_path, lambda point, seed: 0.95)
    evil = "<script>alert(1)</script>".replace("/", "")
    with sqlite3.connect(tmp_path / "study.db") as database:
        database.execute("update groups set name = ?", (evil,))
        database.execute("update studies set name = ? || '/' || arm", (evil,))
    database.close()
    client = Place(f"sqlite:///{tmp_path / 'study.db'}").client()
    for path in ("/", f"/studies/{evil}/nesterov", f"/compare?group={evil}", "/best"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert evil not in answer.text
        assert "&lt;script&gt;" in answer.text


def test_an_empty_database_shows_how_to_begin(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'empty.db'}"
    create_or_open(address).close()
    client = Place(address).client()
    for path in ("/", "/compare", "/best", "/running"):
        assert client.get(path).status_code == 200
    assert "There are no studies yet" in client.get("/").text


def test_only_pages_of_what_goes_on_look_again(
    client: TestClient, partial: Callable[..., TestClient]
) -> None:
    for path in PAGES:
        assert "data-live" not in client.get(path).text
    running = partial(5)
    for path in ("/", STUDY, f"{STUDY}/trials", "/running", "/compare?group=quick"):
        assert " data-live" in running.get(path).text, path


def test_a_page_that_has_not_changed_is_not_sent_again(client: TestClient) -> None:
    tag = client.get(STUDY).headers["etag"]
    again = client.get(STUDY, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_what_is_unknown_is_not_found_in_words(client: TestClient) -> None:
    for path in ("/nothing", "/studies/quick/other", f"{STUDY}/trials/99", f"{STUDY}/views/x"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "Traceback" not in answer.text
    assert client.get(f"{STUDY}/trials?page=x").status_code == 400
    assert client.post("/").status_code == 405


def test_approvals_are_shown_with_their_notes_escaped(client: TestClient) -> None:
    page = client.get("/best").text
    assert "&lt;b&gt;good&lt;/b&gt;" in page
    assert "champion, now" in page


def test_the_list_is_filtered_by_state_and_name(client: TestClient) -> None:
    assert "quick/adamw" not in client.get("/?name=NESTEROV").text
    assert "No study matches" in client.get("/?state=running").text
    assert client.get("/?state=odd").status_code == 400


def test_the_seeds_of_one_trial_need_no_legend(client: TestClient) -> None:
    winner = client.get("/api/v1/studies/quick/nesterov").json()["winner"]
    page = client.get(f"{STUDY}/trials/{winner}").text
    assert "7 runs, a line each" in text_of(page)
    assert f">trial {winner}</text>" not in page


def test_groups_of_other_budgets_meet_a_shut_gate_and_no_common_axis(tmp_path: Path) -> None:
    laboratory = PretendedLaboratory(tmp_path)
    for name, steps in (("short", 30), ("long", 60)):
        study = quick_study(f"budget.steps={steps}")
        laboratory.run(study, lambda point, seed: 0.95, name)
    laboratory.close()
    client = Place(f"sqlite:///{tmp_path / 'study.db'}").client()
    page = client.get("/compare?group=short&group=long").text
    assert page.index("Not comparable") < page.index('class="verdict"')
    assert "steps" in text_of(page[page.index("Not comparable") :])
    assert "<svg" not in page
    assert "<svg" in client.get("/compare?group=short").text
