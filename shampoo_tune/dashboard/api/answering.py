"""Answers of the interface."""

from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from shampoo_tune.dashboard.answers import send_json
from shampoo_tune.tuner.report.plain import to_plain


def send_document(request: Request, document: Any) -> Response:
    """A dataclass as JSON."""
    return send_json(request, with_times(to_plain(document)))


def with_times(value: Any) -> Any:
    """The document with its times in ISO 8601."""
    if isinstance(value, dict):
        return {key: with_times(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_times(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value
