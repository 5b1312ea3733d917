"""How a group's end becomes an exit code."""

from typing import Any

from shampoo_tune.errors import ConditionNotMetError, ShampooTuneError


def require_completed(summary: Any) -> None:
    """Raises what explains why a group is not completed.

    Raises:
        ShampooTuneError: failed runs block it.
        ConditionNotMetError: somebody paused or cancelled it.
    """
    if summary.failed and summary.state != "cancelled":
        raise ShampooTuneError(explain_failures(summary))
    if summary.state in ("paused", "cancelled"):
        continues = "; the same launch continues it" if summary.state == "paused" else ""
        raise ConditionNotMetError(f"group {summary.group!r} was {summary.state}{continues}")


def explain_failures(summary: Any) -> str:
    """What failed runs tell, as the text of an error."""
    count, first = len(summary.failed), summary.failed[0]
    return (
        f"{count} runs failed and block the verdict; launch again to retry them. The first: "
        f"{first.study} trial {first.trial} seed {first.seed}\n{first.reason}"
    )
