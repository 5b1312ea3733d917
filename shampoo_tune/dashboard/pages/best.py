"""Approved configurations: who approved what, and when."""

from starlette.requests import Request
from starlette.responses import Response

from shampoo_tune.dashboard.answers import send_page
from shampoo_tune.dashboard.rendering import render
from shampoo_tune.dashboard.source import source_of
from shampoo_tune.storage.approvals import approvals
from shampoo_tune.study import GroupState


def best_page(request: Request) -> Response:
    """The history of approvals, and the completed studies whose winner may be approved."""
    source = source_of(request)
    with source.reader.read() as connection:
        approved = approvals(connection)
        lines = source.lines(connection)
    current: dict[tuple[str, str], int] = {}
    for place, row in enumerate(approved):
        current.setdefault((row.study, row.alias), place)
    page = render(
        "best.html",
        request,
        approved=approved,
        current=set(current.values()),
        lines=[line for line in lines if line.state == GroupState.COMPLETED],
        live=False,
    )
    return send_page(request, page)
