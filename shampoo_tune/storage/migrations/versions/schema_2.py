"""A metric's goal, and what each completed run came to, so that questions need not read curves.

This file tells what the tables were, so it never changes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

# The study's file tells the direction of its metric; the others' names tell theirs.
_FILL_GOALS = """
update study_metrics set goal = (
  select case when s.metric = study_metrics.metric then s.goal
              when study_metrics.metric like '%accuracy' then 'maximize' else 'minimize' end
  from studies s where s.id = study_metrics.study_id)
"""

# Only the attempt that gave the verdict counts. `place` 1 is the first step with the best value.
_FILL_RUN_METRICS = """
insert into run_metrics (run_id, metric, final_value, best_value, best_step, steps_to_target)
with ordered as (
  select r.id run_id, m.metric, m.goal, v.step, v.value, s.steps last_step,
    case when m.metric = s.metric then s.target end target,
    row_number() over (partition by r.id, m.metric
      order by case m.goal when 'maximize' then -v.value else v.value end, v.step) place
  from runs r
  join studies s on s.id = r.study_id
  join study_metrics m on m.study_id = s.id
  join attempts a on a.run_id = r.id
    and a.number = (select max(number) from attempts where run_id = r.id)
  join measurements v on v.attempt_id = a.id and v.metric = m.metric
  where r.state = 'completed'
)
select run_id, metric, max(case when step = last_step then value end),
  max(case when place = 1 then value end), max(case when place = 1 then step end),
  min(case when (goal = 'maximize' and value >= target)
             or (goal = 'minimize' and value <= target) then step end)
from ordered
group by run_id, metric
"""


def upgrade() -> None:
    """Add goals and results, and fill them in."""
    op.add_column("study_metrics", sa.Column("goal", sa.String))
    op.execute(_FILL_GOALS)
    op.create_table(
        "run_metrics",
        sa.Column("run_id", sa.Integer, sa.ForeignKey("runs.id"), primary_key=True),
        sa.Column("metric", sa.String, primary_key=True),
        sa.Column("final_value", sa.Double),
        sa.Column("best_value", sa.Double, nullable=False),
        sa.Column("best_step", sa.Integer, nullable=False),
        sa.Column("steps_to_target", sa.Integer),
    )
    op.execute(_FILL_RUN_METRICS)
