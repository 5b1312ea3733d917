"""From a group that was searched to the file of its next round."""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from shampoo_tune.errors import ConditionNotMetError, InvalidInputError, NotFoundError
from shampoo_tune.study import Phase
from shampoo_tune.tuner.parameters import Choice, Fixed, Range
from shampoo_tune.tuner.refining import NextRound, next_round
from shampoo_tune.tuner.study_file.loading import Study, digest, parse_study_file
from shampoo_tune.workloads import WORKLOADS
from tests.tuner.pretending import Formula, PretendedLaboratory

FILE = """\
version: 1
name: first
workload: {name: mlp_digits, batch_size: 128}
target: 0.9
budget: {steps: 5, trials: 20, finalists: 1, finalist_seeds: 2, seeds: 2}
search: {sampler: halton, seed: 7}
optimizers:
  nesterov:
    learning_rate: {min: 1e-3, max: 10, scale: log}
    momentum: {min: 0.5, max: 0.995, scale: one_minus_log}
    weight_decay: 1e-4
"""
SPACE = {"learning_rate": Range(1e-3, 10.0, "log"), "momentum": Range(0.5, 0.995, "one_minus_log")}


def study(*overrides: str, file: str = FILE) -> Study:
    return parse_study_file(file, "file.yaml", overrides, WORKLOADS).study


def load(written: NextRound) -> Study:
    """The study in the text of the next round."""
    return parse_study_file(written.to_yaml(), "next.yaml", (), WORKLOADS).study


def peak(**places: float) -> Formula:
    """An accuracy that falls with the distance from these places in the first round's ranges."""

    def formula(point: dict[str, Any], seed: int) -> float:
        del seed
        squares = ((SPACE[name].unit(point[name]) - unit) ** 2 for name, unit in places.items())
        return 0.95 - sum(squares) / 4

    return formula


@pytest.fixture
def laboratory(tmp_path: Path) -> Iterator[PretendedLaboratory]:
    made = PretendedLaboratory(tmp_path)
    yield made
    made.close()


@pytest.fixture
def refine(laboratory: PretendedLaboratory) -> Callable[..., NextRound]:
    def call(name: str) -> NextRound:
        with laboratory.read() as connection:
            return next_round(connection, name)

    return call


Refine = Callable[[str], NextRound]


def test_the_next_round_is_the_same_study_over_narrower_ranges(
    laboratory: PretendedLaboratory, refine: Refine
) -> None:
    first = study()
    laboratory.run(first, peak(learning_rate=0.4, momentum=0.6))
    written = refine("first")
    second = load(written)
    assert second == written.study
    for field in ("workload", "metric", "target", "budget", "schedule", "label_smoothing"):
        assert getattr(second, field) == getattr(first, field)
    assert (second.name, second.search.seed) == ("first-round2", 8)
    assert second.search.sampler == "halton"
    assert second.parent is not None
    assert (second.parent.group, second.parent.digest) == ("first", digest(first))
    parameters = {p.name: p.domain for p in second.arm("nesterov").space.parameters}
    assert parameters["weight_decay"] == Fixed(1e-4)
    for name, place in (("learning_rate", 0.4), ("momentum", 0.6)):
        domain, old = parameters[name], SPACE[name]
        assert isinstance(domain, Range)
        assert domain.low <= old.at(place) <= domain.high
        assert 1 / 3 <= old.unit(domain.high) - old.unit(domain.low) < 0.8


def test_every_number_has_three_digits_and_every_parameter_its_reason(
    laboratory: PretendedLaboratory, refine: Refine
) -> None:
    laboratory.run(study(), peak(learning_rate=0.4, momentum=0.6))
    lines = refine("first").to_yaml().splitlines()
    assert lines[0].startswith("# Refined from first.")
    (at,) = (i for i, line in enumerate(lines) if line.startswith("    learning_rate: "))
    assert "    # was 0.001 to 10 (log); best: " in lines[at - 1]
    assert "  # 20 of 20 trials were feasible; the best 5 decide." in lines
    (rate,) = (p for p in refine("first").study.arms[0].space.parameters if "rate" in p.name)
    assert isinstance(rate.domain, Range)
    for end in (rate.domain.low, rate.domain.high):
        assert float(f"{end:.3g}") == end
    assert not any("(default)" in line for line in lines)


def test_a_range_is_widened_where_the_best_trials_crowd_at_its_end(
    laboratory: PretendedLaboratory, refine: Refine
) -> None:
    laboratory.run(study("budget.trials=60"), peak(learning_rate=-0.2))
    written = refine("first")
    rate = load(written).arm("nesterov").space.parameters[0].domain
    assert isinstance(rate, Range)
    assert rate.low == pytest.approx(1e-5, rel=1e-2)
    assert rate.high < 10
    assert ": widened" in written.comments["optimizers", "nesterov", "learning_rate"]


def test_a_range_ends_where_the_option_ends(
    laboratory: PretendedLaboratory, refine: Refine
) -> None:
    file = study("budget.trials=60", "optimizers.nesterov.weight_decay={min: 0, max: 1}")
    laboratory.run(file, lambda point, seed: 0.9 - point["weight_decay"] / 4)
    written = refine("first")
    decay = load(written).arm("nesterov").space.parameters[2].domain
    assert isinstance(decay, Range)
    assert decay.low == 0
    reason = written.comments["optimizers", "nesterov", "weight_decay"]
    assert "the option's own: not widened" in reason


def test_no_seed_and_no_point_of_a_round_was_used_in_the_rounds_before(
    laboratory: PretendedLaboratory, refine: Refine
) -> None:
    """Three rounds of two replicates: the runs of all phases, by phase and seed."""
    file = study("budget.studies=2")
    for _ in range(3):
        laboratory.run(file, peak(learning_rate=0.4, momentum=0.6))
        file = load(refine(file.name))
    assert file.name == "first-round4"
    with laboratory.read() as connection:
        runs = connection.execute(
            text(
                "select g.name, s.name, r.phase, r.seed, t.point from runs r"
                " join trials t on t.id = r.trial_id join studies s on s.id = r.study_id"
                " join groups g on g.id = s.group_id"
            )
        ).all()
    names = list(dict.fromkeys(name for _, name, *_ in runs))
    assert names == [
        "first/nesterov", "first/nesterov#1", "first-round2/nesterov#2",
        "first-round2/nesterov#3", "first-round3/nesterov#4", "first-round3/nesterov#5",
    ]  # fmt: skip
    assert {phase for _, _, phase, _, _ in runs} == set(Phase)
    used = {n: {(p, s) for name, _, p, s, _ in runs if name == n} for n, *_ in runs}
    points = {n: {point for name, _, _, _, point in runs if name == n} for n, *_ in runs}
    for before, after in (("first", "first-round2"), ("first-round2", "first-round3")):
        assert not used[before] & used[after]
        assert not points[before] & points[after]
    assert not used["first"] & used["first-round3"]


def test_the_replicates_of_an_arm_are_refined_together(
    laboratory: PretendedLaboratory, refine: Refine
) -> None:
    laboratory.run(study("budget.studies=2"), peak(learning_rate=0.4, momentum=0.6))
    whole = refine("first")
    assert "40 of 40 trials were feasible" in whole.comments["optimizers", "nesterov"]
    assert refine("first/nesterov") == refine("first/nesterov#1") == whole


TWO_ARMS = FILE + "  lars: {learning_rate: {min: 1, max: 50, scale: log}, momentum: 0.9}\n"


def test_all_arms_of_a_group_are_refined_or_the_one_that_is_named(
    laboratory: PretendedLaboratory, refine: Refine
) -> None:
    laboratory.run(study(file=TWO_ARMS), lambda point, seed: 0.5 + point["momentum"] / 3)
    both = load(refine("first"))
    assert [arm.name for arm in both.arms] == ["nesterov", "lars"]
    one = load(refine("first/lars"))
    assert [arm.name for arm in one.arms] == ["lars"]
    assert (both.name, one.name) == ("first-round2", "first-lars-round2")
    assert one.arm("lars") == both.arm("lars")
    assert one.parent == both.parent
    laboratory.run(both, peak(learning_rate=0.5))
    laboratory.run(one, peak(learning_rate=0.5))
    assert load(refine(one.name)).name == "first-lars-round3"


CHOICES = """\
version: 1
name: choices
workload: {name: mlp_digits}
target: 0.9
budget: {steps: 5, trials: 60, finalists: 1, finalist_seeds: 1, seeds: 1}
optimizers:
  shampoo:
    learning_rate: {min: 1e-3, max: 10, scale: log}
    exponent_override: {values: [0, 2, 4, 8]}
    nesterov: {values: [true, false]}
    beta1: {min: 0.5, max: 0.9, when: {nesterov: true}}
    beta2: {min: 0.5, max: 0.999, scale: one_minus_log, when: {exponent_override: 2}}
    diagonal_epsilon: {min: 1e-10, max: 1e-6, scale: log, when: {exponent_override: 4}}
    start_preconditioning_step: {min: 1, max: 9}
"""


def test_choices_shrink_and_conditions_go_with_their_values(
    laboratory: PretendedLaboratory, refine: Refine
) -> None:
    order = {0.0: 0.3, 2.0: 0.1, 4.0: 0.0, 8.0: 0.31}

    def formula(point: dict[str, Any], seed: int) -> float:
        loss = order[point["exponent_override"]] + 0.2 * (not point["nesterov"])
        return float(0.9 - loss - 0.01 * abs(point["start_preconditioning_step"] - 5))

    laboratory.run(study("search.seed=1", file=CHOICES), formula)
    parameters = {p.name: p for p in load(refine("choices")).arm("shampoo").space.parameters}
    assert parameters["exponent_override"].domain == Choice((4.0,))  # a condition names it
    assert parameters["nesterov"].domain == Choice((True,))
    assert parameters["beta1"].when == (("nesterov", True),)
    assert "beta2" not in parameters
    assert parameters["diagonal_epsilon"].when == (("exponent_override", 4.0),)
    steps = parameters["start_preconditioning_step"].domain
    assert isinstance(steps, Range)
    assert steps.whole
    assert 1 <= steps.low < 5 < steps.high <= 9


def test_a_choice_with_one_value_left_is_fixed(
    laboratory: PretendedLaboratory, refine: Refine
) -> None:
    file = study("optimizers.shampoo.diagonal_epsilon=1e-10", file=CHOICES)
    laboratory.run(file, lambda point, seed: 0.1 + 0.1 * point["exponent_override"])
    (order,) = (
        p
        for p in load(refine("choices")).arm("shampoo").space.parameters
        if p.name == "exponent_override"
    )
    assert order.domain == Fixed(8.0)


def test_equally_good_trials_are_kept_together(
    laboratory: PretendedLaboratory, refine: Refine
) -> None:
    """All are equal: there is no best, so the ranges stay as they are, but for rounding."""
    laboratory.run(study(), lambda point, seed: 0.5)
    written = refine("first")
    assert "the best 20 decide" in written.comments["optimizers", "nesterov"]
    for parameter in load(written).arm("nesterov").space.parameters[:2]:
        old, new = SPACE[parameter.name], parameter.domain
        assert isinstance(new, Range)
        assert old.unit(new.high) - old.unit(new.low) > 0.95


def test_infeasible_trials_are_no_leaders(laboratory: PretendedLaboratory, refine: Refine) -> None:
    better = peak(learning_rate=0.8, momentum=0.6)

    def formula(point: dict[str, Any], seed: int) -> float | None:
        return None if point["learning_rate"] > 0.3 else better(point, seed)

    laboratory.run(study(), formula)
    written = refine("first")
    rate = load(written).arm("nesterov").space.parameters[0].domain
    assert isinstance(rate, Range)
    assert rate.low < 0.3 < rate.high < 10
    assert "of 20 trials were feasible;" in written.comments["optimizers", "nesterov"]


def test_a_loss_is_refined_toward_its_low_values(
    laboratory: PretendedLaboratory, refine: Refine
) -> None:
    file = study("metric.name=valid_loss", "target=null")
    laboratory.run(file, peak(learning_rate=0.3))
    rate = load(refine("first")).arm("nesterov").space.parameters[0].domain
    assert isinstance(rate, Range)
    assert rate.low <= SPACE["learning_rate"].at(0.3) <= rate.high


def test_enqueued_points_are_left_out(laboratory: PretendedLaboratory, refine: Refine) -> None:
    """The best point by far was enqueued far outside of the range."""
    point = "optimizers.nesterov.enqueue=[{learning_rate: 1000, momentum: 0.9}]"
    laboratory.run(
        study(point),
        lambda p, seed: 1.0 if p["learning_rate"] > 100 else peak(learning_rate=0.3)(p, seed),
    )
    written = refine("first")
    arm = load(written).arm("nesterov")
    rate = arm.space.parameters[0].domain
    assert isinstance(rate, Range)
    assert arm.enqueue == ()
    assert rate.low <= SPACE["learning_rate"].at(0.3) <= rate.high < 10
    assert "Enqueued points were left out" in written.comments["optimizers", "nesterov"]


def test_a_search_by_tpe_is_narrowed_only_and_followed_by_a_design(
    laboratory: PretendedLaboratory, refine: Refine
) -> None:
    laboratory.run(study("search.sampler=tpe"), peak(learning_rate=-0.2))
    written = refine("first")
    second = load(written)
    rate = second.arm("nesterov").space.parameters[0].domain
    assert isinstance(rate, Range)
    assert rate.low == 1e-3
    assert second.search.sampler == "halton"
    assert "boundary check" in written.comments[()]
    assert "withheld" in written.comments[()]


def test_what_cannot_be_refined_is_refused(laboratory: PretendedLaboratory, refine: Refine) -> None:
    laboratory.run(study(), peak(learning_rate=0.4), runs=8)
    with pytest.raises(ConditionNotMetError, match="8 of 20 search values; launch it again"):
        refine("first")
    laboratory.run(study("name=hopeless"), lambda point, seed: None)
    with pytest.raises(ConditionNotMetError, match="hopeless/nesterov has no feasible trial"):
        refine("hopeless")
    with pytest.raises(NotFoundError, match="no group 'second'"):
        refine("second")
    with pytest.raises(NotFoundError, match=r"no study 'first/lars'; .* first/nesterov"):
        refine("first/lars")


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("first", "first-round2"),
        ("first-round2", "first-round3"),
        ("first-round9", "first-round10"),
        ("a" * 100, "a" * 93 + "-round2"),
        ("not a file's name", "first-round2"),
    ],
)
def test_the_name_counts_the_rounds(
    laboratory: PretendedLaboratory, refine: Refine, group: str, expected: str
) -> None:
    laboratory.run(study(), peak(learning_rate=0.4), name=group)
    assert load(refine(group)).name == expected


def test_a_parent_that_is_not_the_one_is_refused_before_anything_is_created(
    laboratory: PretendedLaboratory, refine: Refine
) -> None:
    laboratory.run(study("budget.studies=2"), peak(learning_rate=0.4))
    second = refine("first").study
    parent = second.parent
    assert parent is not None

    def with_parent(**changes: Any) -> Study:
        return dataclasses.replace(second, parent=parent.model_copy(update=changes))

    with pytest.raises(NotFoundError, match=r"'other' is not in this database.*--db"):
        laboratory.run(with_parent(group="other"), peak(learning_rate=0.4))
    with pytest.raises(InvalidInputError, match="not refined from it"):
        laboratory.run(with_parent(digest="a" * 64), peak(learning_rate=0.4))
    with pytest.raises(InvalidInputError, match=r"parent.replicates is 1, .* write 2"):
        laboratory.run(with_parent(replicates=1), peak(learning_rate=0.4))
    with laboratory.read() as connection:
        assert connection.execute(text("select name from groups")).all() == [("first",)]
    laboratory.run(second, peak(learning_rate=0.4))
    laboratory.run(second, peak(learning_rate=0.4))  # again continues
