"""Who may ask: the Host header is checked, and the token where there is one.

A page on another site can make a browser send requests here under a name of its own that resolves
to this address; the Host header then carries that name.
"""

import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Literal

from shampoo_tune.dashboard.tokens import cookie_of, is_token

COOKIE = "shampoo_tune_dashboard"
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
_OPEN_PATHS = ("/healthz", "/readyz", "/login")

Refusal = Literal["host", "token"]


@dataclass(frozen=True)
class Access:
    """The rules of one server.

    Attributes:
        hosts: names and addresses that a Host header may carry.
        any_address: whether it may carry any address that is not a name.
        token: must be shown with each request; None asks for none.
    """

    hosts: frozenset[str]
    any_address: bool = False
    token: str | None = None

    def refusal(self, path: str, headers: dict[str, str]) -> Refusal | None:
        """Why a request is refused; None if it is not."""
        if not self._known_host(headers.get("host", "")):
            return "host"
        if self.token is None or path in _OPEN_PATHS or path.startswith("/static/"):
            return None
        return None if self._shows_token(self.token, headers) else "token"

    def _known_host(self, header: str) -> bool:
        name = host_name(header)
        return name in self.hosts or (self.any_address and _is_address(name))

    def _shows_token(self, token: str, headers: dict[str, str]) -> bool:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and is_token(given.strip(), token):
            return True
        return is_token(_cookie(headers.get("cookie", "")), cookie_of(token))


def access_for(host: str, token: str | None, more_hosts: Iterable[str] = ()) -> Access:
    """The rules of a server that listens on `host`."""
    everywhere = host in ("0.0.0.0", "::", "")  # noqa: S104  (compared, not listened on)
    names = {*LOOPBACK_NAMES, host, *more_hosts, *([socket.gethostname()] if everywhere else [])}
    return Access(frozenset(name.lower() for name in names), everywhere, token)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens on `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def host_name(header: str) -> str:
    """The name in a Host header, without its port and brackets."""
    if header.startswith("["):
        return header[1:].partition("]")[0].lower()
    return header.partition(":")[0].lower()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _cookie(header: str) -> str:
    try:
        cookies = SimpleCookie(header)
    except CookieError:
        return ""
    return cookies[COOKIE].value if COOKIE in cookies else ""
