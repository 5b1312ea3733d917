"""The secret that opens a dashboard which other machines can reach."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from shampoo_tune.errors import InvalidInputError

_BYTES = 32
_SHORTEST = 16  # characters of a token that somebody wrote


def read_or_make_token(path: Path) -> str:
    """The token in a file that only its owner can read; made if there is no file.

    Raises:
        InvalidInputError: others may read the file, or it holds no token.
    """
    if not path.exists():
        return _make(path)
    if path.stat().st_mode & 0o077:
        raise InvalidInputError(f"others may read the token in {path}: chmod 600 {path}")
    token = path.read_text(encoding="utf-8").strip()
    if len(token) < _SHORTEST or not token.isascii():
        raise InvalidInputError(f"{path} holds no token of {_SHORTEST} ASCII characters or more")
    return token


def default_token_file() -> Path:
    """Where the token is kept unless a file is named."""
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "shampoo-tune" / "dashboard-token"


def is_token(given: str, token: str) -> bool:
    """Whether a text is the token, in a time that tells nothing of it."""
    return hmac.compare_digest(given.encode(), token.encode())


def cookie_of(token: str) -> str:
    """What a browser keeps instead: proves the token and does not give it away."""
    return hmac.new(token.encode(), b"shampoo-tune dashboard cookie", hashlib.sha256).hexdigest()


def _make(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    token = secrets.token_urlsafe(_BYTES)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f"{token}\n")
    return token
