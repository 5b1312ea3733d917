"""The interface for programs: the same numbers as the pages, and what its description promises."""

import csv
import io
import json
import sqlite3
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import schemathesis
from hypothesis import given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from starlette.testclient import TestClient

from shampoo_tune.dashboard.access import access_for
from shampoo_tune.dashboard.api.openapi import describe
from shampoo_tune.dashboard.app import create_app
from shampoo_tune.dashboard.pages.study import VIEWS
from shampoo_tune.storage.database import open_existing
from shampoo_tune.tuner.report.absence import Absent
from shampoo_tune.tuner.report.plain import to_plain
from tests.dashboard.conftest import Place

HOST = {"Host": "127.0.0.1"}
API = "/api/v1/studies/quick/nesterov"


@pytest.fixture(scope="module")
def operations(completed: Place) -> Iterator[list[Any]]:
    """The operations of the description, as a tool for any interface reads them."""
    with open_existing(completed.address) as reader:
        app = create_app(reader, access_for("127.0.0.1", None))
        described = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app, headers=HOST)
        yield [found.ok() for found in described.get_all_operations() if isinstance(found, Ok)]


def test_answers_are_what_the_description_promises(operations: list[Any]) -> None:
    assert len(operations) == len(describe()["paths"]) - 1  # without the description itself
    for operation in operations:

        @settings(max_examples=20, database=None, deadline=None)
        @given(case=operation.as_strategy())
        def answers(case: Any) -> None:
            for known in {"group", "arm"} & set(case.path_parameters):
                case.path_parameters[known] = {"group": "quick", "arm": "nesterov"}[known]
            case.call_and_validate(headers=HOST)

        answers()


def test_odd_names_are_never_a_fault_of_the_server(operations: list[Any]) -> None:
    for operation in operations:

        @settings(max_examples=15, database=None, deadline=None)
        @given(case=operation.as_strategy())
        def answers(case: Any) -> None:
            case.call_and_validate(headers=HOST, checks=[not_a_server_error])

        answers()


def test_every_address_is_described_and_every_description_answers(client: TestClient) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    values = {"group": "quick", "arm": "nesterov", "view": "history", "trial": "0"}
    for path in paths:
        compared = "/compare" in path
        address = path.format(**values | ({"view": "seeds"} if compared else {}))
        answer = client.get(address + ("?group=quick" if compared else ""))
        assert answer.status_code == 200, path
    from shampoo_tune.dashboard.app import _LATER

    assert set(paths) == {path for path, _, _ in _LATER if path.startswith("/api/")}


def test_trials_are_the_rows_of_the_public_view(client: TestClient, completed: Place) -> None:
    with sqlite3.connect(completed.address.removeprefix("sqlite:///")) as database:
        rows = database.execute(
            "select trial, state, search_value, best_value, best_step from v1_trials "
            "where study = 'quick/nesterov' order by trial"
        ).fetchall()
    database.close()
    trials = client.get(f"{API}/trials").json()["trials"]
    keys = ("trial", "state", "value", "best_value", "best_step")
    assert [tuple(trial[key] for key in keys) for trial in trials] == rows
    assert trials[0]["point"]["learning_rate"] > 0


def test_pages_of_trials_join_to_the_whole(client: TestClient) -> None:
    for sort in ("trial", "-trial", "value", "-value"):
        whole = client.get(f"{API}/trials?sort={sort}").json()
        parts = [
            client.get(f"{API}/trials?sort={sort}&limit=6&offset={offset}").json()["trials"]
            for offset in (0, 6, 12, 18)
        ]
        assert [trial for part in parts for trial in part] == whole["trials"]
        assert whole["total"] == 20


def test_trials_are_sorted_with_the_best_first_and_the_infeasible_last(client: TestClient) -> None:
    for sort, direction in (("value", -1), ("-value", 1)):
        found = [t["value"] for t in client.get(f"{API}/trials?sort={sort}").json()["trials"]]
        known = [value for value in found if value is not None]
        assert known == sorted(known, key=lambda value: direction * value)
        assert found[len(known) :] == [None] * (20 - len(known)) != []


def test_trials_are_filtered_by_state(client: TestClient) -> None:
    infeasible = client.get(f"{API}/trials?state=infeasible").json()
    assert infeasible["total"] == len(infeasible["trials"]) > 0
    assert {trial["reason"] for trial in infeasible["trials"]} == {"diverged at step 1"}
    assert client.get(f"{API}/trials?state=running").json()["trials"] == []


@pytest.mark.parametrize("name", list(VIEWS))
def test_a_view_is_the_same_for_people_and_programs(
    client: TestClient, completed: Place, name: str
) -> None:
    from shampoo_tune.storage import queries
    from shampoo_tune.tuner.report.measured_curves import read_curves
    from shampoo_tune.tuner.study_loading import load_study

    with open_existing(completed.address) as reader, reader.read() as connection:
        study = load_study(connection, queries.require_study(connection, "quick/nesterov"))
        made = VIEWS[name].make(study, read_curves(connection, study))
    answer = client.get(f"{API}/views/{name}").json()
    assert answer == json.loads(json.dumps(to_plain(made)))
    if not isinstance(made, Absent):
        rows = list(csv.reader(io.StringIO(client.get(f"{API}/views/{name}.csv").text)))
        assert rows[1:] == [list(row) for row in VIEWS[name].table(made).rows]


def test_curves_are_of_the_winner_in_the_final_phase(client: TestClient) -> None:
    winner = client.get(API).json()["winner"]
    curves = client.get(f"{API}/curves?phase=final").json()["curves"]
    assert len(curves) == 7
    assert {curve["trial"] for curve in curves} == {winner}
    assert client.get(f"{API}/curves?metric=odd").status_code == 404


def test_the_curves_of_a_trial_are_a_table_of_all_metrics(client: TestClient) -> None:
    winner = client.get(API).json()["winner"]
    address = f"{API}/curves.csv?phase=final&trials={winner}"
    rows = list(csv.DictReader(io.StringIO(client.get(address).text)))
    assert len({row["seed"] for row in rows}) == 7
    for metric in rows[0].keys() - {"trial", "seed", "step"}:
        json_of = client.get(f"{API}/curves?phase=final&trials={winner}&metric={metric}").json()
        expected = [
            (curve["seed"], step, value)
            for curve in json_of["curves"]
            for step, value in zip(curve["steps"], curve["values"], strict=True)
        ]
        found = [(int(r["seed"]), int(r["step"]), float(r[metric])) for r in rows]
        assert found == expected
    alone = client.get(f"{address}&metric=valid_accuracy").text
    assert alone.split("\n")[0] == "trial,seed,step,valid_accuracy"
    page = client.get(f"/studies/quick/nesterov/trials/{winner}").text.replace("&amp;", "&")
    assert f"curves.csv?trials={winner}&phase=final" in page


def test_the_median_is_that_of_the_seeds(client: TestClient) -> None:
    line = client.get(API).json()["line"]
    seeds = client.get(f"{API}/views/seeds").json()
    assert line["median"] == np.median(seeds["values"])
    assert (line["ci_low"], line["ci_high"]) == (min(seeds["values"]), max(seeds["values"]))


@pytest.mark.parametrize(
    "path",
    [
        f"{API}/trials?limit=0", f"{API}/trials?limit=1001", f"{API}/trials?offset=-1",
        f"{API}/trials?sort=odd", "/api/v1/compare", f"{API}/curves?trials=a",
        "/api/v1/studies?state=x", f"{API}/trials?limit=²",
    ],
)  # fmt: skip
def test_bad_parameters_are_problems(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 400


def test_answers_are_packed_for_who_takes_it(client: TestClient) -> None:
    packed = client.get(f"{API}/trials", headers={"Accept-Encoding": "gzip"})
    plain = client.get(f"{API}/trials", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) < len(plain.content) / 3
