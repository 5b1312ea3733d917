"""The data of every view: the same numbers as on the pages."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from shampoo_tune.dashboard.answers import send_csv
from shampoo_tune.dashboard.api.answering import send_document
from shampoo_tune.dashboard.pages.study import require_view
from shampoo_tune.dashboard.source import asked_study, source_of
from shampoo_tune.errors import NotFoundError
from shampoo_tune.tuner.report.absence import Absent
from shampoo_tune.tuner.report.study_figures import Kind


def view(request: Request) -> Response:
    """A view's data; where it is not shown, the reason."""
    return send_document(request, _made(request)[1])


def view_csv(request: Request) -> Response:
    """A view's numbers as a table."""
    kind, made = _made(request)
    if isinstance(made, Absent):
        raise NotFoundError(f"not shown: {made.reason}")
    return send_csv(request, kind.table(made).to_csv())


def _made(request: Request) -> tuple[Kind[Any], Any]:
    source, kind = source_of(request), require_view(request.path_params["view"])
    with source.reader.read() as connection:
        loaded = source.loaded(connection, asked_study(request, connection))
    return kind, kind.make(loaded.data, loaded.curves)
