"""Errors as answers: problem documents (RFC 9457) for programs, a page for people.

What went wrong inside is in the server's log, never in an answer.
"""

import http
import logging
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from shampoo_tune.dashboard.rendering import json_bytes, render
from shampoo_tune.errors import (
    ConditionNotMetError,
    InvalidInputError,
    NotFoundError,
    ShampooTuneError,
)

_STATUS: tuple[tuple[type[ShampooTuneError], int], ...] = (
    (NotFoundError, 404),
    (InvalidInputError, 400),
    (ConditionNotMetError, 409),
    (ShampooTuneError, 503),  # of the storage: the database cannot be used any more
)
_LOG = logging.getLogger(__name__)


def problem(
    status: int, title: str, detail: str = "", headers: Mapping[str, str] | None = None
) -> Response:
    """A problem document."""
    document = {"type": "about:blank", "title": title, "status": status}
    if detail:
        document["detail"] = detail
    return Response(json_bytes(document), status, headers, "application/problem+json")


def on_known_error(request: Request, error: Exception) -> Response:
    """What a ShampooTuneError says, as it was written for people."""
    status = next(
        (status for kind, status in _STATUS if isinstance(error, kind)),
        http.HTTPStatus.INTERNAL_SERVER_ERROR,
    )
    return _answer(request, status, str(error))


def on_http_error(request: Request, error: Exception) -> Response:
    """What the framework refuses: unknown addresses and methods."""
    if not isinstance(error, HTTPException):
        raise error
    return _answer(request, error.status_code, "", error.headers)


def on_any_error(request: Request, error: Exception) -> Response:
    """A fault of this program."""
    _LOG.error("%s failed", request.url.path, exc_info=error)
    return _answer(request, 500, "The server's log says what happened.")


def _answer(
    request: Request, status: int, detail: str, headers: Mapping[str, str] | None = None
) -> Response:
    title = http.HTTPStatus(status).phrase
    if request.url.path.startswith("/api/"):
        return problem(status, title, detail, headers)
    page = render("error.html", request, title=title, detail=detail, status=status)
    return Response(page, status, headers, "text/html")
