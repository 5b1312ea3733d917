"""`--set a.b=v`: what it changes, and that its errors point into the argument."""

import pytest

from shampoo_tune.tuner.parameters import Fixed, Range
from shampoo_tune.tuner.study_file.file_errors import StudyFileError
from shampoo_tune.tuner.study_file.loading import Study, parse_study_file
from tests.tuner.study_file.minimal import KNOWN, MINIMAL


def study(text: str, *overrides: str) -> Study:
    return parse_study_file(text, "f.yaml", overrides, KNOWN).study


def errors(text: str, *overrides: str) -> list[str]:
    with pytest.raises(StudyFileError) as caught:
        study(text, *overrides)
    return [str(error) for error in caught.value.errors]


def test_an_override_replaces_adds_and_wins_over_an_earlier_one() -> None:
    loaded = study(
        MINIMAL,
        "budget.trials=7",
        "budget.trials=1e1",
        "search.seed=010",
        "optimizers.shampoo.learning_rate={min: 1e-5, max: 1, scale: log}",
        "optimizers.shampoo.learning_rate.max=2",
        "optimizers.lars.learning_rate=1",
    )
    assert (loaded.budget.trials, loaded.search.seed) == (10, 10)
    assert loaded.arm("shampoo").space.parameters[0].domain == Range(1e-5, 2.0, "log")
    assert loaded.arm("lars").space.point([]) == {"learning_rate": 1.0}


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("budget.trials=x", "1:15: error: budget.trials: must be a whole number, got 'x'"),
        ("budget.trails=3", "1:8: error: budget.trails: unknown key 'trails' (did you mean 'tria"),
        ("bugdet.a=3", "1:1: error: bugdet: unknown key 'bugdet' (did you mean 'budget'?)"),
        ("name.a.b=1", "1:6: error: name.a.b: name is 'resnet', which has no key 'a' (set name"),
        ("optimizers.shampoo.exponent_override.values.0=1", "1:45: error: optimizers.shampoo.exp"),
        ("budget.steps=", "1:14: error: budget.steps: must be a whole number, got null"),
        ("metric={goal: [}", "1:16: error: invalid YAML: while parsing a flow node"),
        ("search={seed: 1, seed: 2}", "1:18: error: search.seed: duplicate key (first at line 1)"),
        ("budget.trials", "1:1: error: expected KEY=VALUE with a KEY such as budget.trials"),
        ("budget..trials=1", "1:1: error: expected KEY=VALUE"),
        ("a." * 5000 + "a=1", "1:1: error: expected KEY=VALUE"),
    ],
)
def test_an_error_in_an_override_points_into_the_override(override: str, expected: str) -> None:
    (error,) = errors(MINIMAL, override)
    assert error.startswith(f"--set {override}:{expected}")


def test_a_key_that_is_wrong_in_file_and_override_is_reported_in_the_override() -> None:
    text = MINIMAL.replace("{steps: 40}", "{steps: 40, trails: 3}")
    (error,) = errors(text, "budget.trails=4")
    assert error.startswith("--set budget.trails=4:1:8: error: budget.trails: unknown key")


def test_errors_of_overrides_and_file_are_shown_together() -> None:
    found = errors(MINIMAL.replace("block_size: 64", "block_size: 0"), "target=x", "search.seed=-1")
    assert [error.split(": error")[0] for error in found] == [
        "--set search.seed=-1:1:13", "--set target=x:1:8", "f.yaml:10:17",
    ]  # fmt: skip


def test_what_an_override_replaces_is_not_checked() -> None:
    assert study(MINIMAL.replace("block_size: 64", "block_size: 0"), *[
        "optimizers.shampoo.block_size=32"
    ]).arms[0].space.parameters[-1].domain == Fixed(32)  # fmt: skip
