"""What runs measured over their steps."""

from typing import Any

from sqlalchemy import Connection, Row
from starlette.requests import Request
from starlette.responses import Response

from shampoo_tune.dashboard.answers import send_csv
from shampoo_tune.dashboard.api.answering import send_document
from shampoo_tune.dashboard.api.documents import Curves, RunCurve
from shampoo_tune.dashboard.asking import choice, numbers
from shampoo_tune.dashboard.source import asked_study, source_of
from shampoo_tune.errors import NotFoundError
from shampoo_tune.storage import queries
from shampoo_tune.storage.results import curve_rows
from shampoo_tune.study import Phase
from shampoo_tune.tuner.report.measured_curves import to_curves
from shampoo_tune.tuner.report.table import Table

MOST_CURVES, USUAL_CURVES = 50, 5


def curves(request: Request) -> Response:
    """One metric of the runs of some trials in one phase."""
    phase = _phase(request)
    with source_of(request).reader.read() as connection:
        row = asked_study(request, connection)
        metric = _metric(request, connection, row) or row.metric
        trials = _trials(request, connection, row, phase)
        rows = curve_rows(connection, row.id, metric, phase, trials) if trials else []
    found = tuple(
        RunCurve(c.trial, c.seed, tuple(c.steps.tolist()), tuple(c.values.tolist()))
        for c in to_curves(rows)
    )
    return send_document(request, Curves(row.name, metric, phase.value, found))


def curves_csv(request: Request) -> Response:
    """A row a step of a run, with a column for each metric, or for the one that is asked for."""
    phase = _phase(request)
    with source_of(request).reader.read() as connection:
        row = asked_study(request, connection)
        asked = _metric(request, connection, row)
        metrics = [asked] if asked else queries.metrics_of(connection, [row.name])
        trials = _trials(request, connection, row, phase)
        measured: dict[tuple[int, int, int], dict[str, float]] = {}
        for metric in metrics if trials else ():
            for curve in to_curves(curve_rows(connection, row.id, metric, phase, trials)):
                for step, value in zip(curve.steps.tolist(), curve.values.tolist(), strict=True):
                    measured.setdefault((curve.trial, curve.seed, step), {})[metric] = value
    rows = tuple(
        (*map(str, place), *(str(values.get(metric, "")) for metric in metrics))
        for place, values in sorted(measured.items())
    )
    return send_csv(request, Table(("trial", "seed", "step", *metrics), rows).to_csv())


def _phase(request: Request) -> Phase:
    return choice(request, "phase", list(Phase)) or Phase.SEARCH


def _metric(request: Request, connection: Connection, row: Row[Any]) -> str | None:
    """The metric that the address names; None if it names none.

    Raises:
        NotFoundError: the study has no such metric.
    """
    asked = request.query_params.get("metric")
    known = queries.metrics_of(connection, [row.name])
    if asked and asked not in known:
        raise NotFoundError(f"{row.name} has no metric {asked!r}, but {', '.join(known)}")
    return asked or None


def _trials(request: Request, connection: Connection, row: Row[Any], phase: Phase) -> list[int]:
    """Those that the address names, else the best of the search or the winner."""
    if chosen := numbers(request, "trials", MOST_CURVES):
        return chosen
    winner = queries.final_trial(connection, row.id)
    if phase is Phase.SEARCH or winner is None:
        return queries.best_of_search(connection, row, "valid_loss", USUAL_CURVES)
    return [winner]
