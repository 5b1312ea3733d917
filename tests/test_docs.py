"""The documentation runs: YAML is launched dry, SQL is asked, Python is executed."""

import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ProgrammingError

from shampoo_tune.optimizer.config import OPTIMIZERS
from shampoo_tune.storage.database import create_or_open
from shampoo_tune.workloads import WORKLOADS
from tests.conftest import Run
from tests.postgresql import Server

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
STUDY_FILES = sorted((ROOT / "search_spaces").glob("*.yaml"))
TINY = ["--set", "budget.trials=2", "--set", "budget.seeds=2", "--set", "budget.steps=2"]


def blocks(language: str) -> list[str]:
    """The fenced blocks of one language in all pages."""
    fence = re.compile(rf"^```{language}\n(.*?)^```$", re.DOTALL | re.MULTILINE)
    return [block for page in PAGES for block in fence.findall(page.read_text())]


@pytest.mark.parametrize("steps", [20, 2512])
@pytest.mark.parametrize("block", blocks("yaml"))
def test_every_yaml_block_is_a_study_file(
    shampoo_tune: Run, tmp_path: Path, block: str, steps: int
) -> None:
    path = tmp_path / "block.yaml"
    path.write_text(block)
    shown = shampoo_tune("launch", path, "--dry-run", "--set", f"budget.steps={steps}").stdout
    assert f"runs of {steps} steps" in shown


@pytest.mark.parametrize("steps", [20, 2512])
@pytest.mark.parametrize("path", STUDY_FILES, ids=lambda path: path.name)
def test_every_shipped_study_file_loads(shampoo_tune: Run, path: Path, steps: int) -> None:
    shown = shampoo_tune("launch", path, "--dry-run", "--set", f"budget.steps={steps}").stdout
    assert f"runs of {steps} steps" in shown
    # On digits or a page of text: a demonstration. On ImageNet: not run yet, or a published point.
    said = path.read_text()
    assert "demonstration" in said or "ImageNet" in said.splitlines()[0]


def test_every_sql_block_answers_the_same_on_both_engines(
    shampoo_tune: Run, tmp_path: Path, postgresql: Server
) -> None:
    small = ["--set", "workload.name=mlp_digits", "--name", "resnet"]
    shampoo_tune("launch", ROOT / "search_spaces" / "resnet.yaml", *small, *TINY)
    server = postgresql.make_database()
    shampoo_tune("db", "backup", server)
    file, on_server = (
        create_engine(address) for address in (f"sqlite:///{tmp_path / 'shampoo-tune.db'}", server)
    )
    assert blocks("sql")
    with file.connect() as one, on_server.connect() as other:
        for block in blocks("sql"):
            answer = one.execute(text(block)).all()
            assert answer
            assert other.execute(text(block)).all() == answer, block
    file.dispose()
    on_server.dispose()


def test_the_account_for_grafana_reads_views_and_no_table(
    shampoo_tune: Run, postgresql: Server
) -> None:
    address = postgresql.make_database()
    shampoo_tune("db", "upgrade", "--db", address)
    (grants,) = blocks("plpgsql")
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.execute(text(grants))
        connection.execute(text("set local role grafana"))
        assert connection.execute(text("select count(*) from v1_trials")).scalar() == 0
    with engine.connect() as connection:
        connection.execute(text("set local role grafana"))
        with pytest.raises(ProgrammingError, match="permission denied"):
            connection.execute(text("select count(*) from trials"))
    with engine.begin() as connection:  # roles are the server's, which other tests share
        connection.execute(text("drop owned by grafana"))
        connection.execute(text("drop role grafana"))
    engine.dispose()


def test_datasettes_questions_have_answers(shampoo_tune: Run, tmp_path: Path) -> None:
    small = ["--set", "workload.name=mlp_digits", "--name", "resnet"]
    shampoo_tune("launch", ROOT / "search_spaces" / "resnet.yaml", *small, *TINY)
    page = (ROOT / "docs" / "grafana_datasette.md").read_text()
    (block,) = re.findall(r"^```json\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    queries = json.loads(block)["databases"]["browse"]["queries"]
    with closing(sqlite3.connect(tmp_path / "shampoo-tune.db")) as connection:
        for query in queries.values():
            assert connection.execute(query["sql"], {"study": "resnet/shampoo"}).fetchall()


def test_every_view_of_the_page_has_these_columns(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "database.md").read_text()
    sections = re.findall(r"^### `(v1_\w+)`\n(.*?)(?=^#)", page, re.MULTILINE | re.DOTALL)
    create_or_open(f"sqlite:///{tmp_path / 'study.db'}").close()
    connection = sqlite3.connect(tmp_path / "study.db")
    views = connection.execute("select name from sqlite_master where type = 'view'").fetchall()
    assert {name for name, _ in sections} == {name for (name,) in views if name.startswith("v1_")}
    for name, section in sections:
        told = re.findall(
            r"^\| ([\w, ]+) \| (?:text|integer|number|time) \|", section, re.MULTILINE
        )
        cursor = connection.execute(f"select * from {name}")  # noqa: S608
        assert ", ".join(told) == ", ".join(column[0] for column in cursor.description)
    connection.close()


def test_every_python_block_runs(shampoo_tune: Run, tmp_path: Path) -> None:
    quick = ROOT / "search_spaces" / "resnet.yaml"
    shampoo_tune("launch", quick, "--set", "workload.name=mlp_digits", "--name", "x", *TINY)
    shampoo_tune("best", "x/shampoo", "-o", "best.yaml")
    shampoo_tune("approve", "x/shampoo", "--note", "of the pages")
    shampoo_tune("report", "x", "-o", "report.html")
    assert blocks("python")
    for block in blocks("python"):
        subprocess.run([sys.executable, "-c", block], cwd=tmp_path, check=True)


def test_every_arm_and_every_workload_with_its_arguments_is_named() -> None:
    page = (ROOT / "docs" / "study_files.md").read_text()
    arguments = (name for entry in WORKLOADS.values() for name in entry.arguments or ())
    for name in (*OPTIMIZERS, *WORKLOADS, *arguments):
        assert f"`{name}`" in page


def test_the_readme_shows_what_the_program_prints() -> None:
    readme = (ROOT / "README.md").read_text()
    assert "a demonstration, not evidence about ImageNet" in readme
    shown = readme.split("<!-- launch -->")[1].split("<!-- /launch -->")[0]
    assert "n = 1,797" in shown
    assert "95 % interval over seeds" in shown
