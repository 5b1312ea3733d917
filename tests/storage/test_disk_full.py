"""A full disk, or a server that is gone: one clear line, nothing lost, and it goes on later."""

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url, text

from benchmarks.postgresql import LocalServer, local_server
from shampoo_tune.errors import ShampooTuneError
from shampoo_tune.storage import records
from shampoo_tune.storage.checking import check
from shampoo_tune.storage.database import Database, create_or_open, open_existing
from shampoo_tune.storage.failures import StorageError
from tests.conftest import QUICK, QUICK_RUNS
from tests.storage.conftest import GROUP, new_study

PASSWORD = "tiger"  # noqa: S105  (of a server that asks for none)
SMALL_DISK, LARGE_DISK = "size=2m", "size=20m"


class Disk:
    """A file system of its own in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self, leave: int) -> None:
        """Let another program take all but `leave` bytes."""
        while (taken := shutil.disk_usage(self.folder).free - leave) > 0:
            with self._filler.open("ab") as file, suppress(OSError):
                file.write(bytes(taken))

    def free(self) -> None:
        self._filler.unlink()

    def grow(self) -> None:
        _run("mount", "-o", f"remount,{LARGE_DISK}", str(self.folder))


def _run(*command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = _run("mount", "-t", "tmpfs", "-o", SMALL_DISK, "none", str(folder))
    if mounted.returncode:
        pytest.skip(f"this account may not mount a file system: {mounted.stderr.strip()}")
    yield Disk(folder)
    assert _run("umount", str(folder)).returncode == 0


def create_group(database: Database, number: int) -> None:
    studies = [new_study(name=f"g{number}/shampoo")]
    with database.write() as connection:
        records.create_group(connection, {**GROUP, "name": f"g{number}"}, studies)


def fill_with_groups(database: Database) -> tuple[int, StorageError]:
    """How many could be created, and why no more."""
    for number in count():
        try:
            create_group(database, number)
        except StorageError as full:
            return number, full
    raise AssertionError("the disk has no end")


def count_groups(database: Any) -> int:
    """How many groups there are; the database is whole."""
    with database.read() as connection:
        assert [problem for c in check(connection) for problem in c.problems] == []
        return int(connection.execute(text("select count(*) from groups")).scalar_one())


def test_a_full_disk_is_told_and_loses_nothing(disk: Disk) -> None:
    address = f"sqlite:///{disk.folder / 'study.db'}"
    with create_or_open(address) as database:
        created, told = fill_with_groups(database)
    assert "there is no space left: free some; nothing that was stored is lost" in str(told)
    assert f"the database {address}" in str(told)
    assert told.exit_code == 1
    with open_existing(address) as reader:
        assert count_groups(reader) == created
    disk.grow()
    with create_or_open(address) as database:
        assert count_groups(database) == created
        create_group(database, created)
        assert count_groups(database) == created + 1


def test_no_space_for_a_new_database_is_told(disk: Disk) -> None:
    disk.fill(leave=8192)
    with pytest.raises(StorageError, match="there is no space left"):
        create_or_open(f"sqlite:///{disk.folder / 'study.db'}")
    disk.free()
    create_or_open(f"sqlite:///{disk.folder / 'study.db'}").close()


class Launch:
    """The command line in a folder that is not the full one."""

    def __init__(self, folder: Path, address: str) -> None:
        self._folder = folder
        self.address = address
        (folder / "quick.yaml").write_text(QUICK)

    def start(self) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "shampoo_tune", "launch", "quick.yaml"]
        return subprocess.Popen(
            [*command, "--json", "--workers", "1", "--db", self.address],
            cwd=self._folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def finish(self) -> Any:
        with self.start() as process:
            output, told = process.communicate(timeout=240)
        assert process.returncode == 0, told
        return json.loads(output)

    def stop_after_runs(self, process: "subprocess.Popen[str]", count: int) -> None:
        """Let it go on in turns too short for all runs, until so many have their verdict.

        Its process is stopped then, so a slow machine cannot end before it is disturbed.
        """
        while self._completed() < count:
            process.send_signal(signal.SIGCONT)
            time.sleep(0.1)
            process.send_signal(signal.SIGSTOP)
            assert process.poll() is None, "it ended"

    def _completed(self) -> int:
        query = text("select count(*) from runs where state = 'completed'")
        try:
            with open_existing(self.address) as reader, reader.read() as connection:
                return int(connection.execute(query).scalar_one())
        except ShampooTuneError:
            return 0  # there are no tables yet

    def curves(self) -> list[Any]:
        query = "select * from v1_curves order by trial, phase, seed, step, metric"
        with open_existing(self.address) as reader, reader.read() as connection:
            return list(connection.execute(text(query)).all())


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, list[Any]]:
    """What a launch that nothing disturbs prints and stores."""
    folder = tmp_path_factory.mktemp("undisturbed")
    launch = Launch(folder, f"sqlite:///{folder / 'study.db'}")
    return launch.finish(), launch.curves()


def require_told(process: "subprocess.Popen[str]", words: str) -> None:
    """It ends with exit code 1 and one line of an error."""
    output, told = process.communicate(timeout=240)
    assert (process.returncode, output) == (1, "")
    errors = [line for line in told.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1, told
    assert words in errors[0]
    assert "Traceback" not in told
    assert PASSWORD not in told


def test_a_launch_goes_on_when_there_is_space_again(
    disk: Disk, tmp_path: Path, undisturbed: tuple[Any, list[Any]]
) -> None:
    disk.grow()
    launch = Launch(tmp_path, f"sqlite:///{disk.folder / 'study.db'}")
    with launch.start() as process:
        launch.stop_after_runs(process, 2)
        disk.fill(leave=0)
        process.send_signal(signal.SIGCONT)
        require_told(process, "there is no space left: free some")
    with open_existing(launch.address) as reader, reader.read() as connection:
        done = "select count(*) from runs where state = 'completed'"
        assert 2 <= connection.execute(text(done)).scalar_one() < QUICK_RUNS
    disk.free()
    assert (launch.finish(), launch.curves()) == undisturbed


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A server that only this test uses: it is stopped."""
    with local_server() as started:
        yield started


def test_a_launch_goes_on_when_the_server_is_back(
    server: LocalServer, tmp_path: Path, undisturbed: tuple[Any, list[Any]]
) -> None:
    url = make_url(server.address).set(drivername="postgresql+psycopg", password=PASSWORD)
    launch = Launch(tmp_path, url.render_as_string(hide_password=False))
    with launch.start() as process:
        launch.stop_after_runs(process, 2)
        server.stop()
        process.send_signal(signal.SIGCONT)
        require_told(process, "check the server; nothing that was stored is lost")
    server.start()
    assert (launch.finish(), launch.curves()) == undisturbed
