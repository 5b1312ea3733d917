"""Questions that SQL answers at once, against the slow way in Python."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shampoo_tune.storage import queries
from shampoo_tune.study import Goal, Phase, RunState
from shampoo_tune.tuner.selection import Scored, best_trials
from tests.storage.histories import History, studies

_slow = settings(max_examples=25, suppress_health_check=list(HealthCheck))


@_slow
@given(
    histories=studies(),
    goal=st.sampled_from(["maximize", "minimize"]),
    objective=st.sampled_from(["final", "best"]),
)
def test_the_best_of_the_search_are_those_that_the_rule_chooses(
    crowd: Any, histories: list[History], goal: str, objective: str
) -> None:
    study = crowd.add(histories, metric="valid_accuracy", goal=goal, objective=objective)
    searched = [h for h in histories if h.phase is Phase.SEARCH and h.state is RunState.COMPLETED]
    scored = [Scored(h.trial, value(h, goal, objective), h.values("valid_loss")[-1])
              for h in searched]  # fmt: skip
    with crowd.database.read() as connection:
        for limit in (1, 3):
            found = queries.best_of_search(connection, study, "valid_loss", limit)
            assert found == best_trials(scored, Goal(goal), limit)


def value(history: History, goal: str, objective: str) -> float:
    values = history.values("valid_accuracy")
    if objective == "final":
        return values[-1]
    return max(values) if goal == "maximize" else min(values)


@_slow
@given(histories=studies())
def test_the_median_of_one_trial_is_its_row_of_all(crowd: Any, histories: list[History]) -> None:
    study = crowd.add(histories)
    with crowd.database.read() as connection:
        for phase in Phase:
            rows = queries.medians(connection, study.name, phase, "valid_loss")
            for trial in range(3):
                one = queries.median_of(connection, study.name, trial, phase, "valid_loss")
                assert one == rows.get(trial)
