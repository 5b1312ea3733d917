"""Texts for language models: CPython's own documentation, or any UTF-8 file.

Standard library only, so that a study file is checked without JAX.
"""

from itertools import pairwise
from pathlib import Path

from shampoo_tune.errors import InvalidInputError

PYDOC_TOPICS = "pydoc_data.topics"

_ENDS = {"train": 90, "valid": 95, "test": 100}  # percent of the text


def load_text(name: str, context: int) -> str:
    """A text that is long enough.

    Args:
        name: `pydoc_data.topics`, which is CPython's language reference (464,970 characters in
            3.11; it differs between versions), or the path of a file.
        context: characters that a model reads at most.

    Raises:
        InvalidInputError: no such file, one that is empty, too short or not UTF-8.
    """
    text = _topics() if name == PYDOC_TOPICS else _read(name)
    least = min(len(part) for part in split(text).values())
    if least <= context:
        raise InvalidInputError(
            f"{name} is too short: its smallest split has {least:,} of {len(text):,} characters,"
            f" and a context of {context:,} needs {context + 1:,}; give a longer text or a shorter"
            " context"
        )
    return text


def split(text: str) -> dict[str, str]:
    """Train, valid and test: the first 90 % of the characters, the next 5 % and the last 5 %."""
    ends = [0, *(len(text) * percent // 100 for percent in _ENDS.values())]
    return {name: text[start:end] for name, (start, end) in zip(_ENDS, pairwise(ends), strict=True)}


def _topics() -> str:
    from pydoc_data.topics import topics

    return "".join(topics[name] for name in sorted(topics))


def _read(path: str) -> str:
    try:
        text = Path(path).read_bytes().decode("utf-8")
    except OSError as error:
        raise InvalidInputError(
            f"cannot read {path}: {error.strerror}; give the path of a text or {PYDOC_TOPICS}"
        ) from error
    except UnicodeDecodeError as error:
        raise InvalidInputError(
            f"{path} is not UTF-8: byte {error.start} is {error.object[error.start]:#04x};"
            " convert it first"
        ) from error
    if not text:
        raise InvalidInputError(f"{path} is empty; give a text")
    return text
