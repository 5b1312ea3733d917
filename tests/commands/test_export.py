"""`export` as a user runs it: the rows of `shampoo_tune.open()`, exact, whole or not at all."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import shampoo_tune as package
from shampoo_tune.storage import records
from shampoo_tune.storage.database import create_or_open
from tests.conftest import Run
from tests.storage.conftest import GROUP, new_study
from tests.storage.golden_group import write_golden_group

TABLES = ("trials", "curves", "seed_medians", "steps_to_target")


@pytest.fixture
def database(tmp_path: Path) -> str:
    """The command line's own default."""
    address = f"sqlite:///{tmp_path / 'shampoo-tune.db'}"
    write_golden_group(address)
    return address


def frame_of(address: str, study: str, table: str) -> pd.DataFrame:
    with package.open(address) as results:
        frame: pd.DataFrame = getattr(results, table)(study)
        return frame


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("study", ["g", "g/adamw"])
def test_parquet_is_the_frame_itself(
    shampoo_tune: Run, database: str, tmp_path: Path, study: str, table: str
) -> None:
    told = shampoo_tune("export", study, "--table", table, "-o", "out.parquet")
    frame = frame_of(database, study, table)
    assert f"wrote {len(frame)} rows to out.parquet" in told.stderr
    assert told.stdout == ""
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "out.parquet"), frame)


@pytest.mark.parametrize("table", TABLES)
def test_csv_has_every_number_exactly(shampoo_tune: Run, database: str, table: str) -> None:
    frame = frame_of(database, "g", table)
    names, *rows = csv.reader(io.StringIO(shampoo_tune("export", "g", "--table", table).stdout))
    assert names == list(frame.columns)
    cells = frame.astype(object).where(frame.notna(), "")
    assert rows == [list(map(str, row)) for row in cells.itertuples(index=False)]
    if table == "trials":
        assert "0.30000000000000004" in {row[names.index("params_learning_rate")] for row in rows}


@pytest.mark.parametrize("table", TABLES)
def test_json_has_null_where_a_value_is_missing(
    shampoo_tune: Run, database: str, table: str
) -> None:
    frame = frame_of(database, "g/shampoo", table)
    document = json.loads(
        shampoo_tune("export", "g/shampoo", "--table", table, "--format", "json").stdout
    )
    assert {key: document[key] for key in ("schema", "study", "table")} == {
        "schema": "shampoo-tune/export/v1",
        "study": "g/shampoo",
        "table": table,
    }
    again = pd.DataFrame(document["rows"], columns=frame.columns).astype(frame.dtypes)
    pd.testing.assert_frame_equal(again, frame)
    assert frame.isna().any(axis=None) == ("null" in json.dumps(document["rows"]))


def test_no_rows_are_a_document_without_rows(shampoo_tune: Run, tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'shampoo-tune.db'}"
    with create_or_open(address) as opened, opened.write() as connection:
        records.create_group(connection, GROUP, [new_study()])
    told = shampoo_tune("export", "g", "--table", "curves", "--format", "json").stdout
    assert json.loads(told)["rows"] == []
    told = shampoo_tune("export", "g", "--table", "curves").stdout
    assert told == "study,trial,phase,seed,step,metric,value\n"


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["other"], 4, "no group 'other'"),
        (["g", "-o", "out.xlsx"], 2, "ends in none of .csv, .parquet, .json"),
        (["g", "-o", "taken.csv"], 2, "taken.csv exists already"),
        (["g", "-o", "missing/out.csv"], 2, "cannot write missing/out.csv: No such file"),
        (["g", "--format", "xml"], 2, "'xml' is not one of 'csv', 'parquet', 'json'"),
        (["g", "--table", "runs"], 2, "'runs' is not one of"),
    ],
)
def test_what_cannot_be_done_is_told_and_writes_nothing(
    shampoo_tune: Run, database: str, tmp_path: Path, arguments: list[str], code: int, told: str
) -> None:
    assert database
    (tmp_path / "taken.csv").write_text("mine")
    before = sorted(tmp_path.iterdir())
    result = shampoo_tune("export", *arguments, code=code)
    assert told in result.stderr
    assert "Traceback" not in result.stderr
    assert (tmp_path / "taken.csv").read_text() == "mine"
    assert [p for p in sorted(tmp_path.iterdir()) if p.suffix not in (".db-wal", ".db-shm")] == [
        p for p in before if p.suffix not in (".db-wal", ".db-shm")
    ]


def test_binary_data_are_not_printed_on_a_terminal(database: str, tmp_path: Path) -> None:
    assert database
    ours, terminal = os.openpty()
    command = [sys.executable, "-m", "shampoo_tune", "export", "g", "--format", "parquet"]
    result = subprocess.run(
        command, cwd=tmp_path, stdout=terminal, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(ours)
    os.close(terminal)
    assert (result.returncode, "name a file with -o" in result.stderr) == (2, True)


def test_a_reader_that_has_enough_is_no_error(database: str, tmp_path: Path) -> None:
    assert database
    command = [sys.executable, "-m", "shampoo_tune", "export", "g", "--table", "curves"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        told = process.stderr.read().decode()
    assert (process.returncode, told) == (1, "")
