"""The same answers from a server as from a file."""

from pathlib import Path
from typing import Any

from benchmarks.large_database import fill_large_database
from shampoo_tune.storage.database import open_existing
from tests.dashboard.conftest import client_of
from tests.postgresql import Server

STUDY = "/studies/large/shampoo"
API = f"/api/v1{STUDY}"
PAGES = ("/", STUDY, f"{STUDY}/trials", f"{STUDY}/trials/3", "/compare?group=large", "/best",
         "/running")  # fmt: skip
ANSWERS = (
    f"{API}/trials?sort=value", f"{API}/trials?sort=-value", f"{API}/trials?state=infeasible",
    f"{API}/trials?sort=-trial&limit=3&offset=4", f"{API}/trials/3", f"{API}/curves",
    f"{API}/views/seeds", f"{API}/views/history",
)  # fmt: skip


def test_every_page_and_answer_is_that_of_a_file(postgresql: Server, tmp_path: Path) -> None:
    addresses = (postgresql.make_database(), f"sqlite:///{tmp_path / 'study.db'}")
    found: list[list[Any]] = []
    for address in addresses:
        fill_large_database(address, 20, 4)
        with open_existing(address) as reader:  # a server's connections must not be left open
            client = client_of(reader)
            for path in PAGES:
                assert client.get(path).status_code == 200, path
            found.append([client.get(path).json() for path in ANSWERS])
    assert found[0] == found[1]
