"""The configuration that a study chose, with the evidence for it: the content of best.yaml.

The digest covers all of it, so that evidence changed by hand is noticed as a changed number is. It
protects from accidents, not from somebody who computes it anew. Nothing here needs a database or
Flax, and nothing is executed: the optimizer is a name from a fixed table.
"""

import hashlib
import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.optimizer.allowed_values import coerce
from shampoo_tune.optimizer.config import Configuration, WarmupPolynomialConfig

if TYPE_CHECKING:
    import optax
    from jax.sharding import Mesh

# In version 1 the digest covered the configuration alone.
SCHEMA = "shampoo-tune/best-config/v2"
_PARTS = ("config", "evidence", "provenance")
_KEYS = ("schema", "digest", *_PARTS)


@dataclass(frozen=True)
class BestConfig:
    """A configuration and its evidence, as best.yaml holds them.

    Attributes:
        configuration: what trains: optimizer, options, schedule.
        evidence: metric, target, medians and intervals of the study.
        provenance: study, workload, versions and devices of the study.
    """

    configuration: Configuration
    evidence: Mapping[str, Any]
    provenance: Mapping[str, Any]

    @classmethod
    def from_document(cls, document: Any, name: str) -> Self:
        """The inverse of `to_document`.

        Args:
            document: plain values of any kind.
            name: what they are called in errors.

        Raises:
            InvalidInputError: another schema, an optimizer, option or value that is not allowed,
                or anything that was changed since it was exported.
        """
        _check(document, name)
        try:
            configuration = Configuration.from_json(document["config"])
        except InvalidInputError as error:
            raise InvalidInputError(f"{name}: {error}") from error
        return cls(configuration, document["evidence"], document["provenance"])

    @property
    def hyperparameters(self) -> Mapping[str, Any]:
        """The optimizer's options and the peak `learning_rate`; read-only."""
        document = self.configuration.to_json()
        rate = self.configuration.schedule.learning_rate
        return MappingProxyType({"learning_rate": rate, **document["options"]})

    @property
    def total_steps(self) -> int:
        """The step budget that it was tuned for."""
        return self.configuration.schedule.steps

    @property
    def batch_size(self) -> int | None:
        """Examples of a step in the study; None if the file does not say."""
        workload = self.provenance.get("workload")
        size = workload.get("batch_size") if isinstance(workload, Mapping) else None
        return size if type(size) is int else None

    def optimizer(
        self,
        total_steps: int | None = None,
        batch_size: int | None = None,
        mesh: "Mesh | None" = None,
    ) -> "optax.GradientTransformation":
        """The optimizer as it was tuned, learning-rate schedule and weight-decay mask included.

        Its numbers are data in its state, not constants of the program, as they were in the study:
        jitted alone on the same device and threads it makes the same bits.

        Args:
            total_steps: a step budget other than the tuned one stretches the schedule, with a
                warning: the values were tuned for the budget in `evidence`.
            batch_size: examples of a step, to be warned if the study had others.
            mesh: the devices that share the work of Shampoo's roots, as in `optimizer.shampoo`.

        Raises:
            InvalidInputError: `total_steps` is no number of steps.
        """
        from shampoo_tune.optimizer import tuned

        configuration, steps = self.configuration, self.total_steps
        if self.evidence.get("provisional"):
            warnings.warn(
                "a provisional winner: it led before its final seeds were in, perhaps by luck",
                stacklevel=2,
            )
        if batch_size is not None and self.batch_size not in (None, batch_size):
            warnings.warn(
                f"tuned with batches of {self.batch_size}, used with batches of {batch_size}: "
                "learning rate and momentum belong to the batch; tune again at this size to be "
                "sure",
                stacklevel=2,
            )
        if total_steps is not None and total_steps != steps:
            configuration = _stretched(configuration, total_steps)
            warnings.warn(
                f"tuned for {steps} steps, used for {total_steps}: learning rate and schedule "
                "belong to the budget; tune again at this budget to be sure",
                stacklevel=2,
            )
        return tuned(configuration, mesh)

    def to_document(self) -> dict[str, Any]:
        """The content of best.yaml."""
        parts = {
            "config": self.configuration.to_json(),
            "evidence": dict(self.evidence),
            "provenance": dict(self.provenance),
        }
        return {"schema": SCHEMA, "digest": _digest(parts), **parts}


def _check(document: Any, name: str) -> None:
    """The frame of a document; what stands in `config` is checked as it is read."""
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        found = document.get("schema") if isinstance(document, dict) else None
        raise InvalidInputError(
            f"{name}: expected schema {SCHEMA}, got {found!r}; a file of an older version is "
            "exported again with `shampoo-tune best`, one of a newer needs a newer shampoo-tune"
        )
    missing = [key for key in _KEYS if key not in document]
    unknown = [str(key) for key in document if key not in _KEYS]
    if missing or unknown:
        words = "missing" if missing else "unknown"
        raise InvalidInputError(f"{name}: {words} {', '.join(missing or unknown)}")
    for part in _PARTS:
        if not isinstance(document[part], dict):
            raise InvalidInputError(f"{name}: {part} must be a mapping, got {document[part]!r}")
    if document["digest"] != _digest(document, name):
        raise InvalidInputError(
            f"{name} does not match its digest, so it is not what the study told; export it "
            "again with `shampoo-tune best`"
        )


def _digest(document: Mapping[str, Any], name: str = "the document") -> str:
    covered = {"schema": SCHEMA, **{part: document[part] for part in _PARTS}}
    try:
        text = json.dumps(covered, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except ValueError as error:
        raise InvalidInputError(f"{name}: every number must be finite") from error
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _stretched(configuration: Configuration, steps: int) -> Configuration:
    schedule = configuration.schedule
    values = {**vars(schedule), "steps": steps}
    coerce(WarmupPolynomialConfig, values)
    warmup = round(schedule.warmup_steps / schedule.steps * steps)
    values["warmup_steps"] = max(0, min(warmup, steps - 1))
    return replace(configuration, schedule=coerce(WarmupPolynomialConfig, values))
