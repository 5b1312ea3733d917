"""Comparisons, the best configurations, and the description of it all."""

import functools

from starlette.requests import Request
from starlette.responses import Response

from shampoo_tune.dashboard.answers import send_json
from shampoo_tune.dashboard.api.answering import send_document, with_times
from shampoo_tune.dashboard.api.documents import Approvals
from shampoo_tune.dashboard.asking import choice
from shampoo_tune.dashboard.source import asked_study, source_of
from shampoo_tune.errors import InvalidInputError
from shampoo_tune.storage.approvals import approvals
from shampoo_tune.tuner.comparison.comparing import compare_groups
from shampoo_tune.tuner.winner import best_config

YES_NO = ("true", "false")


def compare(request: Request) -> Response:
    """The document of `shampoo-tune compare --json`."""
    groups = [name for name in request.query_params.getlist("group") if name]
    if not groups:
        raise InvalidInputError("name a group, as in /api/v1/compare?group=NAME")
    with source_of(request).reader.read() as connection:
        comparison = compare_groups(connection, groups)
    return send_json(request, comparison.to_json())


def best(request: Request) -> Response:
    """All approvals."""
    with source_of(request).reader.read() as connection:
        rows = approvals(connection)
    return send_document(request, Approvals(tuple(rows)))


def best_of(request: Request) -> Response:
    """The winner of a study with its evidence: what best.yaml holds."""
    provisional = choice(request, "provisional", YES_NO) == "true"
    with source_of(request).reader.read() as connection:
        row = asked_study(request, connection)
        config = best_config(connection, row, provisional=provisional)
    return send_json(request, with_times(config.to_document()))


def openapi(request: Request) -> Response:
    """The description of the interface."""
    return send_json(request, _description())


@functools.cache
def _description() -> object:
    from shampoo_tune.dashboard.api.openapi import describe

    return describe()
