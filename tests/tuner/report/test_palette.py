"""The colours of the plots can be told apart, also by people who are colour-blind.

How far is far enough: of two neighbouring patches of a third of a degree, the smallest that Stone,
Szafir and Setlur (An Engineering Model for Color Difference as a Function of Size, 2014) showed,
half of all people notice a difference of 7 in L, 10 in a and 14 in b. Lines and points are thinner
than that and are looked up in a legend, which is harder than beside each other: 20 is twice the
middle one. Most plots have up to four colours, and for these it is three times. Without the third
kind of cone, which is rare (1 in 10,000), 14 must do.
"""

import itertools
import re
from collections.abc import Mapping
from importlib import resources

import pytest

from tests.tuner.report.colours import VISIONS, cielab, contrast, difference

ARMS = tuple(f"a{place}" for place in range(8))
FAR, FARTHER, RARE = 20, 30, 14
NON_TEXT = 3  # WCAG 2.2, 1.4.11
# What stands in one plot without being an arm.
PAIRS = (("mark", "bad"), ("mark", "target"), ("mark", "a1"))


def palettes() -> dict[str, Mapping[str, str]]:
    """Name -> colour, in the light and in the dark."""
    css = resources.files("shampoo_tune.tuner.report").joinpath("templates/report.css").read_text()
    light, dark = re.findall(r":root \{(.*?)\}", css, re.DOTALL)[:2]
    return {
        name: dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", block))
        for name, block in (("light", light), ("dark", dark))
    }


PALETTES = palettes()


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("scheme", PALETTES)
def test_any_two_arms_can_be_told_apart(scheme: str, vision: str) -> None:
    colours = PALETTES[scheme]
    for first, second in itertools.combinations(ARMS, 2):
        least = FARTHER if second in ARMS[:4] else FAR
        least = RARE if vision == "tritanopia" else least
        found = difference(colours[first], colours[second], vision)
        assert found >= least, (first, second, found)


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("scheme", PALETTES)
def test_what_stands_in_one_plot_can_be_told_apart(scheme: str, vision: str) -> None:
    colours = PALETTES[scheme]
    for first, second in PAIRS:
        assert difference(colours[first], colours[second], vision) >= FAR, (first, second)


@pytest.mark.parametrize("scheme", PALETTES)
def test_every_mark_stands_out_from_the_paper(scheme: str) -> None:
    colours = PALETTES[scheme]
    for name in (*ARMS, "mark", "bad", "target"):
        assert contrast(colours[name], colours["paper"]) >= NON_TEXT, name


def test_the_simulation_keeps_grey_and_confuses_what_is_known_to_be_confused() -> None:
    for vision in VISIONS:
        assert difference("#808080", "#808080", vision) == 0
        assert abs(cielab("#808080", vision)[1:]).max() < 0.5
    red, green = "#b03030", "#4f6a10"
    assert difference(red, green, "common") > 60
    assert difference(red, green, "deuteranopia") < 20
    assert difference("#7d3c98", "#1f618d", "deuteranopia") < difference(
        "#7d3c98", "#1f618d", "common"
    )
    assert cielab("#ffffff") == pytest.approx([100, 0, 0], abs=0.02)
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
