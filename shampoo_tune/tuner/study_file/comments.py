"""Comments of study files that are made by a program."""

import textwrap

WIDTH = 100


def comment_lines(text: str, indent: int = 0) -> list[str]:
    """The text as lines of a comment, each no longer than `WIDTH`; paragraphs stay apart."""
    prefix = " " * indent + "# "
    return [
        line
        for paragraph in text.split("\n")
        for line in textwrap.wrap(
            paragraph,
            WIDTH,
            initial_indent=prefix,
            subsequent_indent=prefix,
            break_long_words=False,
            break_on_hyphens=False,
        )
    ]
