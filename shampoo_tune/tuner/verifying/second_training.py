"""A run that was trained once more, held against what is stored of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shampoo_tune.storage.study_rows import Curve, StoredRun
from shampoo_tune.study import Goal, Measurement, Objective, Phase, RunState
from shampoo_tune.tuner.verifying.digests import curve_digest
from shampoo_tune.tuner.verifying.facts import why_other_bits
from shampoo_tune.tuner.verifying.link import Difference
from shampoo_tune.tuner.verifying.stored_study import StoredStudy


class Outcome(StrEnum):
    """How a second training compares."""

    EQUAL = "equal"  # bit for bit
    CLOSE = "close"  # other bits, for a reason, and the metric within the tolerance
    UNCLEAR = "unclear"  # other bits, for a reason, of a run that may go anywhere elsewhere
    DIFFERENT = "different"
    FAILED = "failed"  # it came to no verdict here, which says nothing of the result


@dataclass(frozen=True)
class Published:
    """What is stored of a run.

    Attributes:
        study: the study.
        run: the run.
        configuration: what trained.
        curve: what it measured; in a report perhaps only at some steps.
        digest: of the whole curve.
        facts: what its worker told of itself.
    """

    study: StoredStudy
    run: StoredRun
    configuration: Mapping[str, Any]
    curve: Curve
    digest: str
    facts: Mapping[str, Any]

    @property
    def label(self) -> str:
        """As in `quick/nesterov final trial 3 seed 200004`."""
        return f"{self.study.name} {self.run.label}"


@dataclass(frozen=True)
class Again:
    """What a worker said of the second training."""

    state: RunState
    reason: str | None
    measured: tuple[Measurement, ...]
    facts: Mapping[str, Any]

    @property
    def curve(self) -> Curve:
        """Metric -> step -> value."""
        curve: dict[str, dict[int, float]] = {}
        for measurement in self.measured:
            for metric, value in measurement.metrics.items():
                curve.setdefault(metric, {})[measurement.step] = value
        return curve


@dataclass(frozen=True)
class SecondTraining:
    """The comparison of a run with its second training.

    Attributes:
        published: the run.
        outcome: how it compares.
        reasons: why bits may differ; none if they must not.
        differences: what differs; of a close one too.
        apart: how far the metric that counts is; None if one of them has none.
        failure: why it came to no verdict.
    """

    published: Published
    outcome: Outcome
    reasons: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    apart: float | None = None
    failure: str = ""


def compare(published: Published, again: Again, tolerance: float) -> SecondTraining:
    """Bits if they must agree, else the metric that counts.

    Args:
        published: what is stored.
        again: what came out now.
        tolerance: how far the metric may be on another machine: absolute up to a value of 1,
            relative above.
    """
    differences = _bits(published, again)
    if not differences:
        return SecondTraining(published, Outcome.EQUAL, apart=0.0)
    reasons = tuple(why_other_bits(published.facts, again.facts))
    apart = _apart(published, again)
    outcome = _elsewhere(published, again, apart, tolerance) if reasons else Outcome.DIFFERENT
    return SecondTraining(published, outcome, reasons, differences, apart)


def _elsewhere(
    published: Published, again: Again, apart: float | None, tolerance: float
) -> Outcome:
    """Where bits may differ: only runs of chosen points that completed twice can be judged.

    A point of the search may be at the edge of stability, and so may a seed that diverged.
    """
    if not _fingerprints_agree(published, again):
        return Outcome.DIFFERENT
    if apart is None or published.run.phase is Phase.SEARCH:
        return Outcome.UNCLEAR
    return Outcome.CLOSE if apart <= tolerance else Outcome.DIFFERENT


def _apart(published: Published, again: Again) -> float | None:
    """How far the metric that counts is; None unless both runs have completed."""
    if not again.state is published.run.state is RunState.COMPLETED:
        return None
    there, here = _counts(published, published.curve), _counts(published, again.curve)
    if there is None or here is None:
        return None
    return abs(there - here) / max(1.0, abs(there))


def _bits(published: Published, again: Again) -> tuple[Difference, ...]:
    """Everything in which the two differ: state and reason, each value, the digest of the curve."""
    run, where, curve = published.run, published.label, again.curve
    pairs: dict[str, tuple[Any, Any]] = {
        "state": (run.state.value, again.state.value),
        "reason": (run.reason, again.reason),
    }
    if not _fingerprints_agree(published, again):
        name = "workload_fingerprint"
        pairs["workload"] = (published.facts[name], again.facts[name])
    for metric, values in published.curve.items():
        for step, value in values.items():
            pairs[f"{metric} at step {step}"] = (value, curve.get(metric, {}).get(step))
    found = [Difference(where, what, *pair) for what, pair in pairs.items() if pair[0] != pair[1]]
    if not found and curve_digest(curve) != published.digest:
        digests = (published.digest[:12], curve_digest(curve)[:12])
        found.append(Difference(where, "digest of what it measured", *digests))
    return tuple(found)


def _fingerprints_agree(published: Published, again: Again) -> bool:
    name = "workload_fingerprint"
    stored = published.facts.get(name)
    return stored is None or stored == again.facts.get(name)


def _counts(published: Published, curve: Curve) -> float | None:
    """The value that counts of a curve, by the study's objective."""
    row = published.study.row
    values = curve.get(row.metric, {})
    if row.objective == Objective.BEST:
        best = max if row.goal == Goal.MAXIMIZE else min
        return best(values.values(), default=None)
    return values.get(row.steps)
