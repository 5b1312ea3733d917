"""A Flax NNX module as two pure functions over plain dictionaries of arrays."""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx

from shampoo_tune.workloads.classification import Model
from shampoo_tune.workloads.workload import PyTree

_MODES = (True, False)  # training, evaluation


def functional(make_module: Callable[[bool], nnx.Module], architecture: str) -> Model:
    """The pure `init` and `apply` of a module that maps images to logits.

    `make_module` is called with True for the module that trains, with False for the one that is
    evaluated; both have the same variables.

    Weights of rank >= 2 start normal with variance 2 / fan-in (He et al. 2015), the rest constant.
    The weights are cut from one flat random draw: a draw per tensor takes longer to compile than
    the training step does.
    """
    modules = {training: nnx.eval_shape(lambda t=training: make_module(t)) for training in _MODES}
    graphs = {t: nnx.split(module, nnx.Param, nnx.BatchStat)[0] for t, module in modules.items()}
    _, *states = nnx.split(modules[True], nnx.Param, nnx.BatchStat)
    abstract_params, abstract_state = states

    def init(key: jax.Array) -> tuple[PyTree, PyTree]:
        shapes = nnx.to_pure_dict(abstract_params)
        return _draw(key, shapes), _constants(nnx.to_pure_dict(abstract_state))

    def apply(
        params: PyTree, state: PyTree, images: jax.Array, training: bool
    ) -> tuple[jax.Array, PyTree]:
        module = nnx.merge(
            graphs[training],
            _filled(abstract_params, params),
            _filled(abstract_state, state),
            copy=True,
        )
        logits = module(images)
        return logits, nnx.to_pure_dict(nnx.state(module, nnx.BatchStat))

    return Model(init=init, apply=apply, architecture=architecture)


def _filled(abstract: Any, values: PyTree) -> Any:
    """A copy of an abstract NNX state that holds these arrays."""
    state = jax.tree.map(lambda leaf: leaf, abstract)
    nnx.replace_by_pure_dict(state, values)
    return state


def _draw(key: jax.Array, shapes: PyTree) -> PyTree:
    leaves, structure = jax.tree.flatten_with_path(shapes)
    weights = [math.prod(leaf.shape) for _, leaf in leaves if len(leaf.shape) >= 2]
    normal = jax.random.normal(key, (sum(weights),))
    drawn, offset = [], 0
    for path, leaf in leaves:
        if len(leaf.shape) < 2:
            drawn.append(_constant(path, leaf))
            continue
        size, fan_in = math.prod(leaf.shape), math.prod(leaf.shape[:-1])
        scale = math.sqrt(2.0 / fan_in)
        drawn.append(normal[offset : offset + size].reshape(leaf.shape) * scale)
        offset += size
    return jax.tree.unflatten(structure, drawn)


def _constants(shapes: PyTree) -> PyTree:
    return jax.tree.map_with_path(_constant, shapes)


def _constant(path: Any, leaf: Any) -> jax.Array:
    """1 for variances and scales, 0 for the rest and for the scale of any `last_norm`.

    A residual block whose last scale is 0 starts as the identity (MLPerf's ResNet-50).
    """
    name, owner = path[-1].key, path[-2].key
    one = name == "var" or (name == "scale" and owner != "last_norm")
    return jnp.full(leaf.shape, 1.0 if one else 0.0, leaf.dtype)
