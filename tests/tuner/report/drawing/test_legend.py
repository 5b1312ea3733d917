"""Legends stay inside their drawing."""

import re

from shampoo_tune.tuner.report.drawing.legend import arm_class, legend


def test_names_go_to_the_next_row_where_they_do_not_fit() -> None:
    names = [(arm_class(n), f"an arm with a name {n}") for n in range(5)]
    elements, height = legend(names, (350, 200))
    starts = [float(x) for x in re.findall(r'<text x="([\d.]+)"', "".join(elements))]
    assert all(start + 6.6 * len("an arm with a name 0") <= 350 for start in starts)
    rows = {float(y) for y in re.findall(r'<text x="[\d.]+" y="([\d.]+)"', "".join(elements))}
    assert len(rows) > 1
    assert max(rows) < 200 + height


def test_from_the_fifth_arm_on_dashes_tell_what_colours_might_not() -> None:
    assert [arm_class(place) for place in (0, 3, 4, 7, 8)] == [
        "a0", "a3", "a4 dashed", "a7 dashed", "a0 chained",
    ]  # fmt: skip
    assert len({arm_class(place) for place in range(24)}) == 24
    assert legend([], (350, 200)) == ([], 0)
