"""`verify` as a user meets it: what it prints, and its exit codes."""

import json
import re
import shlex
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from shampoo_tune.commands.verify import verify
from shampoo_tune.storage.attempts import facts_digest
from shampoo_tune.tuner.recording.storing import FACTS as RECORDED_FACTS
from tests.conftest import Run
from tests.tuner.conftest import quick_study
from tests.tuner.pretending import PretendedLaboratory

# Prints what a run comes to at once, from its seed and learning rate.
CODE = (
    "import sys; seed, rate = int(sys.argv[1]), float(sys.argv[2]);"
    ' print(\'{"step": 4, "metric": "valid_accuracy", "value": %r}\''
    " % (0.5 + seed % 7 / 100 + rate / 10))"
)
PROGRAM = """\
version: 1
name: own
workload: {name: program}
metric: {name: valid_accuracy}
budget: {steps: 4, trials: 2, finalists: 1, finalist_seeds: 1, seeds: 2, eval_every: 4}
optimizers:
  nesterov:
    learning_rate: {min: 0.1, max: 0.5, scale: log}
"""
COMMAND = ("--exec", "--", sys.executable, "-c", CODE, "{seed}", "{learning_rate}")


@pytest.fixture
def pretended(tmp_path: Path) -> Path:
    """A database whose group `quick` nobody has trained."""
    laboratory = PretendedLaboratory(tmp_path)
    laboratory.run(quick_study(), lambda point, seed: 0.5 + seed % 7 / 100)
    laboratory.close()
    return tmp_path / "study.db"


def test_a_trained_group_and_its_report_are_verified(
    shampoo_tune: Run, quick_file: Path, tmp_path: Path
) -> None:
    shampoo_tune("launch", quick_file, "-q")
    shampoo_tune("report", "quick", "-o", "report.html")
    found = shampoo_tune("verify", "quick", "--runs", "3", "--seed", "8", "--workers", "1")
    assert "evidence sha256 " in found.stdout
    assert "3 of 17 runs trained again; --seed 8 chooses the same ones" in found.stdout
    assert found.stdout.count("equal, bit for bit") == 3
    assert "3/3  quick/nesterov" in found.stderr
    assert "verified: every link of the chain holds, 3 runs have the same bits" in found.stderr

    (tmp_path / "shampoo-tune.db").unlink()
    one = ("--runs", "1", "--seed", "8", "--workers", "1", "--json", "-q")
    told = shampoo_tune("verify", "report.html", *one)
    document = json.loads(told.stdout)
    assert told.stderr == ""
    assert (document["schema"], document["source"]) == ("shampoo-tune/verify/v1", "report")
    assert (document["holds"], document["seed"], document["trainable"]) == (True, 8, 17)
    assert document["digest"] in found.stdout
    (run,) = document["runs"]
    assert (run["phase"], run["outcome"], run["apart"]) == ("final", "equal", 0.0)
    assert run["failure"] is None


def test_a_difference_ends_with_3_and_is_named(
    shampoo_tune: Run, pretended: Path, tmp_path: Path
) -> None:
    db = ("--db", f"sqlite:///{pretended}")
    before = pretended.read_bytes()
    # It was never trained: the chain holds, but no second training can agree.
    told = shampoo_tune("verify", "quick", "--runs", "1", "-q", *db, code=3)
    assert "differ" not in told.stdout.split("evidence sha256")[0]
    assert "DIFFERENT: " in told.stdout
    assert "at step 30 is " in told.stdout
    assert "note: bits need not be equal: what a program computes with is not known" in told.stdout
    assert "'quick' does not hold: 1 differences" in told.stderr
    assert pretended.read_bytes() == before

    shampoo_tune("report", "quick", "-o", "report.html", *db)
    report = tmp_path / "report.html"
    report.write_text(report.read_text().replace("<h1>quick</h1>", "<h1>slow</h1>"))
    told = shampoo_tune("verify", "report.html", "--runs", "0", "--json", code=3)
    document = json.loads(told.stdout)
    (page,) = [link for link in document["links"] if link["name"] == "page"]
    assert page["differences"] == [
        {"where": "page", "what": "<h1>", "stored": "slow", "expected": "quick"}
    ]
    assert document["holds"] is False


def test_what_is_not_there_ends_with_4_and_what_is_no_report_with_2(
    shampoo_tune: Run, pretended: Path, tmp_path: Path
) -> None:
    db = ("--db", f"sqlite:///{pretended}")
    assert "no group 'slow'" in shampoo_tune("verify", "slow", *db, code=4).stderr
    assert "there is no file none.html" in shampoo_tune("verify", "none.html", code=4).stderr
    (tmp_path / "a.html").write_text("<h1>All is well</h1>")
    assert "a.html has no data to verify" in shampoo_tune("verify", "a.html", code=2).stderr


def test_runs_of_a_program_need_its_command(shampoo_tune: Run, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(PROGRAM)
    shampoo_tune("launch", "own.yaml", "-q", *COMMAND)
    told = shampoo_tune("verify", "own", code=2).stderr
    assert "were trained by a program: give its command after --exec" in told
    told = shampoo_tune("verify", "own", "--runs", "2", *COMMAND).stderr
    assert "2 runs have the same bits again" in told


def test_recorded_runs_cannot_be_trained_again_and_it_says_so(
    shampoo_tune: Run, pretended: Path
) -> None:
    with sqlite3.connect(pretended) as connection:
        facts = (json.dumps(RECORDED_FACTS), facts_digest(RECORDED_FACTS))
        connection.execute("update execution_facts set facts = ?, digest = ?", facts)
    connection.close()
    told = shampoo_tune("verify", "quick", "--db", f"sqlite:///{pretended}", code=3)
    assert "17 runs were recorded from outside" in told.stdout
    assert "no run of 'quick' can be trained again here; --runs 0 checks the chain" in told.stderr


def test_ctrl_c_ends_with_130_and_the_seed_that_repeats_it(pretended: Path) -> None:
    arguments = ["verify", "quick", "--seed", "3", "--db", f"sqlite:///{pretended}"]
    with subprocess.Popen(
        [sys.executable, "-c", _INTERRUPTED, *arguments], stderr=subprocess.PIPE, text=True
    ) as process:
        _, told = process.communicate()
    assert process.returncode == 130
    assert "stopped; --seed 3 chooses the same runs" in told


# Ctrl-C as soon as the first run is being trained.
_INTERRUPTED = f"""
import os, signal
from shampoo_tune.cli import main
from shampoo_tune.tuner.local_workers import LocalWorkers

def messages(self, timeout, before=LocalWorkers.messages):
    os.kill(os.getpid(), {int(signal.SIGINT)})
    return before(self, 0.0)

LocalWorkers.messages = messages
main()
"""


def test_every_command_of_the_page_is_one() -> None:
    page = (Path(__file__).parents[2] / "docs" / "verify.md").read_text()
    commands = re.findall(r"^shampoo-tune verify (.*?) *(?:#.*)?$", page, re.MULTILINE)
    assert len(commands) >= 3
    for command in commands:
        verify.make_context("verify", shlex.split(command))
