"""Comparisons of a run with its second training, and what only a second training finds."""

from dataclasses import replace
from pathlib import Path

import pytest

from shampoo_tune.storage.database import open_for_writing
from shampoo_tune.storage.run_metrics import write_missing_run_metrics
from shampoo_tune.storage.seed_medians import write_all_seed_medians
from shampoo_tune.study import Measurement, Phase, RunState
from shampoo_tune.tuner.report.document import make_document
from shampoo_tune.tuner.report.page import render_page
from shampoo_tune.tuner.verifying.chain import audit
from shampoo_tune.tuner.verifying.digests import curve_digest
from shampoo_tune.tuner.verifying.evidence import make_evidence
from shampoo_tune.tuner.verifying.second_training import Again, Outcome, Published, compare
from shampoo_tune.tuner.verifying.verification import Verification
from tests.tuner.conftest import Laboratory
from tests.tuner.verifying.conftest import Copy, audit_of, chain_of, told
from tests.tuner.verifying.test_facts import FACTS

MEASURED = tuple(
    Measurement(step, {"valid_accuracy": accuracy, "valid_loss": 1.0 - accuracy})
    for step, accuracy in ((10, 0.5), (20, 0.8), (30, 0.9))
)
AGAIN = Again(RunState.COMPLETED, None, MEASURED, FACTS)
OTHER_MACHINE = {**FACTS, "processor": "slow"}


@pytest.fixture
def published(trained: Laboratory) -> Published:
    """A final run that is said to have measured `MEASURED`."""
    with trained.read() as connection:
        _, (study, _) = audit(connection, "quick")
    run = study.of(Phase.FINAL)[0]
    return Published(study, run, {}, AGAIN.curve, curve_digest(AGAIN.curve), FACTS)


def again(accuracy: float, facts: dict[str, object] = FACTS, step: int = 30) -> Again:
    """Another accuracy at one step."""
    measured = [m for m in MEASURED if m.step != step]
    measured.append(Measurement(step, {"valid_accuracy": accuracy, "valid_loss": 0.1}))
    return replace(AGAIN, measured=tuple(sorted(measured, key=lambda m: m.step)), facts=facts)


def test_the_same_bits_are_equal_on_any_machine(published: Published) -> None:
    assert compare(published, AGAIN, 0.0).outcome is Outcome.EQUAL
    assert compare(published, replace(AGAIN, facts=OTHER_MACHINE), 0.0).outcome is Outcome.EQUAL


def test_the_last_bit_counts_where_bits_must_be_equal(published: Published) -> None:
    found = compare(published, again(0.9 + 2**-53), 0.25)
    assert (found.outcome, found.reasons) == (Outcome.DIFFERENT, ())
    assert "valid_accuracy at step 30 is 0.9" in str(found.differences[0])


def test_elsewhere_the_metric_may_be_as_far_as_the_tolerance(published: Published) -> None:
    close = compare(published, again(0.7, OTHER_MACHINE), 0.25)
    assert (close.outcome, close.reasons) == (Outcome.CLOSE, ("processor: fast there, slow here",))
    assert close.apart == pytest.approx(0.2)
    assert compare(published, again(0.7, OTHER_MACHINE), 0.1).outcome is Outcome.DIFFERENT
    assert compare(published, again(0.1, OTHER_MACHINE, step=10), 0.0).outcome is Outcome.CLOSE


def test_elsewhere_searched_points_and_diverged_seeds_show_nothing(published: Published) -> None:
    searched = replace(published, run=published.study.of(Phase.SEARCH)[0])
    assert compare(searched, again(0.1, OTHER_MACHINE), 0.0).outcome is Outcome.UNCLEAR
    assert compare(searched, again(0.1), 0.25).outcome is Outcome.DIFFERENT
    diverged = Again(RunState.INFEASIBLE, "diverged at step 12", MEASURED[:1], OTHER_MACHINE)
    found = compare(published, diverged, 0.25)
    assert (found.outcome, found.apart) == (Outcome.UNCLEAR, None)
    here = compare(published, replace(diverged, facts=FACTS), 0.25)
    assert (here.outcome, here.differences[0].what) == (Outcome.DIFFERENT, "state")


def test_another_workload_is_never_close(published: Published) -> None:
    other = replace(published, facts={**OTHER_MACHINE, "workload_fingerprint": "f"})
    facts = {**FACTS, "workload_fingerprint": "g"}
    found = compare(other, replace(AGAIN, facts=facts), 1e9)
    assert "workload is f, not g" in str(found.differences[0])
    assert found.outcome is Outcome.DIFFERENT


def test_steps_that_a_report_leaves_out_are_in_the_digest(published: Published) -> None:
    thin = replace(published, curve={"valid_accuracy": {30: 0.9}})
    assert compare(thin, AGAIN, 0.0).outcome is Outcome.EQUAL
    found = compare(thin, again(0.6, step=10), 0.25)
    assert found.outcome is Outcome.DIFFERENT
    assert "digest of what it measured is " in str(found.differences[0])


def outcomes(found: Verification) -> dict[Outcome, int]:
    assert told(found) == []
    return dict(found.outcomes)


def test_what_was_changed_in_all_links_is_found_by_training_again(
    tampered: Copy, tmp_path: Path
) -> None:
    address = tampered(
        "update measurements set value = 0.5 where step = 30 and metric_id in"
        " (select id from study_metrics where metric = 'valid_accuracy') and attempt_id in"
        " (select a.id from attempts a join runs r on r.id = a.run_id where r.phase = 'final')",
        "delete from run_metrics",
        "delete from seed_medians",
    )
    with open_for_writing(address) as database:
        with database.write() as connection:
            write_missing_run_metrics(connection)
            write_all_seed_medians(connection)
        with database.read() as connection:
            evidence = make_evidence(connection, "quick")
            report = render_page(make_document(connection, "quick"), evidence)
    assert told(chain_of(address)) == []  # it is as if it had been measured
    found = audit_of(report, tmp_path, runs=2)
    assert outcomes(found) == {Outcome.EQUAL: 1, Outcome.DIFFERENT: 1}
    (different,) = [t for t in found.trainings if t.outcome is Outcome.DIFFERENT]
    assert different.published.run.phase is Phase.FINAL
    assert "valid_accuracy at step 30 is 0.5, not " in str(different.differences[0])
