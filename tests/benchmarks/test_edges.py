"""The boundary check over Halton designs: seldom wrong, and how much it sees."""

import pytest

from benchmarks.edges import DETECTION, FALSE_ALARMS, Question, share_flagged

NAMES = {question.name: question for question in (*FALSE_ALARMS, *DETECTION)}
BY_CHANCE = [q for q in FALSE_ALARMS if q.flag != "info" and not q.name.endswith("past 0.8")]


@pytest.mark.parametrize("question", BY_CHANCE, ids=lambda q: f"{q.name}, {q.flag}")
@pytest.mark.parametrize(("dimensions", "trials"), [(3, 40), (6, 100)])
def test_fewer_than_one_study_in_twenty_has_a_false_alarm(
    question: Question, dimensions: int, trials: int
) -> None:
    assert share_flagged(question, dimensions, trials, studies=100) < 0.05


def test_the_best_trial_alone_lies_near_some_edge_in_many_studies() -> None:
    (question,) = (q for q in FALSE_ALARMS if q.flag == "info")
    assert 0.3 < share_flagged(question, 6, 100, studies=100) < 0.6


@pytest.mark.parametrize(
    ("name", "dimensions", "trials", "least"),
    [
        ("optimum a quarter of the range beyond", 2, 100, 0.9),
        ("optimum a quarter of the range beyond", 6, 100, 0.4),
        ("optimum half the range beyond", 4, 100, 0.8),
        ("optimum at 1, infeasible past 0.7", 2, 20, 0.8),
        ("optimum at 1, infeasible past 0.7", 6, 100, 0.6),
        ("optimum at 1, infeasible past 0.95", 4, 100, 0.6),
    ],
)
def test_a_cut_off_optimum_is_found(name: str, dimensions: int, trials: int, least: float) -> None:
    assert share_flagged(NAMES[name], dimensions, trials, studies=100) >= least
