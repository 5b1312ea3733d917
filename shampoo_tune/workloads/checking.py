"""Whether what another package built is a workload: types, names and shapes; nothing is trained."""

from typing import Any

import jax
import jax.numpy as jnp

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.workloads import WorkloadEntry
from shampoo_tune.workloads.workload import PyTree, Workload


def check_workload(made: object, name: str, entry: WorkloadEntry, batch_size: int) -> Workload:
    """The same object, known to be a workload but for `evaluate`: see `check_values`.

    Args:
        made: what the factory returned.
        name: of the workload in study files.
        entry: what its package says of it.
        batch_size: what the factory was asked for.

    Raises:
        InvalidInputError: the rule that is broken, and what was found.
    """
    if not isinstance(made, Workload):
        raise InvalidInputError(f"the factory must return a Workload, got {type(made).__name__}")
    promised = {
        "name": name,
        "metric": entry.metric,
        "goal": entry.goal,
        "target": entry.target,
        "batch_size": batch_size,
    }
    for attribute, value in promised.items():
        found, rule = getattr(made, attribute), f"{attribute} must be {value!r}, as its entry says"
        _require(found == value, rule, found)
    fingerprint: object = made.fingerprint
    told = isinstance(fingerprint, str) and fingerprint != ""
    _require(told, "fingerprint must be a text that is not empty", fingerprint)
    _check_shapes(made)
    return made


def check_values(values: object, split: str, entry: WorkloadEntry) -> None:
    """Check what `evaluate` returned for a split.

    Raises:
        InvalidInputError: they are no floats, or not those that the entry announces.
    """
    floats = isinstance(values, dict) and all(isinstance(v, float) for v in values.values())
    _require(floats, "evaluate must return a dict of Python floats", values)
    names = {m.removeprefix(f"{split}_") for m in entry.metrics if m.startswith(f"{split}_")}
    rule = f"evaluate must return the entry's metrics of the {split} split, {sorted(names)}"
    _require(isinstance(values, dict) and set(values) == names, rule, values)


def _require(holds: bool, rule: str, found: object) -> None:
    if not holds:
        raise InvalidInputError(f"{rule}, got {found!r}")


def _check_shapes(workload: Workload) -> None:
    """Traces `init` and `loss`, and looks at one batch."""
    key = jax.random.key(0)
    started = jax.eval_shape(workload.init, key)
    _require(_is_pair(started), "init must return (params, model_state)", started)
    params, model_state = started
    leaves = jax.tree.leaves(params)
    floats = bool(leaves) and all(jnp.issubdtype(leaf.dtype, jnp.floating) for leaf in leaves)
    _require(floats, "params must be arrays of floats", params)
    batch = next(workload.batches(0, 0))
    _require(isinstance(batch, dict), "a batch must be a dict of arrays", type(batch).__name__)
    shapes = {name: jnp.shape(value) for name, value in batch.items()}
    full = all(shape[:1] == (workload.batch_size,) for shape in shapes.values())
    _require(full, f"each array of a batch must begin with {workload.batch_size} examples", shapes)
    _check_loss(jax.eval_shape(workload.loss, params, model_state, batch, key), model_state)


def _check_loss(returned: Any, model_state: PyTree) -> None:
    whole = _is_pair(returned) and _is_pair(returned[1]) and isinstance(returned[1][1], dict)
    _require(whole, "loss must return (loss, (model_state, metrics))", returned)
    loss, (state, _) = returned
    scalar = getattr(loss, "shape", None) == () and jnp.issubdtype(loss.dtype, jnp.floating)
    _require(scalar, "the loss must be one float", loss)
    before, after = _shapes(model_state), _shapes(state)
    _require(before == after, f"loss must return a model_state like init's, {before}", after)


def _is_pair(value: object) -> bool:
    return isinstance(value, tuple) and len(value) == 2


def _shapes(tree: PyTree) -> PyTree:
    return jax.tree.map(lambda leaf: f"{leaf.dtype}{list(leaf.shape)}", tree)
