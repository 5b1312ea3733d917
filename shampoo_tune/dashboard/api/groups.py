"""Comparisons, the best configurations, and the description of it all."""

import functools
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from shampoo_tune.dashboard.answers import send_csv, send_json
from shampoo_tune.dashboard.api.answering import send_document, with_times
from shampoo_tune.dashboard.api.documents import Approvals
from shampoo_tune.dashboard.asking import choice
from shampoo_tune.dashboard.pages.compare import require_figure, require_groups
from shampoo_tune.dashboard.source import asked_study, source_of
from shampoo_tune.errors import NotFoundError
from shampoo_tune.storage.approvals import approvals
from shampoo_tune.tuner.winner import best_config

if TYPE_CHECKING:
    from shampoo_tune.tuner.report.compared import Compared

YES_NO = ("true", "false")


def compare(request: Request) -> Response:
    """The document of `shampoo-tune compare --json`."""
    return send_json(request, _compared(request).comparison.to_json())


def compared_view(request: Request) -> Response:
    """The data of one plot of a comparison, by study or ladder."""
    figure = require_figure(_compared(request), request.path_params["view"])
    return send_json(request, figure.data)


def compared_view_csv(request: Request) -> Response:
    """Its numbers as a table."""
    figure = require_figure(_compared(request), request.path_params["view"])
    if figure.table is None:
        raise NotFoundError(" ".join(figure.notes))
    return send_csv(request, figure.table.to_csv())


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


def _compared(request: Request) -> "Compared":
    source, names = source_of(request), require_groups(request)
    with source.reader.read() as connection:
        return source.compared(connection, names)[1]
