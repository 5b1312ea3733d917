"""`dashboard` as a process: its address, its token, its end."""

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import Run
from tests.dashboard.conftest import Place, run_group

COMMAND = [sys.executable, "-m", "shampoo_tune", "dashboard", "--port", "0"]


def get(url: str, **headers: str) -> int:
    request = urllib.request.Request(url, headers=headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


@pytest.fixture
def place(tmp_path: Path) -> Place:
    run_group(tmp_path, lambda point, seed: 0.95, 3)
    return Place(f"sqlite:///{tmp_path / 'study.db'}")


def test_it_prints_its_address_answers_and_ends_with_the_signal(place: Place) -> None:
    process = subprocess.Popen(
        [*COMMAND, "--db", place.address],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    assert url.startswith("http://127.0.0.1:")
    assert get(url) == 200
    assert get(f"{url}api/v1/studies") == 200
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=20)
    assert (process.returncode, told) == (130, "")


def test_an_address_that_others_reach_asks_for_the_token_of_a_file(
    place: Place, tmp_path: Path
) -> None:
    process = subprocess.Popen(
        [*COMMAND, "--host", "0.0.0.0", "--db", place.address],  # noqa: S104
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "config")},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    port = process.stdout.readline().strip().rstrip("/").rpartition(":")[2]
    path = tmp_path / "config" / "shampoo-tune" / "dashboard-token"
    assert process.stderr.readline().strip() == f"the token is in {path}"
    url = f"http://127.0.0.1:{port}/api/v1/studies"
    assert get(url) == 401
    assert get(url, Authorization=f"Bearer {path.read_text().strip()}") == 200
    process.terminate()
    process.wait(timeout=20)
    process.stdout.close()
    process.stderr.close()


def test_what_cannot_be_served_is_refused(shampoo_tune: Run, place: Place, tmp_path: Path) -> None:
    missing = shampoo_tune("dashboard", "--db", f"sqlite:///{tmp_path / 'none.db'}", code=4)
    assert "there is no database" in missing.stderr
    token = tmp_path / "token"
    token.write_text("x" * 40)
    token.chmod(0o644)
    refused = shampoo_tune("dashboard", "--db", place.address, "--token-file", token, code=2)
    assert "chmod 600" in refused.stderr
    assert "x" * 40 not in refused.stderr


def test_without_a_database_no_token_is_made(
    shampoo_tune: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    address = f"sqlite:///{tmp_path / 'none.db'}"
    refused = shampoo_tune("dashboard", "--host", "0.0.0.0", "--db", address, code=4)  # noqa: S104
    assert "there is no database" in refused.stderr
    assert "token" not in refused.stderr
    assert not (tmp_path / "config").exists()


def test_nothing_heavy_is_loaded_to_serve(place: Place) -> None:
    program = f"""
import sys
from starlette.testclient import TestClient
from shampoo_tune.dashboard.access import access_for
from shampoo_tune.dashboard.app import create_app
from shampoo_tune.storage.database import open_existing
client = TestClient(create_app(open_existing({place.address!r}), access_for("localhost", None)),
                    base_url="http://localhost")
assert client.get("/").status_code == 200
print(*(name for name in ("numpy", "scipy", "jax", "pandas") if name in sys.modules))
for path in ("/studies/quick/nesterov", "/compare?group=quick", "/running", "/api/v1/openapi.json"):
    assert client.get(path).status_code == 200
print(*(name for name in ("scipy.stats", "jax", "pandas", "optuna", "ray") if name in sys.modules))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "\n\n"
