"""`schedule` and `shared`: what every arm of a study has in common."""

import dataclasses
from collections.abc import Mapping
from typing import Any, cast

from shampoo_tune.optimizer.allowed_values import Allowed
from shampoo_tune.optimizer.config import OPTIMIZERS
from shampoo_tune.tuner.configuration import SCHEDULE_OPTIONS, Schedule
from shampoo_tune.tuner.parameters import Parameter
from shampoo_tune.tuner.study_file.parameter_forms import parse_parameter
from shampoo_tune.tuner.study_file.problems import Problems

SCHEDULE_NAME = "warmup_polynomial"


@dataclasses.dataclass(frozen=True)
class Shared:
    """What `shared` adds to every arm.

    Attributes:
        parameters: of the schedule, fixed or tuned in each arm that does not set them itself.
        label_smoothing: of the training loss.
    """

    parameters: tuple[Parameter, ...] = ()
    label_smoothing: float = dataclasses.field(
        default=0.0, metadata={"allowed": Allowed(0.0, 1.0, open_high=True), "traced": True}
    )


(LABEL_SMOOTHING,) = (f for f in dataclasses.fields(Shared) if f.name == "label_smoothing")


def parse_schedule(problems: Problems, data: Mapping[str, Any]) -> Schedule:
    """The study's schedule; ranges belong to the arms or to `shared`."""
    known = ("name", *SCHEDULE_OPTIONS)
    values: dict[str, Any] = {}
    for key, value in data.items():
        path = ("schedule", key)
        if key == "name":
            problems.one_of(path, value, (SCHEDULE_NAME,))
        elif key not in known:
            problems.unknown_key(path, value, known)
        elif isinstance(value, dict):
            rule = "the study's schedule is fixed"
            problems.add(path, rule, value, f"tune {key} in an arm or under shared")
        elif checked := problems.accept(path, SCHEDULE_OPTIONS[key], value):
            values[key] = checked[0]
    return Schedule(**values)


def schedule_document(schedule: Schedule) -> dict[str, Any]:
    """The inverse of `parse_schedule`, defaults included."""
    return {"name": SCHEDULE_NAME, **dataclasses.asdict(schedule)}


def parse_shared(
    problems: Problems, data: Mapping[str, Any], schedule: Mapping[str, Any]
) -> Shared:
    """The shared parameters; `schedule` is that section as written, to find contradictions."""
    shared = Shared()
    for key, value in data.items():
        path = ("shared", key)
        if key == "label_smoothing":
            if checked := problems.accept(path, LABEL_SMOOTHING, value):
                shared = dataclasses.replace(shared, label_smoothing=cast(float, checked[0]))
        elif key not in SCHEDULE_OPTIONS:
            _report_foreign(problems, key, value)
        elif key in schedule:
            problems.add_at_key(path, f"{key} is in schedule too: keep one of them", value)
        elif isinstance(value, dict) and "when" in value:
            rule = "a shared parameter has no condition"
            problems.add_at_key((*path, "when"), rule, value["when"], "put it under the arm")
        elif parameter := parse_parameter(problems, path, SCHEDULE_OPTIONS[key], value):
            shared = dataclasses.replace(shared, parameters=(*shared.parameters, parameter))
    return shared


def _report_foreign(problems: Problems, key: str, value: Any) -> None:
    names = {f.name for config in OPTIMIZERS.values() for f in dataclasses.fields(config)}
    if key in names | {"learning_rate"}:
        rule = f"{key} belongs to each optimizer: put it under every arm that has it"
        hint = "shared holds the schedule and label_smoothing only"
        problems.add_at_key(("shared", key), rule, value, hint)
    else:
        problems.unknown_key(("shared", key), value, (*SCHEDULE_OPTIONS, "label_smoothing"))
