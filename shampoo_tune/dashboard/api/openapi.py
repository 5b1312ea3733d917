"""The interface described in OpenAPI 3.1, with the shapes of the dataclasses it answers with."""

from typing import Any

import shampoo_tune
from shampoo_tune.dashboard.api.curves import MOST_CURVES
from shampoo_tune.dashboard.api.documents import (
    Approvals,
    Curves,
    Problem,
    Studies,
    StudyDocument,
    Trials,
)
from shampoo_tune.dashboard.api.groups import YES_NO
from shampoo_tune.dashboard.api.schemas import Schema, schema_of
from shampoo_tune.dashboard.api.studies import MOST_ROWS, USUAL_ROWS
from shampoo_tune.dashboard.pages.compare import GROUP_VIEWS
from shampoo_tune.dashboard.pages.study import VIEWS
from shampoo_tune.dashboard.pages.trials import ORDERS
from shampoo_tune.storage.trial_pages import TrialRow
from shampoo_tune.study import GroupState, Phase, RunState
from shampoo_tune.tuner.report.absence import Absent

_STUDY = "/studies/{group}/{arm}"
_DATA: Schema = {"type": ["object", "array"], "description": "By study or ladder."}
_LARGEST = 2**31 - 1
_ERRORS = {
    400: "A parameter breaks a rule.",
    401: "The server has a token, and it was not shown.",
    404: "There is no such thing.",
    405: "Only GET.",
    409: "What is asked for does not hold, such as the winner of an unfinished study.",
    503: "The database cannot be used at the moment.",
}


def describe() -> dict[str, Any]:
    """The whole document."""
    named: dict[str, Schema] = {}
    paths = {f"/api/v1{path}": {"get": get} for path, get in _operations(named)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "shampoo-tune",
            "version": "1",
            "summary": "Studies of optimizers, read-only.",
            "description": f"Written by shampoo-tune {shampoo_tune.__version__}. "
            "Within version 1 keys are only ever added. Unknown and infinite numbers are null.",
        },
        "paths": paths,
        "components": {
            "schemas": named,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


def _operations(named: dict[str, Schema]) -> list[tuple[str, dict[str, Any]]]:
    rows = [_limit(), _whole("offset", 0)]
    trials = [*_path("group", "arm"), *rows, _choice("sort", ORDERS), _choice("state", RunState)]
    study, view = _path("group", "arm"), _path("group", "arm")
    view.append(_in_path("view", {"enum": list(VIEWS)}))
    one = [*study, _in_path("trial", {"type": "integer", "minimum": 0, "maximum": _LARGEST})]
    curves = [*study, _choice("phase", Phase), _text("metric"), _trials()]
    groups = {"name": "group", "in": "query", "required": True, "schema": _names()}
    compared = _in_path("view", {"enum": list(GROUP_VIEWS)})
    views = [schema_of(kind.type, named) for kind in VIEWS.values()]
    of_view = {"anyOf": [*views, schema_of(Absent, named)]}

    def json(summary: str, kind: Any, parameters: list[Any]) -> dict[str, Any]:
        schema = kind if isinstance(kind, dict) else schema_of(kind, named)
        return _operation(summary, "application/json", schema, parameters, named)

    def csv(summary: str, parameters: list[Any]) -> dict[str, Any]:
        return _operation(summary, "text/csv", {"type": "string"}, parameters, named)

    free = {"type": "object"}
    filters = [*rows, _choice("state", GroupState), _text("group")]
    return [
        ("/studies", json("All studies, the newest first", Studies, filters)),
        (_STUDY, json("One study with its verdict", StudyDocument, study)),
        (f"{_STUDY}/trials", json("A page of trials", Trials, trials)),
        (f"{_STUDY}/trials.csv", csv("The same as a table", trials)),
        (f"{_STUDY}/trials/{{trial}}", json("One trial", TrialRow, one)),
        (f"{_STUDY}/curves", json("Curves of runs with a verdict", Curves, curves)),
        (f"{_STUDY}/curves.csv", csv("A row a step of a run, a column a metric", curves)),
        (f"{_STUDY}/views/{{view}}", json("The data of a view", of_view, view)),
        (f"{_STUDY}/views/{{view}}.csv", csv("The numbers of a view", view)),
        ("/compare", json("Arms side by side, as `compare --json`", free, [groups])),
        (
            "/compare/views/{view}",
            json("The data of one plot of a comparison", _DATA, [compared, groups]),
        ),
        (
            "/compare/views/{view}.csv",
            csv("The numbers of one plot of a comparison", [compared, groups]),
        ),
        ("/best", json("All approvals, the newest first", Approvals, [])),
        (
            "/best/{group}/{arm}",
            json("A winner, as best.yaml", free, [*study, _choice("provisional", YES_NO)]),
        ),
        ("/openapi.json", json("This document", free, [])),
    ]


def _operation(
    summary: str, media_type: str, schema: Schema, parameters: list[Any], named: dict[str, Schema]
) -> dict[str, Any]:
    problem = {"application/problem+json": {"schema": schema_of(Problem, named)}}
    answers: dict[str, Any] = {
        "200": {"description": summary, "content": {media_type: {"schema": schema}}},
        "304": {"description": "Unchanged since the tag that If-None-Match names."},
    }
    answers |= {
        str(status): {"description": words, "content": problem} for status, words in _ERRORS.items()
    }
    return {"summary": summary, "parameters": parameters, "responses": answers}


def _path(*names: str) -> list[dict[str, Any]]:
    return [_in_path(name, {"type": "string", "minLength": 1}) for name in names]


def _in_path(name: str, schema: Schema) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _query(name: str, schema: Schema) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema}


def _limit() -> dict[str, Any]:
    return _query(
        "limit", {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": USUAL_ROWS}
    )


def _whole(name: str, default: int) -> dict[str, Any]:
    bounds = {"minimum": 0, "maximum": _LARGEST, "default": default}
    return _query(name, {"type": "integer", **bounds})


def _choice(name: str, known: Any) -> dict[str, Any]:
    return _query(name, {"type": "string", "enum": [str(value) for value in known]})


def _text(name: str) -> dict[str, Any]:
    return _query(name, {"type": "string"})


def _trials() -> dict[str, Any]:
    numbers = {
        "type": "array",
        "items": {"type": "integer", "minimum": 0, "maximum": _LARGEST},
        "maxItems": MOST_CURVES,
    }
    return {**_query("trials", numbers), "style": "form", "explode": False}


def _names() -> Schema:
    return {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1}
