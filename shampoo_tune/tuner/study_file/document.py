"""A study written back: as JSON, as a digest, and as a study file with every default in it."""

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from shampoo_tune.optimizer.config import OPTIMIZERS
from shampoo_tune.tuner.parameters import Choice, Fixed, Parameter
from shampoo_tune.tuner.study_file.arms import Arm
from shampoo_tune.tuner.study_file.comments import comment_lines
from shampoo_tune.tuner.study_file.file_errors import KeyPath
from shampoo_tune.tuner.study_file.model import Study
from shampoo_tune.tuner.study_file.schedule_sections import schedule_document
from shampoo_tune.yaml_core import CoreDumper


def to_document(study: Study) -> dict[str, Any]:
    """The study as plain JSON values in the form of a study file, in the file's order."""
    return {
        "version": 1,
        "name": study.name,
        **({"parent": study.parent.model_dump(mode="json")} if study.parent else {}),
        "workload": study.workload.model_dump(mode="json"),
        "metric": study.metric.model_dump(mode="json"),
        "target": study.target,
        "budget": dataclasses.asdict(study.budget),
        "search": study.search.model_dump(mode="json"),
        "schedule": schedule_document(study.schedule),
        "shared": {"label_smoothing": study.label_smoothing},
        "optimizers": {arm.name: _arm_document(arm) for arm in study.arms},
    }


def digest(study: Study) -> str:
    """sha256 of the canonical document: blind to comments, spelling and the order of most keys.

    The order of an arm's parameters counts: it is the order of the design's dimensions.
    """
    document = to_document(study)
    arms = document["optimizers"]
    document["optimizers"] = {name: list(arm.items()) for name, arm in arms.items()}
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def render_yaml(study: Study, comments: Mapping[KeyPath, str] | None = None) -> str:
    """A study file that loads as an equal study.

    Args:
        study: the study.
        comments: what to say above the key of each path, `()` being the file's beginning; instead
            of the options left alone, which are otherwise shown as comments.
    """
    lines = _comment(comments, ())
    for key, value in to_document(study).items():
        lines += _comment(comments, (key,))
        if key == "optimizers":
            lines.append("optimizers:")
            for arm in study.arms:
                lines += _arm_lines(arm, value[arm.name], comments)
        else:
            lines.append(_line(key, value))
    return "\n".join(lines) + "\n"


def _arm_document(arm: Arm) -> dict[str, Any]:
    document: dict[str, Any] = {"optimizer": arm.optimizer}
    document |= {p.name: _parameter_document(p) for p in arm.space.parameters}
    if arm.enqueue:
        document["enqueue"] = [dict(point) for point in arm.enqueue]
    return document


def _parameter_document(parameter: Parameter) -> Any:
    domain = parameter.domain
    if isinstance(domain, Fixed):
        return domain.value
    document: dict[str, Any]
    if isinstance(domain, Choice):
        document = {"values": list(domain.values)}
    else:
        kind = "int" if domain.whole else "float"
        document = {"min": domain.low, "max": domain.high, "scale": domain.scale, "type": kind}
    return document | ({"when": dict(parameter.when)} if parameter.when else {})


def _arm_lines(
    arm: Arm, document: Mapping[str, Any], comments: Mapping[KeyPath, str] | None
) -> Iterator[str]:
    path = ("optimizers", arm.name)
    yield from _comment(comments, path)
    yield "  " + _line(arm.name, None).removesuffix(" null")
    for key, value in document.items():
        yield from _comment(comments, (*path, key))
        yield "    " + _line(key, value)
    if comments is None:
        for option in dataclasses.fields(OPTIMIZERS[arm.optimizer]):
            if option.name not in document:
                yield "    # " + _line(option.name, option.default) + "  (default)"


def _comment(comments: Mapping[KeyPath, str] | None, path: KeyPath) -> list[str]:
    indent = 2 * max(0, len(path) - 1)
    return comment_lines((comments or {}).get(path, ""), indent)


class _Root(dict[str, Any]):
    """A mapping in block style; everything in it is written in braces, on one line."""


class _LineDumper(CoreDumper):
    """Writes `key: value` on one line."""


_LineDumper.add_representer(
    _Root, lambda dumper, root: dumper.represent_mapping("tag:yaml.org,2002:map", root, False)
)


def _line(key: str, value: Any) -> str:
    text = yaml.dump(
        _Root({key: value}),
        Dumper=_LineDumper,
        default_flow_style=True,
        sort_keys=False,
        allow_unicode=True,
        width=1 << 30,
    )
    return str(text).rstrip("\n")
