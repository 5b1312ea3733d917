"""What the controller and its workers say to each other, one JSON document a line."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from shampoo_tune.study import Measurement, RunState


@dataclass(frozen=True)
class Job:
    """One attempt at a run: everything that a worker needs to train it.

    Attributes:
        run_id: the run, as the messages name it.
        workload: `name`, `batch_size` and further arguments of the workload.
        configuration: JSON form of `Configuration`.
        seed: the run's seed.
        steps: the step budget.
        eval_every: steps between evaluations.
        trial: the trial's number, for programs that name their files by it.
    """

    run_id: int
    workload: dict[str, Any]
    configuration: dict[str, Any]
    seed: int
    steps: int
    eval_every: int
    trial: int = 0


@dataclass(frozen=True)
class Started:
    """A worker began a run; `facts` are its machine, devices, threads, versions and program."""

    run_id: int
    facts: dict[str, Any]


@dataclass(frozen=True)
class Measured:
    """A worker evaluated a run."""

    run_id: int
    measurement: Measurement


@dataclass(frozen=True)
class Finished:
    """A run came to its verdict: COMPLETED or INFEASIBLE."""

    run_id: int
    state: RunState
    reason: str | None
    timings: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Failed:
    """The run has no verdict.

    Attributes:
        run_id: the run.
        reason: a traceback, or how its process ended.
        lost: whether the machine was, and not the code at fault.
        saved: whether a checkpoint was written before, for another attempt to go on from.
    """

    run_id: int
    reason: str
    lost: bool = False
    saved: bool = False


STOP = "stop\n"  # said to a worker: save the run that trains, and end
STOPPED = 75  # its exit code then; no library ends a process with this one

Message = Started | Measured | Finished | Failed
_MESSAGES: dict[str, type[Any]] = {
    "started": Started,
    "measured": Measured,
    "finished": Finished,
    "failed": Failed,
}


def encode(message: Message | Job) -> str:
    """One line of JSON without NaN or infinities."""
    kind = type(message).__name__.lower()
    return json.dumps({"kind": kind, **asdict(message)}, allow_nan=False) + "\n"


def decode_message(line: str | bytes) -> Message:
    """The inverse of `encode` for what workers say."""
    document = json.loads(line)
    kind = document.pop("kind")
    if kind == "measured":
        return Measured(document["run_id"], Measurement(**document["measurement"]))
    if kind == "finished":
        document["state"] = RunState(document["state"])
    message: Message = _MESSAGES[kind](**document)
    return message


def decode_job(line: str) -> Job:
    """The inverse of `encode` for what the controller says."""
    document = json.loads(line)
    document.pop("kind")
    return Job(**document)
