"""What a training step of one arm takes: measured here, or read off the program for a slice."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shampoo_tune.tuner.planning import compiling, timing
from shampoo_tune.tuner.planning.bounds import Bounds, bounds
from shampoo_tune.tuner.planning.chips import Chip, chip_of


@dataclass(frozen=True)
class Step:
    """A training step.

    Attributes:
        seconds: measured, or estimated by the compiler; its upper bound where there is no estimate;
            None if it does not fit.
        state_bytes: of everything that a step reads and writes: a checkpoint.
        compile_seconds: of one compilation on this machine.
        evaluation_seconds: of one evaluation, where it was measured.
        bounds: at the chip's published rates.
        program: of one core, see `compiling.compile_step`; None where nothing was compiled for one.
    """

    seconds: float | None
    state_bytes: int
    compile_seconds: float
    evaluation_seconds: float = 0.0
    bounds: Bounds | None = None
    program: Mapping[str, Any] | None = None

    @property
    def memory_used(self) -> float | None:
        """Bytes of a core's main memory."""
        if self.program is None:
            return None
        used: float = self.program.get("out_of_memory") or self.program["memory_used"]
        return used


@dataclass(frozen=True)
class ArmPlan:
    """An arm's step beside the same step with plain SGD."""

    step: Step
    sgd: Step
    chip: Chip | None

    @property
    def ratio(self) -> float | None:
        """How many times as long as with SGD."""
        if self.step.seconds is None or self.sgd.seconds is None:
            return None
        return self.step.seconds / self.sgd.seconds

    @property
    def fits(self) -> bool | None:
        """Whether it fits into the memory of a core; None if that is unknown."""
        if self.chip is None or self.step.memory_used is None:
            return None
        return self.step.seconds is not None

    @property
    def room(self) -> float | None:
        """Bytes of a core's memory; where its programs may not have all of it, those they may."""
        if self.chip is None or self.step.program is None:
            return None
        whole = self.chip.memory_bytes / self.chip.cores
        room: float = self.step.program.get("room", whole)
        return room

    def to_json(self) -> dict[str, Any]:
        """The contract's numbers of an arm, and the bounds; `null` where unknown."""
        program, limits = self.step.program or {}, self.step.bounds
        flops = program.get("flops")
        return {
            "seconds_per_step": self.step.seconds,
            "sgd_seconds_per_step": self.sgd.seconds,
            "step_ratio": self.ratio,
            "lower_bound_seconds": limits.lower if limits else None,
            "upper_bound_seconds": limits.upper if limits else None,
            "xla_estimate_seconds": program.get("xla_seconds"),
            "flops_per_core": sum(flops.values()) if flops else None,
            "flops_by_precision": flops,
            "hbm_bytes_per_core": program.get("memory_bytes"),
            "collective_bytes_per_core": program.get("collective_bytes"),
            "root_work_share": program.get("root_work_share"),
            "root_flops_per_core": program.get("root_flops"),
            "memory_bytes_per_core": self.step.memory_used,
            "fits": self.fits,
            "compile_seconds": self.step.compile_seconds,
        }


def measured_step(workload: Mapping[str, Any], configuration: Mapping[str, Any] | None) -> Step:
    """Time it on this machine. See `timing.time_step`."""
    known = timing.time_step(timing.Job(workload, configuration))
    return Step(
        known["seconds_per_step"],
        known["state_bytes"],
        known["compile_seconds"],
        known["evaluation_seconds"],
    )


def compiled_step(
    topology: str, workload: Mapping[str, Any], configuration: Mapping[str, Any] | None
) -> Step:
    """Compile it for a slice. See `compiling.compile_step`."""
    known = compiling.compile_step(compiling.Job(topology, workload, configuration))
    if "out_of_memory" in known:
        return Step(None, known["state_bytes"], known["compile_seconds"], program=known)
    limits = bounds(known, chip_of(topology))
    return Step(
        known["xla_seconds"] or limits.upper,
        known["state_bytes"],
        known["compile_seconds"],
        bounds=limits,
        program=known,
    )
