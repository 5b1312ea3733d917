"""Checkpoints of one run, by Orbax: atomic, only the newest is kept, and they never break a run.

A run that cannot save goes on, and one that cannot read its checkpoint begins anew: both come to
the same numbers.
"""

import math
import time
import traceback
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import orbax.checkpoint as ocp
from etils import epath

from shampoo_tune.study import Measurement
from shampoo_tune.workloads.snapshot import InterruptedRunError, PyTree, Snapshot


class RunCheckpoints:
    """Saves a run now and then, and whenever it is asked to stop."""

    def __init__(
        self,
        folder: str,
        every_steps: int | None = None,
        every_seconds: float = math.inf,
        should_stop: Callable[[], bool] = lambda: False,
        agree: Callable[[bool], bool] = bool,
    ) -> None:
        """Nothing is read or written yet.

        Args:
            folder: of this run alone: an absolute path, or one in a bucket.
            every_steps: save after each step that it divides; None for none.
            every_seconds: save when so much time has passed since the last.
            should_stop: asked after each step.
            agree: turns the wish of this process into that of all that train the run.
        """
        self._folder = epath.Path(folder)
        self._every_steps, self._every_seconds = every_steps, every_seconds
        self._should_stop, self._agree = should_stop, agree
        self._saved_at = time.monotonic()

    def newest(self, shapes: PyTree) -> Snapshot | None:
        """What was saved last, if anything can be read.

        Args:
            shapes: of the progress, as `jax.eval_shape` gives them.
        """
        if not self._folder.exists():
            return None
        try:
            with self._manager() as manager:
                return _read(manager, shapes)
        except Exception:  # whatever Orbax, a disk or a bucket may raise
            traceback.print_exc()
            self.remove()
            return None

    def due(self, step: int) -> bool:
        """Whether the run is to be saved after this step."""
        by_steps = self._every_steps is not None and step % self._every_steps == 0
        by_time = time.monotonic() - self._saved_at >= self._every_seconds
        return self._agree(by_steps or by_time or self._should_stop())

    def save(self, snapshot: Snapshot) -> None:
        """Save a run that is due.

        Raises:
            InterruptedRunError: it is to stop, and was saved.
        """
        try:
            with self._manager() as manager:
                manager.save(snapshot.step, args=_arguments(snapshot))
        except Exception:  # as above
            traceback.print_exc()
        self._saved_at = time.monotonic()
        if self._agree(self._should_stop()):
            raise InterruptedRunError(f"stopped after step {snapshot.step}")

    def remove(self) -> None:
        """Delete all that was saved of this run."""
        if jax.process_index():
            return  # the first process does it for all
        try:
            self._folder.rmtree(missing_ok=True)
        except OSError:
            traceback.print_exc()

    def _manager(self) -> ocp.CheckpointManager:
        options = ocp.CheckpointManagerOptions(
            max_to_keep=1, create=True, enable_async_checkpointing=False
        )
        return ocp.CheckpointManager(self._folder, options=options)


def _arguments(snapshot: Snapshot) -> Any:
    document = {
        "measurements": [{"step": m.step, "metrics": m.metrics} for m in snapshot.measurements],
        "seconds": snapshot.seconds,
        "evaluation_seconds": snapshot.evaluation_seconds,
    }
    return ocp.args.Composite(
        state=ocp.args.StandardSave(_named(snapshot.progress)), run=ocp.args.JsonSave(document)
    )


def _read(manager: ocp.CheckpointManager, shapes: PyTree) -> Snapshot | None:
    step = manager.latest_step()
    if step is None:
        return None
    wanted = ocp.args.StandardRestore(_named(shapes))
    found = manager.restore(step, args=ocp.args.Composite(state=wanted, run=ocp.args.JsonRestore()))
    leaves, structure = jax.tree.flatten(shapes)
    restored = [
        found["state"][_name(place)] if leaf.size else jnp.zeros(leaf.shape, leaf.dtype)
        for place, leaf in enumerate(leaves)
    ]
    document = found["run"]
    measurements = [Measurement(m["step"], m["metrics"]) for m in document.pop("measurements")]
    return Snapshot(step, jax.tree.unflatten(structure, restored), measurements, **document)


def _named(tree: PyTree) -> dict[str, Any]:
    """The leaves of a tree by their place; those without elements cannot be saved."""
    return {_name(place): leaf for place, leaf in enumerate(jax.tree.leaves(tree)) if leaf.size}


def _name(place: int) -> str:
    return f"{place:06}"
