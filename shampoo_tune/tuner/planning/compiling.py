"""Compiles one training step for a TPU slice that need not exist, in a process of its own.

Usage: python -m shampoo_tune.tuner.planning.compiling < JOB, a document of `Job`. Prints what is
known of the program, as JSON. TPU's compiler reads its settings from the environment when it is
loaded, so they are set by `compile_step`, which starts the process.
"""

import dataclasses
import importlib.util
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shampoo_tune.errors import ShampooTuneError
from shampoo_tune.tuner.planning.child import answer, ask

if TYPE_CHECKING:
    import jax

ROOTS = "inverse_roots"  # the scope of all that computes roots
# Without them the compiler looks for the machine's TPU, for a server that describes it, and for
# other processes that might use it.
ENVIRONMENT = {
    "ALLOW_MULTIPLE_LIBTPU_LOAD": "1",
    "JAX_PLATFORMS": "cpu",
    "TPU_SKIP_MDS_QUERY": "1",
    "TPU_ACCELERATOR_TYPE": "v5litepod-16",
    "TPU_WORKER_HOSTNAMES": "localhost",
}
_TOO_LARGE = re.compile(r"Used ([\d.]+)([KMGT]?) of ([\d.]+)([KMGT]?) hbm")
_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


@dataclass(frozen=True)
class Job:
    """What to compile.

    Attributes:
        topology: such as `v3:16x8`.
        workload: arguments of `make_workload`.
        configuration: JSON form of `Configuration`; None for plain SGD.
    """

    topology: str
    workload: Mapping[str, Any]
    configuration: Mapping[str, Any] | None


def compile_step(job: Job) -> dict[str, Any]:
    """Compile in another process.

    Returns:
        `cores`, `state_bytes`, `root_work_share` (None without roots), `compile_seconds`, and
        either `out_of_memory`, the bytes wanted (arguments too), and `room`, the bytes that a core
        has for programs, or, of one core, what `Census` has (`root_flops` are its `scoped_flops`),
        `precisions` of the parts of Shampoo, `memory_used`, `arguments` (both bytes) and
        `xla_seconds`, None where the compiler has no estimate.

    Raises:
        ShampooTuneError: TPU's compiler is not installed, or refuses the program.
    """
    if importlib.util.find_spec("libtpu") is None:
        raise ShampooTuneError(
            "a topology needs TPU's compiler, which runs on any Linux machine:"
            " pip install 'shampoo-tune[tpu]'"
        )
    environment = os.environ | ENVIRONMENT
    return ask(
        "shampoo_tune.tuner.planning.compiling",
        job,
        environment,
        f"compiling for {job.topology} failed",
    )


def _compile(job: Job) -> dict[str, Any]:
    import jax

    trainer, hyperparameters, cores = _program(job)
    lowered = trainer.lower(hyperparameters)
    known: dict[str, Any] = {"cores": cores, "state_bytes": trainer.state_bytes(hyperparameters)}
    known["root_work_share"] = _root_work_share(trainer, hyperparameters, cores)
    started = time.perf_counter()
    try:
        compiled = lowered.compile()
    except jax.errors.JaxRuntimeError as error:
        if not (found := _TOO_LARGE.search(str(error))):
            raise
        used, used_unit, room, room_unit = found.groups()
        known["out_of_memory"] = float(used) * _UNITS[used_unit]
        known["room"] = float(room) * _UNITS[room_unit]
    else:
        known |= _describe(compiled)
    return known | {"compile_seconds": time.perf_counter() - started}


def _program(job: Job) -> tuple[Any, Any, int]:
    """A trainer for the slice, hyperparameters, and the number of cores."""
    import jax.numpy as jnp
    import optax
    from jax.experimental import topologies
    from jax.sharding import Mesh

    from shampoo_tune.optimizer.config import Configuration
    from shampoo_tune.optimizer.pytrees import as_arrays
    from shampoo_tune.tuner.arm_trainer import arm_trainer
    from shampoo_tune.workloads import make_workload
    from shampoo_tune.workloads.data_parallel import AXIS, DataParallel
    from shampoo_tune.workloads.trainer import Trainer

    slice_ = topologies.get_topology_desc(platform="tpu", topology_name=job.topology)
    parallel = DataParallel(Mesh(slice_.devices, (AXIS,)))
    workload, cores = make_workload(**job.workload), parallel.mesh.size
    if job.configuration is None:
        return Trainer(workload, optax.sgd, parallel), jnp.float32(0.1), cores
    configuration = as_arrays(_with_newton(Configuration.from_json(dict(job.configuration))))
    return arm_trainer(workload, parallel), configuration, cores


def _root_work_share(trainer: Any, hyperparameters: Any, cores: int) -> float | None:
    """None for optimizers without roots."""
    import jax

    from shampoo_tune.optimizer.config import ShampooConfig
    from shampoo_tune.optimizer.root_share import root_work_share
    from shampoo_tune.workloads.seeds import stream_key

    options = getattr(hyperparameters, "options", None)
    if not isinstance(options, ShampooConfig):
        return None
    params, _ = jax.eval_shape(trainer.workload.init, stream_key(0, "init"))
    return root_work_share([leaf.shape for leaf in jax.tree.leaves(params)], options, cores)


def _with_newton(configuration: Any) -> Any:
    """Roots as on a TPU: `auto` looks at the machine that compiles."""
    options = configuration.options
    if getattr(options, "root_method", None) != "auto":
        return configuration
    options = dataclasses.replace(options, root_method="newton")
    return dataclasses.replace(configuration, options=options)


def _describe(compiled: "jax.stages.Compiled") -> dict[str, Any]:
    from shampoo_tune.tuner.planning.census import census
    from shampoo_tune.tuner.planning.frames import Frames
    from shampoo_tune.tuner.planning.hlo_text import read_program
    from shampoo_tune.tuner.planning.precisions import precisions

    text = compiled.as_text() or ""
    program = read_program(text)
    counted = census(program, ROOTS)
    memory, cost = compiled.memory_analysis(), compiled.cost_analysis()
    if memory is None or cost is None:
        raise AssertionError("the compiler of TPUs has both")
    kept = memory.output_size_in_bytes - memory.alias_size_in_bytes
    arguments = memory.argument_size_in_bytes
    own = kept + memory.temp_size_in_bytes + memory.generated_code_size_in_bytes
    estimate = cost["optimal_seconds"]
    return {
        "flops": dict(counted.flops),
        "matrix_flops": counted.matrix_flops,
        "memory_bytes": counted.memory_bytes,
        "collective_bytes": counted.collective_bytes,
        "root_flops": counted.scoped_flops,
        "limited_loops": counted.limited,
        "precisions": precisions(program, Frames(text)),
        "memory_used": arguments + own,
        "arguments": arguments,
        "xla_seconds": estimate if estimate > 0 else None,
    }


if __name__ == "__main__":
    answer(lambda job: _compile(Job(**job)))
