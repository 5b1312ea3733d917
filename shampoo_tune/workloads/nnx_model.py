"""A Flax NNX module as two pure functions over plain dictionaries of arrays."""

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx

from shampoo_tune.workloads.classification import Model
from shampoo_tune.workloads.workload import PyTree

_MODES = (True, False)  # training, evaluation


def he_normal(name: str, shape: tuple[int, ...]) -> float:
    """Standard deviation whose square is 2 / fan-in (He et al. 2015)."""
    del name
    return math.sqrt(2.0 / math.prod(shape[:-1]))


def draw_normal(key: jax.Array, count: int) -> jax.Array:
    """Standard normal numbers, shape [count]."""
    return jax.random.normal(key, (count,))


@dataclasses.dataclass(frozen=True)
class Start:
    """How weights of rank >= 2 and the scales of normalisations start; the rest is constant.

    Attributes:
        deviation: of a weight, by the name of the layer that owns it and its shape.
        draw: numbers of deviation 1 for all weights together.
        last_scale: of each `last_norm`, the last normalisation of a residual block. At 0 the block
            starts as the identity.
    """

    deviation: Callable[[str, tuple[int, ...]], float] = he_normal
    draw: Callable[[jax.Array, int], jax.Array] = draw_normal
    last_scale: float = 0.0


def functional(
    make_module: Callable[[bool], nnx.Module], architecture: str, start: Start = Start()
) -> Model:
    """The pure `init` and `apply` of a module that maps inputs to logits.

    `make_module` is called with True for the module that trains, with False for the one that is
    evaluated; both have the same variables.

    The weights are cut from one flat random draw: a draw per tensor takes longer to compile than
    the training step does.
    """
    modules = {training: nnx.eval_shape(lambda t=training: make_module(t)) for training in _MODES}
    graphs = {t: nnx.split(module, nnx.Param, nnx.BatchStat)[0] for t, module in modules.items()}
    _, *states = nnx.split(modules[True], nnx.Param, nnx.BatchStat)
    abstract_params, abstract_state = states

    def init(key: jax.Array) -> tuple[PyTree, PyTree]:
        shapes = nnx.to_pure_dict(abstract_params)
        return _draw(key, shapes, start), _constants(nnx.to_pure_dict(abstract_state), start)

    def apply(
        params: PyTree, state: PyTree, inputs: jax.Array, training: bool
    ) -> tuple[jax.Array, PyTree]:
        module = nnx.merge(
            graphs[training],
            _filled(abstract_params, params),
            _filled(abstract_state, state),
            copy=True,
        )
        logits = module(inputs)
        return logits, nnx.to_pure_dict(nnx.state(module, nnx.BatchStat))

    return Model(init=init, apply=apply, architecture=architecture)


def _filled(abstract: Any, values: PyTree) -> Any:
    """A copy of an abstract NNX state that holds these arrays."""
    state = jax.tree.map(lambda leaf: leaf, abstract)
    nnx.replace_by_pure_dict(state, values)
    return state


def _draw(key: jax.Array, shapes: PyTree, start: Start) -> PyTree:
    leaves, structure = jax.tree.flatten_with_path(shapes)
    weights = [math.prod(leaf.shape) for _, leaf in leaves if len(leaf.shape) >= 2]
    numbers = start.draw(key, sum(weights))
    drawn, offset = [], 0
    for path, leaf in leaves:
        if len(leaf.shape) < 2:
            drawn.append(_constant(path, leaf, start))
            continue
        size, deviation = math.prod(leaf.shape), start.deviation(path[-2].key, leaf.shape)
        drawn.append(numbers[offset : offset + size].reshape(leaf.shape) * deviation)
        offset += size
    return jax.tree.unflatten(structure, drawn)


def _constants(shapes: PyTree, start: Start) -> PyTree:
    return jax.tree.map_with_path(lambda path, leaf: _constant(path, leaf, start), shapes)


def _constant(path: Any, leaf: Any, start: Start) -> jax.Array:
    """1 for variances and scales but the last ones, 0 for the rest."""
    name, owner = path[-1].key, path[-2].key
    value = 1.0 if name in ("var", "scale") else 0.0
    if name == "scale" and owner == "last_norm":
        value = start.last_scale
    return jnp.full(leaf.shape, value, leaf.dtype)
