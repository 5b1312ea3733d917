"""What is done before the first visitor comes is not done while he waits."""

import subprocess
import sys
from pathlib import Path

from shampoo_tune.storage.database import create_or_open
from tests.dashboard.conftest import Place

# In a process of its own, as a server is: what is imported there stays imported.
SERVER = """
import gc, sys
from starlette.testclient import TestClient
from shampoo_tune.dashboard import app, rendering
from shampoo_tune.dashboard.access import access_for
from shampoo_tune.dashboard.warm_up import warm_up
from shampoo_tune.storage.database import open_existing

served = app.create_app(open_existing(sys.argv[1]), access_for("127.0.0.1", None))
client = TestClient(served, base_url="http://127.0.0.1:8088")
assert client.get("/healthz").status_code == 200
warm_up(served.app, app.ANSWERING)
kept = served.app.state.source.pages
"""
VISITOR = """
imported, compiled = set(sys.modules), len(rendering.environment().cache)
newest, other = "/studies/quick/nesterov", "/studies/quick/adamw"
made = kept.last(newest)
assert client.get(newest).status_code == 200
print(kept.last(newest) is made is not None, kept.last(other))
assert client.get(other).status_code == 200
print(sorted(set(sys.modules) - imported), len(rendering.environment().cache) - compiled)
print(gc.get_freeze_count() > 10_000, "scipy.stats" in sys.modules, "jax" in sys.modules)
"""


def printed(script: str, address: str) -> list[str]:
    command = [sys.executable, "-c", script, address]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return done.stdout.splitlines()


def test_the_newest_page_is_made_and_the_first_visitor_of_another_imports_nothing(
    completed: Place,
) -> None:
    expected = ["True None", "[] 0", "True False False"]
    assert printed(SERVER + VISITOR, completed.address) == expected


def test_a_database_that_cannot_be_read_is_left_to_the_first_visitor_to_hear_of(
    completed: Place, tmp_path: Path
) -> None:
    """It was damaged since the server opened it."""
    path = tmp_path / "study.db"
    path.write_bytes(Path(completed.address.removeprefix("sqlite:///")).read_bytes())
    damage = f"open({str(path)!r}, 'r+b').write(b'x' * 4096)\n"
    script = SERVER.replace("warm_up(served", f"{damage}warm_up(served")
    told = printed(script + "print(client.get('/studies/quick/adamw').text)", f"sqlite:///{path}")
    assert any("the file is damaged" in line for line in told)


def test_a_database_without_studies_needs_no_page(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'study.db'}"
    with create_or_open(address):
        pass
    assert printed(SERVER + "print(client.get('/').status_code)", address) == ["200"]
