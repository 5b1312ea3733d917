"""Arms side by side: the gate first, then what it lets through."""

from starlette.requests import Request
from starlette.responses import Response

from shampoo_tune.dashboard.answers import Packed, pack, send, send_page
from shampoo_tune.dashboard.rendering import render
from shampoo_tune.dashboard.source import source_of
from shampoo_tune.storage import queries
from shampoo_tune.storage.progress import revisions
from shampoo_tune.study import GroupState
from shampoo_tune.tuner.comparison.comparing import compare_contenders
from shampoo_tune.tuner.comparison.contender import read_contenders
from shampoo_tune.tuner.report import comparison_tables as tables
from shampoo_tune.tuner.report.group_figures import best_of_k_figures, seeds_figure

_GOES_ON = (GroupState.QUEUED, GroupState.RUNNING)


def compare_page(request: Request) -> Response:
    """The comparison of the groups in the address; without any, a choice of groups."""
    source = source_of(request)
    names = list(dict.fromkeys(request.query_params.getlist("group")))
    with source.reader.read() as connection:
        known = [name for _, name in queries.groups(connection)][::-1]
        if not names:
            page = render("compare_choice.html", request, groups=known, live=False)
            return send_page(request, page)
        groups = [queries.require_group(connection, name) for name in names]
        counts = revisions(connection)
        revision = tuple(
            (group.state, *(counts.get(s.id) for s in queries.studies_of(connection, group.id)))
            for group in groups
        )

        def make() -> Packed:
            contenders = read_contenders(connection, names)
            comparison = compare_contenders(contenders)
            studies = [study for contender in contenders for study in contender.studies]
            # Values of other workloads, metrics or budgets of steps have no common axis.
            alike = len({(s.workload, s.metric, s.target, s.steps) for s in studies}) == 1
            seeds = [seeds_figure(studies)] if alike else []
            curves = [] if comparison.inequalities else [*best_of_k_figures(studies)[:1]]
            return pack(
                render(
                    "compare.html",
                    request,
                    groups=known,
                    chosen=names,
                    comparison=comparison,
                    differences=tables.inequalities_table(comparison),
                    figures=[*curves, *seeds],
                    arms=tables.arms_table(comparison),
                    best_of=tables.best_of_table(comparison),
                    pairs=tables.pairs_table(comparison) if comparison.pairs else None,
                    ledger=tables.ledger_table(comparison),
                    live=any(group.state in _GOES_ON for group in groups),
                )
            )

        key = f"{request.url.path}?{request.url.query}"
        return send(request, source.pages.get(key, revision, make))
