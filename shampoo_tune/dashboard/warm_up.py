"""What a server that stays does a moment after its start: its first visitor need not wait."""

import contextlib
import gc
import importlib
from collections.abc import Iterable

from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request

from shampoo_tune.dashboard.rendering import compile_templates, study_url
from shampoo_tune.dashboard.source import Source
from shampoo_tune.errors import ShampooTuneError
from shampoo_tune.storage.progress import newest_study

_ALLOCATIONS = 50_000  # between two looks of the garbage collector; Python's own number is 700


def warm_up(app: Starlette, modules: Iterable[str]) -> None:
    """Import modules, compile templates, and make the page of the newest study.

    All of it is then kept from the garbage collector. A study of ten thousand trials is a hundred
    thousand objects, none of which is garbage while its page is made; to look at them again and
    again was a quarter of the time.

    Args:
        app: the application, with its source.
        modules: that answer requests.
    """
    for module in modules:
        importlib.import_module(module)
    importlib.import_module("scipy.special")  # which scipy itself imports at the first interval
    compile_templates()
    # What is wrong with the database is told to whoever asks first.
    with contextlib.suppress(ShampooTuneError, SQLAlchemyError):
        _look_at_newest(app)
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS)


def _look_at_newest(app: Starlette) -> None:
    from shampoo_tune.dashboard.pages.study import study_page

    source: Source = app.state.source
    with source.reader.read() as connection:
        name = newest_study(connection)
    if name is not None:
        group, _, arm = name.partition("/")
        asked = {"type": "http", "method": "GET", "path": study_url(name), "query_string": b""}
        study_page(
            Request(
                {**asked, "app": app, "headers": [], "path_params": {"group": group, "arm": arm}}
            )
        )
