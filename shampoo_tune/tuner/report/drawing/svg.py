"""Writing SVG elements; every text and attribute is escaped here and nowhere else."""

import functools
import html
from collections.abc import Iterable

_NAMESPACE = "http://www.w3.org/2000/svg"


def element(name: str, *children: str, **attributes: object) -> str:
    """One element around elements that are already written.

    Args:
        name: of the element.
        children: written elements, or texts that went through `escape`.
        attributes: `class_` is written `class`, underscores as hyphens; None is left out.
    """
    written = "".join(
        [f' {_key(key)}="{_show(value)}"' for key, value in attributes.items() if value is not None]
    )
    if not children:
        return f"<{name}{written}/>"
    return f"<{name}{written}>{''.join(children)}</{name}>"


def text(x: float, y: float, words: str, **attributes: object) -> str:
    """A text whose baseline begins at (x, y), unless `text_anchor` says otherwise."""
    return element("text", escape(words), x=x, y=y, **attributes)


def image(
    size: tuple[int, int], title: str, description: str, elements: Iterable[str], **attributes: str
) -> str:
    """A whole drawing that tells screen readers what it shows."""
    width, height = size
    return element(
        "svg",
        element("title", escape(title)),
        element("desc", escape(description)),
        *elements,
        xmlns=_NAMESPACE,
        viewBox=f"0 0 {width} {height}",
        width=width,
        height=height,
        role="img",
        **attributes,
    )


def escape(words: str) -> str:
    """The words with everything that could be markup made harmless."""
    return html.escape(words, quote=True)


@functools.cache
def _key(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


def _show(value: object) -> str:
    """A number to a tenth of a pixel, anything else escaped."""
    if isinstance(value, float):
        return f"{value:.1f}".removesuffix(".0")
    return escape(str(value))
