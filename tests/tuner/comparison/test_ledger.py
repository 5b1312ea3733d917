"""The ledger over a lineage: the budget of a refined round is that of all its rounds."""

from sqlalchemy import text

from shampoo_tune.storage.database import create_or_open
from shampoo_tune.tuner.comparison.ledger import read_ledger
from shampoo_tune.tuner.study_file.loading import digest
from tests.tuner.comparison.conftest import TWO_ARMS, Pairs
from tests.tuner.conftest import quick_study


def test_a_refined_round_has_the_cost_of_its_parent_too(pairs: Pairs) -> None:
    first = pairs.launch("first")
    parent = digest(quick_study(f"name={first}", text=TWO_ARMS))
    second = pairs.launch("second", f"parent={{group: {first}, digest: {parent}, replicates: 1}}")
    comparison = pairs.compare(first, second)
    refined = comparison.ledgers["second/nesterov"]
    assert [entry.group for entry in refined.rounds] == ["first", "second"]
    assert (refined.trials, refined.search_steps) == (10, 200)
    assert refined.runs == 2 * (5 + 2 * 3 + 7)
    assert comparison.ledgers["first/nesterov"].trials == 5
    assert "trials over the lineage" in [item.what for item in comparison.inequalities]
    assert not comparison.condition_met


def test_a_cancelled_run_counts(pairs: Pairs) -> None:
    pairs.launch("counted")
    with create_or_open(pairs.laboratory.url) as database, database.write() as writing:
        run = writing.scalar(
            text("select min(r.id) from runs r join studies s on s.id = r.study_id"
                 " where s.name = 'counted/nesterov' and r.phase = 'final'")
        )  # fmt: skip
        writing.execute(text("update runs set state = 'cancelled' where id = :r"), {"r": run})
        writing.execute(text("update attempts set state = 'lost' where run_id = :r"), {"r": run})
    with pairs.laboratory.read() as reading:
        (entry,) = read_ledger(reading, "counted", "nesterov").rounds
    assert (entry.final, entry.cancelled, entry.attempts) == (7, 1, 5 + 2 * 3 + 7)
