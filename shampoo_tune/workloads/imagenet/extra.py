"""The extra that reads, decodes and loads images."""

import importlib.util

from shampoo_tune.errors import ShampooTuneError

_PACKAGES = {"grain": "grain", "array_record": "array-record", "PIL": "pillow"}


def require_extra() -> None:
    """Whether the packages are there, before anything imports them.

    Raises:
        ShampooTuneError: one is missing.
    """
    missing = [name for module, name in _PACKAGES.items() if not importlib.util.find_spec(module)]
    if missing:
        raise ShampooTuneError(
            f"ImageNet needs {', '.join(missing)}: pip install 'shampoo-tune[imagenet]'"
        )
