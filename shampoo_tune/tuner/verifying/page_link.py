"""The link from the runs to what is published: the page, written again and compared.

A report is a function of its evidence, so the same program writes the same page: each cell, each
sentence, the data and the drawing of each plot.
"""

import json
from collections.abc import Iterator

from shampoo_tune.tuner.verifying.link import Difference, Link, differing
from shampoo_tune.tuner.verifying.report_file import Page, parse_page

_SHOWN = 60  # characters of a long text, about where it differs


def page_link(given: str, expected: str) -> Link:
    """Whether a page shows what its evidence comes to; both as HTML."""
    there, wanted = parse_page(given), parse_page(expected)
    found = [*_texts(there, wanted), *_markup(there, wanted)]
    if not found and given != expected:  # which a browser may read otherwise than we do
        found.append(Difference("page", "source", *_cut(given, expected)))
    return Link("page", f"{len(wanted.texts)} cells, texts and data of plots", tuple(found))


def _texts(given: Page, expected: Page) -> Iterator[Difference]:
    for key in dict.fromkeys([*expected.texts, *given.texts]):
        there, wanted = given.texts.get(key), expected.texts.get(key)
        if there != wanted:
            place, what = key
            if what.startswith("data of") and there is not None and wanted is not None:
                yield from _data(place, what, there, wanted)
            else:
                yield Difference(place, what, *_cut(there, wanted))


def _data(place: str, what: str, there: str, wanted: str) -> Iterator[Difference]:
    """The values that differ; two texts of equal values are no difference."""
    try:
        read = json.loads(there)
    except (ValueError, RecursionError):
        yield Difference(place, what, *_cut(there, wanted))
        return
    yield from differing(f"{place}: {what}", read, json.loads(wanted))


def _markup(given: Page, expected: Page) -> Iterator[Difference]:
    for place in dict.fromkeys([*expected.markup, *given.markup]):
        there, wanted = given.markup.get(place, []), expected.markup.get(place, [])
        if there != wanted:
            yield Difference(place, "markup", *_cut("".join(there), "".join(wanted)))


def _cut(there: str | None, wanted: str | None) -> tuple[str | None, str | None]:
    """Both texts from a little before the place where they begin to differ."""
    first = 0
    if there is not None and wanted is not None:
        pairs = enumerate(zip(there, wanted, strict=False))
        first = next((i for i, (a, b) in pairs if a != b), min(len(there), len(wanted)))
    begin = max(0, first - _SHOWN // 3)
    return _part(there, begin), _part(wanted, begin)


def _part(text: str | None, begin: int) -> str | None:
    if text is None:
        return None
    end = begin + _SHOWN
    return ("..." if begin else "") + text[begin:end] + ("..." if end < len(text) else "")
