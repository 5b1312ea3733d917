"""The life of an attempt: it starts, measures (`measurements.py`), and ends."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from shampoo_tune.storage.inserting import insert_row
from shampoo_tune.storage.run_metrics import delete_run_metrics, write_run_metrics
from shampoo_tune.storage.seed_medians import seeds_beside, write_seed_medians
from shampoo_tune.storage.tables import Attempt, ExecutionFacts, Run, now
from shampoo_tune.study import AttemptState, Phase, RunState


def start_attempt(
    connection: Connection,
    run_id: int,
    facts: Mapping[str, Any],
    started_at: datetime | None = None,
) -> int:
    """Record that a machine begins to train a run; returns the attempt's id.

    Args:
        connection: the transaction.
        run_id: the run.
        facts: what the worker tells of its machine and program, as JSON values.
        started_at: when it was first heard of, in UTC; now if not given.
    """
    earlier = select(func.count()).where(Attempt.run_id == Run.id).scalar_subquery()
    asked = select(Run.state, earlier).where(Run.id == run_id)
    before, attempts = connection.execute(asked).one()
    connection.execute(update(Run).where(Run.id == run_id).values(state=RunState.RUNNING))
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
        started_at=started_at or now(),
    )


def _facts_id(connection: Connection, facts: Mapping[str, Any]) -> int:
    """The row of these facts, created if nobody told them before."""
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).hexdigest()
    known = connection.scalar(select(ExecutionFacts.id).where(ExecutionFacts.digest == digest))
    if known is not None:
        return known
    return insert_row(connection, ExecutionFacts, digest=digest, facts=dict(facts))


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
    query = select(Run.id, Run.trial_id, Run.phase).join(Attempt, Attempt.run_id == Run.id)
    run = connection.execute(query.where(Attempt.id == attempt_id)).one()
    connection.execute(
        update(Attempt)
        .where(Attempt.id == attempt_id)
        .values(state=state, reason=reason, **(timings or {}))
    )
    verdict = run_state in (RunState.INFEASIBLE, RunState.FAILED)
    connection.execute(
        update(Run)
        .where(Run.id == run.id)
        .values(state=run_state, reason=reason if verdict else None)
    )
    if run_state is RunState.COMPLETED:
        write_run_metrics(connection, run.id)
    if run.phase != Phase.SEARCH:
        write_seed_medians(connection, run.trial_id, Phase(run.phase))
