"""The fixture of launches in this process."""

from tests.tuner.conftest import laboratory

__all__ = ["laboratory"]
