"""What is being trained: how far, how fast, how long still, and whether anybody does it."""

from starlette.requests import Request
from starlette.responses import Response

from shampoo_tune.dashboard.answers import send_page
from shampoo_tune.dashboard.rendering import render
from shampoo_tune.dashboard.source import source_of
from shampoo_tune.study import GroupState
from shampoo_tune.tuner.report.running import running_groups

_GOES_ON = (GroupState.QUEUED, GroupState.RUNNING)


def running_page(request: Request) -> Response:
    """Groups that are queued, running, paused or blocked."""
    source = source_of(request)
    with source.reader.read() as connection:
        groups = running_groups(connection, source.lines(connection))
    live = any(group.state in _GOES_ON for group in groups)
    return send_page(request, render("running.html", request, groups=groups, live=live))
