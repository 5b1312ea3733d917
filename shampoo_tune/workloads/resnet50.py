"""ResNet-50 v1.5 as MLPerf Training has it.

7x7 stem of stride 2, max-pool of stride 2, stages of 3, 4, 6 and 3 bottleneck blocks with widths
64, 128, 256 and 512 and four times as many outputs, the stride in the 3x3 convolution (v1.5), a
projection where the shape changes, global mean, one dense layer. No convolution has a bias.
Convolutions compute in `compute`, usually bfloat16; parameters, statistics of normalisations and
logits are float32.
"""

import math
from dataclasses import dataclass

import jax
import jax.numpy as jnp
from flax import nnx

from shampoo_tune.workloads.classification import Model
from shampoo_tune.workloads.nnx_model import Start, functional
from shampoo_tune.workloads.virtual_batch_norm import VirtualBatchNorm

STAGES = (3, 4, 6, 3)
CLASSES = 1000
_NORMAL_WITHIN_TWO = 0.87962566103423978  # standard deviation of a normal number cut at +-2


@dataclass(frozen=True)
class Layers:
    """Makes the layers of one network, which differ from another's in these ways only.

    Attributes:
        compute: type that convolutions multiply in.
        group: examples that a normalisation is over, see `VirtualBatchNorm`.
        training: whether the network trains or is evaluated.
    """

    compute: jnp.dtype
    group: int
    training: bool

    def convolution(
        self, inputs: int, outputs: int, size: int, stride: int, padding: str | int = "SAME"
    ) -> nnx.Conv:
        """A square convolution without bias."""
        return nnx.Conv(
            inputs,
            outputs,
            (size, size),
            strides=(stride, stride),
            padding=padding,
            use_bias=False,
            dtype=self.compute,
            rngs=nnx.Rngs(0),  # only shapes are taken from it
        )

    def norm(self, features: int) -> VirtualBatchNorm:
        """A normalisation over groups of the batch."""
        return VirtualBatchNorm(features, self.group, training=self.training)


class Bottleneck(nnx.Module):
    """1x1, 3x3 and 1x1 convolutions and a shortcut."""

    def __init__(self, inputs: int, width: int, stride: int, layers: Layers) -> None:
        outputs = 4 * width
        self.first = layers.convolution(inputs, width, 1, 1)
        self.first_norm = layers.norm(width)
        self.middle = layers.convolution(width, width, 3, stride)
        self.middle_norm = layers.norm(width)
        self.last = layers.convolution(width, outputs, 1, 1)
        self.last_norm = layers.norm(outputs)
        self.projects = stride != 1 or inputs != outputs
        if self.projects:
            self.projection = layers.convolution(inputs, outputs, 1, stride)
            self.projection_norm = layers.norm(outputs)

    def __call__(self, x: jax.Array) -> jax.Array:
        """[n, h, w, inputs] -> [n, h / stride, w / stride, 4 * width]."""
        y = jax.nn.relu(self.first_norm(self.first(x)))
        y = jax.nn.relu(self.middle_norm(self.middle(y)))
        y = self.last_norm(self.last(y))
        if self.projects:
            x = self.projection_norm(self.projection(x))
        return jax.nn.relu(x + y)


class ResNet50(nnx.Module):
    """Normalised images [n, 224, 224, 3] to float32 logits [n, 1000]."""

    def __init__(self, layers: Layers) -> None:
        self.stem = layers.convolution(3, 64, 7, 2, padding=3)
        self.stem_norm = layers.norm(64)
        self.blocks = nnx.List(_blocks(layers))
        self.head = nnx.Linear(4 * 512, CLASSES, dtype=layers.compute, rngs=nnx.Rngs(0))

    def __call__(self, images: jax.Array) -> jax.Array:
        """[n, h, w, 3] -> [n, classes]."""
        x = jax.nn.relu(self.stem_norm(self.stem(images)))
        x = _pooled(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x.mean(axis=(1, 2))).astype(jnp.float32)


def _pooled(x: jax.Array) -> jax.Array:
    pooled: jax.Array = nnx.max_pool(  # type: ignore[no-untyped-call]
        x, (3, 3), strides=(2, 2), padding="SAME"
    )
    return pooled


def _blocks(layers: Layers) -> list[Bottleneck]:
    blocks, inputs = [], 64
    for stage, count in enumerate(STAGES):
        width = 64 * 2**stage
        for block in range(count):
            stride = 2 if stage > 0 and block == 0 else 1
            blocks.append(Bottleneck(inputs, width, stride, layers))
            inputs = 4 * width
    return blocks


def resnet50(compute: jnp.dtype, group: int, last_scale: float) -> Model:
    """The network as two pure functions; 25,557,032 parameters.

    Args:
        compute: type that convolutions multiply in.
        group: examples that a normalisation is over in training.
        last_scale: initial scale of the last normalisation of each block; 0 in MLPerf.
    """
    return functional(
        lambda training: ResNet50(Layers(compute, group, training)),
        f"resnet50 v1.5, {compute.name}, normalised over {group}, last scale {last_scale:g}",
        Start(_deviation, _draw_cut_normal, last_scale),
    )


def _deviation(layer: str, shape: tuple[int, ...]) -> float:
    """LeCun's for convolutions, 0.01 for the head."""
    return 0.01 if layer == "head" else 1 / math.sqrt(math.prod(shape[:-1]))


def _draw_cut_normal(key: jax.Array, count: int) -> jax.Array:
    """Normal numbers without those beyond two deviations, scaled to deviation 1 (flax's form)."""
    return jax.random.truncated_normal(key, -2.0, 2.0, (count,)) / _NORMAL_WITHIN_TWO
