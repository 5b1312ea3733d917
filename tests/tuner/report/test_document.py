"""A whole report against independent calculations from the rows of its database."""

import json
import math
import statistics
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Connection, text

from shampoo_tune.errors import NotFoundError
from shampoo_tune.tuner.comparison.comparing import compare_groups
from shampoo_tune.tuner.report.document import Document, make_document
from shampoo_tune.tuner.report.figure import Figure
from tests.tuner.conftest import quick_study
from tests.tuner.pretending import PretendedLaboratory
from tests.tuner.report.conftest import TWO_ARMS

_RUNS = """
select t.number, r.seed, r.state, m.step, m.value
from runs r join trials t on t.id = r.trial_id join studies s on s.id = r.study_id
join attempts a on a.run_id = r.id
join study_metrics n on n.study_id = s.id and n.metric = :metric
left join measurements m on m.attempt_id = a.id and m.metric_id = n.id
where s.name = :study and r.phase = :phase order by t.number, r.seed, m.step
"""


def figures(document: Document) -> dict[str, Figure]:
    return {figure.key: figure for section in document.sections for figure in section.figures}


def last_values(
    connection: Connection, study: str, phase: str, metric: str
) -> dict[tuple[int, int], float]:
    """(trial, seed) -> the value at the last step, or the worst if the run is infeasible."""
    rows = connection.execute(text(_RUNS), {"study": study, "phase": phase, "metric": metric})
    values = {}
    for trial, seed, state, step, value in rows:
        if state == "infeasible":
            values[trial, seed] = -math.inf
        elif step == 30:
            values[trial, seed] = value
    return values


def plain(value: float) -> float | None:
    return value if math.isfinite(value) else None


def test_the_verdict_stands_first_and_is_the_comparison_s(connection: Connection) -> None:
    document = make_document(connection, "quick")
    assert document.verdict == compare_groups(connection, ["quick"]).verdict
    assert [section.title for section in document.sections] == [
        "Result", "Smaller budgets", "quick/nesterov", "quick/wild", "Comparison", "Ledger",
        "Provenance",
    ]  # fmt: skip


@pytest.mark.parametrize(("number", "study"), [(0, "quick/nesterov"), (1, "quick/wild")])
def test_the_search_is_that_of_the_rows(connection: Connection, number: int, study: str) -> None:
    found = figures(make_document(connection, "quick"))
    values = last_values(connection, study, "search", "valid_accuracy")
    search = [values[trial, trial] for trial in range(4)]
    shown = [plain(value) for value in search]
    best = np.maximum.accumulate(search)
    assert found[f"history-{number}"].data["values"] == shown
    so_far = [plain(value) for value in best.tolist()]
    assert found[f"history-{number}"].data["best_so_far"] == so_far
    assert found[f"axis-plots-{number}"].data["values"] == shown
    simulated = found["best-of-k"].data[study]
    assert simulated["ks"] == [1, 2, 3, 4]
    assert simulated["in_order"][-1] == max(search)
    assert simulated["quantiles"][-1] == [max(search)] * 5
    boundaries = found[f"boundary-{number}"].data["sides"]
    assert {side["considered"] for side in boundaries} == {sum(map(math.isfinite, search))}


@pytest.mark.parametrize("study", ["quick/nesterov", "quick/wild"])
def test_the_seeds_are_those_of_the_rows(connection: Connection, study: str) -> None:
    found = figures(make_document(connection, "quick"))
    values = last_values(connection, study, "final", "valid_accuracy")
    tests = last_values(connection, study, "final", "test_accuracy")
    (winner,) = {trial for trial, _ in values}
    final = [values[winner, 200_000 + n] for n in range(7)]
    seeds = found["seeds"].data[study]
    assert seeds["values"] == [plain(value) for value in final]
    assert seeds["infeasible"] == final.count(-math.inf)
    assert seeds["median"] == statistics.median(final)
    assert (seeds["interval"]["low"], seeds["interval"]["high"]) == (
        plain(min(final)),
        plain(max(final)),
    )
    assert seeds["test_median"] == statistics.median(tests.values())
    assert seeds["reached"]["reached"] == sum(value >= 0.9 for value in final)
    finalists = last_values(connection, study, "finalists", "valid_accuracy")
    middle = statistics.median(v for (t, _), v in finalists.items() if t == winner)
    assert seeds["finalist_median"] == middle
    searched = last_values(connection, study, "search", "valid_accuracy")[winner, winner]
    assert seeds["gap"] == searched - seeds["median"]
    band = found["seed-bands"].data[study]
    assert band["steps"] == [10, 20, 30]
    assert band["quantiles"][2][-1] == seeds["median"]


def test_everything_is_json(connection: Connection) -> None:
    for figure in figures(make_document(connection, "quick")).values():
        json.dumps(figure.data, allow_nan=False)


def test_an_unknown_group_is_said_to_be(connection: Connection) -> None:
    with pytest.raises(NotFoundError, match="no group 'slow'"):
        make_document(connection, "slow")


def test_a_running_study_shows_what_is_known(tmp_path: Path) -> None:
    laboratory = PretendedLaboratory(tmp_path)
    laboratory.run(quick_study(text=TWO_ARMS), lambda point, seed: 0.5 + seed % 7 / 100, runs=12)
    with laboratory.read() as connection:
        document = make_document(connection, "quick")
    laboratory.close()
    assert document.verdict.startswith("No verdict yet: quick/nesterov is ")
    result = document.sections[0].tables[0]
    assert result.rows[0][1].endswith(" of 7 seeds so far")
    assert len(figures(document)["history-0"].data["trials"]) == 4


def test_replicates_have_sections_of_their_own_the_later_ones_folded(tmp_path: Path) -> None:
    laboratory = PretendedLaboratory(tmp_path)
    study = quick_study("budget.studies=3", "budget.seeds=6", text=TWO_ARMS)
    laboratory.run(study, lambda point, seed: point["learning_rate"] / 2 + seed % 5 / 1000)
    with laboratory.read() as connection:
        document = make_document(connection, "quick")
    laboratory.close()
    folded = {s.title: s.folded for s in document.sections if s.folded is not None}
    assert list(folded) == [
        "quick/nesterov", "quick/nesterov#1", "quick/nesterov#2",
        "quick/wild", "quick/wild#1", "quick/wild#2",
    ]  # fmt: skip
    assert [title for title in folded if not folded[title]] == ["quick/nesterov", "quick/wild"]
    assert len(document.sections[0].tables[0].rows) == 6


def test_a_loss_without_a_target_is_reported_too(tmp_path: Path) -> None:
    laboratory = PretendedLaboratory(tmp_path)
    study = quick_study("metric.name=valid_loss", "metric.goal=minimize", "target=null")
    laboratory.run(study, lambda point, seed: 0.5 + seed % 7 / 100)
    with laboratory.read() as connection:
        document = make_document(connection, "quick")
    laboratory.close()
    found = figures(document)
    losses = [1 - (0.5 + trial % 7 / 100) for trial in range(4)]
    assert found["history-0"].data["values"] == losses
    assert found["history-0"].data["best_so_far"] == np.minimum.accumulate(losses).tolist()
    assert found["seeds"].data["quick/nesterov"]["reached"] is None
    drawn = found["history-0"].drawings + found["seeds"].drawings
    assert "target" not in "".join(drawn)


def test_a_report_needs_neither_jax_nor_optuna_to_begin_with() -> None:
    script = (
        "import sys\n"
        "import shampoo_tune.tuner.report.document, shampoo_tune.tuner.report.page\n"
        "print({'jax', 'optuna', 'ray', 'pandas'} & set(sys.modules))"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert result.stdout == "set()\n"
