"""Names of metrics and facts about machines stored once, medians, requests, approvals.

A measurement's row is half as long. This file tells what the tables were, so it never changes.
"""

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_CLUSTERED = {"sqlite_with_rowid": False}
_FINITE = "value between -1e308 and 1e308"


def upgrade() -> None:
    """Replace the tables whose rows become shorter, and create the new ones."""
    _number_metrics()
    _share_facts()
    _shorten_measurements()
    _shorten_run_metrics()
    _cluster_parameters()
    _create_seed_medians()
    _create_requests_and_approvals()
    op.execute("drop table if exists schema_version")  # Alembic's own table says it from now on


def _number_metrics() -> None:
    op.rename_table("study_metrics", "old_study_metrics")
    op.create_table(
        "study_metrics",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("study_id", sa.Integer, sa.ForeignKey("studies.id"), nullable=False),
        sa.Column("metric", sa.String, nullable=False),
        sa.Column("goal", sa.String, nullable=False),
        sa.UniqueConstraint("study_id", "metric"),
    )
    op.execute(
        "insert into study_metrics (study_id, metric, goal) "
        "select study_id, metric, goal from old_study_metrics order by study_id, metric"
    )
    op.drop_table("old_study_metrics")
    # A metric that runs measured though their study does not name it.
    op.execute(
        "insert into study_metrics (study_id, metric, goal) "
        "select distinct r.study_id, o.metric, "
        "case when o.metric like '%accuracy' then 'maximize' else 'minimize' end "
        "from measurements o join attempts a on a.id = o.attempt_id join runs r on r.id = a.run_id "
        "where not exists (select 1 from study_metrics m "
        "where m.study_id = r.study_id and m.metric = o.metric)"
    )


def _share_facts() -> None:
    op.create_table(
        "execution_facts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("facts", sa.JSON, nullable=False),
    )
    op.add_column("attempts", sa.Column("facts_id", sa.Integer))
    texts = op.get_bind().scalars(sa.text("select distinct cast(facts as text) from attempts"))
    ids: dict[str, int] = {}
    for text in texts.all():
        facts_id = _facts_id(ids, text)
        query = "update attempts set facts_id = :id where cast(facts as text) = :text"
        op.get_bind().execute(sa.text(query), {"id": facts_id, "text": text})
    with op.batch_alter_table("attempts") as batch:
        batch.drop_column("facts")
        batch.alter_column("facts_id", existing_type=sa.Integer(), nullable=False)
        batch.create_foreign_key("attempts_facts", "execution_facts", ["facts_id"], ["id"])


def _facts_id(ids: dict[str, int], text: str) -> int:
    """The row of these facts, created unless it is among `ids`, by digest."""
    facts = json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(facts.encode()).hexdigest()
    if digest not in ids:
        ids[digest] = len(ids) + 1
        table = sa.table(
            "execution_facts", sa.column("digest", sa.String), sa.column("facts", sa.JSON)
        )
        op.get_bind().execute(sa.insert(table).values(digest=digest, facts=json.loads(facts)))
    return ids[digest]


def _shorten_measurements() -> None:
    op.rename_table("measurements", "old_measurements")
    op.create_table(
        "measurements",
        sa.Column("attempt_id", sa.Integer, sa.ForeignKey("attempts.id"), primary_key=True),
        sa.Column("metric_id", sa.Integer, sa.ForeignKey("study_metrics.id"), primary_key=True),
        sa.Column("step", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("value", sa.Double, nullable=False),
        sa.CheckConstraint(_FINITE, name="finite"),
        **_CLUSTERED,
    )
    op.execute(
        "insert into measurements (attempt_id, metric_id, step, value) "
        "select o.attempt_id, m.id, o.step, o.value from old_measurements o "
        "join attempts a on a.id = o.attempt_id join runs r on r.id = a.run_id "
        "join study_metrics m on m.study_id = r.study_id and m.metric = o.metric "
        "order by o.attempt_id, m.id, o.step"
    )
    op.drop_table("old_measurements")


def _shorten_run_metrics() -> None:
    op.rename_table("run_metrics", "old_run_metrics")
    op.create_table(
        "run_metrics",
        sa.Column("run_id", sa.Integer, sa.ForeignKey("runs.id"), primary_key=True),
        sa.Column("metric_id", sa.Integer, sa.ForeignKey("study_metrics.id"), primary_key=True),
        sa.Column("final_value", sa.Double),
        sa.Column("best_value", sa.Double, nullable=False),
        sa.Column("best_step", sa.Integer, nullable=False),
        sa.Column("steps_to_target", sa.Integer),
        **_CLUSTERED,
    )
    op.execute(
        "insert into run_metrics "
        "(run_id, metric_id, final_value, best_value, best_step, steps_to_target) "
        "select o.run_id, m.id, o.final_value, o.best_value, o.best_step, o.steps_to_target "
        "from old_run_metrics o join runs r on r.id = o.run_id "
        "join study_metrics m on m.study_id = r.study_id and m.metric = o.metric "
        "order by o.run_id, m.id"
    )
    op.drop_table("old_run_metrics")


def _cluster_parameters() -> None:
    op.rename_table("trial_parameters", "old_trial_parameters")
    op.create_table(
        "trial_parameters",
        sa.Column("trial_id", sa.Integer, sa.ForeignKey("trials.id"), primary_key=True),
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("value_number", sa.Double),
        sa.Column("value_text", sa.String, nullable=False),
        **_CLUSTERED,
    )
    op.execute(
        "insert into trial_parameters (trial_id, name, value_number, value_text) "
        "select trial_id, name, value_number, value_text from old_trial_parameters "
        "order by trial_id, name"
    )
    op.drop_table("old_trial_parameters")


def _create_seed_medians() -> None:
    """Without rows: like all that follows from others, they are written after the views."""
    op.create_table(
        "seed_medians",
        sa.Column("trial_id", sa.Integer, sa.ForeignKey("trials.id"), primary_key=True),
        sa.Column("phase", sa.String, primary_key=True),
        sa.Column("metric_id", sa.Integer, sa.ForeignKey("study_metrics.id"), primary_key=True),
        sa.Column("seeds", sa.Integer, nullable=False),
        sa.Column("infeasible", sa.Integer, nullable=False),
        sa.Column("reached", sa.Integer),
        sa.Column("median", sa.Double),
        sa.Column("ci_low", sa.Double),
        sa.Column("ci_high", sa.Double),
        sa.Column("median_steps_to_target", sa.Double),
        **_CLUSTERED,
    )


def _create_requests_and_approvals() -> None:
    time = sa.DateTime(timezone=True)
    op.create_table(
        "requests",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("group_id", sa.Integer, sa.ForeignKey("groups.id"), nullable=False, index=True),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("requested_at", time, nullable=False),
    )
    op.create_table(
        "approvals",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("trial_id", sa.Integer, sa.ForeignKey("trials.id"), nullable=False, index=True),
        sa.Column("alias", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("note", sa.String),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("approved_at", time, nullable=False),
    )
