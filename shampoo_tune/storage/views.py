"""The public SQL views: their columns are only ever added to, whatever the tables become.

Every median counts an infeasible run as the worst value: it sorts last for steps and for metrics
to minimise, first for metrics to maximise, and a median that falls on one is NULL.

A question names a study. Each view is such that the engine looks up that study first, by an index:
joins begin at the study, nothing is aggregated in between, and windows are partitioned by it.
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

# A metric of a run whose verdict is in: the value that counts, or NULL if the run is infeasible.
# Only the study's metric has a target to reach, at the end of the budget or by the best value.
_RUN_VALUES = """
create view run_values as
select c.*,
       case when c.target is null then null
            when c.goal = 'maximize' and c.value >= c.target then 1
            when c.goal = 'minimize' and c.value <= c.target then 1 else 0 end reached
from (
  select s.name study, t.number trial, t.id trial_id, r.phase, r.seed, m.metric,
         m.id metric_id, m.goal,
         case when r.state = 'infeasible' then 1 else 0 end infeasible,
         case when m.metric = s.metric then s.target end target,
         case when m.metric = s.metric and s.objective = 'best' then v.best_value
              else v.final_value end value,
         v.steps_to_target
  from studies s
  join study_metrics m on m.study_id = s.id
  join trials t on t.study_id = s.id
  join runs r on r.trial_id = t.id and r.state in ('completed', 'infeasible')
  left join run_metrics v on v.run_id = r.id and v.metric_id = m.id and r.state = 'completed'
) c
"""

# Between two phases no run is queued either: a study that is done has final runs, unless no trial
# is feasible. Between two looks of a ladder's final seeds it tells "completed" all the same, until
# the next look is queued, for only the statistics know whether there is one.
_STUDIES = """
create view v1_studies as
select s.name study, g.name group_name, s.arm, s.replicate, s.workload, s.metric, s.goal, s.target,
       s.steps, s.trials, s.finalists, s.seeds,
       case when exists (select 1 from runs r where r.study_id = s.id and r.state = 'failed')
              then 'blocked'
            when g.state in ('completed', 'cancelled', 'paused') then g.state
            when not exists (select 1 from runs r where r.study_id = s.id
                             and r.state in ('queued', 'running'))
                 and (select count(*) from trials t where t.study_id = s.id) >= s.trials
                 and (exists (select 1 from runs r where r.study_id = s.id and r.phase = 'final')
                      or not exists (select 1 from runs r where r.study_id = s.id
                                     and r.phase = 'search' and r.state = 'completed'))
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
       case s.objective when 'best' then v.best_value else v.final_value end search_value,
       v.best_value, a.seconds, v.best_step
from trials t
join studies s on s.id = t.study_id
left join runs r on r.trial_id = t.id and r.phase = 'search'
left join study_metrics m on m.study_id = s.id and m.metric = s.metric
left join run_metrics v on v.run_id = r.id and v.metric_id = m.id and r.state = 'completed'
left join attempts a on a.run_id = r.id and r.state in ('completed', 'infeasible')
  and a.number = (select max(number) from attempts where run_id = r.id)
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
select s.name study, t.number trial, r.phase, r.seed, v.step, m.metric, v.value
from studies s
join study_metrics m on m.study_id = s.id
join trials t on t.study_id = s.id
join run_results r on r.trial_id = t.id
join measurements v on v.attempt_id = r.attempt_id and v.metric_id = m.id
"""

_STEPS_TO_TARGET = """
create view v1_steps_to_target as
select v.study, v.trial, v.phase, v.seed, v.steps_to_target steps
from run_values v
join studies s on s.name = v.study and s.metric = v.metric
"""

# The columns are those of the table `seed_medians`, in its order.
# Ranks count from the lowest value; an infeasible run is first of a maximum, last of a minimum.
_COMPUTED_MEDIANS = """
create view computed_medians as
with ranked as (
  select v.*,
    row_number() over (partition by v.trial_id, v.phase, v.metric_id
      order by (v.value is null) = (v.goal = 'minimize'), v.value) k,
    row_number() over (partition by v.trial_id, v.phase, v.metric_id
      order by v.steps_to_target is null, v.steps_to_target) k_steps,
    count(*) over (partition by v.trial_id, v.phase, v.metric_id) n
  from run_values v
  where v.phase <> 'search'
), gathered as (
  select u.trial_id, u.phase, u.metric_id, u.k, u.n,
    sum(u.infeasible) over runs_of_trial infeasible,
    sum(u.reached) over runs_of_trial reached,
    count(case when u.k in ((u.n + 1) / 2, (u.n + 2) / 2) then u.value end)
      over runs_of_trial middles,
    avg(case when u.k in ((u.n + 1) / 2, (u.n + 2) / 2) then u.value end)
      over runs_of_trial middle,
    max(case when u.k = q.low_rank then u.value end) over runs_of_trial ci_low,
    max(case when u.k = u.n + 1 - q.low_rank then u.value end) over runs_of_trial ci_high,
    count(case when u.k_steps in ((u.n + 1) / 2, (u.n + 2) / 2) then u.steps_to_target end)
      over runs_of_trial middles_steps,
    avg(case when u.k_steps in ((u.n + 1) / 2, (u.n + 2) / 2)
             then cast(u.steps_to_target as double precision) end)
      over runs_of_trial middle_steps
  from ranked u
  left join median_ranks q on q.n = u.n
  window runs_of_trial as (partition by u.trial_id, u.phase, u.metric_id)
)
select g.trial_id, g.phase, g.metric_id, g.n seeds, g.infeasible, g.reached,
  case when g.middles = 2 - g.n % 2 then g.middle end median, g.ci_low, g.ci_high,
  case when g.middles_steps = 2 - g.n % 2 then g.middle_steps end median_steps_to_target
from gathered g
where g.k = 1
"""

# A trial has one search run, whose value is its own median: only the other phases were ranked.
_SEED_MEDIANS = """
create view v1_seed_medians as
select s.name study, t.number trial, x.phase, m.metric, m.goal, x.seeds, x.infeasible, x.reached,
  x.median, x.ci_low, x.ci_high, x.median_steps_to_target
from studies s
join study_metrics m on m.study_id = s.id
join trials t on t.study_id = s.id
join seed_medians x on x.trial_id = t.id and x.metric_id = m.id
union all
select v.study, v.trial, v.phase, v.metric, v.goal, 1, v.infeasible, v.reached, v.value, null, null,
  cast(v.steps_to_target as double precision)
from run_values v
where v.phase = 'search'
"""

_BEST_CONFIGS = """
create view v1_best_configs as
select s.name study, t.number trial, a.alias, a.digest, a.approved_at, a.note
from approvals a
join trials t on t.id = a.trial_id
join studies s on s.id = t.study_id
"""

# In the order of their dependencies.
VIEWS = {
    "run_results": _RUN_RESULTS,
    "run_values": _RUN_VALUES,
    "v1_studies": _STUDIES,
    "v1_trials": _TRIALS,
    "v1_trial_parameters": _TRIAL_PARAMETERS,
    "v1_curves": _CURVES,
    "v1_steps_to_target": _STEPS_TO_TARGET,
    "computed_medians": _COMPUTED_MEDIANS,
    "v1_seed_medians": _SEED_MEDIANS,
    "v1_best_configs": _BEST_CONFIGS,
}
