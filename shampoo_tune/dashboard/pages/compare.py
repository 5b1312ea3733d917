"""Arms side by side: the gate first, then what it lets through."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from shampoo_tune.dashboard.answers import Packed, pack, send, send_page
from shampoo_tune.dashboard.pages.shown import Shown, shown_figure
from shampoo_tune.dashboard.rendering import render
from shampoo_tune.dashboard.source import source_of
from shampoo_tune.errors import InvalidInputError, NotFoundError
from shampoo_tune.storage import queries
from shampoo_tune.study import GroupState
from shampoo_tune.tuner.report import comparison_tables as tables
from shampoo_tune.tuner.report.figure import Figure

if TYPE_CHECKING:
    from shampoo_tune.tuner.report.compared import Compared

GROUP_VIEWS = (
    "best-of-k-compared", "best-of-k", "seed-bands", "seeds", "two-levels", "steps-to-target",
)  # fmt: skip
_SHOWN_ROWS = 200
_GOES_ON = (GroupState.QUEUED, GroupState.RUNNING)


def compare_page(request: Request) -> Response:
    """The comparison of the groups in the address; without any, a choice of groups."""
    source, names = source_of(request), asked_groups(request)
    with source.reader.read() as connection:
        known = [name for _, name in queries.groups(connection)][::-1]
        if not names:
            page = render("compare_choice.html", request, groups=known, live=False)
            return send_page(request, page)
        revision, compared = source.compared(connection, names)
        live = _goes_on(connection, names)
    comparison = compared.comparison

    def make() -> Packed:
        return pack(
            render(
                "compare.html",
                request,
                groups=known,
                chosen=names,
                comparison=comparison,
                differences=tables.inequalities_table(comparison),
                figures=[_shown(figure, names) for figure in compared.figures.values()],
                arms=tables.arms_table(comparison),
                best_of=tables.best_of_table(comparison),
                pairs=tables.pairs_table(comparison) if comparison.pairs else None,
                ledger=tables.ledger_table(comparison),
                live=live,
            )
        )

    key = f"{request.url.path}?{request.url.query}"
    return send(request, source.pages.get(key, (revision, len(known)), make))


def compare_view_page(request: Request) -> Response:
    """One plot of a comparison with its numbers: the address that restores it."""
    source, names = source_of(request), require_groups(request)
    with source.reader.read() as connection:
        _, compared = source.compared(connection, names)
        live = _goes_on(connection, names)
    figure = require_figure(compared, request.path_params["view"])
    shown = _shown(figure, names, alone=True)
    page = render(
        "compare_view.html",
        request,
        chosen=names,
        comparison=compared.comparison,
        shown=shown,
        table=figure.table if figure.drawings else None,
        shown_rows=_SHOWN_ROWS,
        live=live,
    )
    return send_page(request, page)


def asked_groups(request: Request) -> list[str]:
    """The groups that an address names, each once; the order of the arms is theirs."""
    return list(dict.fromkeys(name for name in request.query_params.getlist("group") if name))


def require_groups(request: Request) -> list[str]:
    """The same; raises InvalidInputError if there is none."""
    if names := asked_groups(request):
        return names
    raise InvalidInputError(f"name a group, as in {request.url.path}?group=NAME")


def require_figure(compared: "Compared", name: str) -> Figure:
    """The figure of that name; raises NotFoundError if these groups have none."""
    if name in compared.figures:
        return compared.figures[name]
    raise NotFoundError(f"no view {name!r} of these groups; there is {', '.join(compared.figures)}")


def _shown(figure: Figure, names: Sequence[str], *, alone: bool = False) -> Shown:
    query = urlencode([("group", name) for name in names])
    view = f"/compare/views/{figure.key}"
    page = "" if alone else f"{view}?{query}"
    return shown_figure(figure, page, f"/api/v1{view}?{query}", f"/api/v1{view}.csv?{query}")


def _goes_on(connection: Connection, names: Sequence[str]) -> bool:
    groups = (queries.require_group(connection, name) for name in names)
    return any(group.state in _GOES_ON for group in groups)
