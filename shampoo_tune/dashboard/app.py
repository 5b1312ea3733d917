"""The application: which address is answered by what.

Pages that draw need numerical libraries. They are imported when first asked for, so that the list
of studies is there at once, or a moment after the start in a thread of their own.
"""

import contextlib
import importlib
import threading
from collections.abc import AsyncIterator, Callable

import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shampoo_tune.dashboard import problems
from shampoo_tune.dashboard.access import Access
from shampoo_tune.dashboard.guard import Guard
from shampoo_tune.dashboard.pages import entrance
from shampoo_tune.dashboard.pages.studies import studies_page
from shampoo_tune.dashboard.source import Source
from shampoo_tune.dashboard.warm_up import warm_up
from shampoo_tune.errors import ShampooTuneError
from shampoo_tune.storage.database import Reader

_HERE = "shampoo_tune.dashboard"
_STUDY = "/studies/{group}/{arm}"
_LATER: tuple[tuple[str, str, str], ...] = (
    (_STUDY, "pages.study", "study_page"),
    (f"{_STUDY}/more", "pages.study", "more_page"),
    (f"{_STUDY}/views/{{view}}", "pages.study", "view_page"),
    (f"{_STUDY}/trials", "pages.trials", "trials_page"),
    (f"{_STUDY}/trials/{{trial}}", "pages.trials", "trial_page_of"),
    ("/compare", "pages.compare", "compare_page"),
    ("/compare/views/{view}", "pages.compare", "compare_view_page"),
    ("/best", "pages.best", "best_page"),
    ("/running", "pages.running", "running_page"),
    ("/api/v1/studies", "api.studies", "studies"),
    (f"/api/v1{_STUDY}", "api.studies", "study"),
    (f"/api/v1{_STUDY}/trials", "api.studies", "trials"),
    (f"/api/v1{_STUDY}/trials.csv", "api.studies", "trials_csv"),
    (f"/api/v1{_STUDY}/trials/{{trial}}", "api.studies", "trial"),
    (f"/api/v1{_STUDY}/curves", "api.curves", "curves"),
    (f"/api/v1{_STUDY}/curves.csv", "api.curves", "curves_csv"),
    (f"/api/v1{_STUDY}/views/{{view}}.csv", "api.views", "view_csv"),
    (f"/api/v1{_STUDY}/views/{{view}}", "api.views", "view"),
    ("/api/v1/compare", "api.groups", "compare"),
    ("/api/v1/compare/views/{view}.csv", "api.groups", "compared_view_csv"),
    ("/api/v1/compare/views/{view}", "api.groups", "compared_view"),
    ("/api/v1/best", "api.groups", "best"),
    ("/api/v1/best/{group}/{arm}", "api.groups", "best_of"),
    ("/api/v1/openapi.json", "api.groups", "openapi"),
)
ANSWERING = tuple(dict.fromkeys(f"{_HERE}.{module}" for _, module, _ in _LATER))  # modules
_THREADS = 6
_WARM_UP_AFTER = 0.7  # seconds; the first page goes before


def create_app(reader: Reader, access: Access, *, stays: bool = False) -> Guard:
    """The dashboard of a database, behind its access rules.

    Args:
        reader: of the database.
        access: who may ask.
        stays: whether to warm up, in a thread, a moment after the start.
    """
    routes = [
        Route("/", studies_page),
        Route("/login", entrance.login, methods=["GET", "POST"]),
        Route("/healthz", entrance.healthz),
        Route("/readyz", entrance.readyz),
        Route("/static/{name}", entrance.static),
        *(Route(path, _later(f"{_HERE}.{module}", name)) for path, module, name in _LATER),
    ]
    app = Starlette(
        routes=routes,
        exception_handlers={
            ShampooTuneError: problems.on_known_error,
            HTTPException: problems.on_http_error,
            Exception: problems.on_any_error,
        },
        lifespan=_serving if stays else None,
    )
    app.state.source, app.state.token = Source(reader), access.token
    return Guard(app, access)


def _later(module: str, name: str) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:
        found: Response = getattr(importlib.import_module(module), name)(request)
        return found

    return answer


@contextlib.asynccontextmanager
async def _serving(app: Starlette) -> AsyncIterator[None]:
    # More would wait for each other: what takes time here is Python's.
    anyio.to_thread.current_default_thread_limiter().total_tokens = _THREADS
    timer = threading.Timer(_WARM_UP_AFTER, warm_up, [app, ANSWERING])
    timer.daemon = True
    timer.start()
    yield
    timer.cancel()
