"""Records become arrays in which an infeasible run is the worst."""

from typing import Any

import numpy as np

from benchmarks.protocol_records import read_candidates, read_studies, read_winners, run_count
from shampoo_tune.study import Budget

BUDGET = Budget(steps=1, trials=3, finalists=2, finalist_seeds=2, seeds=2)
WHOLE: dict[str, Any] = {
    "search": [0.5, None, 0.7], "ranking": [2, 0], "finalists": [[0.6, None], [0.1, 0.2]],
    "winner": 0, "final": [0.3, None],
}  # fmt: skip
HOPELESS: dict[str, Any] = {
    "search": [None] * 3, "ranking": [], "finalists": [], "winner": None, "final": [],
}  # fmt: skip
CANDIDATES: dict[str, Any] = {
    "trials": [2, 0], "values": [[0.6, None], [0.1, 0.2]], "losses": [[1.0, None], [2.0, 3.0]],
    "truth": [[0.1, 0.3, 0.2], [None, None, 0.4]],
}  # fmt: skip
WORST = -np.inf


def test_a_study_is_a_row_and_the_first_finalist_is_the_best_by_search() -> None:
    found = read_studies([WHOLE, HOPELESS], BUDGET)
    assert found.search.tolist() == [[0.5, WORST, 0.7], [WORST] * 3]
    assert found.rerun.tolist() == [[0.6, WORST], [WORST] * 2]
    assert found.final.tolist() == [[0.3, WORST], [WORST] * 2]
    assert found.medians.tolist() == [WORST, WORST]


def test_the_truth_of_a_candidate_is_its_median() -> None:
    found = read_candidates([CANDIDATES])
    assert found.values.tolist() == [[[0.6, WORST], [0.1, 0.2]]]
    assert found.losses.tolist() == [[[1.0, np.inf], [2.0, 3.0]]]
    assert found.truth.tolist() == [[0.2, WORST]]
    assert read_winners([CANDIDATES]).tolist() == [[0.1, 0.3, 0.2]]


def test_every_run_is_counted() -> None:
    assert run_count(WHOLE) == 3 + 4 + 2
    assert run_count(HOPELESS) == 3
    assert run_count(CANDIDATES) == 4 + 6
