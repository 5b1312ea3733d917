"""ResNet-8 with batch normalisation, after He et al. 2015 (CIFAR form, one block a stage).

On 8x8 images: a 3x3 stem, three stages of one two-convolution block (widths w, 2w, 4w; strides
1, 2, 2; a 1x1 projection where the shape changes), global mean, one dense layer.
"""

import jax
from flax import nnx

from shampoo_tune.workloads.classification import digits_workload
from shampoo_tune.workloads.nnx_model import functional
from shampoo_tune.workloads.workload import Workload

WIDTH = 16
CLASSES = 10


def _convolution(inputs: int, outputs: int, size: int, stride: int, rngs: nnx.Rngs) -> nnx.Conv:
    return nnx.Conv(
        inputs, outputs, (size, size), strides=(stride, stride), use_bias=False, rngs=rngs
    )


def _norm(features: int, rngs: nnx.Rngs) -> nnx.BatchNorm:
    return nnx.BatchNorm(features, momentum=0.9, epsilon=1e-5, rngs=rngs)


class Block(nnx.Module):
    """Two 3x3 convolutions and a shortcut; the last normalisation's scale starts at 0."""

    def __init__(self, inputs: int, outputs: int, stride: int, *, rngs: nnx.Rngs) -> None:
        self.first = _convolution(inputs, outputs, 3, stride, rngs)
        self.first_norm = _norm(outputs, rngs)
        self.last = _convolution(outputs, outputs, 3, 1, rngs)
        self.last_norm = _norm(outputs, rngs)
        self.projects = stride != 1 or inputs != outputs
        if self.projects:
            self.projection = _convolution(inputs, outputs, 1, stride, rngs)
            self.projection_norm = _norm(outputs, rngs)

    def __call__(self, x: jax.Array, training: bool) -> jax.Array:
        """[n, h, w, inputs] -> [n, h / stride, w / stride, outputs]."""
        y = jax.nn.relu(self.first_norm(self.first(x), use_running_average=not training))
        y = self.last_norm(self.last(y), use_running_average=not training)
        if self.projects:
            x = self.projection_norm(self.projection(x), use_running_average=not training)
        return jax.nn.relu(x + y)


class ResNet8(nnx.Module):
    """Images [n, 8, 8, 1] to logits [n, 10]."""

    def __init__(self, width: int = WIDTH, *, rngs: nnx.Rngs) -> None:
        self.stem = _convolution(1, width, 3, 1, rngs)
        self.stem_norm = _norm(width, rngs)
        self.stage1 = Block(width, width, 1, rngs=rngs)
        self.stage2 = Block(width, 2 * width, 2, rngs=rngs)
        self.stage3 = Block(2 * width, 4 * width, 2, rngs=rngs)
        self.head = nnx.Linear(4 * width, CLASSES, rngs=rngs)

    def __call__(self, images: jax.Array, training: bool) -> jax.Array:
        """[n, h, w, 1] -> [n, classes]; `training` normalises by the batch."""
        x = jax.nn.relu(self.stem_norm(self.stem(images), use_running_average=not training))
        for stage in (self.stage1, self.stage2, self.stage3):
            x = stage(x, training)
        return self.head(x.mean(axis=(1, 2)))


def resnet_digits(batch_size: int, label_smoothing: float = 0.0) -> Workload:
    """ResNet-8 of width 16 on the digits; 77,754 parameters."""
    model = functional(lambda rngs: ResNet8(rngs=rngs), f"resnet8 width {WIDTH}, version 1")
    return digits_workload("resnet_digits", model, batch_size, label_smoothing)
