"""Who is let in, and what every answer carries."""

import http.client
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from shampoo_tune.dashboard.access import COOKIE, access_for, is_loopback
from shampoo_tune.dashboard.app import create_app
from shampoo_tune.storage.database import open_existing
from tests.dashboard.conftest import Place

TOKEN = "t" * 40
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def locked(completed: Place) -> Iterator[TestClient]:
    """A client of a dashboard that other machines can reach."""
    with open_existing(completed.address) as reader:
        app = create_app(reader, access_for("0.0.0.0", TOKEN))  # noqa: S104
        yield TestClient(app, base_url="http://10.0.0.7:8088", follow_redirects=False)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8088", "10.0.0.7", "", "[::2]"])
def test_another_host_name_is_refused_everywhere(client: TestClient, host: str) -> None:
    for path in ("/", "/api/v1/studies", "/healthz", "/static/live.js"):
        answer = client.get(path, headers={"Host": host})
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:1", "[::1]:8088", "LOCALHOST:8088"])
def test_names_of_this_machine_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


def test_names_of_sites_are_refused_where_every_address_is_listened_on(locked: TestClient) -> None:
    assert locked.get("/healthz", headers={"Host": "evil.example"}).status_code == 400
    assert locked.get("/healthz", headers={"Host": "192.168.1.2"}).status_code == 200


def test_the_printed_name_is_answered_where_every_address_is_listened_on(
    locked: TestClient,
) -> None:
    host = f"{socket.gethostname()}:8088"
    assert locked.get("/healthz", headers={"Host": host}).status_code == 200


def test_without_the_token_nothing_is_shown(locked: TestClient) -> None:
    page = locked.get("/studies/quick/nesterov")
    assert (page.status_code, page.headers["location"]) == (303, "/login")
    answer = locked.get("/api/v1/studies")
    assert (answer.status_code, answer.json()["title"]) == (401, "Token needed")
    assert answer.headers["www-authenticate"] == "Bearer"
    wrong = {"Authorization": f"Bearer {TOKEN[:-1]}"}
    assert locked.get("/api/v1/studies", headers=wrong).status_code == 401
    assert locked.get("/healthz").status_code == 200


def test_the_token_opens_and_the_form_gives_a_cookie_that_is_not_the_token(
    locked: TestClient,
) -> None:
    assert locked.get("/api/v1/studies", headers=BEARER).status_code == 200
    assert locked.post("/login", data={"token": "wrong"}).status_code == 403
    answer = locked.post("/login", data={"token": TOKEN})
    cookie = answer.headers["set-cookie"]
    assert TOKEN not in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert locked.get("/").status_code == 200
    locked.cookies.clear()
    assert locked.get("/", headers={"Cookie": f"{COOKIE}=other"}).status_code == 303


def test_every_answer_carries_the_policy(client: TestClient) -> None:
    for path in ("/", "/nothing", "/api/v1/studies", "/static/live.js"):
        policy = client.get(path).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert client.get(path).headers["x-content-type-options"] == "nosniff"


def test_a_fault_inside_tells_nothing_outside(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("shampoo_tune.dashboard.api.groups.approvals", fail)
    answer = client.get("/api/v1/best")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert "default-src" in answer.headers["content-security-policy"]


def test_the_database_is_opened_for_reading_only(completed: Place) -> None:
    with (
        open_existing(completed.address) as reader,
        reader.read() as connection,
        pytest.raises(OperationalError, match="readonly"),
    ):
        connection.exec_driver_sql("delete from runs")


def test_a_database_that_is_gone_is_told_by_readyz_alone(tmp_path: Path) -> None:
    from tests.dashboard.conftest import run_group

    run_group(tmp_path, lambda point, seed: 0.9, 1)
    path = tmp_path / "study.db"
    client = Place(f"sqlite:///{path}").client()
    assert client.get("/readyz").status_code == 200
    for file in tmp_path.glob("study.db*"):
        file.unlink()
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    ("host", "answer"),
    [("localhost", True), ("127.0.0.2", True), ("::1", True), ("0.0.0.0", False), ("a.b", False)],  # noqa: S104
)
def test_which_addresses_only_this_machine_reaches(host: str, answer: bool) -> None:
    assert is_loopback(host) is answer


def test_static_files_are_kept_for_good_under_their_digest(client: TestClient) -> None:
    page = client.get("/").text
    address = re.search(r'src="(/static/live.js\?v=\w+)"', page)
    assert address is not None
    assert "immutable" in client.get(address[1]).headers["cache-control"]
    assert client.get("/static/live.js").headers["cache-control"] == "no-cache"
    assert client.get("/static/..%2fapp.py").status_code == http.client.NOT_FOUND
