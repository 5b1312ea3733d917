"""A plan as tables for a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from shampoo_tune.tuner.formatting import show_hours
from shampoo_tune.tuner.planning.arm_plan import ArmPlan, Step
from shampoo_tune.tuner.planning.planning import Plan
from shampoo_tune.tuner.planning.study_cost import StudyCost

_ESTIMATE = "seconds, XLA's estimate, never run"
_UNITS = ((2**40, "TiB"), (2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"))


def print_plans(plans: Sequence[Plan], topology: str | None, console: Console) -> None:
    """Print each batch size's arms, and what all runs come to."""
    for plan in plans:
        console.print(_arms(plan, topology))
        if plan.cost is None:
            console.print(f"does not fit: {plan.remedy}")
        else:
            console.print(_total(plan.cost, topology), soft_wrap=True)


def _arms(plan: Plan, topology: str | None) -> Table:
    """A column for each arm, as there are more quantities than arms."""
    where = f"a core of {topology}" if topology else "this machine"
    table = Table(title=f"a step with a batch of {plan.batch_size}, on {where}")
    (first, *_) = plan.arms.values()
    arms = {"plain SGD": ArmPlan(first.sgd, first.sgd, first.chip), **plan.arms}
    table.add_column("")
    for name in arms:
        table.add_column(name, justify="right")
    described = [_compiled(arm) if topology else _measured(arm) for arm in arms.values()]
    for quantity in described[0]:
        table.add_row(quantity, *(column.get(quantity, "") for column in described))
    return table


def _measured(arm: ArmPlan) -> dict[str, str]:
    return {
        "seconds": _seconds(arm.step.seconds),
        "times plain SGD": _times(arm.ratio),
        "compilation": f"{arm.step.compile_seconds:.0f} s",
    }


def _compiled(arm: ArmPlan) -> dict[str, str]:
    step = arm.step
    memory = {"memory": f"{_bytes(step.memory_used or 0)} of {_bytes(arm.room or 0)}"}
    if step.bounds is None or step.program is None:
        return {_ESTIMATE: "does not fit", **memory}
    return {
        _ESTIMATE: _seconds(step.program["xla_seconds"]),
        "seconds, at least": _seconds(step.bounds.lower),
        "seconds, nothing at a time": _seconds(step.bounds.upper),
        "times plain SGD": _times(arm.ratio),
        "products": _flops(step),
        "memory traffic": _bytes(step.program["memory_bytes"]),
        "sent to other cores": _bytes(step.program["collective_bytes"]),
        **memory,
        "compilation here": f"{step.compile_seconds:.0f} s",
    }


def _flops(step: Step) -> str:
    flops = (step.program or {}).get("flops", {})
    return "\n".join(f"{value / 1e12:.3g} T {kind}" for kind, value in flops.items())


def _total(cost: StudyCost, topology: str | None) -> str:
    parts = [
        f"{cost.runs} runs",
        f"{cost.core_hours:.3g} core-hours",
        show_hours(cost.wall_hours),
        f"{_bytes(cost.checkpoint_bytes)} of checkpoints",
    ]
    if cost.price is not None:
        parts.append(f"a price of {cost.price:,.2f}")
    without = "evaluations and data" if topology else "starting workers and reading data"
    return f"{', '.join(parts)} (without {without})"


def _bytes(value: float) -> str:
    for size, unit in _UNITS:
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value:.0f} B"


def _seconds(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3g}"


def _times(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
