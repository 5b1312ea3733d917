"""All pages that are made from the code, and the sentence that says so on each."""

from collections.abc import Callable

from scripts.reference.commands import commands
from scripts.reference.interface import interface
from scripts.reference.names import names
from scripts.reference.views import views

_MADE = "\n<!-- Made from the code by `python -m scripts.reference`; a test compares them. -->\n"


def _marked(make: Callable[[], str]) -> Callable[[], str]:
    def page() -> str:
        title, _, rest = make().partition("\n")
        return f"{title}\n{_MADE}{rest}"

    return page


PAGES: dict[str, Callable[[], str]] = {
    "cli.md": _marked(commands),
    "api.md": _marked(interface),
    "views.md": _marked(views),
    "python.md": _marked(names),
}
