"""The server: a socket, the application, uvicorn."""

import contextlib
import socket
from collections.abc import Callable

import uvicorn

from shampoo_tune.dashboard.access import Access
from shampoo_tune.dashboard.app import create_app
from shampoo_tune.errors import ShampooTuneError
from shampoo_tune.storage.database import Reader

_BACKLOG = 128


def serve(
    reader: Reader, access: Access, host: str, port: int, listening: Callable[[str], None]
) -> None:
    """Answer requests until the process is told to stop.

    Args:
        reader: of the database.
        access: who may ask.
        host: a name or address of this machine.
        port: 0 takes one that is free.
        listening: called with the address for a browser, once requests would be answered.

    Raises:
        ShampooTuneError: the address cannot be listened on.
    """
    with contextlib.closing(_listen(host, port)) as listener:
        config = uvicorn.Config(
            create_app(reader, access, stays=True),
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=3,
        )
        listening(_address(host, listener.getsockname()[1]))
        uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=_BACKLOG)
    except OSError as error:
        raise ShampooTuneError(f"cannot listen on {host} port {port}: {error.strerror}") from None


def _address(host: str, port: int) -> str:
    reachable = {"0.0.0.0": socket.gethostname(), "::": socket.gethostname()}.get(host, host)  # noqa: S104
    shown = f"[{reachable}]" if ":" in reachable else reachable
    return f"http://{shown}:{port}/"
