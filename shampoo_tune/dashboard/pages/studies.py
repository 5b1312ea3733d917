"""All studies, a row each."""

from collections import Counter

from starlette.requests import Request
from starlette.responses import Response

from shampoo_tune.dashboard.answers import send_page
from shampoo_tune.dashboard.asking import choice, whole_number
from shampoo_tune.dashboard.rendering import render
from shampoo_tune.dashboard.source import source_of
from shampoo_tune.study import GroupState
from shampoo_tune.tuner.report.study_list import StudyLine

_ROWS = 50
_GOES_ON = (GroupState.QUEUED, GroupState.RUNNING)


def studies_page(request: Request) -> Response:
    """The list, filtered by state and a part of the name, a page at a time."""
    source, state = source_of(request), choice(request, "state", list(GroupState))
    words = request.query_params.get("name", "")
    with source.reader.read() as connection:
        lines = source.lines(connection)
    found = [line for line in lines if _matches(line, state, words)]
    pages = max(1, -(-len(found) // _ROWS))
    page = min(whole_number(request, "page", 1, least=1), pages)
    shown = found[(page - 1) * _ROWS : page * _ROWS]
    counts = Counter(line.state for line in lines)
    return send_page(
        request,
        render(
            "studies.html",
            request,
            lines=shown,
            found=len(found),
            all=len(lines),
            counts=counts,
            state=state,
            name=words,
            page=page,
            pages=pages,
            live=any(counts[going] for going in _GOES_ON),
        ),
    )


def _matches(line: StudyLine, state: GroupState | None, words: str) -> bool:
    return (state is None or line.state == state) and words.lower() in line.study.lower()
