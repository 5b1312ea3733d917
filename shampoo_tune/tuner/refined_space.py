"""The search space of an arm's next round, with a reason for every parameter."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from shampoo_tune.optimizer.allowed_values import Allowed
from shampoo_tune.tuner.configuration import arm_options
from shampoo_tune.tuner.narrowing import Edges, refined_choice, refined_range
from shampoo_tune.tuner.parameters import Choice, Fixed, Parameter, Range, SearchSpace
from shampoo_tune.tuner.search_evidence import SearchEvidence
from shampoo_tune.tuner.statistics.boundary import EdgeFinding
from shampoo_tune.tuner.study_file.loading import Arm
from shampoo_tune.tuner.study_file.problems import show

# Of the best trials; fewer say nothing of a parameter that conditions leave out of the others.
LEAST_TO_NARROW = 3


@dataclass(frozen=True)
class RefinedArm:
    """An arm of the next round.

    Attributes:
        arm: without enqueued points.
        reasons: parameter -> what was seen and what follows from it; fixed ones left out.
    """

    arm: Arm
    reasons: Mapping[str, str]


def refined_arm(arm: Arm, evidence: SearchEvidence) -> RefinedArm:
    """Every range and choice narrowed to the best trials, or widened where they crowd at an edge.

    A parameter whose condition can no longer hold is dropped.
    """
    options = arm_options(arm.optimizer)
    refined, reasons = [], {}
    for parameter in arm.space.parameters:
        allowed: Allowed = options[parameter.name].metadata["allowed"]
        new, reason = _refined(parameter, allowed, evidence)
        refined.append(new)
        if reason:
            reasons[parameter.name] = reason
    parameters = _settled(_possible(refined))
    names = {p.name for p in parameters}
    reasons = {name: reason for name, reason in reasons.items() if name in names}
    return RefinedArm(replace(arm, space=SearchSpace(parameters), enqueue=()), reasons)


def _refined(
    parameter: Parameter, allowed: Allowed, evidence: SearchEvidence
) -> tuple[Parameter, str]:
    name, domain = parameter.name, parameter.domain
    if isinstance(domain, Fixed):
        return parameter, ""
    values = evidence.values(name)
    seen = f"was {_shown(domain)}; "
    if parameter.when:
        seen += f"active in {len(values)} of the best {len(evidence.leaders)}; "
    if len(values) < min(LEAST_TO_NARROW, len(evidence.leaders)):
        return parameter, seen + "too few to narrow it"
    if isinstance(domain, Choice):
        choice = refined_choice(domain, values)
        return replace(parameter, domain=choice), f"{seen}best: {_list(choice)}"
    findings = evidence.edges.get(name, ())
    new = refined_range(domain, evidence.places[name], allowed, _edges(findings))
    numbers = [value for value in values if isinstance(value, (int, float))]
    notes = "".join(_finding_note(finding, domain, new) for finding in findings)
    seen += f"best: {min(numbers):.3g} to {max(numbers):.3g}"
    return replace(parameter, domain=new), seen + notes


def _edges(findings: tuple[EdgeFinding, ...]) -> Edges:
    expand = {f.side: f.suggested_unit for f in findings if f.flag == "expand"}
    return Edges(expand.get("low"), expand.get("high"))


def _finding_note(finding: EdgeFinding, old: Range, new: Range) -> str:
    end = f"the {finding.side} end"
    if finding.flag == "stability limit":
        return f"; trials beyond {end} are infeasible: not widened"
    if finding.flag == "info":
        return f"; the best trial is near {end}"
    if finding.flag is None:
        return ""
    crowd = f"; {finding.count} of the best {finding.considered} crowd at {end}"
    crowd += f" (p = {finding.p_value:.2g})"
    moved = new.low < old.low if finding.side == "low" else new.high > old.high
    return crowd + (": widened" if moved else ", which is the option's own: not widened")


def _possible(parameters: list[Parameter]) -> list[Parameter]:
    """Without those whose conditions name a value that is gone, and those that depend on them."""
    domains = {p.name: p.domain for p in parameters}
    kept = [
        p
        for p in parameters
        if all(
            isinstance(domain := domains.get(other), Choice) and value in domain.values
            for other, value in p.when
        )
    ]
    return kept if len(kept) == len(parameters) else _possible(kept)


def _settled(parameters: list[Parameter]) -> tuple[Parameter, ...]:
    """A single value is fixed, unless a condition names it, as conditions name choices only."""
    named = {other for p in parameters for other, _ in p.when}
    return tuple(
        replace(p, domain=Fixed(p.domain.values[0]))
        if isinstance(p.domain, Choice) and len(p.domain.values) == 1 and p.name not in named
        else p
        for p in parameters
    )


def _shown(domain: Choice | Range) -> str:
    if isinstance(domain, Choice):
        return _list(domain)
    return f"{domain.low:.6g} to {domain.high:.6g} ({domain.scale})"


def _list(choice: Choice) -> str:
    return ", ".join(f"{v:g}" if isinstance(v, float) else show(v) for v in choice.values)
