"""A run that was interrupted comes to the bits of one that never was."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

from shampoo_tune.optimizer import build
from shampoo_tune.optimizer.config import Configuration
from shampoo_tune.optimizer.pytrees import as_arrays
from shampoo_tune.study import Measurement, RunState
from shampoo_tune.tuner.configuration import Schedule, make_configuration
from shampoo_tune.workloads import make_workload
from shampoo_tune.workloads.checkpoints import RunCheckpoints
from shampoo_tune.workloads.snapshot import InterruptedRunError, Snapshot
from shampoo_tune.workloads.trainer import Trainer
from shampoo_tune.workloads.training import Outcome, train
from tests.bucket import Bucket

STEPS, EVERY = 20, 6
ARMS = {
    "nesterov": {"learning_rate": 0.1, "momentum": 0.9},
    "shampoo": {"learning_rate": 0.1, "start_preconditioning_step": 3},
    "schedule_free": {"learning_rate": 0.1},
    "adamw": {"learning_rate": 0.01},
}


class Runs:
    """Attempts at one run, with checkpoints in one folder."""

    def __init__(self, folder: Path, arm: str = "nesterov") -> None:
        self.folder: Any = folder / "run"
        self.trainer = Trainer(make_workload("mlp_digits", 128), build)
        configuration = make_configuration(arm, ARMS[arm], Schedule(), STEPS)
        self.numbers: Any = as_arrays(Configuration.from_json(configuration.to_json()))

    def attempt(
        self, checkpoints: RunCheckpoints | None
    ) -> tuple[Outcome | None, list[Measurement]]:
        measured: list[Measurement] = []
        try:
            outcome = train(
                self.trainer,
                self.numbers,
                seed=3,
                steps=STEPS,
                eval_every=EVERY,
                on_measurement=measured.append,
                checkpoints=checkpoints,
            )
        except InterruptedRunError:
            return None, measured
        return outcome, measured

    def undisturbed(self) -> list[Measurement]:
        outcome, measured = self.attempt(None)
        assert outcome is not None
        assert outcome.state is RunState.COMPLETED
        return measured

    def stopped_after(self, steps: int, every_steps: int | None = None) -> list[Measurement]:
        taken: list[int] = []
        trainer_step = self.trainer.step

        def step(*arguments: Any) -> Any:
            taken.append(1)
            return trainer_step(*arguments)

        stop = RunCheckpoints(
            str(self.folder), every_steps, should_stop=lambda: len(taken) >= steps
        )
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(self.trainer, "step", step)
            outcome, measured = self.attempt(stop)
        assert outcome is None
        return measured

    def resumed(self) -> tuple[list[Measurement], list[int]]:
        """What another attempt measures, and the steps that it begins with, one after the other."""
        steps: list[int] = []
        trainer_step = self.trainer.step

        def step(progress: Any, *arguments: Any) -> Any:
            steps.append(int(progress.steps))
            return trainer_step(progress, *arguments)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(self.trainer, "step", step)
            _, measured = self.attempt(RunCheckpoints(str(self.folder)))
        return measured, steps


@pytest.mark.parametrize("arm", ARMS)
@pytest.mark.parametrize("stop", [1, 6, 13])
def test_a_resumed_run_has_the_bits_of_an_undisturbed_one(
    tmp_path: Path, arm: str, stop: int
) -> None:
    runs = Runs(tmp_path, arm)
    expected = runs.undisturbed()
    before = runs.stopped_after(stop)
    assert before == expected[: stop // EVERY]
    outcome, measured = runs.attempt(RunCheckpoints(str(runs.folder)))
    assert outcome is not None
    assert measured == expected  # those from before the checkpoint are told again
    assert runs.trainer.compilations == 1
    assert not runs.folder.exists()


def test_it_goes_on_from_the_newest_checkpoint(tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    runs.stopped_after(15, every_steps=4)
    assert [path.name for path in runs.folder.iterdir()] == ["15"]  # only the newest is kept
    _, steps = runs.resumed()
    assert steps == list(range(15, STEPS))


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.unlink(),
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(b"garbage"),
    ],
)
def test_a_damaged_checkpoint_is_not_used(
    tmp_path: Path, damage: Callable[[Path], object], capsys: pytest.CaptureFixture[str]
) -> None:
    runs = Runs(tmp_path)
    expected = runs.undisturbed()
    runs.stopped_after(13)
    for file in sorted(runs.folder.rglob("*")):
        if file.is_file():
            damage(file)
    outcome, measured = runs.attempt(RunCheckpoints(str(runs.folder)))
    assert outcome is not None
    assert measured == expected
    assert not runs.folder.exists()
    assert "Traceback" in capsys.readouterr().err


def test_a_run_that_cannot_save_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = Runs(tmp_path)
    expected = runs.undisturbed()
    (tmp_path / "run").write_text("a file, not a folder")
    outcome, measured = runs.attempt(RunCheckpoints(str(runs.folder), every_steps=4))
    assert outcome is not None
    assert measured == expected
    assert "Traceback" in capsys.readouterr().err  # in the worker's log


def test_it_saves_by_time(tmp_path: Path) -> None:
    often, seldom = (RunCheckpoints(str(tmp_path / "run"), None, s) for s in (0.0, 60.0))
    assert (often.due(1), seldom.due(1)) == (True, False)
    progress = {"w": jax.numpy.ones(3), "none": jax.numpy.zeros((0, 2))}
    seldom.save(Snapshot(1, progress, [Measurement(1, {"loss": 0.1})], 2.5, 0.5))
    saved = often.newest(jax.eval_shape(lambda: progress))
    assert saved is not None
    assert jax.tree.map(np.asarray, saved.progress)["w"].tolist() == [1.0] * 3
    assert saved.progress["none"].shape == (0, 2)
    assert (saved.step, saved.seconds, saved.evaluation_seconds) == (1, 2.5, 0.5)
    assert saved.measurements == [Measurement(1, {"loss": 0.1})]


def test_time_before_the_checkpoint_counts(tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    runs.stopped_after(13)
    checkpoints = RunCheckpoints(str(runs.folder))
    saved = checkpoints.newest(runs.trainer.shapes(runs.numbers))
    assert saved is not None
    outcome, _ = runs.attempt(checkpoints)
    assert outcome is not None
    assert outcome.seconds > saved.seconds > saved.evaluation_seconds > 0
    assert outcome.evaluation_seconds > saved.evaluation_seconds


def test_an_infeasible_run_leaves_no_checkpoint(tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    runs.numbers = jax.tree.map(lambda number: number * 1e9, runs.numbers)
    outcome, _ = runs.attempt(RunCheckpoints(str(runs.folder), every_steps=1))
    assert outcome is not None
    assert outcome.state is RunState.INFEASIBLE
    assert not runs.folder.exists()


def test_a_run_is_kept_in_a_bucket(tmp_path: Path, bucket: Bucket) -> None:
    runs = Runs(tmp_path)
    runs.folder = "gs://bucket/saved/run"
    expected = runs.undisturbed()
    runs.stopped_after(13, every_steps=4)
    kept = {name.split("/")[2] for name in bucket.objects if name.startswith("saved/run/")}
    assert kept == {"13"}
    measured, steps = runs.resumed()
    assert measured == expected
    assert steps == list(range(13, STEPS))
    assert not bucket.objects
