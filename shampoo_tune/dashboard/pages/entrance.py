"""Where a person shows the token once, and the server's own signs of life."""

from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from shampoo_tune.dashboard.access import COOKIE
from shampoo_tune.dashboard.rendering import render, static_file
from shampoo_tune.dashboard.source import source_of
from shampoo_tune.dashboard.tokens import cookie_of, is_token
from shampoo_tune.errors import NotFoundError, ShampooTuneError
from shampoo_tune.storage.database import schema_of

_LONGEST_FORM = 4_096  # bytes
_FOR_GOOD = "public, max-age=31536000, immutable"


async def login(request: Request) -> Response:
    """The form, and what it sends."""
    token = request.app.state.token
    if token is None:
        return RedirectResponse("/", 303)
    if request.method != "POST":
        return Response(render("login.html", request, wrong=False), media_type="text/html")
    if not is_token(await _given(request), token):
        return Response(render("login.html", request, wrong=True), 403, media_type="text/html")
    answer = RedirectResponse("/", 303)
    answer.set_cookie(
        COOKIE, cookie_of(token), httponly=True, samesite="strict", secure=_is_secure(request)
    )
    return answer


def healthz(request: Request) -> Response:
    """The process answers."""
    del request
    return PlainTextResponse("ok\n")


def readyz(request: Request) -> Response:
    """The database can be read and has the version of this program."""
    try:
        version = schema_of(source_of(request).reader.url)
    except ShampooTuneError as error:
        return PlainTextResponse(f"not ready: {error}\n", 503)
    return PlainTextResponse("ready\n" if version is not None else "not ready: no tables\n",
                             200 if version is not None else 503)  # fmt: skip


def static(request: Request) -> Response:
    """A file of the pages; its address changes with its contents."""
    try:
        contents, media_type, digest = static_file(request.path_params["name"])
    except KeyError:
        raise NotFoundError("no such file") from None
    kept = _FOR_GOOD if request.query_params.get("v") == digest else "no-cache"
    return Response(contents, 200, {"Cache-Control": kept}, media_type)


async def _given(request: Request) -> str:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LONGEST_FORM:
            return ""
    return parse_qs(body.decode("utf-8", "replace")).get("token", [""])[0].strip()


def _is_secure(request: Request) -> bool:
    return request.url.scheme == "https"
