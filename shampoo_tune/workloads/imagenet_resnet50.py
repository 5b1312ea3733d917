"""ResNet-50 on ImageNet as MLPerf Training has it: 1,281,167 images to train, 50,000 to judge.

Images come as bytes and are normalised on the device, after the cast to the type that convolutions
compute in. The target, strictly more than 0.759, is 37,951 of the 50,000 validation images.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from shampoo_tune.errors import InvalidInputError, ShampooTuneError
from shampoo_tune.study import Goal
from shampoo_tune.workloads import WORKLOADS
from shampoo_tune.workloads.classification import Apply, cross_entropy
from shampoo_tune.workloads.data_parallel import local_devices, sum_over_processes
from shampoo_tune.workloads.resnet50 import resnet50
from shampoo_tune.workloads.resnet50_arguments import IMAGENET_VARIABLE
from shampoo_tune.workloads.workload import Batch, PyTree, Workload

NAME = "imagenet_resnet50"
IMAGE_SIZE = 224
MEAN = (123.675, 116.28, 103.53)  # of red, green and blue, in 0..255
DEVIATION = (58.395, 57.12, 57.375)
EVALUATED = 128  # images that a device judges at a time


def imagenet_resnet50(  # noqa: PLR0913  (the study file's arguments)
    batch_size: int,
    label_smoothing: float = 0.0,
    *,
    data: str = f"${IMAGENET_VARIABLE}",
    virtual_batch_size: int = 64,
    last_norm_scale: float = 0.0,
    precision: str = "bfloat16",
    microbatches: int = 1,
    image_size: int = IMAGE_SIZE,
) -> Workload:
    """MLPerf's network, crops and evaluation; 25,557,032 parameters.

    Args:
        batch_size: of a step, a multiple of `virtual_batch_size`.
        label_smoothing: of the training loss; 0.1 in MLPerf.
        data: folder of the images, or the variable of the environment that has it. Neither is
            needed before the first batch.
        virtual_batch_size: examples that a batch normalisation is over, on any mesh.
        last_norm_scale: initial scale of each block's last normalisation; 0 in MLPerf.
        precision: what convolutions compute in; parameters and statistics are float32.
        microbatches: parts of a batch that are computed in turn, of whole groups.
        image_size: height and width that crops are resized to; 224 in MLPerf.

    Raises:
        InvalidInputError: an argument that cannot be.
    """
    if batch_size % (virtual_batch_size * microbatches):
        parts = f" in each of {microbatches} parts" if microbatches > 1 else ""
        raise InvalidInputError(
            f"a batch of {batch_size} has no whole groups of {virtual_batch_size}{parts}: make"
            f" batch_size a multiple of {virtual_batch_size * microbatches}"
        )
    compute = jnp.dtype(precision)
    model = resnet50(compute, virtual_batch_size, last_norm_scale)
    folder = os.environ.get(data[1:]) if data.startswith("$") else data

    def loss(
        params: PyTree, model_state: PyTree, batch: Batch, key: jax.Array
    ) -> tuple[jax.Array, tuple[PyTree, dict[str, jax.Array]]]:
        del key  # no dropout
        images = normalised(batch["image"], compute)
        logits, model_state = model.apply(params, model_state, images, True)
        return cross_entropy(logits, batch["label"], label_smoothing).mean(), (model_state, {})

    shape = (batch_size, image_size, image_size, 3)
    return Workload(
        name=NAME,
        metric=WORKLOADS[NAME].metric,
        goal=Goal(WORKLOADS[NAME].goal),
        target=WORKLOADS[NAME].target,
        batch_size=batch_size,
        fingerprint=_fingerprint(
            folder,
            architecture=model.architecture,
            batch_size=batch_size,
            label_smoothing=label_smoothing,
            image_size=image_size,
            microbatches=microbatches,
        ),
        init=jax.jit(model.init),
        loss=loss,
        evaluate=_make_evaluate(model.apply, compute, folder, image_size),
        batches=_make_batches(folder, batch_size, image_size),
        splits=("valid",),
        microbatches=microbatches,
        batch_shapes={
            "image": jax.ShapeDtypeStruct(shape, jnp.uint8),  # type: ignore[no-untyped-call]
            "label": jax.ShapeDtypeStruct((batch_size,), jnp.int32),  # type: ignore[no-untyped-call]
        },
    )


def normalised(images: jax.Array, compute: jnp.dtype) -> jax.Array:
    """Bytes [n, h, w, 3] to numbers of mean 0 and deviation 1 over ImageNet's pixels."""
    mean, deviation = jnp.asarray(MEAN, compute), jnp.asarray(DEVIATION, compute)
    return (images.astype(compute) - mean) / deviation


def _make_batches(folder: str | None, batch_size: int, size: int) -> Callable[..., Iterator[Batch]]:
    def batches(seed: int, start_step: int) -> Iterator[Batch]:
        from shampoo_tune.workloads.imagenet import batches as loading
        from shampoo_tune.workloads.imagenet import examples

        train = examples.open_examples(_required(folder), "train")
        part: Iterator[Any] = loading.training_batches(
            train, batch_size, seed, start_step, **_process(), size=size
        )
        return part

    return batches


def _make_evaluate(
    apply: Apply, compute: jnp.dtype, folder: str | None, size: int
) -> Callable[[PyTree, PyTree, str], dict[str, float]]:
    """Mean loss and accuracy; every device of every process judges its share of the images."""

    @jax.jit
    def totals(params: PyTree, state: PyTree, batch: Batch) -> tuple[jax.Array, jax.Array]:
        logits, _ = apply(params, state, normalised(batch["image"], compute), False)
        losses = cross_entropy(logits, batch["label"]) * batch["weight"]
        correct = (logits.argmax(axis=1) == batch["label"]) & (batch["weight"] > 0)
        return losses.sum(), correct.sum()

    def evaluate(params: PyTree, model_state: PyTree, split: str) -> dict[str, float]:
        from shampoo_tune.workloads.imagenet import batches as loading
        from shampoo_tune.workloads.imagenet import examples

        judged = examples.open_examples(_required(folder), split)
        local = local_devices()
        variables = jax.device_put((params, model_state), local.everywhere)
        parts = loading.evaluation_batches(
            judged, EVALUATED * jax.device_count(), **_process(), size=size
        )
        sums = [totals(*variables, local.split(part, len(part["label"]))) for part in parts]
        loss, correct = sum_over_processes(np.asarray(jax.device_get(sums), np.float64).sum(axis=0))
        return {"loss": loss / len(judged), "accuracy": int(correct) / len(judged)}

    return evaluate


def _process() -> dict[str, int]:
    return {"process_index": jax.process_index(), "process_count": jax.process_count()}


def _required(folder: str | None) -> str:
    if folder is None:
        raise ShampooTuneError(
            f"{NAME} needs ImageNet: set workload.args.data, or {IMAGENET_VARIABLE}, to its folder"
            " (`shampoo-tune data prepare imagenet` makes one)"
        )
    return folder


def _fingerprint(folder: str | None, **facts: Any) -> str:
    """Of the images too, and of what decodes them, if there are any."""
    if folder is not None:
        from shampoo_tune.workloads.imagenet import examples

        facts |= {"data": examples.fingerprint(folder), "pillow": version("pillow")}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
