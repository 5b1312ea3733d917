"""A dashboard as a process, and a real browser that looks at it."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import REQUIRED_PARTS

_NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str:
    """The browser's program; skips the test without it, unless SHAMPOO_TUNE_REQUIRE names it."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is not None:
        return found
    if "chromium" in REQUIRED_PARTS:
        pytest.fail("SHAMPOO_TUNE_REQUIRE names chromium, and there is none: apt install chromium")
    pytest.skip("no Chromium on this machine; `apt install chromium` gives one")


@contextlib.contextmanager
def started_browser() -> Iterator[Browser]:
    """A headless Chromium."""
    program = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextlib.contextmanager
def serving(address: str) -> Iterator[str]:
    """A dashboard of a database as its own process; gives its address without the last slash."""
    process = subprocess.Popen(
        [sys.executable, "-m", "shampoo_tune", "dashboard", "--port", "0", "--db", address],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        cwd=Path(__file__).parents[2],
    )
    try:
        if process.stdout is None:
            raise AssertionError("its output is a pipe")
        yield process.stdout.readline().strip().rstrip("/")
    finally:
        process.terminate()
        process.wait(timeout=20)
        if process.stdout is not None:
            process.stdout.close()


class Witness:
    """What a page complained of, and which other machines it asked."""

    def __init__(self, page: Page, address: str) -> None:
        self.complaints: list[str] = []
        self.strangers: list[str] = []
        self.asked: list[str] = []
        page.on("console", lambda m: self.complaints.append(m.text) if m.type != "log" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._note(request.url, address))

    def _note(self, url: str, address: str) -> None:
        self.asked.append(url)
        if not url.startswith((address, "data:")):
            self.strangers.append(url)
