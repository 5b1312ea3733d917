"""The study files that come with the package, found by their bare names from any folder."""

import difflib
from pathlib import Path

from shampoo_tune.errors import InvalidInputError

_PACKAGE = Path(__file__).parents[2]


def find_study_file(given: Path) -> Path:
    """The file itself, or for a bare name such as `resnet` that is no file, the shipped one.

    Raises:
        InvalidInputError: a bare name that is neither.
    """
    if given.is_file() or given.suffix or given.name != str(given):
        return given
    shipped = shipped_study_files()
    if given.name in shipped:
        return shipped[given.name]
    near = difflib.get_close_matches(given.name, shipped, n=1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    raise InvalidInputError(
        f"there is no file {given.name!r} here, and no shipped study file of that name{hint};"
        f" shipped are {', '.join(shipped)}"
    )


def shipped_study_files() -> dict[str, Path]:
    """Paths by name, in order. A wheel has them inside of the package, a checkout beside it."""
    inside = _PACKAGE / "search_spaces"
    folder = inside if inside.is_dir() else _PACKAGE.parent / "search_spaces"
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}
