"""Groups of every kind hold, in their database and as reports: trained by a formula, to the end."""

import math
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from shampoo_tune.storage.database import open_for_writing
from shampoo_tune.tuner.refining import next_round
from shampoo_tune.tuner.report.document import make_document
from shampoo_tune.tuner.report.page import render_page
from shampoo_tune.tuner.verifying.evidence import make_evidence
from shampoo_tune.tuner.verifying.sources import open_group
from shampoo_tune.tuner.verifying.verification import Verification
from shampoo_tune.tuner.verifying.verifying import Sample
from tests.tuner.conftest import Laboratory, quick_study
from tests.tuner.ladder.conftest import Climb, tiny_ladder
from tests.tuner.pretending import Formula, PretendedLaboratory
from tests.tuner.verifying.conftest import audit_of, chain_of, check, told

_CONDITIONAL = (
    "optimizers.nesterov.momentum={values: [0.5, 0.9]}",
    "optimizers.nesterov.weight_decay={min: 1e-6, max: 1e-2, scale: log, when: {momentum: 0.5}}",
)


def plain(point: dict[str, Any], seed: int) -> float | None:
    rate: float = point["learning_rate"]
    return 0.8 + seed % 11 / 50 - abs(rate - 0.2)


def sometimes(point: dict[str, Any], seed: int) -> float | None:
    """Half of all runs are infeasible, and many are equal."""
    return None if seed % 2 else 0.5 + seed % 3 / 10


def never(point: dict[str, Any], seed: int) -> float | None:
    del point, seed
    return None


def holds(url: str, group: str, folder: Path) -> Verification:
    """The group holds, and its report with the same digest."""
    with open_group(url, group) as source:
        found = check(source, Sample(0, 0, 0.0))
        with source.database.read() as connection:
            evidence = make_evidence(connection, group)
            page = render_page(make_document(connection, group), evidence)
    published = audit_of(page, folder)
    assert told(found) == told(published) == []
    assert found.digest == published.digest is not None
    return found


@pytest.mark.parametrize(
    ("overrides", "formula"),
    [
        (("budget.seeds=6",), sometimes),
        (("budget.studies=2", "search.sampler=sobol", "metric.objective=best"), plain),
        (("search.sampler=tpe", "budget.trials=9"), plain),
        (("metric={name: valid_loss}", "target=0.3", *_CONDITIONAL), plain),
        (("optimizers.nesterov.enqueue=[{learning_rate: 9.0, momentum: 0.99}]",), plain),
        ((), never),
    ],
)
def test_completed_groups_hold(
    tmp_path: Path, overrides: tuple[str, ...], formula: Formula
) -> None:
    laboratory = PretendedLaboratory(tmp_path)
    laboratory.run(quick_study(*overrides), formula)
    laboratory.close()
    holds(f"sqlite:///{tmp_path / 'study.db'}", "quick", tmp_path)


def test_a_point_that_was_asked_for_lies_in_the_ranges(tmp_path: Path) -> None:
    """It cannot be drawn again."""
    laboratory = PretendedLaboratory(tmp_path)
    laboratory.run(quick_study("search.sampler=tpe", "budget.trials=9"), plain)
    laboratory.close()
    url = f"sqlite:///{tmp_path / 'study.db'}"
    with open_for_writing(url) as database, database.write() as connection:
        changed = "update trials set point = json_set(point, '$.learning_rate', 99.0)"
        assert connection.execute(text(f"{changed} where number = 8")).rowcount == 1
    assert (
        "design: quick/nesterov trial 8: learning_rate is 99.0, not a value of its range"
        in told(chain_of(url))
    )


def test_a_round_holds_with_the_rounds_before_it(tmp_path: Path) -> None:
    laboratory = PretendedLaboratory(tmp_path)
    laboratory.run(quick_study("budget.trials=12"), plain)
    with laboratory.read() as connection:
        following = next_round(connection, "quick").study
    laboratory.run(following, plain)
    laboratory.close()
    found = holds(f"sqlite:///{tmp_path / 'study.db'}", following.name, tmp_path)
    assert found.trainable == 12 + 2 * 3 + 7


def test_a_group_that_is_half_done_holds(tmp_path: Path) -> None:
    laboratory = PretendedLaboratory(tmp_path)
    laboratory.run(quick_study(), plain, runs=8)
    laboratory.close()
    assert holds(f"sqlite:///{tmp_path / 'study.db'}", "quick", tmp_path).state == "queued"


def test_the_rungs_of_a_ladder_hold_where_they_were_stopped(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    ladder = tiny_ladder()
    climb = Climb(laboratory, value=lambda job: 0.9 + 0.1 * math.log(job.steps / 16))
    rungs = climb.run(ladder)
    seeds = [rung.studies[0].seeds for rung in rungs]
    assert 10 in seeds
    assert 20 in seeds
    for rung in rungs:
        holds(laboratory.url, rung.group, tmp_path)
