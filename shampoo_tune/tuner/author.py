"""Who asks or approves, for the rows that people other than a controller add."""

import getpass
import os
import socket


def author() -> str:
    """`user@host`; the user's number where it has no name, as in a container."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"
