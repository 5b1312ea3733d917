"""ResNet-8 with batch normalisation, after He et al. 2015 (CIFAR form, one block a stage).

On 8x8 images: a 3x3 stem, three stages of one two-convolution block (widths w, 2w, 4w; strides
1, 2, 2; a 1x1 projection where the shape changes), global mean, one dense layer.
"""

import jax
from flax import nnx

from shampoo_tune.workloads.classification import digits_workload
from shampoo_tune.workloads.nnx_model import functional
from shampoo_tune.workloads.shifted_convolution import shifted_convolution
from shampoo_tune.workloads.workload import Workload

WIDTH = 16
CLASSES = 10


class Block(nnx.Module):
    """Two 3x3 convolutions and a shortcut; the last normalisation's scale starts at 0."""

    def __init__(self, inputs: int, outputs: int, stride: int, *, training: bool) -> None:
        self.first = _convolution(inputs, outputs, 3, stride, training)
        self.first_norm = _norm(outputs, training)
        self.last = _convolution(outputs, outputs, 3, 1, training)
        self.last_norm = _norm(outputs, training)
        self.projects = stride != 1 or inputs != outputs
        if self.projects:
            self.projection = _convolution(inputs, outputs, 1, stride, training)
            self.projection_norm = _norm(outputs, training)

    def __call__(self, x: jax.Array) -> jax.Array:
        """[n, h, w, inputs] -> [n, h / stride, w / stride, outputs]."""
        y = self.last_norm(self.last(jax.nn.relu(self.first_norm(self.first(x)))))
        if self.projects:
            x = self.projection_norm(self.projection(x))
        return jax.nn.relu(x + y)


class ResNet8(nnx.Module):
    """Images [n, 8, 8, 1] to logits [n, 10]; `training` normalises by the batch."""

    def __init__(self, width: int = WIDTH, *, training: bool) -> None:
        self.stem = _convolution(1, width, 3, 1, training)
        self.stem_norm = _norm(width, training)
        self.stage1 = Block(width, width, 1, training=training)
        self.stage2 = Block(width, 2 * width, 2, training=training)
        self.stage3 = Block(2 * width, 4 * width, 2, training=training)
        self.head = nnx.Linear(4 * width, CLASSES, rngs=nnx.Rngs(0))

    def __call__(self, images: jax.Array) -> jax.Array:
        """[n, h, w, 1] -> [n, classes]."""
        x = jax.nn.relu(self.stem_norm(self.stem(images)))
        for stage in (self.stage1, self.stage2, self.stage3):
            x = stage(x)
        return self.head(x.mean(axis=(1, 2)))


def _convolution(inputs: int, outputs: int, size: int, stride: int, training: bool) -> nnx.Conv:
    return nnx.Conv(
        inputs,
        outputs,
        (size, size),
        strides=(stride, stride),
        use_bias=False,
        conv_general_dilated=jax.lax.conv_general_dilated if training else shifted_convolution,
        rngs=nnx.Rngs(0),  # only shapes are taken from it
    )


def _norm(features: int, training: bool) -> nnx.BatchNorm:
    return nnx.BatchNorm(
        features,
        use_running_average=not training,
        momentum=0.9,
        epsilon=1e-5,
        rngs=nnx.Rngs(0),
    )


def resnet_digits(batch_size: int, label_smoothing: float = 0.0) -> Workload:
    """ResNet-8 of width 16 on the digits; 77,754 parameters."""
    model = functional(
        lambda training: ResNet8(training=training), f"resnet8 width {WIDTH}, version 1"
    )
    return digits_workload("resnet_digits", model, batch_size, label_smoothing)
