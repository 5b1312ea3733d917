"""Studies and their trials."""

from starlette.requests import Request
from starlette.responses import Response

from shampoo_tune.dashboard.answers import send_csv
from shampoo_tune.dashboard.api.answering import send_document
from shampoo_tune.dashboard.api.documents import (
    Studies,
    StudyDocument,
    Trials,
)
from shampoo_tune.dashboard.asking import checked_number, choice, whole_number
from shampoo_tune.dashboard.pages.study import VIEWS
from shampoo_tune.dashboard.pages.trials import ORDERS
from shampoo_tune.dashboard.source import asked_study, source_of
from shampoo_tune.errors import NotFoundError
from shampoo_tune.storage import queries
from shampoo_tune.storage.trial_pages import TrialPage, trial_page
from shampoo_tune.study import GroupState, RunState
from shampoo_tune.tuner.report.seeds import final_seeds
from shampoo_tune.tuner.report.study_verdict import study_verdict
from shampoo_tune.tuner.report.table import Table

MOST_ROWS, USUAL_ROWS = 1_000, 100


def studies(request: Request) -> Response:
    """All studies, by state and group if asked."""
    source, state = source_of(request), choice(request, "state", list(GroupState))
    group = request.query_params.get("group")
    limit, offset = _limits(request)
    with source.reader.read() as connection:
        lines = source.lines(connection)
    found = [
        line for line in lines
        if (state is None or line.state == state) and (not group or line.group == group)
    ]  # fmt: skip
    shown = tuple(found[offset : offset + limit])
    return send_document(request, Studies(len(found), limit, offset, shown))


def study(request: Request) -> Response:
    """One study with its verdict."""
    source = source_of(request)
    with source.reader.read() as connection:
        row = asked_study(request, connection)
        line = source.line(connection, row)
        loaded = source.loaded(connection, row)
        arms = [other.arm for other in queries.studies_of(connection, row.group_id)]
    said = study_verdict(loaded.data, loaded.failed, arms.count(row.arm))
    seeds, winner = final_seeds(loaded.data), loaded.data.winner
    return send_document(
        request,
        StudyDocument(
            line=line,
            verdict=said.sentence,
            standing=said.standing,
            winner=winner,
            search_value=seeds.search_value,
            finalist_median=seeds.finalist_median,
            test_median=seeds.test_median,
            hyperparameters=None if winner is None else loaded.data.points[winner],
            views=tuple(VIEWS),
        ),
    )


def trials(request: Request) -> Response:
    """A page of trials."""
    limit, offset = _limits(request)
    name, metric, page = _trials(request, limit, offset)
    return send_document(request, Trials(name, metric, page.total, limit, offset, page.trials))


def trials_csv(request: Request) -> Response:
    """The same as a table, with a column for each hyperparameter."""
    _, _, page = _trials(request, *_limits(request))
    names = list(dict.fromkeys(name for trial in page.trials for name in trial.point))
    rows = tuple(
        (
            *(
                _text(value)
                for value in (trial.trial, trial.state.value, trial.reason, trial.value,
                              trial.best_value, trial.best_step, trial.seconds)
            ),
            *(_text(trial.point.get(name)) for name in names),
        )
        for trial in page.trials
    )  # fmt: skip
    headers = ("trial", "state", "reason", "value", "best_value", "best_step", "seconds")
    return send_csv(request, Table((*headers, *names), rows).to_csv())


def trial(request: Request) -> Response:
    """One trial."""
    source, number = source_of(request), checked_number("trial", request.path_params["trial"])
    with source.reader.read() as connection:
        row = asked_study(request, connection)
        page = trial_page(connection, row, limit=1, offset=number)
    if not page.trials:
        raise NotFoundError(f"no trial {number} in {row.name}, which has {page.total} from 0 on")
    return send_document(request, page.trials[0])


def _trials(request: Request, limit: int, offset: int) -> tuple[str, str, TrialPage]:
    order = choice(request, "sort", ORDERS) or "trial"
    state = choice(request, "state", list(RunState))
    source = source_of(request)
    with source.reader.read() as connection:
        row = asked_study(request, connection)
        page = trial_page(connection, row, limit=limit, offset=offset, order=order, state=state)
    return row.name, row.metric, page


def _limits(request: Request) -> tuple[int, int]:
    limit = whole_number(request, "limit", USUAL_ROWS, least=1, most=MOST_ROWS)
    return limit, whole_number(request, "offset", 0)


def _text(value: object) -> str:
    return "" if value is None else str(value)
