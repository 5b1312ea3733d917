"""The public SQL views: their columns are only ever added to, whatever the tables become.

Every median counts an infeasible run as the worst value: it sorts last for steps and for metrics
to minimise, first for metrics to maximise, and a median that falls on one is NULL.
"""

# One row per run whose verdict is in, with the attempt that gave it.
_RUN_RESULTS = """
create view run_results as
select r.id run_id, r.study_id, r.trial_id, r.phase, r.seed, r.state, r.reason, a.id attempt_id,
       a.seconds
from runs r
join attempts a on a.run_id = r.id and a.number = (
  select max(number) from attempts where run_id = r.id)
where r.state in ('completed', 'infeasible')
"""

# A metric of a finished run: the value that counts, or NULL if the run is infeasible.
_RUN_VALUES = """
create view run_values as
select r.run_id, r.study_id, r.trial_id, r.phase, r.seed, r.state, m.metric,
       case when m.metric = s.metric then s.goal
            when m.metric like '%accuracy' then 'maximize' else 'minimize' end goal,
       case when r.state = 'completed' then
         case when m.metric = s.metric and s.objective = 'best' then
           case s.goal when 'maximize' then max(v.value) else min(v.value) end
         else max(case when v.step = s.steps then v.value end) end
       end value,
       case when r.state = 'completed' and m.metric = s.metric then
         min(case when (s.goal = 'maximize' and v.value >= s.target)
                    or (s.goal = 'minimize' and v.value <= s.target) then v.step end)
       end steps_to_target,
       case when r.state = 'completed' then
         case s.goal when 'maximize' then max(v.value) else min(v.value) end
       end best_value
from run_results r
join studies s on s.id = r.study_id
join study_metrics m on m.study_id = s.id
left join measurements v on v.attempt_id = r.attempt_id and v.metric = m.metric
group by r.run_id, r.study_id, r.trial_id, r.phase, r.seed, r.state, m.metric, s.metric, s.goal,
         s.objective
"""

_STUDIES = """
create view v1_studies as
select s.name study, g.name group_name, s.arm, s.replicate, s.workload, s.metric, s.goal, s.target,
       s.steps, s.trials, s.finalists, s.seeds,
       case when exists (select 1 from runs r where r.study_id = s.id and r.state = 'failed')
              then 'blocked'
            when g.state in ('completed', 'cancelled', 'paused') then g.state
            when not exists (select 1 from runs r where r.study_id = s.id
                             and r.state in ('queued', 'running'))
              then 'completed'
            when exists (select 1 from runs r where r.study_id = s.id and r.state <> 'queued')
              then 'running'
            else 'queued' end state,
       g.created_at
from studies s join groups g on g.id = s.group_id
"""

_TRIALS = """
create view v1_trials as
select s.name study, t.number trial, coalesce(r.state, 'queued') state, r.reason, s.objective,
       v.value search_value, v.best_value, x.seconds
from trials t
join studies s on s.id = t.study_id
left join runs r on r.trial_id = t.id and r.phase = 'search'
left join run_values v on v.run_id = r.id and v.metric = s.metric
left join run_results x on x.run_id = r.id
"""

_TRIAL_PARAMETERS = """
create view v1_trial_parameters as
select s.name study, t.number trial, p.name, p.value_number, p.value_text
from trial_parameters p
join trials t on t.id = p.trial_id
join studies s on s.id = t.study_id
"""

_CURVES = """
create view v1_curves as
select s.name study, t.number trial, r.phase, r.seed, m.step, m.metric, m.value
from run_results r
join measurements m on m.attempt_id = r.attempt_id
join trials t on t.id = r.trial_id
join studies s on s.id = r.study_id
"""

_STEPS_TO_TARGET = """
create view v1_steps_to_target as
select s.name study, t.number trial, v.phase, v.seed, v.steps_to_target steps
from run_values v
join studies s on s.id = v.study_id and s.metric = v.metric
join trials t on t.id = v.trial_id
"""

_SEED_MEDIANS = """
create view v1_seed_medians as
with ranked as (
  select v.*,
    row_number() over (partition by v.trial_id, v.phase, v.metric order by
      case when v.goal = 'maximize' then case when v.value is null then 0 else 1 end
           else case when v.value is null then 1 else 0 end end, v.value) k,
    row_number() over (partition by v.trial_id, v.phase, v.metric order by
      case when v.steps_to_target is null then 1 else 0 end, v.steps_to_target) k_steps,
    count(*) over (partition by v.trial_id, v.phase, v.metric) n
  from run_values v
)
select s.name study, t.number trial, r.phase, r.metric, min(r.goal) goal, count(*) seeds,
  sum(case when r.state = 'infeasible' then 1 else 0 end) infeasible,
  case when r.metric = s.metric and s.target is not null then
    sum(case when (r.goal = 'maximize' and r.value >= s.target)
               or (r.goal = 'minimize' and r.value <= s.target) then 1 else 0 end) end reached,
  case when sum(case when r.k in ((r.n + 1) / 2, (r.n + 2) / 2) and r.value is null
                then 1 else 0 end) = 0
    then avg(case when r.k in ((r.n + 1) / 2, (r.n + 2) / 2) then r.value end) end median,
  max(case when r.k = q.low_rank then r.value end) ci_low,
  max(case when r.k = r.n + 1 - q.low_rank then r.value end) ci_high,
  case when sum(case when r.k_steps in ((r.n + 1) / 2, (r.n + 2) / 2) and r.steps_to_target is null
                then 1 else 0 end) = 0
    then avg(case when r.k_steps in ((r.n + 1) / 2, (r.n + 2) / 2)
             then r.steps_to_target * 1.0 end) end median_steps_to_target
from ranked r
join studies s on s.id = r.study_id
join trials t on t.id = r.trial_id
left join median_ranks q on q.n = r.n
group by s.name, t.number, r.phase, r.metric, s.metric, s.target
"""

# In the order of their dependencies.
VIEWS = (
    _RUN_RESULTS, _RUN_VALUES, _STUDIES, _TRIALS, _TRIAL_PARAMETERS, _CURVES, _STEPS_TO_TARGET,
    _SEED_MEDIANS,
)  # fmt: skip
