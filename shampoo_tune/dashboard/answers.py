"""Answers with an entity tag: a browser that looks again is told that nothing has changed."""

import gzip
import hashlib
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from shampoo_tune.dashboard.rendering import json_bytes

_SMALLEST = 1_000  # bytes that are worth packing
_LEVEL = 3  # of a large page 8 % more bytes than level 5, in two thirds of its time


@dataclass(frozen=True)
class Packed:
    """A body in both forms, so that a page that is asked for again is not packed again.

    Attributes:
        plain: as it is.
        zipped: by gzip.
        tag: of its contents.
        media_type: such as `text/html`.
    """

    plain: bytes
    zipped: bytes
    tag: str
    media_type: str


def pack(body: bytes | str, media_type: str = "text/html") -> Packed:
    """Pack a body once."""
    plain = body.encode() if isinstance(body, str) else body
    tag = f'"{hashlib.sha256(plain).hexdigest()[:20]}"'
    zipped = gzip.compress(plain, _LEVEL, mtime=0) if len(plain) >= _SMALLEST else plain
    return Packed(plain, zipped, tag, media_type)


def send(request: Request, packed: Packed) -> Response:
    """The body, or 304 if the asker has it already."""
    headers = {"ETag": packed.tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding, Cookie"}
    if packed.tag in request.headers.get("if-none-match", ""):
        return Response(None, 304, headers)
    accepts = "gzip" in request.headers.get("accept-encoding", "")
    if accepts and packed.zipped is not packed.plain:
        headers["Content-Encoding"] = "gzip"
        return Response(packed.zipped, 200, headers, packed.media_type)
    return Response(packed.plain, 200, headers, packed.media_type)


def send_page(request: Request, page: str) -> Response:
    """A page that is not kept."""
    return send(request, pack(page))


def send_json(request: Request, document: Any) -> Response:
    """A JSON document that is not kept."""
    return send(request, pack(json_bytes(document), "application/json"))


def send_csv(request: Request, text: str) -> Response:
    """A table that is not kept."""
    return send(request, pack(text, "text/csv"))
