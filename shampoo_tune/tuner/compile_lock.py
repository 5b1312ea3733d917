"""Lets one worker of a machine compile a program while the others wait to load it from the cache.

Compiling the same step in every worker at once takes each of them longer than it takes one alone.
"""

import fcntl
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def compiling(program: str) -> Iterator[None]:
    """Hold the lock of a program, named by anything that tells it from others.

    The lock is a file beside JAX's persistent cache. It is given back when the process ends,
    however it ends; without a cache there is nothing to wait for, and no lock.
    """
    cache = os.environ.get("JAX_COMPILATION_CACHE_DIR")
    if not cache:
        yield
        return
    Path(cache).mkdir(parents=True, exist_ok=True)
    name = f"compiling-{zlib.crc32(program.encode()):08x}.lock"
    with (Path(cache) / name).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
