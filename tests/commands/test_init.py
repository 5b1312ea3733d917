"""`init`: every file it prints is valid and trains."""

from pathlib import Path

import pytest

from shampoo_tune.optimizer.config import OPTIMIZERS
from shampoo_tune.tuner.configuration import arm_options
from shampoo_tune.tuner.study_file.loading import load_study_file, parse_study_file
from shampoo_tune.tuner.study_file.template import template
from shampoo_tune.workloads import WORKLOADS
from tests.conftest import Run
from tests.tuner.conftest import Laboratory

SHIPPED = Path(__file__).parents[2] / "search_spaces"
ALL_ARMS, TRANSFORMER = SHIPPED / "all_arms.yaml", SHIPPED / "transformer.yaml"


@pytest.mark.parametrize("workload", WORKLOADS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_file_is_valid_without_a_warning(workload: str, optimizer: str) -> None:
    text = template(workload, [optimizer], WORKLOADS)
    loaded = parse_study_file(text, "new.yaml", (), WORKLOADS)
    assert loaded.warnings == []
    (arm,) = loaded.study.arms
    assert arm.optimizer == optimizer
    assert "learning_rate" in arm.space.dimensions
    facts = WORKLOADS[workload]
    assert loaded.study.workload.batch_size == facts.batch_size
    assert (loaded.study.metric.name, loaded.study.target) == (facts.metric, facts.target)
    assert all(len(line) <= 100 for line in text.splitlines())


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_option_is_explained_or_named(optimizer: str) -> None:
    """A parameter in the file has a comment above it; the others are listed."""
    lines = template("mlp_digits", [optimizer], WORKLOADS).splitlines()
    for name in arm_options(optimizer):
        at = [i for i, line in enumerate(lines) if line.startswith(f"    {name}: ")]
        if at:
            above = "\n".join(lines[max(0, at[0] - 4) : at[0]])
            assert f"    # {name}: " in above
        else:
            last = "\n".join(lines[-6:])
            assert f" {name}" in last


def test_the_shipped_file_of_all_arms_has_the_same_spaces() -> None:
    shipped = load_study_file(ALL_ARMS, (), WORKLOADS)
    text = template("resnet_digits", [arm.name for arm in shipped.study.arms], WORKLOADS)
    printed = parse_study_file(text, "new.yaml", (), WORKLOADS).study
    assert {arm.name for arm in shipped.study.arms} == set(OPTIMIZERS)
    assert shipped.study.arms == printed.arms
    assert (shipped.study.budget, shipped.study.schedule) == (printed.budget, printed.schedule)
    assert shipped.warnings == []


def test_the_shipped_file_of_a_transformer_has_the_same_spaces() -> None:
    shipped = load_study_file(TRANSFORMER, (), WORKLOADS)
    text = template("transformer_lm", [arm.name for arm in shipped.study.arms], WORKLOADS)
    printed = parse_study_file(text, "new.yaml", (), WORKLOADS).study
    assert shipped.study.arms == printed.arms
    assert (shipped.study.target, shipped.study.metric) == (printed.target, printed.metric)
    assert (shipped.study.workload, shipped.study.schedule) == (printed.workload, printed.schedule)
    assert shipped.study.budget.steps == printed.budget.steps
    assert shipped.warnings == []


def test_the_arguments_of_a_workload_are_named_with_their_defaults() -> None:
    text = template("transformer_lm", ["adamw"], WORKLOADS).replace("\n# ", " ")
    assert "layers: 2 (blocks of attention and perceptron)" in text
    assert "Its args" not in template("mlp_digits", ["adamw"], WORKLOADS)


def test_every_arm_trains(laboratory: Laboratory) -> None:
    tiny = ("trials=2", "steps=2", "finalists=1", "finalist_seeds=1", "seeds=1")
    study = parse_study_file(
        template("mlp_digits", list(OPTIMIZERS), WORKLOADS),
        "new.yaml",
        [f"budget.{change}" for change in tiny],
        WORKLOADS,
    ).study
    summary = laboratory.launch(study)
    assert [s.study.partition("/")[2] for s in summary.studies] == list(OPTIMIZERS)
    for arm in summary.studies:
        assert (arm.state, arm.runs_done, arm.infeasible) == ("completed", 4, 0)


def test_the_command_prints_the_file_or_writes_a_new_one(shampoo_tune: Run, tmp_path: Path) -> None:
    printed = shampoo_tune("init").stdout
    assert printed == template("resnet_digits", ["shampoo"], WORKLOADS)
    arguments = ["init", "mlp_digits", "-O", "lars", "-O", "muon", "-O", "lars", "-o", "new.yaml"]
    assert "validate new.yaml" in shampoo_tune(*arguments).stderr
    written = (tmp_path / "new.yaml").read_text()
    assert written == template("mlp_digits", ["lars", "muon"], WORKLOADS)
    assert "exists already" in shampoo_tune(*arguments, code=2).stderr
    assert (tmp_path / "new.yaml").read_text() == written


def test_unknown_names_are_met_with_the_nearest(shampoo_tune: Run) -> None:
    error = shampoo_tune("init", "resnet_digit", code=2).stderr
    assert error == "error: unknown workload 'resnet_digit' (did you mean 'resnet_digits'?)\n"
    error = shampoo_tune("init", "-O", "shampo", code=2).stderr
    assert error == "error: unknown optimizer 'shampo' (did you mean 'shampoo'?)\n"
