"""What a program prints of a run: one JSON object for each metric of an evaluation.

    {"step": 20, "metric": "valid_accuracy", "value": 0.93}

Every other line is the program's own; the last of them are kept for the reason of a failure.
"""

import json
import re
from collections import deque
from collections.abc import Callable
from typing import Any

from shampoo_tune.study import Measurement, RunState
from shampoo_tune.tuner.measured_values import LARGEST, METRIC_NAME
from shampoo_tune.tuner.messages import Failed, Finished, Job

_KEYS = {"step", "metric", "value"}
_KEPT_LINES = 20

Verdict = Finished | Failed


class Output:
    """The lines of one run so far. Metrics of one step are reported together.

    Attributes:
        tail: the last lines that are no measurements.
    """

    def __init__(self, job: Job, report: Callable[[Measurement], None]) -> None:
        self.tail = deque[str](maxlen=_KEPT_LINES)
        self._job, self._report = job, report
        self._step = 0
        self._metrics: dict[str, float] = {}

    def take(self, line: str) -> Verdict | None:
        """Take one line; returns a verdict if the run is over with it."""
        told = _measurement_of(line)
        if told is None:
            self.tail.append(line.rstrip("\n"))
            return None
        if broken := self._broken_rule(**told):
            return Failed(self._job.run_id, f"{broken}: {line.strip()}")
        step, metric, value = told["step"], told["metric"], told["value"]
        if step != self._step:
            self._flush()
        self._step = step
        if not abs(value) <= LARGEST:  # NaN too
            reason = f"non-finite metric at step {step}: {metric}"
            return Finished(self._job.run_id, RunState.INFEASIBLE, reason)
        self._metrics[metric] = float(value)
        return None

    def end(self) -> Verdict:
        """The verdict of a run whose program has ended well."""
        metric, steps = self._job.workload["metric"], self._job.steps
        whole = self._step == steps and metric in self._metrics
        self._flush()
        if whole:
            return Finished(self._job.run_id, RunState.COMPLETED, None)
        reason = f"the program ended without {metric} at step {steps}, the last of its budget"
        return Failed(self._job.run_id, f"{self.log()}\n{reason}".strip())

    def log(self) -> str:
        """The last lines that are no measurements, without what a database may not take."""
        return "\n".join(self.tail).replace("\0", "")

    def _flush(self) -> None:
        if self._metrics:
            self._report(Measurement(self._step, self._metrics))
        self._metrics = {}

    def _broken_rule(self, step: Any, metric: Any, value: Any) -> str:
        if type(step) is not int or not 1 <= step <= self._job.steps:
            return f"step must be a whole number from 1 to {self._job.steps}"
        if step < self._step:
            return f"steps must not go back, the last was {self._step}"
        if not isinstance(metric, str) or not re.fullmatch(METRIC_NAME, metric):
            return "metric must be a name without spaces"
        if metric in self._metrics and step == self._step:
            return f"{metric} was printed for step {step} before"
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return "value must be a number"
        return ""


def _measurement_of(line: str) -> dict[str, Any] | None:
    """The line's object if it has the three keys, whatever they hold."""
    if not line.startswith("{"):
        return None
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) and set(told) == _KEYS else None
