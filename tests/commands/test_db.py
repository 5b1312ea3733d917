"""`db upgrade`, `db check`, `db backup` as a user runs them."""

import json
import sqlite3
from pathlib import Path

from tests.conftest import Run
from tests.postgresql import Server
from tests.storage.old_databases import restore


def test_an_old_database_is_refused_upgraded_and_read(shampoo_tune: Run, tmp_path: Path) -> None:
    address = restore(1, tmp_path / "shampoo-tune.db")
    told = shampoo_tune("status", code=5).stderr
    assert "shampoo-tune db upgrade --db sqlite:///shampoo-tune.db" in told
    assert "schema version 1, has schema version" not in told
    shown = shampoo_tune("db", "upgrade", "--db", address).stdout
    assert "had schema version 1, has schema version 4 now" in shown
    assert "has schema version 4 already" in shampoo_tune("db", "upgrade").stdout
    (study, _) = json.loads(shampoo_tune("status", "first", "--json").stdout)["studies"]
    assert (study["state"], study["runs_done"]) == ("completed", 11)
    assert "shampoo-tune/best" in shampoo_tune("best", "first/adamw").stdout


def test_the_same_file_launched_on_an_upgraded_database_trains_nothing(
    shampoo_tune: Run, tmp_path: Path
) -> None:
    restore(1, tmp_path / "shampoo-tune.db")
    shampoo_tune("db", "upgrade")
    connection = sqlite3.connect(tmp_path / "shampoo-tune.db")
    (document,) = connection.execute("select document from groups").fetchone()
    connection.close()
    (tmp_path / "first.yaml").write_text(document)  # JSON is YAML
    told = shampoo_tune("launch", "first.yaml", "--json")
    connection = sqlite3.connect(tmp_path / "shampoo-tune.db")
    assert connection.execute("select max(number), count(*) from attempts").fetchone() == (1, 24)
    connection.close()
    assert json.loads(told.stdout)["studies"][0]["state"] == "completed"


def test_there_is_nothing_to_upgrade_where_there_is_no_file(
    shampoo_tune: Run, tmp_path: Path
) -> None:
    assert "there is no database" in shampoo_tune("db", "upgrade", code=4).stderr
    assert list(tmp_path.iterdir()) == []


def test_an_empty_database_on_a_server_gets_its_tables(
    shampoo_tune: Run, postgresql: Server
) -> None:
    address = postgresql.make_database()
    shown = shampoo_tune("db", "upgrade", "--db", address).stdout
    assert "had no tables, has schema version 4 now" in shown
    assert shampoo_tune("status", "--db", address).stdout == ""


def test_check_tells_good_from_bad(shampoo_tune: Run, tmp_path: Path) -> None:
    restore(2, tmp_path / "shampoo-tune.db")
    shampoo_tune("db", "upgrade")
    assert "wrong" not in shampoo_tune("db", "check").stdout
    connection = sqlite3.connect(tmp_path / "shampoo-tune.db")
    connection.execute("delete from run_metrics where run_id = 2")
    connection.commit()
    connection.close()
    shown = shampoo_tune("db", "check", code=1).stdout
    assert "wrong every completed run has its values" in shown
    document = json.loads(shampoo_tune("db", "check", "--json", code=1).stdout)
    assert [c["rule"] for c in document["checks"] if c["problems"]] == [
        "every completed run has its values, and no other run has"
    ]


def test_a_study_moves_from_a_file_to_a_server_and_back(
    shampoo_tune: Run, tmp_path: Path, postgresql: Server
) -> None:
    restore(2, tmp_path / "shampoo-tune.db")
    shampoo_tune("db", "upgrade")
    server = postgresql.make_database()
    shampoo_tune("db", "backup", server)
    shampoo_tune("db", "backup", "back.db", "--db", server)
    told = [
        shampoo_tune("status", "second", "--json", *database).stdout
        for database in ([], ["--db", server], ["--db", "sqlite:///back.db"])
    ]
    assert told[0] == told[1] == told[2]
    assert "exists already" in shampoo_tune("db", "backup", "back.db", code=2).stderr
