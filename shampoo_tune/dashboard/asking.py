"""The parameters of an address, checked."""

from collections.abc import Sequence
from typing import TypeVar

from starlette.requests import Request

from shampoo_tune.errors import InvalidInputError

_LARGEST = 2**31 - 1  # what every database takes as a limit, and as a trial's number

Choice = TypeVar("Choice", bound=str)


def whole_number(
    request: Request, name: str, default: int, least: int = 0, most: int = _LARGEST
) -> int:
    """A whole number in [least, most].

    Raises:
        InvalidInputError: it is none, or outside.
    """
    return checked_number(name, request.query_params.get(name, str(default)), least, most)


def checked_number(name: str, text: str, least: int = 0, most: int = _LARGEST) -> int:
    """The number that a text is; raises InvalidInputError if it is none in [least, most]."""
    if text.isascii() and text.isdigit() and len(text) <= len(str(_LARGEST)):
        number = int(text)
        if least <= number <= most:
            return number
    raise InvalidInputError(f"{name} must be a whole number from {least} to {most}, got {text!r}")


def choice(request: Request, name: str, known: Sequence[Choice]) -> Choice | None:
    """One of the known texts; None where the address does not say.

    Raises:
        InvalidInputError: it is another.
    """
    text = request.query_params.get(name)
    if not text:
        return None
    for value in known:
        if value == text:
            return value
    raise InvalidInputError(f"{name} must be one of {', '.join(known)}, got {text!r}")


def numbers(request: Request, name: str, most: int) -> list[int]:
    """Whole numbers with commas between them; none where the address does not say.

    Raises:
        InvalidInputError: one is no number, or there are too many.
    """
    text = request.query_params.get(name, "")
    parts = text.split(",") if text else []
    if len(parts) > most:
        raise InvalidInputError(f"{name} may name {most} at once, got {len(parts)}")
    return [checked_number(name, part) for part in parts]
