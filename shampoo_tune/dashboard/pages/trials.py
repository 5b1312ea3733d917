"""The trials of a study a page at a time, and one trial with every try at it."""

from typing import Any

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from shampoo_tune.dashboard.answers import send_page
from shampoo_tune.dashboard.asking import checked_number, choice, whole_number
from shampoo_tune.dashboard.rendering import render
from shampoo_tune.dashboard.source import Loaded, asked_study, source_of
from shampoo_tune.errors import NotFoundError
from shampoo_tune.storage import queries
from shampoo_tune.storage.results import curve_rows
from shampoo_tune.storage.trial_pages import Order, attempts_of_trial, trial_page
from shampoo_tune.study import GroupState, Phase, RunState
from shampoo_tune.tuner.report import curves
from shampoo_tune.tuner.report.absence import Absent
from shampoo_tune.tuner.report.drawing.curves import draw_curves
from shampoo_tune.tuner.report.measured_curves import MeasuredCurves, shown_metrics, to_curves

ORDERS: tuple[Order, ...] = ("trial", "-trial", "value", "-value")
_ROWS = 50
_GOES_ON = (GroupState.QUEUED, GroupState.RUNNING)


def trials_page(request: Request) -> Response:
    """Trials, filtered by state, sorted by number or value."""
    source, order = source_of(request), choice(request, "sort", ORDERS) or "value"
    state = choice(request, "state", list(RunState))
    number = whole_number(request, "page", 1, least=1, most=10_000_000)
    with source.reader.read() as connection:
        row = asked_study(request, connection)
        page = trial_page(
            connection, row, limit=_ROWS, offset=(number - 1) * _ROWS, order=order, state=state
        )
        loaded = source.loaded(connection, row)
    return send_page(
        request,
        render(
            "trials.html",
            request,
            study=loaded.data,
            trials=page.trials,
            found=page.total,
            parameters=loaded.data.space.dimensions,
            order=order,
            state=state,
            states=list(RunState),
            page=number,
            pages=max(1, -(-page.total // _ROWS)),
            live=loaded.revision[0] in _GOES_ON,
        ),
    )


def trial_page_of(request: Request) -> Response:
    """One trial: what it came to, its configuration, curves and attempts."""
    source = source_of(request)
    number = checked_number("trial", request.path_params["trial"])
    with source.reader.read() as connection:
        row = asked_study(request, connection)
        loaded = source.loaded(connection, row)
        if number >= len(loaded.data.points):
            raise NotFoundError(
                f"no trial {number} in {row.name}, which has {len(loaded.data.points)} from 0 on"
            )
        phases = [_phase(connection, loaded, number, phase) for phase in Phase]
        trial = queries.trial_of(connection, row.id, number)
        attempts = attempts_of_trial(connection, row, number)
    return send_page(
        request,
        render(
            "trial.html",
            request,
            study=loaded.data,
            number=number,
            last=len(loaded.data.points) - 1,
            value=float(loaded.data.search[number]),
            reason=loaded.data.reasons.get(number, ""),
            point=trial.point,
            configuration=trial.configuration,
            phases=[phase for phase in phases if phase],
            attempts=attempts,
            live=any(attempt.run_state == RunState.RUNNING for attempt in attempts),
        ),
    )


def _phase(
    connection: Connection, loaded: Loaded, trial: int, phase: Phase
) -> dict[str, Any] | None:
    """Name, runs, metrics and drawings of the runs of one phase; None without any that measured."""
    data = loaded.data
    found = {
        metric: tuple(to_curves(curve_rows(connection, data.id, metric, phase, [trial])))
        for metric in shown_metrics(data.metric)
    }
    view = curves.training_curves(data, MeasuredCurves(found, (), None))
    if isinstance(view, Absent):
        return None
    runs = max(len(panel.curves) for panel in view.panels)
    metrics = [panel.metric for panel in view.panels]
    return {
        "name": phase.value,
        "runs": runs,
        "metrics": metrics,
        "drawings": draw_curves(view),
    }
