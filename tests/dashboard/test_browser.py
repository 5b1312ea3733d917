"""What people see, in a real Chromium: at every size, without script, in the dark, by keyboard."""

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from benchmarks.large_database import fill_large_database
from shampoo_tune.storage.database import create_or_open
from tests.conftest import QUICK
from tests.dashboard.browsing import Witness, serving, started_browser
from tests.dashboard.conftest import Place

STUDY = "/studies/large/shampoo"
PAGES = (
    "/", STUDY, f"{STUDY}/more", f"{STUDY}/trials", f"{STUDY}/trials/3", f"{STUDY}/views/history",
    "/compare?group=large", "/compare/views/seeds?group=large", "/compare", "/best", "/running",
)  # fmt: skip
QUICK_PAGES = tuple(
    path.replace("large/shampoo", "quick/nesterov").replace("large", "quick") for path in PAGES
)
SIZES = (20, 1_000, 10_000)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started_browser() as browser:
        yield browser


@pytest.fixture(scope="module", params=SIZES, ids=str)
def sized(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory,
          browser: Browser) -> Iterator[tuple[str, int]]:  # fmt: skip
    """The address of a dashboard of a study with so many trials, and how many."""
    address = f"sqlite:///{tmp_path_factory.mktemp('large') / 'study.db'}"
    fill_large_database(address, request.param, 5)
    with serving(address) as url:
        yield url, request.param


@pytest.fixture(scope="module")
def small(completed: Place, browser: Browser) -> Iterator[str]:
    """The address of a dashboard of the group `quick`."""
    with serving(completed.address) as url:
        yield url


def test_no_page_complains_or_asks_another_machine(
    browser: Browser, sized: tuple[str, int]
) -> None:
    url, _ = sized
    page = browser.new_page()
    witness = Witness(page, url)
    for path in PAGES:
        page.goto(url + path)
        assert page.locator("h1").count() == 1
    assert witness.complaints == []
    assert witness.strangers == []
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, small: str, scheme: Any) -> None:
    page = browser.new_page(color_scheme=scheme)
    for path in (*QUICK_PAGES, "/nothing"):
        page.goto(small + path)
        result = Axe().run(page)
        found = [(v["id"], v["nodes"][0]["html"][:200]) for v in result.response["violations"]]
        assert found == [], path
    page.close()


def test_the_marks_of_the_history_are_where_the_data_are(
    browser: Browser, sized: tuple[str, int]
) -> None:
    url, trials = sized
    page = browser.new_page()
    page.goto(url + STUDY)
    view = _json(f"{url}/api/v1{STUDY}/views/history")
    drawn = page.evaluate(_MARKS, "#history svg")
    values = np.array([np.nan if v is None else v for v in view["values"]], float)
    feasible = ~np.isnan(values)
    assert len(drawn["dots"]) == feasible.sum()
    assert drawn["crosses"] == trials - feasible.sum()
    across, up = _scale(drawn["across"]), _scale(drawn["up"])
    window = view["window"]
    expected = np.stack(
        [across(np.array(view["trials"])[feasible]),
         up(np.clip(values[feasible], window["low"], window["high"]))], axis=1
    )  # fmt: skip
    # Values beyond the window lie on the frame's edge, a margin further.
    inside = (values[feasible] >= window["low"]) & (values[feasible] <= window["high"])
    assert np.abs(np.array(drawn["dots"]) - expected)[inside].max() < 0.2
    page.close()


def test_the_marks_of_the_first_axis_plot_are_where_the_data_are(
    browser: Browser, small: str
) -> None:
    page = browser.new_page()
    page.goto(f"{small}/studies/quick/nesterov")
    view = _json(f"{small}/api/v1/studies/quick/nesterov/views/axis-plots")
    drawn = page.evaluate(_MARKS, "#axis-plots svg")
    up = _scale(drawn["up"])
    by_trial = dict(zip(view["trials"], view["values"], strict=True))
    for title, place in drawn["titled"]:
        trial = int(re.fullmatch(r"trial (\d+): .*", title)[1])  # type: ignore[index]
        if by_trial[trial] is not None:
            assert abs(up(np.array(by_trial[trial])) - place[1]) < 0.2
    assert len(drawn["titled"]) == len(view["trials"])
    page.close()


def test_a_mark_opens_its_trial(browser: Browser, small: str) -> None:
    page = browser.new_page()
    page.goto(f"{small}/studies/quick/nesterov")
    mark = page.locator("#history circle").first
    title = mark.locator("title").text_content() or ""
    mark.click(force=True)
    page.wait_for_url(re.compile(rf"/trials/{title.split(':')[0].removeprefix('trial ')}$"))
    page.close()


@pytest.mark.parametrize("kind", ["dot", "cross"])
def test_a_mark_among_thousands_opens_its_trial(
    browser: Browser, sized: tuple[str, int], kind: str
) -> None:
    url, trials = sized
    page = browser.new_page()
    page.goto(url + STUDY)
    path = page.locator(f"#history path[data-trials].{kind}")
    if trials < 10_000:  # every trial has a mark of its own
        expect(path).to_have_count(0)
        page.close()
        return
    assert page.locator("#axis-plots path.top").count() > 0
    expect(page.locator("#axis-plots path.many:not([data-trials])")).to_have_count(0)
    view = _json(f"{url}/api/v1{STUDY}/views/history")
    drawn = [t for t, v in zip(view["trials"], view["values"], strict=True)
             if (v is None) == (kind == "cross")]  # fmt: skip
    x, y = path.evaluate(_LAST_MARK)
    page.mouse.move(x, y)
    assert path.locator("title").text_content() == f"trial {drawn[-1]}: click to open it"
    page.mouse.click(x, y)
    page.wait_for_url(re.compile(rf"/trials/{drawn[-1]}$"))
    page.close()


def test_everything_is_there_without_script(browser: Browser, small: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{small}/studies/quick/nesterov")
    assert "95 % interval" in page.inner_text(".verdict")
    assert page.locator("#axis-plots svg").count() == 2
    page.click("text=All trials")
    assert page.locator("tbody tr").count() == 20
    context.close()


def test_the_dark_is_dark_and_a_phone_need_not_scroll_sideways(
    browser: Browser, small: str
) -> None:
    dark = browser.new_page(color_scheme="dark", viewport={"width": 390, "height": 844})
    for path in QUICK_PAGES:
        dark.goto(small + path)
        paper = dark.evaluate("getComputedStyle(document.body).backgroundColor")
        assert max(map(int, re.findall(r"\d+", paper))) < 64
        assert dark.evaluate("document.documentElement.scrollWidth") <= 390, path
    dark.close()


def test_the_keyboard_leads_everywhere(browser: Browser, small: str) -> None:
    page = browser.new_page()
    page.goto(small)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "To the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "quick/nesterov":
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url("**/studies/quick/nesterov")
    page.close()


def test_a_running_study_is_seen_to_go_on_and_nothing_is_asked_after_its_end(
    browser: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "study.db"
    file = tmp_path / "quick.yaml"
    file.write_text(QUICK)
    create_or_open(f"sqlite:///{path}").close()
    database = ["--db", f"sqlite:///{path}"]
    command = [sys.executable, "-m", "shampoo_tune"]
    subprocess.run([*command, "submit", str(file), *database], check=True, capture_output=True)
    with serving(f"sqlite:///{path}") as url:
        page = browser.new_page()
        witness = Witness(page, url)
        page.goto(f"{url}/studies/quick/nesterov")
        assert "none of the 4 trials has a result" in page.inner_text(".verdict")
        page.evaluate("window.sameDocument = true")
        launched = subprocess.Popen(
            [*command, "launch", str(file), "--workers", "1", *database],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        expect(page.locator(".verdict")).to_contain_text("median valid_acc", timeout=240_000)
        assert launched.wait(timeout=60) == 0
        expect(page.locator(".live")).to_contain_text("Nothing runs", timeout=20_000)
        assert page.evaluate("window.sameDocument")
        asked = len(witness.asked)
        page.wait_for_timeout(6_000)
        assert len(witness.asked) == asked
        assert witness.complaints == []
        page.close()


def _json(url: str) -> Any:
    with urllib.request.urlopen(url) as answer:  # noqa: S310
        return json.load(answer)


def _scale(ticks: list[list[float]]) -> Any:
    """From values to pixels by the texts and places of an axis's ticks."""
    values, places = np.array(ticks).T
    slope, start = np.polyfit(values, places, 1)
    return lambda value: slope * value + start


# Where on the screen the last mark of a path is.
_LAST_MARK = """(path) => {
  path.scrollIntoView({ block: "center" });
  const [, x, y] = [...path.getAttribute("d").matchAll(/M([0-9.]+) ([0-9.]+)/g)].at(-1);
  const corner = path.classList.contains("cross") ? 3 : 0;
  const place = new DOMPoint(+x + corner, +y + corner).matrixTransform(path.getScreenCTM());
  return [place.x, place.y];
}"""
_MARKS = """(selector) => {
  const svg = document.querySelector(selector);
  const dots = [], titled = [];
  for (const mark of svg.querySelectorAll("circle.dot, .cross")) {
    const title = mark.querySelector("title");
    const place = mark.tagName === "circle" ? [+mark.getAttribute("cx"), +mark.getAttribute("cy")]
      : mark.getAttribute("d").match(/-?[0-9.]+/g).slice(0, 2).map((n) => +n + 3);
    if (mark.tagName === "circle") dots.push(place);
    if (title) titled.push([title.textContent, place]);
  }
  for (const many of svg.querySelectorAll("path.many"))
    for (const [, x, y] of many.getAttribute("d").matchAll(/M([0-9.]+) ([0-9.]+)h0/g))
      dots.push([+x, +y]);
  const crosses = [...svg.querySelectorAll("path.cross")]
    .reduce((sum, path) => sum + path.getAttribute("d").split("M").length - 1, 0);
  const across = [], up = [];
  for (const tick of svg.querySelectorAll("text.tick")) {
    const value = Number(tick.textContent);
    if (Number.isNaN(value)) continue;
    const middle = tick.getAttribute("text-anchor") === "middle";
    if (middle) across.push([value, +tick.getAttribute("x")]);
    else up.push([value, +tick.getAttribute("y") - 4]);
  }
  return { dots, crosses, titled, across, up };
}"""
