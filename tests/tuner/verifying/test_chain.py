"""Whatever is changed in a database by itself is found and named; an untouched group holds."""
# ruff: noqa: S608  (SQL of this file's own parts)

import pytest
from sqlalchemy import create_engine, text

from shampoo_tune.storage.backup import back_up
from shampoo_tune.storage.database import open_existing
from tests.postgresql import Server
from tests.tuner.conftest import Laboratory, quick_study
from tests.tuner.verifying.conftest import Copy, chain_of, told

_OF = "where study_id = (select id from studies where name = 'quick/nesterov')"
_FINAL = f"{_OF} and phase = 'final'"
_METRIC = "(select id from study_metrics where metric = 'valid_accuracy' limit 1)"
_ONE_FINAL = f"(select id from runs {_FINAL} and seed = 200003)"
_LAST = f"(select id from attempts where run_id = {_ONE_FINAL})"


def test_an_untouched_group_holds_on_both_engines(trained: Laboratory, postgresql: Server) -> None:
    server = postgresql.make_database()
    with open_existing(trained.url) as database:
        back_up(database, server)
    found, there = chain_of(trained.url), chain_of(server)
    assert [link.name for link in found.links] == ["file", "design", "runs", "values", "medians"]
    assert told(found) == told(there) == []
    assert found.digest == there.digest is not None
    assert found.results is not None
    engine = create_engine(server)
    with engine.begin() as connection:
        connection.execute(text("update seed_medians set ci_low = 0.5 where ci_low > 0.9"))
    engine.dispose()
    assert any("valid_accuracy.ci_low is 0.5, not 0.9" in line for line in told(chain_of(server)))


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        # The file and what it makes.
        ("update groups set digest = 'abc'", "file: quick: digest of the file is abc, not "),
        ("update studies set target = 0.8", "file: quick/nesterov: target is 0.8, not 0.9"),
        ("update studies set trials = 3", "file: quick/wild: trials is 3, not 4"),
        (
            "update groups set provenance = json_set(provenance, '$.protocol.version', 2)",
            "file: quick: protocol.version is 2, not 1",
        ),
        (
            "update groups set provenance = json_set(provenance, '$.workload.arguments.batch_size',"
            " 64)",
            "file: quick: workload.batch_size is 64, not 128",
        ),
        (
            "update groups set document = json_set(document, '$.budget.seeds', 6)",
            "file: quick/nesterov: seeds is 7, not 6",
        ),
        # The design.
        (
            f"update trials set point = json_set(point, '$.momentum', 0.75) {_OF} and number = 1",
            "design: quick/nesterov trial 1: momentum is 0.75, not 0.",
        ),
        (
            "update trials set configuration = json_set(configuration, '$.options.momentum', 0.75)"
            f" {_OF} and number = 2",
            "design: quick/nesterov trial 2: configuration.options.momentum is 0.75, not 0.",
        ),
        (
            "update trial_parameters set value_number = 0.75 where name = 'momentum'",
            "design: quick/nesterov trial 0: v1_trial_parameters.momentum.0 is 0.75, not 0.",
        ),
        (
            f"update trials set number = 9 {_OF} and number = 3",
            "design: quick/nesterov: trials is [0, 1, 2, 9], not [0, 1, 2, 3]",
        ),
        # The runs.
        (
            f"update runs set seed = 999 {_FINAL} and seed = 200003",
            "seed is 999, not 200003",
        ),
        (
            f"update runs set trial_id = (select id from trials {_OF} and number = 0) {_FINAL}",
            "runs: quick/nesterov: winner is trial 0, not trial ",
        ),
        (
            f"update runs set state = 'queued' {_FINAL} and seed = 200003",
            "state is queued, not a verdict, as the group is completed",
        ),
        (
            f"update runs set state = 'infeasible' {_FINAL} and seed = 200003",
            "last step of a run that is infeasible is 30, not a step before",
        ),
        (
            f"update attempts set state = 'lost' where run_id = {_ONE_FINAL}",
            "last attempt is lost, not completed",
        ),
        (
            "update execution_facts set facts = json_set(facts, '$.jaxlib', '0.0')"
            " where facts like '%jaxlib%'",
            "digest of its facts is ",
        ),
        # What was measured and what it came to.
        (
            f"update measurements set value = 0.5 where attempt_id = {_LAST} and step = 30 and"
            f" metric_id = {_METRIC}",
            "valid_accuracy.final_value is 0.9",
        ),
        (
            f"delete from measurements where attempt_id = {_LAST} and step = 30",
            "last step of a run that is completed is 20, not the last step",
        ),
        (
            f"update run_metrics set steps_to_target = 10 where run_id = {_ONE_FINAL} and"
            f" metric_id = {_METRIC}",
            "valid_accuracy.steps_to_target is 10, not ",
        ),
        (
            f"update run_metrics set best_step = 10 where run_id = {_ONE_FINAL} and"
            f" metric_id = {_METRIC}",
            "valid_accuracy.best_step is 10, not ",
        ),
        (
            "update seed_medians set median = 0.5 where phase = 'final' and median > 0.9",
            "medians: quick/nesterov final trial ",
        ),
        ("delete from seed_medians where phase = 'finalists'", "valid_loss is nothing, not "),
    ],
)
def test_what_was_changed_is_found_and_named(tampered: Copy, statement: str, found: str) -> None:
    changed = chain_of(tampered(statement))
    assert any(found in line for line in told(changed)), told(changed)
    assert changed.differences == len(told(changed))
    assert changed.digest is None
    assert changed.results is None


def test_a_final_run_that_is_left_out_is_missed(tampered: Copy) -> None:
    address = tampered(
        f"delete from measurements where attempt_id = {_LAST}",
        f"delete from run_metrics where run_id = {_ONE_FINAL}",
        f"delete from attempts where run_id = {_ONE_FINAL}",
        f"delete from runs {_FINAL} and seed = 200003",
    )
    assert any("seed is nothing, not 200003" in line for line in told(chain_of(address)))


def test_a_group_that_has_not_begun_holds(laboratory: Laboratory) -> None:
    laboratory.submit(quick_study())
    found = chain_of(laboratory.url, runs=5)
    assert told(found) == []
    assert (found.state, found.chosen, found.remarks) == (
        "queued",
        0,
        ("no run has a verdict yet",),
    )
