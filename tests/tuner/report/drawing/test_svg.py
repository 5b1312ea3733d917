"""What is written is well-formed whatever the names are."""

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from shampoo_tune.tuner.report.drawing.svg import element, image, text

_SVG = "{http://www.w3.org/2000/svg}"
# XML has no way to write the other control characters at all; study names have none.
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), min_size=1)


@given(NAMES)
def test_any_name_reads_back_as_text_and_attribute(name: str) -> None:
    drawing = image((10, 20), name, name, [text(1, 2, name, class_="tick")], data_name=name)
    root = ElementTree.fromstring(drawing)  # noqa: S314  (written here)
    assert root.get("data-name") == name
    assert [child.text for child in root] == [name, name, name]
    assert [child.tag for child in root] == [f"{_SVG}title", f"{_SVG}desc", f"{_SVG}text"]


def test_numbers_are_written_to_a_tenth_of_a_pixel() -> None:
    assert element("circle", cx=1.0, cy=2.345, r=3, class_="dot", id=None) == (
        '<circle cx="1" cy="2.3" r="3" class="dot"/>'
    )


def test_a_drawing_tells_what_it_is() -> None:
    root = ElementTree.fromstring(image((350, 220), "t", "d", []))  # noqa: S314  (written here)
    assert (root.get("role"), root.get("viewBox")) == ("img", "0 0 350 220")
