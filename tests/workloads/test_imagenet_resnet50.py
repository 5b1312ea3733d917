"""ResNet-50 on small folders of images, and what its study files say."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from shampoo_tune.errors import InvalidInputError, ShampooTuneError
from shampoo_tune.optimizer import build
from shampoo_tune.optimizer.baseline_config import NesterovConfig
from shampoo_tune.optimizer.config import Configuration, WarmupPolynomialConfig
from shampoo_tune.optimizer.pytrees import as_arrays
from shampoo_tune.optimizer.schedules import warmup_polynomial
from shampoo_tune.study import Measurement, RunState
from shampoo_tune.tuner.planning.planning import first_configuration
from shampoo_tune.tuner.study_file.loading import load_study_file
from shampoo_tune.workloads import WORKLOADS, make_workload
from shampoo_tune.workloads.imagenet_resnet50 import normalised
from shampoo_tune.workloads.trainer import Trainer
from shampoo_tune.workloads.training import train
from tests.beside_devices import run_with_devices
from tests.workloads.imagenet.pictures import make_folder

SPACES = Path(__file__).parents[2] / "search_spaces"
SMALL: dict[str, Any] = {"virtual_batch_size": 2, "precision": "float32", "image_size": 32}

# Prints loss and global norm of the gradients of one whole step on the devices that it sees. The
# images are of 96 pixels, not 224, which takes a fifth of the time and gave the same agreement.
STEP = """
import json, jax, jax.numpy as jnp, optax
from shampoo_tune.workloads import make_workload
from shampoo_tune.workloads.data_parallel import DataParallel, local_devices

workload = make_workload("imagenet_resnet50", 32, label_smoothing=0.1, virtual_batch_size=4,
                         precision="float32", last_norm_scale=1.0,
                         image_size=96)
random = jax.random.split(jax.random.key(1))
batch = {"image": jax.random.randint(random[0], (32, 96, 96, 3), 0, 256).astype(jnp.uint8),
         "label": jax.random.randint(random[1], (32,), 0, 1000)}
devices = local_devices()
params, state = jax.device_put(workload.init(jax.random.key(0)), devices.everywhere)

@jax.jit
def step(params, state, batch):
    (loss, _), gradients = jax.value_and_grad(workload.loss, has_aux=True)(
        params, state, batch, jax.random.key(2))
    return loss, optax.tree.norm(gradients)

loss, norm = step(params, state, devices.split(batch, 32))
print(json.dumps([devices.mesh.size, float(loss), float(norm)]))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(make_folder(tmp_path_factory.mktemp("images")))


def test_a_run_trains_on_a_folder_and_judges_every_validation_image_once(folder: str) -> None:
    workload = make_workload("imagenet_resnet50", 4, label_smoothing=0.1, data=folder, **SMALL)
    numbers = as_arrays(
        Configuration(
            optimizer="nesterov",
            options=NesterovConfig(momentum=0.9),
            schedule=WarmupPolynomialConfig(learning_rate=0.01, steps=2),
        )
    )
    measured: list[Measurement] = []
    trainer = Trainer(workload, build)
    outcome = train(trainer, numbers, seed=1, steps=2, eval_every=2, on_measurement=measured.append)
    assert outcome.state is RunState.COMPLETED
    (last,) = measured
    assert set(last.metrics) == set(WORKLOADS["imagenet_resnet50"].metrics)
    assert last.metrics["valid_accuracy"] * 6 == round(last.metrics["valid_accuracy"] * 6)
    assert last.metrics["valid_loss"] > 0


def test_pixels_are_normalised_after_the_cast() -> None:
    pixels = np.array([[[[0, 128, 255]]]], np.uint8)
    mean, deviation = (np.array(v) * 255 for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    exact = normalised(jnp.asarray(pixels), jnp.dtype("float32"))
    np.testing.assert_allclose(exact, (pixels - mean) / deviation, rtol=1e-5)
    assert normalised(jnp.asarray(pixels), jnp.dtype("bfloat16")).dtype == jnp.bfloat16


def test_the_target_is_one_image_above_three_quarters_and_nine_thousandths() -> None:
    entry = WORKLOADS["imagenet_resnet50"]
    assert entry.target == 37_951 / 50_000
    assert 37_950 / 50_000 == 0.759
    assert entry.resolution("valid_accuracy") == 1 / 50_000


def test_without_images_a_program_can_be_made_but_not_trained(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SHAMPOO_TUNE_IMAGENET", raising=False)
    workload = make_workload("imagenet_resnet50", 128)
    assert workload.batch_shapes is not None
    assert workload.batch_shapes["image"].shape == (128, 224, 224, 3)
    with pytest.raises(ShampooTuneError, match=r"set workload\.args\.data, or SHAMPOO_TUNE_IMAGE"):
        next(workload.batches(0, 0))


def test_the_variable_names_the_folder(monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    named = make_workload("imagenet_resnet50", 4, data=folder, **SMALL)
    monkeypatch.setenv("SHAMPOO_TUNE_IMAGENET", folder)
    workload = make_workload("imagenet_resnet50", 4, **SMALL)
    assert workload.fingerprint == named.fingerprint
    assert next(workload.batches(0, 0))["image"].shape == (4, 32, 32, 3)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"virtual_batch_size": 48}, "make batch_size a multiple of 48"),
        ({"microbatches": 4}, "in each of 4 parts: make batch_size a multiple of 256"),
        ({"precision": "float16"}, "must be bfloat16 or float32"),
    ],
)
def test_what_cannot_be_is_refused(arguments: dict[str, int], complaint: str) -> None:
    with pytest.raises(InvalidInputError, match=complaint):
        make_workload("imagenet_resnet50", 128, **arguments)


@pytest.mark.parametrize(
    ("file", "peak", "warmup", "last"),
    [
        ("resnet50_published.yaml", 13.0, 196, 13 * (2 / 1534) ** 2),
        ("resnet50_published_lars.yaml", 29.0, 706, 1e-4 + 29 * (2 / 1807) ** 2),
    ],
)
def test_published_points_have_the_published_schedules(
    file: str, peak: float, warmup: int, last: float
) -> None:
    study = load_study_file(SPACES / file, (), WORKLOADS).study
    document = first_configuration(study, study.arms[0])
    schedule = warmup_polynomial(Configuration.from_json(dict(document)).schedule)
    steps = study.budget.steps
    assert schedule(0) == 0
    assert schedule(warmup) == pytest.approx(peak)
    assert schedule(warmup // 2) == pytest.approx(peak / 2)
    assert schedule(steps - 1) == pytest.approx(last, rel=1e-2)


def test_a_step_on_eight_devices_equals_one_device(require: Callable[[str], None]) -> None:
    require("resnet50")
    one, eight = (json.loads(run_with_devices(n, STEP)) for n in (1, 8))
    assert (one[0], eight[0]) == (1, 8)
    assert eight[1] == pytest.approx(one[1], rel=1e-5)
    assert eight[2] == pytest.approx(one[2], rel=1e-5)
