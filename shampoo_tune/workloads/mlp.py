"""A perceptron with two hidden layers: trains in a tenth of a second, for quick studies."""

import jax
from flax import nnx

from shampoo_tune.workloads.classification import digits_workload
from shampoo_tune.workloads.nnx_model import functional
from shampoo_tune.workloads.workload import Workload

HIDDEN = 128


class Perceptron(nnx.Module):
    """Images [n, 8, 8, 1] to logits [n, 10]."""

    def __init__(self) -> None:
        rngs = nnx.Rngs(0)  # only shapes are taken from it
        self.first = nnx.Linear(64, HIDDEN, rngs=rngs)
        self.second = nnx.Linear(HIDDEN, HIDDEN, rngs=rngs)
        self.head = nnx.Linear(HIDDEN, 10, rngs=rngs)

    def __call__(self, images: jax.Array) -> jax.Array:
        """[n, 8, 8, 1] -> [n, 10]."""
        x = images.reshape(images.shape[0], -1)
        x = jax.nn.relu(self.first(x))
        return self.head(jax.nn.relu(self.second(x)))


def mlp_digits(batch_size: int, label_smoothing: float = 0.0) -> Workload:
    """Two hidden layers of 128 on the digits; 26,122 parameters."""
    model = functional(lambda training: Perceptron(), f"mlp 2x{HIDDEN}, version 1")
    return digits_workload("mlp_digits", model, batch_size, label_smoothing)
