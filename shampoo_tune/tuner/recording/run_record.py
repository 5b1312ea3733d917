"""One line of a file of finished runs: its form and what makes it whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shampoo_tune.storage.run_rows import RunKey
from shampoo_tune.study import Measurement, Phase, RunState
from shampoo_tune.tuner.measured_values import LARGEST, METRIC_NAME, REASON

_Whole = Annotated[int, Field(ge=0)]
_Name = Annotated[str, Field(pattern=f"^{METRIC_NAME}$")]
_Value = Annotated[float, Field(ge=-LARGEST, le=LARGEST, allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Measured(_Strict):
    step: Annotated[int, Field(ge=1)]
    metrics: dict[_Name, _Value]


class _Line(_Strict):
    study: str | None = None
    trial: _Whole
    phase: Annotated[Phase, Field(strict=False)]
    seed: _Whole
    state: Literal["completed", "infeasible"]
    reason: Annotated[str, Field(pattern=f"^{REASON}$")] | None = None
    measurements: list[_Measured]


@dataclass(frozen=True)
class Budgeted:
    """What a study asks of each of its runs."""

    study: str
    metric: str
    steps: int


@dataclass(frozen=True)
class RunRecord:
    """A run that was trained elsewhere."""

    key: RunKey
    state: RunState
    reason: str | None
    measurements: tuple[Measurement, ...]

    def same_as(
        self, state: RunState, reason: str | None, measured: tuple[Measurement, ...]
    ) -> bool:
        """Whether a stored run says the same."""
        return (self.state, self.reason, self.measurements) == (state, reason, measured)


@dataclass(frozen=True)
class Broken:
    """A rule that a line breaks; `path` is dotted, as in `measurements.0.step`."""

    path: str
    rule: str
    hint: str = ""


def read_record(document: Any, budget: Budgeted) -> RunRecord | list[Broken]:
    """The record of a line's JSON value, or every rule that it breaks."""
    try:
        line = _Line.model_validate(document)
    except ValidationError as error:
        return [_broken(details) for details in error.errors(include_url=False)]
    broken = [*_study_rules(line, budget), *_step_rules(line, budget), *_verdict_rules(line)]
    if broken:
        return broken
    measured = tuple(Measurement(m.step, dict(m.metrics)) for m in line.measurements)
    key = (line.trial, line.phase, line.seed)
    return RunRecord(key, RunState(line.state), line.reason, measured)


def _broken(details: Any) -> Broken:
    path, kind = ".".join(map(str, details["loc"])), details["type"]
    if kind == "missing":
        return Broken(path, f"missing key {details['loc'][-1]!r}")
    if kind == "extra_forbidden":
        known = ", ".join(
            _Line.model_fields if len(details["loc"]) == 1 else _Measured.model_fields
        )
        return Broken(path, f"unknown key {details['loc'][-1]!r}", f"known: {known}")
    hint = "a run that diverged is infeasible" if kind == "finite_number" else ""
    return Broken(path, details["msg"].replace("Input should be", "must be"), hint)


def _study_rules(line: _Line, budget: Budgeted) -> Iterator[Broken]:
    if line.study is not None and line.study != budget.study:
        yield Broken("study", f"is {line.study!r}, but {budget.study!r} is recorded")


def _step_rules(line: _Line, budget: Budgeted) -> Iterator[Broken]:
    steps = [measured.step for measured in line.measurements]
    if steps != sorted(set(steps)):
        yield Broken("measurements", "steps must rise")
    if any(step > budget.steps for step in steps):
        yield Broken("measurements", f"a run has {budget.steps} steps, got step {max(steps)}")
    last = line.measurements[-1] if steps else None
    at_end = last is not None and last.step == budget.steps and budget.metric in last.metrics
    if line.state == "completed" and not at_end:
        rule = f"a completed run has {budget.metric} at step {budget.steps}, its last"
        yield Broken("measurements", rule)


def _verdict_rules(line: _Line) -> Iterator[Broken]:
    if line.state == "infeasible" and not line.reason:
        yield Broken("reason", "an infeasible run has a reason", "such as diverged at step 12")
    if line.state == "completed" and line.reason is not None:
        yield Broken("reason", "a completed run has none")
