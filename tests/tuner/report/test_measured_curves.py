"""Curves against the raw measurements."""

import numpy as np
from sqlalchemy import Connection, text

from shampoo_tune.tuner.report.measured_curves import read_curves, shown_metrics, to_curves
from shampoo_tune.tuner.study_loading import load_studies

_RAW = """
select t.number, r.seed, m.step, m.value from measurements m
join attempts a on a.id = m.attempt_id join runs r on r.id = a.run_id
join trials t on t.id = r.trial_id
join study_metrics n on n.id = m.metric_id
where r.study_id = :study and r.phase = :phase and n.metric = :metric
"""


def test_curves_are_the_measurements_of_their_runs(connection: Connection) -> None:
    for study in load_studies(connection, "quick"):
        curves = read_curves(connection, study)
        for phase, metric, found in (
            ("search", "train_loss", curves.best["train_loss"]),
            ("search", "valid_accuracy", curves.best["valid_accuracy"]),
            ("final", "valid_accuracy", curves.final),
        ):
            parameters = {"study": study.id, "phase": phase, "metric": metric}
            raw = connection.execute(text(_RAW), parameters).all()
            for curve in found:
                points = sorted(r[2:] for r in raw if r[:2] == (curve.trial, curve.seed))
                assert [tuple(p) for p in points] == list(
                    zip(curve.steps.tolist(), curve.values.tolist(), strict=True)
                )
        feasible = np.flatnonzero(np.isfinite(study.search)).tolist()
        order = sorted(feasible, key=lambda trial: (-study.search[trial], trial))
        assert [curve.trial for curve in curves.best["valid_loss"]] == order
        assert [curve.seed for curve in curves.final] == [200_000 + n for n in range(7)]
        assert curves.winner is not None
        assert curves.winner.trial == study.winner
        assert curves.winner.values[-1] == study.search[curves.winner.trial]


def test_rows_are_cut_into_one_curve_a_run() -> None:
    rows = [(0, 7, 5, 0.1), (0, 7, 10, 0.2), (0, 8, 5, 0.3), (1, 8, 5, 0.4)]
    curves = to_curves(rows)
    assert [(c.trial, c.seed, c.steps.tolist(), c.values.tolist()) for c in curves] == [
        (0, 7, [5, 10], [0.1, 0.2]),
        (0, 8, [5], [0.3]),
        (1, 8, [5], [0.4]),
    ]
    assert np.issubdtype(curves[0].steps.dtype, np.integer)


def test_losses_and_the_metric_are_shown_once_each() -> None:
    assert shown_metrics("valid_accuracy") == ("train_loss", "valid_loss", "valid_accuracy")
    assert shown_metrics("valid_loss") == ("train_loss", "valid_loss")
