"""A Flax Linen program with a `TrainState`, trained with a tuned optimizer.

    python examples/linen_train_state.py best.yaml

`tx` is all that changes: the loaded optimizer is an optax transformation like any other, with its
learning-rate schedule and its weight-decay mask in it.
"""

import argparse

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import linen as nn
from flax.training.train_state import TrainState
from sklearn.datasets import load_digits

import shampoo_tune

TRAINING_IMAGES = 1_280  # of 1,797; the rest is held out
WIDTH = 64


class Network(nn.Module):
    """Images [n, 64] to logits [n, 10]; normalised, as the networks of the study files are."""

    @nn.compact
    def __call__(self, images: jax.Array) -> jax.Array:
        """[n, 64] -> [n, 10]."""
        features = nn.relu(nn.LayerNorm()(nn.Dense(WIDTH, use_bias=False)(images)))
        head = nn.Dense(10, use_bias=False, kernel_init=nn.initializers.zeros)
        return head(features / WIDTH**0.5)  # of length about 1, whatever the width


@jax.jit
def step(state: TrainState, images: jax.Array, labels: jax.Array) -> TrainState:
    """One update."""

    def loss_of(params: object) -> jax.Array:
        logits = state.apply_fn(params, images)
        return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()

    return state.apply_gradients(grads=jax.grad(loss_of)(state.params))


def main() -> None:
    """Train for as long as the optimizer was tuned for, then say how good that is."""
    parser = argparse.ArgumentParser(description="Train with a tuned optimizer.")
    parser.add_argument("best", help="what `shampoo-tune best STUDY -o best.yaml` wrote")
    config = shampoo_tune.load(parser.parse_args().best)
    batch_size = config.batch_size or 128
    images, labels = load_digits(return_X_y=True)
    images, labels = np.float32(images / 16), np.int32(labels)

    network = Network()
    state = TrainState.create(
        apply_fn=network.apply,
        params=network.init(jax.random.key(0), images[:1]),
        tx=config.optimizer(batch_size=batch_size),
    )
    order = np.random.default_rng(0)
    for _ in range(config.total_steps):
        drawn = order.integers(TRAINING_IMAGES, size=batch_size)
        state = step(state, images[drawn], labels[drawn])

    logits = network.apply(state.params, images[TRAINING_IMAGES:])
    correct = jnp.argmax(logits, axis=1) == labels[TRAINING_IMAGES:]
    print(f"accuracy {correct.mean():.4f} on {correct.size} held-out images")


if __name__ == "__main__":
    main()
