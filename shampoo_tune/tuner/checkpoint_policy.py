"""Where and how often workers save their runs; a worker is told by the arguments of its process."""

import argparse
import importlib.util
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from shampoo_tune.errors import InvalidInputError


@dataclass(frozen=True)
class CheckpointPolicy:
    """How a run is saved.

    Attributes:
        folder: of all runs: an absolute path, which all workers can reach, or `gs://bucket/path`.
        every_steps: save after each step that it divides; None for none.
        every_seconds: save when so much time has passed since the last.
    """

    folder: str
    every_steps: int | None = None
    every_seconds: float = math.inf

    @classmethod
    def in_folder(cls, folder: str, every_steps: int | None, every_seconds: float) -> Self:
        """A policy with a local folder created, and made absolute.

        Raises:
            InvalidInputError: it cannot be created, or nothing here can write to such an address.
        """
        if "://" in folder:
            _check_bucket(folder)
            return cls(folder.rstrip("/"), every_steps, every_seconds)
        path = Path(folder).absolute()
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InvalidInputError(
                f"cannot save checkpoints in {folder}: {error.strerror}"
            ) from error
        return cls(str(path), every_steps, every_seconds)

    def to_arguments(self) -> list[str]:
        """For the worker's command line."""
        steps = [] if self.every_steps is None else [f"--every-steps={self.every_steps}"]
        return [f"--checkpoints={self.folder}", f"--every-seconds={self.every_seconds}", *steps]

    @classmethod
    def from_arguments(cls, arguments: Sequence[str]) -> Self | None:
        """The inverse of `to_arguments`; None without arguments."""
        parser = argparse.ArgumentParser()
        parser.add_argument("--checkpoints")
        parser.add_argument("--every-steps", type=int)
        parser.add_argument("--every-seconds", type=float, default=math.inf)
        told = parser.parse_args(arguments)
        if told.checkpoints is None:
            return None
        return cls(told.checkpoints, told.every_steps, told.every_seconds)


def _check_bucket(address: str) -> None:
    if not re.fullmatch(r"gs://[^/]+/.+", address):
        raise InvalidInputError(
            f"cannot save checkpoints in {address}: name a folder, or gs://BUCKET/PATH"
        )
    if not importlib.util.find_spec("gcsfs"):
        raise InvalidInputError(
            f"checkpoints in {address} need gcsfs: pip install 'shampoo-tune[gcs]'"
        )
