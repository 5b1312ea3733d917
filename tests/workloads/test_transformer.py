"""The transformer: sizes, initial values, causality, and that it learns a language."""

import math
from typing import Any

import jax
import numpy as np
import optax
import pytest

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.optimizer.masks import weight_decay_mask
from shampoo_tune.study import Measurement, RunState
from shampoo_tune.workloads import make_workload, training, transformer
from shampoo_tune.workloads.nnx_model import functional
from shampoo_tune.workloads.text import PYDOC_TOPICS, load_text
from shampoo_tune.workloads.trainer import Trainer
from shampoo_tune.workloads.transformer import Transformer
from shampoo_tune.workloads.workload import Workload
from tests.beside_devices import run_with_devices

CHARACTERS = len(set(load_text(PYDOC_TOPICS, 64)))


@pytest.fixture(scope="module")
def workload() -> Workload:
    return make_workload("transformer_lm", 16)


@pytest.fixture(scope="module")
def trainer(workload: Workload) -> Trainer:
    return Trainer(workload, optax.adamw)


# layers, width, heads, context -> parameters with 103 characters: the table of the module.
SIZES: dict[tuple[int, ...], int] = {
    (2, 64, 2, 64): 116_224,
    (4, 128, 4, 128): 831_488,
    (6, 384, 6, 256): 10_804_224,
    (12, 768, 12, 1024): 85_917_696,
    (24, 1024, 16, 1024): 303_349_760,
    (36, 1280, 20, 1024): 709_550_080,
    (20, 2048, 16, 1024): 1_009_319_936,
}


@pytest.mark.parametrize("size", [size for size in SIZES if size[0] in (2, 12, 20)])
def test_the_number_of_parameters_by_shapes_alone(size: tuple[int, ...]) -> None:
    arguments = dict(zip(("layers", "width", "heads", "context"), size, strict=True))
    built = make_workload("transformer_lm", 1, **arguments)
    params, state = jax.eval_shape(built.init, jax.random.key(0))
    counted = sum(math.prod(leaf.shape) for leaf in jax.tree.leaves(params))
    assert counted == SIZES[size] + 2 * size[1] * (CHARACTERS - 103)
    assert jax.tree.leaves(state) == []


@pytest.mark.parametrize("size", SIZES)
def test_the_table_of_sizes_is_the_formulas(size: tuple[int, ...]) -> None:
    layers, width, _, context = size
    block = 12 * width**2 + 4 * width
    assert SIZES[size] == layers * block + (2 * 103 + context + 2) * width
    assert f"{SIZES[size]:,}" in str(transformer.__doc__)


def test_all_matrices_decay_and_no_normalisation_does(workload: Workload) -> None:
    params, _ = jax.eval_shape(workload.init, jax.random.key(0))
    mask = weight_decay_mask(params)
    decays = {
        jax.tree_util.keystr(path, simple=True, separator="/")
        for path, chosen in jax.tree_util.tree_leaves_with_path(mask)
        if chosen
    }
    block = ("attention/key", "attention/out", "attention/query", "attention/value",
             "perceptron/hidden", "perceptron/out")  # fmt: skip
    kernels = {f"blocks/{layer}/{name}/kernel" for layer in (0, 1) for name in block}
    assert decays == kernels | {"characters/embedding", "positions/embedding", "head/kernel"}


def test_weights_start_normal_with_the_deviations_of_the_module(workload: Workload) -> None:
    params, _ = workload.init(jax.random.key(0))
    block = params["blocks"][1]
    for weight, deviation in (
        (params["characters"]["embedding"], 1),
        (params["positions"]["embedding"], 1),
        (params["head"]["kernel"], 64**-0.5),
        (block["attention"]["query"]["kernel"], 64**-0.5),
        (block["attention"]["out"]["kernel"], 64**-0.5 / 2),
        (block["perceptron"]["hidden"]["kernel"], 64**-0.5),
        (block["perceptron"]["out"]["kernel"], 256**-0.5 / 2),
    ):
        assert float(weight.std()) == pytest.approx(deviation, rel=0.06)
    for norm in (block["attention_norm"], block["perceptron_norm"], params["final_norm"]):
        assert (norm["scale"] == 1).all()
        assert not norm["bias"].any()


def test_no_position_sees_what_comes_after_it() -> None:
    model = functional(lambda training: Transformer(11, 2, 8, 2, context=6), "small")
    params, state = model.init(jax.random.key(0))
    logits = jax.jit(lambda text: model.apply(params, state, text, False)[0])
    text = np.random.default_rng(0).integers(0, 11, (3, 6))
    before = logits(text)
    for position in range(6):
        changed = text.copy()
        changed[:, position] = (changed[:, position] + 1) % 11
        differs = (logits(changed) != before).any(axis=(0, 2))
        assert differs.tolist() == [place >= position for place in range(6)]


def train(trainer: Trainer, rate: float, steps: int) -> list[Measurement]:
    measured: list[Measurement] = []
    outcome = training.train(
        trainer, np.float32(rate), seed=3, steps=steps, eval_every=steps // 2,
        on_measurement=measured.append,
    )  # fmt: skip
    assert outcome.state is RunState.COMPLETED
    return measured


def test_it_learns_more_than_the_frequencies_of_characters(trainer: Trainer) -> None:
    """The entropy of single characters is about 3.1 nats."""
    half, whole = train(trainer, 0.01, 30)
    assert list(whole.metrics) == ["train_loss", "valid_loss", "test_loss"]
    assert whole.metrics["valid_loss"] < half.metrics["valid_loss"]
    assert max(whole.metrics.values()) < 2.9


def test_a_seed_decides_a_run(trainer: Trainer) -> None:
    assert train(trainer, 0.01, 2) == train(trainer, 0.01, 2)


def test_two_devices_train_what_one_does() -> None:
    script = """
import numpy as np, optax
from shampoo_tune.workloads import make_workload
from shampoo_tune.workloads.data_parallel import all_devices
from shampoo_tune.workloads.trainer import Trainer
from shampoo_tune.workloads.training import train
workload = make_workload("transformer_lm", 4, layers=1, width=8, context=16)
for devices in (None, all_devices()):
    train(
        Trainer(workload, optax.sgd, devices), np.float32(0.1), seed=0, steps=3, eval_every=3,
        on_measurement=lambda measurement: print(measurement.metrics["valid_loss"]))
"""
    one, two = map(float, run_with_devices(2, script).split())
    assert two == pytest.approx(one, rel=1e-5)


@pytest.mark.parametrize(
    ("arguments", "rule"),
    [
        ({"heads": 3}, "heads: must divide the width, 64, got 3 (for example 2)"),
        ({"layers": 0}, "layers: must be a whole number >= 1, got 0"),
        ({"depth": 2}, "unknown argument 'depth' (known: text, layers, width, heads, context)"),
    ],
)
def test_a_model_that_cannot_be_is_refused(arguments: dict[str, Any], rule: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        make_workload("transformer_lm", 16, **arguments)
    assert str(caught.value) == f"workload transformer_lm: {rule}"


def test_a_context_longer_than_a_split_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="too short"):
        make_workload("transformer_lm", 16, context=1_000_000)


def test_labels_may_be_smoothed(workload: Workload) -> None:
    smoothed = make_workload("transformer_lm", 16, label_smoothing=0.2)
    assert workload.fingerprint != smoothed.fingerprint
