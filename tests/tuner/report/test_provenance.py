"""Where the numbers come from."""

from sqlalchemy import Connection

from shampoo_tune.storage import queries
from shampoo_tune.storage.results import cost_of
from shampoo_tune.tuner.report.provenance import failures_table, provenance_table, study_table
from shampoo_tune.tuner.study_data import StudyData
from shampoo_tune.tuner.study_loading import load_studies
from tests.tuner.report.studies import with_final, with_search


def test_a_group_tells_its_versions_and_machines(connection: Connection) -> None:
    group = queries.require_group(connection, "quick")
    costs = [cost_of(connection, study.id) for study in load_studies(connection, "quick")]
    known = {row[0]: row[1] for row in provenance_table(group, costs).rows}
    assert known["group"].startswith("quick, completed, made 20")
    assert known["file"] == f"sha256 {group.digest}"
    assert "after Nado, Gilmer et al. 2021" in known["protocol"]
    assert known["devices"] == "cpu"
    assert f"jaxlib {known['jaxlib of the runs']}" in known["packages"]
    assert len(known["workload fingerprint"].split(", ")) == 1


def test_infeasible_trials_are_counted_by_reason(base: StudyData) -> None:
    study = with_search(base, [0.5, None, None, None])
    study = with_final(study, [0.5], reasons={1: "diverged at step 3", 2: "diverged at step 17",
                                              3: "non-finite metric"})  # fmt: skip
    known = {row[0]: row[1] for row in study_table(study).rows}
    assert known["infeasible trials"] == "3 of 4 (2 diverged, 1 non-finite metric)"
    assert known["winner"].startswith("trial 0: learning_rate ")
    assert known["winner"].endswith(", block_size 128")
    assert "replication" not in known


def test_a_replication_is_marked(base: StudyData) -> None:
    study = with_search(base, [0.5], enqueued=1)
    known = {row[0]: row[1] for row in study_table(study).rows}
    assert known["replication"] == "1 points were given by the file"
    assert known["winner"] == "not chosen yet"


def test_a_failed_run_is_told_by_the_last_line_of_what_it_said() -> None:
    table = failures_table([("quick/a", 3, 7, "Traceback\n  ...\nRuntimeError: lost\n")])
    assert table.rows == (("quick/a", "3", "7", "RuntimeError: lost"),)
