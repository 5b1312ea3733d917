"""The isolation plots against a loop over trials."""

import dataclasses
import math

import numpy as np
import pytest

from shampoo_tune.study import Goal
from shampoo_tune.tuner.report.absence import Absent
from shampoo_tune.tuner.report.isolation import IsolationView, buckets_table, isolation_plots
from shampoo_tune.tuner.study_data import StudyData
from tests.tuner.report.studies import with_search


def plots(study: StudyData) -> IsolationView:
    view = isolation_plots(study)
    assert isinstance(view, IsolationView)
    return view


@pytest.mark.parametrize("goal", list(Goal))
def test_every_bucket_names_its_best_trial(base: StudyData, goal: Goal) -> None:
    rng = np.random.default_rng(0)
    values = [None if rng.random() < 0.2 else float(rng.random()) for _ in range(80)]
    study = with_search(base, values, goal)
    pick = min if goal is Goal.MINIMIZE else max
    for column, panel in enumerate(plots(study).panels):
        if panel.axis.name == "warmup":
            continue  # below: its values are not evenly spaced on its scale
        for bucket, place in zip(panel.buckets, panel.places, strict=True):
            trials = [t for t in range(80) if bucket.low <= study.units[t, column] < bucket.high]
            feasible = [t for t in trials if values[t] is not None]
            assert (bucket.count, bucket.feasible) == (len(trials), len(feasible))
            if not feasible:
                assert bucket.best_trial is None
                assert math.isnan(place)
                continue
            best = pick(feasible, key=lambda t: study.search[t])
            assert (bucket.best_trial, bucket.best_value) == (best, values[best])
            assert place == study.units[best, column]


def test_choices_and_small_whole_numbers_have_a_bucket_a_value(base: StudyData) -> None:
    study = with_search(base, [0.01 * n for n in range(60)])
    panels = {panel.axis.name: panel for panel in plots(study).panels}
    for name, values in (("exponent", [0, 2, 4]), ("warmup", [1, 2, 3, 4, 5, 6])):
        counts = [sum(point[name] == value for point in study.points) for value in values]
        assert [bucket.count for bucket in panels[name].buckets] == counts
    rows = [row[:3] for row in buckets_table(plots(study)).rows if row[0] == "warmup"]
    assert [row[1] for row in rows] == ["1", "2", "3", "4", "5", "6"]


def test_trial_numbers_hold_while_others_have_no_verdict(base: StudyData) -> None:
    study = with_search(base, [math.nan, 0.3, math.nan, 0.9, None, 0.1])
    best = {b.best_trial for p in plots(study).panels for b in p.buckets}
    assert best - {None} <= {1, 3, 5}
    assert 3 in best


def test_it_is_withheld_from_adaptive_samplers_and_waits_for_a_feasible_trial(
    base: StudyData,
) -> None:
    study = with_search(base, [0.1])
    assert isinstance(isolation_plots(dataclasses.replace(study, sampler="tpe")), Absent)
    assert isinstance(isolation_plots(with_search(base, [None])), Absent)


def test_a_range_shows_the_ends_of_its_buckets(base: StudyData) -> None:
    rows = buckets_table(plots(with_search(base, [0.5] * 10))).rows
    assert rows[0][:2] == ("learning_rate", "0.01 to 0.0398")
