"""An arm of a study: an optimizer and the search space it is tuned over."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from shampoo_tune.optimizer.config import OPTIMIZERS
from shampoo_tune.tuner.configuration import Option, arm_options
from shampoo_tune.tuner.parameters import Choice, Fixed, Parameter, SearchSpace, Value
from shampoo_tune.tuner.study_file.file_errors import KeyPath
from shampoo_tune.tuner.study_file.parameter_forms import parse_parameter
from shampoo_tune.tuner.study_file.problems import Problems, hint_text, show

_KEYWORDS = ("optimizer", "enqueue")
# Without the dot that a study's name may have: dotted paths name arms.
ARM_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


@dataclass(frozen=True)
class Arm:
    """One contender of a study.

    Attributes:
        name: the key in the study file.
        optimizer: a key of `OPTIMIZERS`.
        space: what is tuned and what is fixed.
        enqueue: points to try before the design, as values of the varying parameters; any make
            the arm a replication.
    """

    name: str
    optimizer: str
    space: SearchSpace
    enqueue: tuple[Mapping[str, Value], ...] = ()


def parse_arm(
    problems: Problems, name: str, data: Any, shared: tuple[Parameter, ...]
) -> Arm | None:
    """The arm with the shared parameters it does not set itself; None once errors were reported."""
    path: KeyPath = ("optimizers", name)
    before = len(problems.errors)
    if not ARM_NAME.fullmatch(name):
        rule = "an arm's name is made of letters, digits, '_' and '-'"
        problems.add_at_key(path, rule, name)
    arm = problems.mapping(path, data, "write learning_rate and the parameters below it")
    if not arm and not isinstance(data, dict):
        return None
    optimizer = arm.get("optimizer", name)
    if not isinstance(optimizer, str) or optimizer not in OPTIMIZERS:
        _report_unknown_optimizer(problems, path, optimizer, named="optimizer" in arm)
        return None
    options = arm_options(optimizer)
    own = _parse_parameters(problems, path, arm, options)
    names = {p.name for p in own}
    space = SearchSpace((*own, *(p for p in shared if p.name not in names)))
    enqueue = _parse_enqueue(problems, (*path, "enqueue"), arm.get("enqueue", []), space, options)
    return Arm(name, optimizer, space, enqueue) if len(problems.errors) == before else None


def _report_unknown_optimizer(
    problems: Problems, path: KeyPath, optimizer: Any, *, named: bool
) -> None:
    rule = f"unknown optimizer {show(optimizer)}"
    hint = hint_text(str(optimizer), OPTIMIZERS)
    if named:
        problems.add((*path, "optimizer"), rule, optimizer, hint)
    else:
        problems.add_at_key(path, rule, optimizer, f"{hint} or name one with `optimizer:`")


def _parse_parameters(
    problems: Problems, path: KeyPath, arm: dict[str, Any], options: dict[str, Option]
) -> tuple[Parameter, ...]:
    parsed: list[Parameter | None] = []
    for key, value in arm.items():
        if key in options:
            parsed.append(parse_parameter(problems, (*path, key), options[key], value))
        elif key not in _KEYWORDS:
            problems.unknown_key((*path, key), value, (*options, *_KEYWORDS))
    if "learning_rate" not in arm:
        hint = "for example learning_rate: {min: 1e-3, max: 1, scale: log}"
        problems.missing_key((*path, "learning_rate"), hint)
    parameters = {p.name: p for p in parsed if p is not None}
    for name, parameter in parameters.items():
        if parameter.when:
            where = (*path, name, "when")
            parameters[name] = _resolve_when(problems, where, parameter, parameters, options)
    _check_cycles(problems, path, parameters)
    return tuple(parameters.values())


def _resolve_when(
    problems: Problems,
    path: KeyPath,
    parameter: Parameter,
    parameters: dict[str, Parameter],
    options: dict[str, Option],
) -> Parameter:
    """The parameter with each condition's value in the type of the parameter it names."""
    if parameter.name == "learning_rate":
        problems.add(path, "learning_rate is in every point, so it has no condition")
    resolved = []
    for other, value in parameter.when:
        target = parameters.get(other)
        if target is None or not isinstance(target.domain, Choice) or target is parameter:
            rule = f"{other!r} is not another parameter of this arm that has values"
            problems.add_at_key((*path, other), rule, value, "name one that is {values: [...]}")
            continue
        checked = problems.accept((*path, other), options[other], value)
        if checked and checked[0] not in target.domain.values:
            rule = f"{show(value)} is not among the values of {other}"
            levels = ", ".join(show(v) for v in target.domain.values)
            problems.add((*path, other), rule, value, f"known: {levels}")
        resolved += [(other, accepted) for accepted in checked or ()]
    return replace(parameter, when=tuple(resolved))


def _check_cycles(problems: Problems, path: KeyPath, parameters: dict[str, Parameter]) -> None:
    """Drops conditions of parameters that depend on themselves, after reporting them."""
    for name in list(parameters):
        reached, pending = set[str](), [name]
        while pending:
            others = {o for o, _ in parameters[pending.pop()].when} & parameters.keys() - reached
            reached |= others
            pending += others
        if name in reached:
            problems.add((*path, name, "when"), f"{name} depends on itself through its conditions")
            parameters[name] = replace(parameters[name], when=())


def _parse_enqueue(
    problems: Problems, path: KeyPath, data: Any, space: SearchSpace, options: dict[str, Option]
) -> tuple[Mapping[str, Value], ...]:
    if not isinstance(data, list):
        problems.add(path, f"expected a list of points, got {show(data)}", data)
        return ()
    return tuple(
        _parse_point(problems, (*path, index), point, space, options)
        for index, point in enumerate(data)
    )


def _parse_point(
    problems: Problems, path: KeyPath, data: Any, space: SearchSpace, options: dict[str, Option]
) -> dict[str, Value]:
    """Values of the parameters that vary; they may lie outside the search range, as others' do."""
    values: dict[str, Value] = {}
    point = problems.mapping(path, data, "write {parameter: value, ...}")
    for key, value in point.items():
        if key not in space.dimensions:
            problems.unknown_key((*path, key), value, space.dimensions)
        elif checked := problems.accept((*path, key), options[key], value):
            values[key] = checked[0]
    fixed = {p.name: p.domain.value for p in space.parameters if isinstance(p.domain, Fixed)}
    for name in space.dimensions:
        active = space.is_active(name, {**fixed, **values})
        if active and name not in point and isinstance(data, dict):
            problems.missing_key((*path, name))
        elif not active and name in values:
            problems.add_at_key((*path, name), f"{name} is inactive in this point", values[name])
    return {name: values[name] for name in space.dimensions if name in values}
