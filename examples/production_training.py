"""Trains a model of its own with a tuned optimizer, on several devices, with checkpoints.

    python examples/production_training.py best.yaml

Of the tuner there is one line, which loads the optimizer: model (Flax NNX), data (scikit-learn's
digits), loop, checkpoints (Orbax) and mesh are the script's own. The same command again goes on
from the newest checkpoint. Where there is a CPU only, it simulates eight devices.
"""

import argparse
import os
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np
import optax
import orbax.checkpoint as ocp
from flax import nnx
from jax.sharding import AxisType, NamedSharding, PartitionSpec
from sklearn.datasets import load_digits

import shampoo_tune
from shampoo_tune.optimizer.sharding import state_shardings

TRAINING_IMAGES = 1_280  # of 1,797; the rest is held out
WIDTH = 64


class Network(nnx.Module):
    """Images [n, 64] to logits [n, 10]; normalised, as the networks of the study files are."""

    def __init__(self, rngs: nnx.Rngs) -> None:
        """Draws the weights; the head begins at 0."""
        zeros = nnx.initializers.zeros
        self.hidden = nnx.Linear(64, WIDTH, use_bias=False, rngs=rngs)
        self.norm = nnx.LayerNorm(WIDTH, rngs=rngs)
        self.head = nnx.Linear(WIDTH, 10, use_bias=False, kernel_init=zeros, rngs=rngs)

    def __call__(self, images: jax.Array) -> jax.Array:
        """[n, 64] -> [n, 10]."""
        features = jax.nn.relu(self.norm(self.hidden(images)))
        return self.head(features / WIDTH**0.5)  # of length about 1, whatever the width


class Training(NamedTuple):
    """All that a step reads and writes, and a checkpoint holds."""

    params: Any
    optimizer_state: Any  # the tuned numbers are in it


def train(arguments: argparse.Namespace) -> None:
    """Train up to the last step, or go on to it."""
    config = shampoo_tune.load(arguments.best)
    steps = arguments.steps or config.total_steps
    batch_size = arguments.batch_size or config.batch_size or 128
    mesh = jax.make_mesh((jax.device_count(),), ("data",), axis_types=(AxisType.Auto,))
    optimizer = config.optimizer(total_steps=steps, batch_size=batch_size, mesh=mesh)

    def begin() -> Training:
        params = nnx.to_pure_dict(nnx.state(Network(nnx.Rngs(arguments.seed)), nnx.Param))
        return Training(params, optimizer.init(params))

    def step_of(training: Training, images: jax.Array, labels: jax.Array) -> Any:
        loss, gradients = jax.value_and_grad(loss_of)(training.params, images, labels)
        updates, state = optimizer.update(gradients, training.optimizer_state, training.params)
        return Training(optax.apply_updates(training.params, updates), state), loss

    # Weights are on every device, Shampoo's matrices are divided among them.
    places = state_shardings(jax.eval_shape(begin), mesh)
    start = jax.jit(begin, out_shardings=places)
    step = jax.jit(step_of, donate_argnums=0, out_shardings=(places, None))
    images, labels = digits()
    # Of another configuration there are other checkpoints.
    own = Path("checkpoints", config.to_document()["digest"][-12:])
    with ocp.CheckpointManager((arguments.checkpoints or own).resolve()) as manager:
        done, training = resumed(manager, start, places)
        for number in range(done + 1, steps + 1):
            # Which images make a batch depends on the step alone, so no order is to be saved.
            order = np.random.default_rng((arguments.seed, number))
            drawn = order.integers(TRAINING_IMAGES, size=batch_size)
            batch = jax.device_put(
                (images[drawn], labels[drawn]), NamedSharding(mesh, PartitionSpec("data"))
            )
            training, loss = step(training, *batch)
            if number % arguments.save_every == 0 or number == steps:
                print(f"step {number} of {steps}: training loss {float(loss)!r}")
                manager.save(number, args=ocp.args.StandardSave(training))
    held_out = images[TRAINING_IMAGES:], labels[TRAINING_IMAGES:]
    print(f"accuracy {accuracy(jax.device_get(training.params), *held_out):.4f} on held-out images")


def resumed(manager: ocp.CheckpointManager, start: Any, places: Training) -> tuple[int, Training]:
    """Steps done and what they came to, from the newest checkpoint if there is any."""
    done = manager.latest_step()
    if done is None:
        return 0, start()
    print(f"goes on from step {done}")

    def like(leaf: Any, place: NamedSharding) -> jax.ShapeDtypeStruct:
        return jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=place)

    shapes = jax.tree.map(like, jax.eval_shape(start), places)
    return done, manager.restore(done, args=ocp.args.StandardRestore(shapes))


def logits_of(params: Any, images: jax.Array) -> jax.Array:
    """The network as a pure function: [n, 64] -> [n, 10]."""
    graph, _ = nnx.split(nnx.eval_shape(lambda: Network(nnx.Rngs(0))))
    return nnx.merge(graph, nnx.State(params))(images)


def loss_of(params: Any, images: jax.Array, labels: jax.Array) -> jax.Array:
    """Mean cross-entropy."""
    logits = logits_of(params, images)
    return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()


def accuracy(params: Any, images: Any, labels: Any) -> float:
    """The share of labels that are right."""
    return float((np.asarray(logits_of(params, images)).argmax(axis=1) == labels).mean())


def digits() -> tuple[Any, Any]:
    """Images [1797, 64] with entries in [0, 1], and labels [1797]."""
    images, labels = load_digits(return_X_y=True)
    return np.float32(images / 16), np.int32(labels)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Train with a tuned optimizer.")
    parser.add_argument("best", help="what `shampoo-tune best STUDY -o best.yaml` wrote")
    parser.add_argument("--checkpoints", type=Path, help="unless given, one in ./checkpoints")
    parser.add_argument("--steps", type=int, help="unless given, as tuned")
    parser.add_argument("--batch-size", type=int, help="unless given, as tuned")
    parser.add_argument("--save-every", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    os.environ.setdefault("NPROC", "8")  # simulated devices that wait for each other need threads
    jax.config.update("jax_num_cpu_devices", 8)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
