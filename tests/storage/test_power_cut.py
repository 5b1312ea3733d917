"""A power cut loses the end of what was not yet on the disk, and leaves nothing in part.

The files of a stopped writer are copied, and the copy's log is cut where a disk could have lost it:
anywhere behind the frames that SQLite has begun to copy into the database, because it waits for the
disk before that. (Layout: sqlite.org/walformat.html.)
"""

import random
import shutil
import struct
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from shampoo_tune.storage.checking import check
from shampoo_tune.storage.database import create_or_open
from tests.storage.processes import Child, running
from tests.storage.processes.batches import (
    make_group,
    require_whole,
    require_whole_groups,
    store_batches,
)

CUTS = 30
_PAGES_PER_CHECKPOINT = 25  # SQLite's usual thousand would be one checkpoint in all of the test
_LOG_HEADER, _FRAME_HEADER = 32, 24

Damage = Callable[[bytes, int, random.Random], bytes]


def lost(log: bytes, begin: int, chance: random.Random) -> bytes:
    """The file was not yet longer."""
    del chance
    return log[:begin]


def zeros(log: bytes, begin: int, chance: random.Random) -> bytes:
    """The file was longer, its blocks not yet written."""
    del chance
    return log[:begin] + bytes(len(log) - begin)


def garbage(log: bytes, begin: int, chance: random.Random) -> bytes:
    """A block was written in part, or not, and those after it anyhow."""
    return log[:begin] + chance.randbytes(len(log) - begin)


def hole(log: bytes, begin: int, chance: random.Random) -> bytes:
    """Later blocks came to the disk before earlier ones."""
    end = min(len(log), begin + chance.randrange(1, 40_000))
    return log[:begin] + bytes(end - begin) + log[end:]


def first_unsafe_byte(log: bytes, index: bytes) -> int:
    """Where the frames end that a checkpoint has begun to copy, if any."""
    if len(log) < _LOG_HEADER:
        return 0
    (page,) = struct.unpack(">I", log[8:12])
    (attempted,) = struct.unpack("=I", index[128:132])
    return _LOG_HEADER + int(attempted) * (_FRAME_HEADER + int(page))


def copy_of(writer: Child, database: Path, copy: Path) -> tuple[list[int], bytes, int]:
    """Stop the writer, copy the database; returns what it acknowledged, its log, what is safe."""
    writer.stop()
    numbers = writer.heard()
    shutil.copy(database, copy)
    log, index = (Path(f"{database}-{end}").read_bytes() for end in ("wal", "shm"))
    writer.go_on()
    return numbers, log, first_unsafe_byte(log, index)


@pytest.mark.parametrize("damage", [None, lost, zeros, garbage, hole])
def test_a_copy_opens_and_has_nothing_in_part(tmp_path: Path, damage: Damage | None) -> None:
    database = tmp_path / "study.db"
    make_group(f"sqlite:///{database}")
    chance = random.Random(damage.__name__ if damage else "whole")
    cut, groups, numbers = 0, set(), []
    with running(store_batches, f"sqlite:///{database}", 0, True, _PAGES_PER_CHECKPOINT) as writer:
        numbers.append(writer.hear())
        for copied in range(CUTS):
            time.sleep(chance.uniform(0, 0.03))
            copy = tmp_path / f"copy-{copied}.db"
            said, log, safe = copy_of(writer, database, copy)
            numbers += said
            begin = chance.randint(min(safe, len(log)), len(log))
            cut += len(log) - begin
            left = damage(log, begin, chance) if damage else log
            Path(f"{copy}-wal").write_bytes(left)
            groups.add(require_sound(copy, len(numbers), complete=damage is None))
    assert numbers == list(range(len(numbers)))
    assert len(groups) > 2  # the copies are of different moments
    assert cut > 0


def require_sound(copy: Path, acknowledged: int, *, complete: bool) -> int:
    """The copy is a state that the database was in; returns how many groups there are."""
    with create_or_open(f"sqlite:///{copy}") as opened, opened.read() as connection:
        assert [problem for c in check(connection) for problem in c.problems] == []
        if complete:
            require_whole(connection, {0: acknowledged})
        else:
            require_whole(connection, {0: 0}, most=acknowledged + 1)
        return require_whole_groups(connection)
