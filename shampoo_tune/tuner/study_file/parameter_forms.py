"""The three ways to write a parameter: a scalar, `{values: [...]}`, or `{min, max, ...}`.

The form is chosen by what is there before anything is checked, so a mistake is reported once, at
its own key or value, and not once per form.
"""

from typing import Any, cast, get_args

from shampoo_tune.tuner.configuration import Option
from shampoo_tune.tuner.parameters import (
    SCALES,
    Choice,
    Fixed,
    Parameter,
    Range,
    Scale,
    Value,
)
from shampoo_tune.tuner.study_file.file_errors import KeyPath
from shampoo_tune.tuner.study_file.problems import Problems, close_hint, number_hint, show

# A graft type is an arm, not a choice within one.
NEVER_TUNED = ("graft_type",)
_CHOICE_KEYS = ("values", "when")
_RANGE_KEYS = ("min", "max", "scale", "type", "when")


def parse_parameter(
    problems: Problems, path: KeyPath, option: Option, data: Any
) -> Parameter | None:
    """The parameter as written, `when` still unchecked; None once errors were reported."""
    name = str(path[-1])
    before = len(problems.errors)
    if isinstance(data, list):
        hint = f"write {{values: {data!r}}}"
        problems.add(path, "expected a scalar, {values: [...]} or {min, max}", data, hint)
    elif not isinstance(data, dict):
        fixed = problems.accept(path, option, data)
        return Parameter(name, Fixed(fixed[0])) if fixed else None
    elif name in NEVER_TUNED:
        hint = "add an arm with `optimizer: shampoo` and a graft_type of its own"
        problems.add(path, "a graft type is an arm, not a choice within one", data, hint)
    else:
        domain = _parse_domain(problems, path, option, data)
        when = _parse_when(problems, (*path, "when"), data["when"]) if "when" in data else ()
        if domain is not None and len(problems.errors) == before:
            return Parameter(name, domain, when)
    return None


def _parse_domain(
    problems: Problems, path: KeyPath, option: Option, data: dict[str, Any]
) -> Choice | Range | None:
    is_choice = _is_choice(data)
    keys = _CHOICE_KEYS if is_choice else (*_RANGE_KEYS, "values")
    for key, value in data.items():
        if is_choice and key in _RANGE_KEYS and key not in _CHOICE_KEYS:
            problems.add_at_key((*path, key), f"{key!r} does not go with 'values'", value)
        elif key not in keys:
            problems.unknown_key((*path, key), value, keys)
    if is_choice:
        return _parse_choice(problems, path, option, data)
    if (refusal := range_refusal(option)) is not None:
        problems.add(path, *refusal[:1], data, refusal[1])
        return None
    return _parse_range(problems, path, option, data)


def _is_choice(data: dict[str, Any]) -> bool:
    """Also with `values` misspelt, so that the ends of a range are not asked for."""
    if "min" in data or "max" in data:
        return "values" in data
    return any(close_hint(key, ("values",)) for key in data)


def range_refusal(option: Option) -> tuple[str, str] | None:
    """Why the option cannot be a range, and what to do instead."""
    kind = option_kind(option)
    if kind in ("bool", "str"):
        return f"{option.name} has no range", "write {values: [...]}"
    if not option.metadata["traced"]:
        rule = f"{option.name} may be fixed or {{values: [...]}}, not a range"
        return rule, "each value of it compiles another program"
    return None


def option_kind(option: Option) -> str:
    """Its type's name: bool, int, float or str; `int` for `int | None` too."""
    kind: Any = next(iter(get_args(option.type)), option.type)
    return str(kind.__name__)


def _parse_choice(
    problems: Problems, path: KeyPath, option: Option, data: dict[str, Any]
) -> Choice | None:
    where = (*path, "values")
    if "values" not in data:
        problems.missing_key(where)
        return None
    values = data["values"]
    if not isinstance(values, list) or not values:
        problems.add(where, f"expected a list of values, got {show(values)}", values)
        return None
    accepted: list[Value] = []
    for index, value in enumerate(values):
        checked = problems.accept((*where, index), option, value)
        if checked and checked[0] in accepted:
            problems.add((*where, index), f"{show(value)} is listed twice", value)
        accepted.extend(checked or ())
    return Choice(tuple(accepted))


def _parse_range(
    problems: Problems, path: KeyPath, option: Option, data: dict[str, Any]
) -> Range | None:
    scale, kind = data.get("scale", "linear"), data.get("type", option_kind(option))
    known = problems.one_of((*path, "scale"), scale, SCALES)
    known &= problems.one_of((*path, "type"), kind, ("float", "int"))
    if known and kind == "float" and option_kind(option) == "int":
        problems.add((*path, "type"), f"{option.name} is a whole number: write int", kind)
    whole = kind == "int"
    low = _parse_bound(problems, (*path, "min"), option, data, whole=whole)
    high = _parse_bound(problems, (*path, "max"), option, data, whole=whole)
    if not known or low is None or high is None:
        return None
    domain = Range(low, high, cast(Scale, scale), whole)
    _check_ends(problems, path, domain)
    return domain


def _parse_bound(
    problems: Problems, path: KeyPath, option: Option, data: dict[str, Any], *, whole: bool
) -> float | None:
    if path[-1] not in data:
        problems.missing_key(path)
        return None
    value = data[str(path[-1])]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        problems.add(path, f"must be a number, got {show(value)}", value, number_hint(value))
        return None
    checked = problems.accept(path, option, value)
    if checked is None:
        return None
    if whole and value != int(value):
        problems.add(path, f"must be a whole number as the type is int, got {value!r}", value)
        return None
    return int(value) if whole else float(value)


def _check_ends(problems: Problems, path: KeyPath, domain: Range) -> None:
    low, high = domain.low, domain.high
    if not low < high:
        problems.add(path, f"min ({low!r}) must be smaller than max ({high!r})", [low, high])
    if domain.scale == "log" and low <= 0:
        problems.add((*path, "min"), f"a log scale needs min > 0, got {low!r}", low)
    if domain.scale == "one_minus_log":
        if domain.whole:
            problems.add((*path, "scale"), "one_minus_log is not for whole numbers", domain.scale)
        elif high >= 1:
            problems.add((*path, "max"), f"one_minus_log needs max < 1, got {high!r}", high)


def _parse_when(problems: Problems, path: KeyPath, data: Any) -> tuple[tuple[str, Value], ...]:
    conditions = problems.mapping(path, data, "write when: {other: value}")
    if not conditions and isinstance(data, dict):
        problems.add(path, "when is empty", data, "write when: {other: value}")
    return tuple(conditions.items())
