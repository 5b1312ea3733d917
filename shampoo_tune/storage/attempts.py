"""The life of an attempt: it starts, measures (`measurements.py`), and ends."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from shampoo_tune.storage.inserting import insert_row
from shampoo_tune.storage.run_metrics import delete_run_metrics, write_run_metrics
from shampoo_tune.storage.seed_medians import seeds_beside, write_seed_medians
from shampoo_tune.storage.tables import Attempt, ExecutionFacts, Run, now
from shampoo_tune.study import AttemptState, Phase, RunState

# Built once: a controller executes them for every run, and building costs as much as executing.
_BEFORE = select(
    Run.state, select(func.count()).where(Attempt.run_id == Run.id).scalar_subquery()
).where(Run.id == bindparam("of_run"))
_TELL = (
    update(Attempt).where(Attempt.id == bindparam("of_attempt")).values(facts_id=bindparam("told"))
)
_SET_RUNNING = update(Run).where(Run.id == bindparam("of_run")).values(state=RunState.RUNNING)
_KNOWN_FACTS = select(ExecutionFacts.id).where(ExecutionFacts.digest == bindparam("digest"))
_RUN_OF = (
    select(Run.id, Run.trial_id, Run.phase)
    .join(Attempt, Attempt.run_id == Run.id)
    .where(Attempt.id == bindparam("of_attempt"))
)
_TIMINGS = ("seconds", "compile_seconds", "evaluation_seconds")
_END_ATTEMPT = (
    update(Attempt)
    .where(Attempt.id == bindparam("of_attempt"))
    .values({name: bindparam(f"new_{name}") for name in ("state", "reason", *_TIMINGS)})
)
_END_RUN = (
    update(Run)
    .where(Run.id == bindparam("of_run"))
    .values(state=bindparam("new_state"), reason=bindparam("new_reason"))
)


def start_attempt(connection: Connection, run_id: int, facts: Mapping[str, Any]) -> int:
    """Record that a worker has a run; returns the attempt's id.

    Args:
        connection: the transaction.
        run_id: the run.
        facts: what the worker tells of its machine and program, as JSON values; empty if it has
            told nothing yet, see `tell_facts`.
    """
    before, attempts = connection.execute(_BEFORE, {"of_run": run_id}).one()
    connection.execute(_SET_RUNNING, {"of_run": run_id})
    if before in (RunState.COMPLETED, RunState.INFEASIBLE):
        delete_run_metrics(connection, [run_id])
        for trial_id, phase in seeds_beside(connection, [run_id]):
            write_seed_medians(connection, trial_id, phase)
    return insert_row(
        connection,
        Attempt,
        run_id=run_id,
        number=attempts + 1,
        state=AttemptState.RUNNING,
        facts_id=_facts_id(connection, facts),
        started_at=now(),
    )


def tell_facts(connection: Connection, attempt_id: int, facts: Mapping[str, Any]) -> None:
    """Record what a worker tells as it begins to train, see `start_attempt`."""
    connection.execute(_TELL, {"of_attempt": attempt_id, "told": _facts_id(connection, facts)})


def _facts_id(connection: Connection, facts: Mapping[str, Any]) -> int:
    """The row of these facts, created if nobody told them before."""
    digest = facts_digest(facts)
    known = connection.scalar(_KNOWN_FACTS, {"digest": digest})
    if known is not None:
        return known
    return insert_row(connection, ExecutionFacts, digest=digest, facts=dict(facts))


def facts_digest(facts: Mapping[str, Any]) -> str:
    """sha256 of their canonical JSON."""
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def finish_attempt(
    connection: Connection,
    attempt_id: int,
    *,
    state: AttemptState,
    run_state: RunState,
    reason: str | None = None,
    timings: Mapping[str, float] | None = None,
) -> None:
    """Record how an attempt ended and what that makes of its run.

    Args:
        connection: the transaction.
        attempt_id: the attempt; its measurements are stored.
        state: COMPLETED, FAILED or LOST; an infeasible run's attempt did complete.
        run_state: the run's new state.
        reason: why it is infeasible, failed or lost.
        timings: columns `seconds`, `compile_seconds`, `evaluation_seconds`.
    """
    run = connection.execute(_RUN_OF, {"of_attempt": attempt_id}).one()
    told = {f"new_{name}": (timings or {}).get(name) for name in _TIMINGS}
    ended = {"of_attempt": attempt_id, "new_state": state, "new_reason": reason}
    connection.execute(_END_ATTEMPT, ended | told)
    verdict = run_state in (RunState.INFEASIBLE, RunState.FAILED)
    judged = {"of_run": run.id, "new_state": run_state, "new_reason": reason if verdict else None}
    connection.execute(_END_RUN, judged)
    if run_state is RunState.COMPLETED:
        write_run_metrics(connection, run.id)
    if run.phase != Phase.SEARCH:
        write_seed_medians(connection, run.trial_id, Phase(run.phase))
