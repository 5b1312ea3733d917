"""What completed runs come to in each of their metrics, written once, with the verdict.

The numbers of a run never change after its verdict, so questions about ten thousand runs need not
read their millions of measurements again.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, Select, delete, text

from shampoo_tune.storage.tables import RunMetric

# `place` 1 is the first step with the best value; only the attempt that gave the verdict counts.
_INSERT = """
insert into run_metrics (run_id, metric_id, final_value, best_value, best_step, steps_to_target)
with ordered as (
  select r.run_id, m.id metric_id, m.goal, v.step, v.value, s.steps last_step,
    case when m.metric = s.metric then s.target end target,
    row_number() over (partition by r.run_id, m.id
      order by case m.goal when 'maximize' then -v.value else v.value end, v.step) place
  from run_results r
  join studies s on s.id = r.study_id
  join study_metrics m on m.study_id = s.id
  join measurements v on v.attempt_id = r.attempt_id and v.metric_id = m.id
  where r.state = 'completed' and {which}
)
select run_id, metric_id, max(case when step = last_step then value end),
  max(case when place = 1 then value end), max(case when place = 1 then step end),
  min(case when (goal = 'maximize' and value >= target)
             or (goal = 'minimize' and value <= target) then step end)
from ordered
group by run_id, metric_id
"""
_OF_RUN = text(_INSERT.format(which="r.run_id = :run"))
_OF_ALL = text(
    _INSERT.format(which="not exists (select 1 from run_metrics x where x.run_id = r.run_id)")
)


def write_run_metrics(connection: Connection, run_id: int) -> None:
    """Write what a run came to; one that did not complete has nothing to write."""
    connection.execute(_OF_RUN, {"run": run_id})


def write_missing_run_metrics(connection: Connection) -> None:
    """Write what every completed run came to that has no rows yet."""
    connection.execute(_OF_ALL)


def delete_run_metrics(connection: Connection, runs: Sequence[int] | Select[int]) -> None:
    """Forget what runs came to that are to be trained again."""
    connection.execute(delete(RunMetric).where(RunMetric.run_id.in_(runs)))
