"""Finds processes by their names; some end while they are asked."""

import contextlib
from collections.abc import Iterable

import psutil


def named(prefix: str, processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Those that live and whose name begins so."""
    found = []
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.name().startswith(prefix):
                found.append(process)
    return found
