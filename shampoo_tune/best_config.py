"""best.yaml: the configuration that a study chose, with the evidence for it.

Reading one imports neither a database nor Flax, and nothing in it is executed: the optimizer is a
name from a fixed table.
"""

import hashlib
import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import yaml

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.optimizer.config import Configuration

if TYPE_CHECKING:
    import optax

SCHEMA = "shampoo-tune/best-config/v1"


@dataclass(frozen=True)
class BestConfig:
    """A configuration and its evidence, as best.yaml holds them.

    Attributes:
        configuration: what trains: optimizer, options, schedule.
        evidence: metric, target, medians and intervals of the study.
        provenance: study, workload, versions and device of the study.
    """

    configuration: Configuration
    evidence: Mapping[str, Any]
    provenance: Mapping[str, Any]

    @property
    def hyperparameters(self) -> Mapping[str, Any]:
        """The optimizer's options and the peak `learning_rate`; read-only."""
        document = self.configuration.to_json()
        rate = self.configuration.schedule.learning_rate
        return MappingProxyType({"learning_rate": rate, **document["options"]})

    def optimizer(self, total_steps: int | None = None) -> "optax.GradientTransformation":
        """The optimizer as it was tuned, learning-rate schedule and weight-decay mask included.

        Args:
            total_steps: a step budget other than the tuned one stretches the schedule, with a
                warning: the values were tuned for the budget in `evidence`.
        """
        from shampoo_tune.optimizer import build

        configuration = self.configuration
        tuned = configuration.schedule.steps
        if total_steps is not None and total_steps != tuned:
            warnings.warn(
                f"tuned for {tuned} steps, used for {total_steps}: learning rate and schedule "
                "belong to the budget; tune again at this budget to be sure",
                stacklevel=2,
            )
            configuration = _stretched(configuration, total_steps)
        return build(configuration)

    def to_document(self) -> dict[str, Any]:
        """The content of best.yaml."""
        config = self.configuration.to_json()
        return {
            "schema": SCHEMA,
            "digest": _digest(config),
            "config": config,
            "evidence": dict(self.evidence),
            "provenance": dict(self.provenance),
        }

    def to_yaml(self) -> str:
        """The text of best.yaml."""
        return yaml.safe_dump(self.to_document(), sort_keys=False, allow_unicode=True, width=100)


def load(path: str | Path) -> BestConfig:
    """Read a best.yaml.

    Raises:
        InvalidInputError: no such file, not a best.yaml, of another schema, or changed by hand.
    """
    try:
        document = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidInputError(f"cannot read {path}: {error}") from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        found = document.get("schema") if isinstance(document, dict) else None
        raise InvalidInputError(f"{path}: expected schema {SCHEMA}, got {found!r}")
    missing = {"digest", "config", "evidence", "provenance"} - set(document)
    if missing:
        raise InvalidInputError(f"{path}: missing {', '.join(sorted(missing))}")
    if document["digest"] != _digest(document["config"]):
        raise InvalidInputError(
            f"{path}: config does not match its digest, so it is not what the study chose; "
            "export it again with `shampoo-tune best`"
        )
    return BestConfig(
        Configuration.from_json(document["config"]), document["evidence"], document["provenance"]
    )


def _digest(config: Mapping[str, Any]) -> str:
    text = json.dumps(config, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _stretched(configuration: Configuration, steps: int) -> Configuration:
    document = configuration.to_json()
    fraction = configuration.schedule.warmup_steps / configuration.schedule.steps
    document["schedule"] |= {"steps": steps, "warmup_steps": round(fraction * steps)}
    return Configuration.from_json(document)
