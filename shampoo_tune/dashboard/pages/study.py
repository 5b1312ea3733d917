"""One study: its verdict first, then what it rests on, in the order of reading."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from shampoo_tune.dashboard.answers import Packed, pack, send, send_page
from shampoo_tune.dashboard.pages.shown import Shown
from shampoo_tune.dashboard.rendering import api_url, render, study_url
from shampoo_tune.dashboard.source import Loaded, asked_study, source_of
from shampoo_tune.errors import NotFoundError
from shampoo_tune.storage import queries
from shampoo_tune.storage.approvals import approvals
from shampoo_tune.study import GroupState
from shampoo_tune.tuner.report.absence import Absent
from shampoo_tune.tuner.report.provenance import study_table
from shampoo_tune.tuner.report.seeds import final_seeds, results_table
from shampoo_tune.tuner.report.study_figures import RESULT_VIEWS, SEARCH_VIEWS, Kind
from shampoo_tune.tuner.report.study_verdict import study_verdict
from shampoo_tune.tuner.report.words import Words

# What stands on the page, and what behind its link. The importance of parameters is in the report
# alone: it would load a library of a hundred megabytes into the server.
FIRST_VIEWS = (
    "seeds", "seed-band", "best-of-k", "boundary", "axis-plots", "isolation", "curves", "history",
)  # fmt: skip
_HALF = ("seeds", "seed-band", "best-of-k", "boundary")  # two of them side by side
MORE_VIEWS = ("best-step",)
VIEWS: Mapping[str, Kind[Any]] = {
    name: kind
    for name, kind in {**RESULT_VIEWS, **SEARCH_VIEWS}.items()
    if name in (*FIRST_VIEWS, *MORE_VIEWS)
}
_SHOWN_ROWS = 200
_GOES_ON = (GroupState.QUEUED, GroupState.RUNNING)


def study_page(request: Request) -> Response:
    """Verdict, seeds, best of k, boundary, axes, isolation, curves, history."""
    return _page(request, "study.html", FIRST_VIEWS)


def more_page(request: Request) -> Response:
    """Best steps and what the study was made of."""
    return _page(request, "more.html", MORE_VIEWS)


def view_page(request: Request) -> Response:
    """One view with its numbers: the address that restores it."""
    source, name = source_of(request), request.path_params["view"]
    kind = require_view(name)
    with source.reader.read() as connection:
        loaded = source.loaded(connection, asked_study(request, connection))
    view = kind.make(loaded.data, loaded.curves)
    table = None if isinstance(view, Absent) else kind.table(view)
    page = render(
        "view.html",
        request,
        study=loaded.data,
        shown=_shown(loaded, name, alone=True),
        table=table,
        shown_rows=_SHOWN_ROWS,
        live=_goes_on(loaded),
    )
    return send_page(request, page)


def require_view(name: str) -> Kind[Any]:
    """The kind of view of that name; raises NotFoundError if there is none."""
    if name in VIEWS:
        return VIEWS[name]
    raise NotFoundError(f"no view {name!r}; there is {', '.join(VIEWS)}")


def _page(request: Request, template: str, names: Sequence[str]) -> Response:
    source = source_of(request)
    with source.reader.read() as connection:
        row = asked_study(request, connection)
        approved = approvals(connection, row.id)
        revision = (*source.revision(connection, row), len(approved))

        def make() -> Packed:
            loaded = source.loaded(connection, row)
            studies = queries.studies_of(connection, row.group_id)
            view = final_seeds(loaded.data)
            table = results_table([view])
            return pack(
                render(
                    template,
                    request,
                    study=loaded.data,
                    verdict=study_verdict(
                        loaded.data, loaded.failed, sum(s.arm == row.arm for s in studies)
                    ),
                    state=source.line(connection, row).state,
                    siblings=[s.name for s in studies if s.id != row.id],
                    results=list(zip(table.headers[1:], table.rows[0][1:], strict=True)),
                    figures=[_shown(loaded, name) for name in names],
                    facts=study_table(loaded.data),
                    approved=approved,
                    live=_goes_on(loaded),
                )
            )

        return send(request, source.pages.get(request.url.path, revision, make))


def _goes_on(loaded: Loaded) -> bool:
    done = loaded.data.complete and len(loaded.data.final) > 0
    return loaded.revision[0] in _GOES_ON and not done


def _shown(loaded: Loaded, name: str, *, alone: bool = False) -> Shown:
    kind, half = VIEWS[name], name in _HALF and not alone
    view = kind.make(loaded.data, loaded.curves)
    page = "" if alone else study_url(loaded.data.name, "views", name)
    data = api_url(loaded.data.name, "views", name)
    links = (page, data, f"{data}.csv")
    if isinstance(view, Absent):
        notes = (f"Not shown: {view.reason}.",)
        return Shown(name, Words(kind.words.title, ""), (), None, notes, False, half, *links)
    drawings = kind.draw(view)
    table = None if drawings or alone else kind.table(view)
    return Shown(name, kind.words, drawings, table, kind.notes(view), kind.wide, half, *links)
