"""`doctor` finds what would break a launch, and says so without breaking itself."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Run
from tests.postgresql import Server
from tests.storage.old_databases import restore

NAMES = ["program", "packages", "optional packages", "workload packages", "devices", "cores",
         "compilation cache", "database", "disk"]  # fmt: skip


def examined(folder: Path, *arguments: str, **environment: str) -> tuple[int, dict[str, Any]]:
    """Exit code, and the findings by their names."""
    result = subprocess.run(
        [sys.executable, "-m", "shampoo_tune", "doctor", "--json", *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    document = json.loads(result.stdout)
    assert document["schema"] == "shampoo-tune/doctor/v1"
    assert [finding["name"] for finding in document["findings"]] == NAMES
    return result.returncode, {finding["name"]: finding for finding in document["findings"]}


def test_a_machine_in_order_has_no_problem(shampoo_tune: Run, tmp_path: Path) -> None:
    code, found = examined(tmp_path)
    assert code == 0, found
    assert "x cpu (cpu)" in found["devices"]["value"]
    assert "jaxlib 0." in found["packages"]["value"]
    assert "made by the first launch" in found["database"]["value"]
    assert list(tmp_path.iterdir()) == []
    shown = shampoo_tune("doctor").stdout
    assert [line.split(":")[0] for line in shown.splitlines()] == [f"ok      {n}" for n in NAMES]


def test_a_server_is_told_with_its_version(postgresql: Server, tmp_path: Path) -> None:
    address = postgresql.make_database()
    code, found = examined(tmp_path, "--db", address)
    assert (code, found["database"]["problem"]) == (0, None)


def test_what_is_broken_is_told_with_its_remedy(shampoo_tune: Run, tmp_path: Path) -> None:
    restore(1, tmp_path / "shampoo-tune.db")
    (tmp_path / "cache").write_text("a file")
    code, found = examined(
        tmp_path,
        JAX_PLATFORMS="tpu_that_is_not_here",
        JAX_COMPILATION_CACHE_DIR=str(tmp_path / "cache" / "here"),
    )
    assert code == 1
    assert "shampoo-tune db upgrade" in found["database"]["problem"]
    assert "tpu_that_is_not_here" in found["devices"]["problem"]
    assert "workers compile anew each time" in found["compilation cache"]["problem"]
    assert "PROBLEM database" in shampoo_tune("doctor", code=1).stdout


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("nonsense", "--db needs an address"),
        ("postgresql://user:secret@127.0.0.1:1/none", "cannot open the database"),
    ],
)
def test_an_address_that_leads_nowhere_is_a_finding(
    tmp_path: Path, address: str, told: str
) -> None:
    code, found = examined(tmp_path, "--db", address)
    assert code == 1
    assert told in found["database"]["problem"]
    assert "secret" not in json.dumps(found)
