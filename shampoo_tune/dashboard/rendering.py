"""Templates, static files and JSON: the last step of every answer."""

import functools
import hashlib
import json
from importlib import resources
from typing import Any
from urllib.parse import quote

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request

from shampoo_tune.tuner.formatting import show_seconds, show_value

_STATIC = {
    "report.css": ("shampoo_tune.tuner.report", "templates/report.css", "text/css"),
    "dashboard.css": ("shampoo_tune.dashboard", "static/dashboard.css", "text/css"),
    "live.js": ("shampoo_tune.dashboard", "static/live.js", "text/javascript"),
    "marks.js": ("shampoo_tune.dashboard", "static/marks.js", "text/javascript"),
    "icon.svg": ("shampoo_tune.dashboard", "static/icon.svg", "image/svg+xml"),
}


def render(template: str, request: Request, **values: Any) -> str:
    """A page. Every name and value is escaped; drawings were escaped as they were written."""
    page = environment().get_template(template)
    return page.render(path=request.url.path, query=request.url.query, **values)


def json_bytes(document: Any) -> bytes:
    """A document; NaN and infinities are refused, for JSON has neither."""
    text = json.dumps(document, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    return text.encode()


def study_url(name: str, *rest: object) -> str:
    """The page of a study, or what lies below it."""
    group, _, arm = name.partition("/")
    return "/".join(("/studies", quote(group, safe=""), quote(arm, safe=""), *map(str, rest)))


def api_url(name: str, *rest: object) -> str:
    """The same of the interface."""
    return f"/api/v1{study_url(name, *rest)}"


def static_url(name: str) -> str:
    """The address of a file, which changes with its contents, so that it may be kept for good."""
    return f"/static/{name}?v={static_file(name)[2]}"


@functools.cache
def static_file(name: str) -> tuple[bytes, str, str]:
    """Contents, media type and digest of a file.

    Raises:
        KeyError: there is no such file.
    """
    package, path, media_type = _STATIC[name]
    contents = resources.files(package).joinpath(path).read_bytes()
    return contents, media_type, hashlib.sha256(contents).hexdigest()[:12]


def compile_templates() -> None:
    """Those of the pages, which are compiled when first asked for otherwise."""
    for name in _pages().list_templates():
        environment().get_template(name)


@functools.cache
def _pages() -> PackageLoader:
    return PackageLoader("shampoo_tune.dashboard", "templates")


@functools.cache
def environment() -> Environment:
    """The templates of the pages."""
    made = Environment(
        loader=ChoiceLoader([_pages(), PackageLoader("shampoo_tune.tuner.report", "templates")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(study_url=study_url, api_url=api_url, static_url=static_url, quote=quote)
    made.filters.update(drawing=Markup, seconds=show_seconds, value=show_value)
    return made
