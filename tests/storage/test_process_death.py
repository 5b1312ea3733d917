"""`kill -9` in the middle of batches loses no acknowledged one, and leaves none in part."""

import random
import time
from typing import Any

from shampoo_tune.storage.checking import check
from shampoo_tune.storage.database import open_existing
from tests.storage.processes import running
from tests.storage.processes.batches import make_group, require_whole, store_batches

KILLS = 50


def test_fifty_killed_writers_lose_nothing_that_was_acknowledged(make_url: Any) -> None:
    address = make_url()
    make_group(address)
    moments = random.Random(0)
    acknowledged: dict[int, int] = {}
    with open_existing(address) as database:
        for life in range(KILLS):
            with running(store_batches, address, life, False, 0) as writer:
                numbers = [writer.hear() for _ in range(moments.randint(1, 4))]
                time.sleep(moments.uniform(0, 0.02))
                writer.kill()
                numbers += writer.heard()
            assert numbers == list(range(len(numbers)))
            acknowledged[life] = len(numbers)
            with database.read() as connection:
                require_whole(connection, acknowledged)
        with database.read() as connection:
            assert [problem for c in check(connection) for problem in c.problems] == []
