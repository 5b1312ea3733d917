"""Which colour is which arm or trial."""

from collections.abc import Sequence

from shampoo_tune.tuner.report.drawing.frame import line
from shampoo_tune.tuner.report.drawing.svg import text

_COLOURS = 8
_DASHES = ("", " dashed", " chained")  # of four arms each, so that no line has its colour alone
_LINE, _CHARACTER, _ROW = 26, 6.6, 18


def arm_class(place: int) -> str:
    """The class of the colour and, from the fifth arm on, of the dashes; 24 are different."""
    return f"a{place % _COLOURS}{_DASHES[place // 4 % len(_DASHES)]}"


def legend(names: Sequence[tuple[str, str]], size: tuple[int, int]) -> tuple[list[str], int]:
    """A short line and a name for each class, in rows below a drawing of that size.

    Returns:
        The elements and the height that they add.
    """
    elements: list[str] = []
    x, y = 14.0, size[1] + 12.0
    for kind, name in names:
        width = _LINE + _CHARACTER * len(name) + 16
        if x > 14 and x + width > size[0]:
            x, y = 14.0, y + _ROW
        elements.append(line(x, y - 4, x + 20, y - 4, f"line {kind}"))
        elements.append(text(x + _LINE, y, name, class_="tick"))
        x += width
    return elements, int(y - size[1]) + 6 if names else 0
