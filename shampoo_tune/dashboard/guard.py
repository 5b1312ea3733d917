"""The outermost layer: refuses who may not ask, and sets the headers of every answer."""

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shampoo_tune.dashboard.access import Access, Refusal
from shampoo_tune.dashboard.problems import problem

# Nothing but files of this server is loaded, and none of it is written into a page.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Guard:
    """An application behind its access rules."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the server's start and end."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        refusal = self._access.refusal(scope["path"], headers)
        answer = self.app if refusal is None else _refuse(refusal, Request(scope))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await answer(scope, receive, send_with_headers)


def _refuse(refusal: Refusal, request: Request) -> Response:
    if refusal == "host":
        return problem(
            400,
            "Unknown host",
            "This server does not answer to the name in the Host header; "
            "`shampoo-tune dashboard --allowed-host NAME` adds one.",
        )
    if request.url.path.startswith("/api/"):
        return problem(
            401,
            "Token needed",
            "Send the token of this server as `Authorization: Bearer TOKEN`.",
            {"WWW-Authenticate": "Bearer"},
        )
    return RedirectResponse("/login", 303)
