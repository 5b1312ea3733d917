"""The first tables.

This file tells what they were, so it never changes.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create all tables."""
    op.create_table(
        "median_ranks",
        sa.Column("n", sa.Integer, primary_key=True),
        sa.Column("low_rank", sa.Integer),
    )
    _create_groups_and_studies()
    _create_trials()
    _create_runs()
    op.create_table(
        "leases",
        sa.Column("group_id", sa.Integer, sa.ForeignKey("groups.id"), primary_key=True),
        sa.Column("token", sa.String(32), nullable=False),
        sa.Column("host", sa.String, nullable=False),
        sa.Column("boot", sa.String, nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("process_started", sa.Double, nullable=False),
        sa.Column("heartbeat_at", _TIME, nullable=False),
    )


def _create_groups_and_studies() -> None:
    op.create_table(
        "groups",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String, nullable=False, unique=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("provenance", sa.JSON, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("finished_at", _TIME),
    )
    op.create_table(
        "studies",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("group_id", sa.Integer, sa.ForeignKey("groups.id"), nullable=False, index=True),
        sa.Column("name", sa.String, nullable=False, unique=True),
        *_columns(sa.String, "arm", "optimizer"),
        *_columns(sa.Integer, "replicate"),
        *_columns(sa.String, "workload", "metric", "goal", "objective"),
        sa.Column("target", sa.Double),
        *_columns(sa.Integer, "steps", "trials", "finalists", "finalist_seeds", "seeds"),
        *_columns(sa.Integer, "eval_every"),
        sa.UniqueConstraint("group_id", "arm", "replicate"),
    )
    op.create_table(
        "study_metrics",
        sa.Column("study_id", sa.Integer, sa.ForeignKey("studies.id"), primary_key=True),
        sa.Column("metric", sa.String, primary_key=True),
    )


def _columns(kind: Any, *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False) for name in names]


def _create_trials() -> None:
    op.create_table(
        "trials",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("study_id", sa.Integer, sa.ForeignKey("studies.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("point", sa.JSON, nullable=False),
        sa.Column("configuration", sa.JSON, nullable=False),
        sa.UniqueConstraint("study_id", "number"),
    )
    op.create_table(
        "trial_parameters",
        sa.Column("trial_id", sa.Integer, sa.ForeignKey("trials.id"), primary_key=True),
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("value_number", sa.Double),
        sa.Column("value_text", sa.String, nullable=False),
    )


def _create_runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("study_id", sa.Integer, sa.ForeignKey("studies.id"), nullable=False),
        sa.Column("trial_id", sa.Integer, sa.ForeignKey("trials.id"), nullable=False),
        sa.Column("phase", sa.String, nullable=False),
        sa.Column("seed", sa.Integer, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("reason", sa.String),
        sa.UniqueConstraint("trial_id", "phase", "seed"),
    )
    op.create_index("runs_by_state", "runs", ["study_id", "state"])
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("run_id", sa.Integer, sa.ForeignKey("runs.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("reason", sa.String),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("seconds", sa.Double),
        sa.Column("compile_seconds", sa.Double),
        sa.Column("evaluation_seconds", sa.Double),
        sa.UniqueConstraint("run_id", "number"),
    )
    op.create_table(
        "measurements",
        sa.Column("attempt_id", sa.Integer, sa.ForeignKey("attempts.id"), primary_key=True),
        sa.Column("step", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("metric", sa.String, primary_key=True),
        sa.Column("value", sa.Double, nullable=False),
    )
