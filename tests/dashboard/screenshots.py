"""Takes the pictures of the docs from a database with the group `digits` and the ladder `climb`.

Usage: python -m tests.dashboard.screenshots DATABASE FOLDER
"""

import sys
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser

from tests.dashboard.browsing import serving, started_browser

_DESKTOP, _PHONE = (1280, 900), (390, 844)
# Name -> path, window, colours, and whether the whole page is taken.
_PICTURES: dict[str, tuple[str, tuple[int, int], Literal["light", "dark"], bool]] = {
    "study": ("/studies/digits/shampoo", (1280, 1500), "light", False),
    "study-phone": ("/studies/digits/shampoo", (390, 1200), "light", False),
    "compare": ("/compare?group=digits", (1280, 1500), "light", False),
    "ladder": ("/compare/views/steps-to-target?group=climb-s60", (1280, 1090), "light", False),
    "compare-phone": ("/compare?group=digits", (390, 1200), "light", False),
    "trial": ("/studies/digits/shampoo/trials/0", _DESKTOP, "light", False),
    "studies-phone-dark": ("/?name=digits", _PHONE, "dark", False),
}


def main() -> None:
    """Take all pictures."""
    database, folder = sys.argv[1], Path(sys.argv[2])
    folder.mkdir(exist_ok=True)
    with serving(database) as url, started_browser() as browser:
        for name in _PICTURES:
            _take(browser, url, name, folder / f"{name}.png")


def _take(browser: Browser, url: str, name: str, path: Path) -> None:
    address, (width, height), scheme, whole = _PICTURES[name]
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    page.goto(url + address)
    page.screenshot(path=path, full_page=whole)
    page.close()


if __name__ == "__main__":
    main()
