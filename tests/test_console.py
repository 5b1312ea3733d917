"""What people see of a group."""

import io
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from shampoo_tune.console import MOST_COLUMNS, print_group
from shampoo_tune.storage.database import open_existing
from shampoo_tune.tuner.lookup import summary_of
from shampoo_tune.tuner.summary import GroupSummary
from tests.tuner.conftest import Laboratory, quick_study


def shown(summary: GroupSummary) -> str:
    """The printed text."""
    console = Console(file=io.StringIO(), width=100)
    print_group(summary, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def summary_in(laboratory: Laboratory) -> GroupSummary:
    with open_existing(laboratory.url) as database:
        return summary_of(database, "quick")


def test_a_group_is_shown_with_its_cost(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path)
    laboratory.launch(quick_study("budget.trials=2", "budget.seeds=2"))
    text = shown(summary_in(laboratory))
    (step,) = [line for line in text.splitlines() if line.startswith("  a step")]
    (memory,) = [line for line in text.splitlines() if line.startswith("  optimizer's state")]
    assert step.rstrip().endswith("ms, cpu")
    assert memory.split()[-2:] == ["102", "KiB"]


def test_the_search_value_tells_of_how_many_trials_it_is_so_far(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path)
    laboratory.launch(quick_study("budget.trials=3", "budget.seeds=2"))
    whole = summary_in(laboratory)
    first = replace(whole.studies[0], search_value=0.9, best_search_value=0.9)
    assert "0.9 (best of 3 by 1 seed)" in shown(replace(whole, studies=(first,)))
    early = replace(first, phase="search", runs_done=1)
    assert "0.9 (best of 1 by 1 seed)" in shown(replace(whole, studies=(early,)))
    overtaken = replace(first, best_search_value=0.95)
    assert "0.9 (by 1 seed; best of 3: 0.95)" in shown(replace(whole, studies=(overtaken,)))


def test_a_group_that_was_handed_back_says_so_above_its_studies(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path)
    laboratory.submit(quick_study("budget.trials=3", "budget.seeds=2"))
    waiting = summary_in(laboratory)
    begun = replace(waiting, studies=(replace(waiting.studies[0], state="running"),))
    assert "quick: queued" not in shown(waiting)
    assert "quick: queued" in shown(begun)


def test_many_studies_are_shown_a_few_at_a_time(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path)
    laboratory.submit(quick_study(f"budget.studies={2 * MOST_COLUMNS + 1}"))
    text = shown(summary_in(laboratory))
    assert text.count("queued,") == 2 * MOST_COLUMNS + 1
    assert text.count("  infeasible trials") == 3


def test_the_document_has_no_times_since_it_is_the_same_after_a_crash(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path)
    laboratory.submit(quick_study())
    document = summary_in(laboratory).to_json("status")
    assert set(document) == {"schema", "group", "state", "title", "studies", "failed"}
