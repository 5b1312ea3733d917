"""The address of a cluster: its form, which one `auto` is, and whether anybody is there."""

import os
import re
import socket
from pathlib import Path

from shampoo_tune.errors import InvalidInputError, ShampooTuneError

_CONNECT_SECONDS = 10.0


def check_address(address: str) -> None:
    """Whether an address is of a form that `reachable` knows.

    Raises:
        InvalidInputError: it is not.
    """
    if address != "auto" and not re.fullmatch(r"[^:/]+:\d+", address):
        raise InvalidInputError(f"--address {address!r}: write HOST:PORT, or auto")


def reachable(address: str) -> str:
    """HOST:PORT of a cluster where somebody listens; Ray itself would try for minutes.

    Args:
        address: HOST:PORT; or `auto`, which is what `RAY_ADDRESS` says, or else the cluster that
            `ray start` last made this machine a member of. Ray's own `auto` also takes any other
            cluster that has a process here, such as the private one of another launch.

    Raises:
        ShampooTuneError: there is none, or nobody listens there.
    """
    if address == "auto":
        address = os.environ.get("RAY_ADDRESS") or _joined()
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), _CONNECT_SECONDS).close()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ShampooTuneError(f"Ray: no cluster at {address}: {reason}") from error
    return address


def _joined() -> str:
    """What `ray start` wrote; asking Ray itself would import it before its settings are made."""
    folder = os.environ.get("RAY_TMPDIR") or os.environ.get("TMPDIR") or "/tmp"  # noqa: S108
    try:
        return (Path(folder) / "ray" / "ray_current_cluster").read_text().strip()
    except OSError:
        raise ShampooTuneError(
            "Ray: this machine belongs to no cluster: ray start joins one,"
            " RAY_ADDRESS=HOST:PORT or --address HOST:PORT names one"
        ) from None
