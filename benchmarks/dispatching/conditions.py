"""How much is measured, and from which caches of compiled programs it starts."""

import itertools
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Sizes:
    """How much is measured.

    Attributes:
        study_runs: runs of the whole study; None for those of its file.
        bare_runs: of each process, before the study and after it.
        peer_runs: runs of our study and of each peer.
        peer_steps: steps of each of them.
        long_runs: of a study of runs as long as the main job's.
        short_runs: of a study of runs of some hundredths of a second.
        rounds: how often commands that are compared take turns.
    """

    study_runs: int | None = None
    bare_runs: int = 6
    peer_runs: int = 24
    peer_steps: int = 40
    long_runs: int = 16
    short_runs: int = 200
    rounds: int = 3


QUICK = Sizes(
    study_runs=8, bare_runs=2, peer_runs=6, peer_steps=10, long_runs=10, short_runs=40, rounds=1
)


@dataclass(frozen=True)
class Conditions:
    """Sizes and the folder of this benchmark.

    Attributes:
        warm: whether commands find what an earlier one has compiled, or start without.
    """

    sizes: Sizes
    folder: Path
    warm: bool
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def new_folder(self) -> Path:
        """An empty folder."""
        folder = self.folder / str(next(self._numbers))
        folder.mkdir()
        return folder

    def cache(self) -> Path:
        """Where the next command finds compiled programs: an empty folder, unless they are warm."""
        return self.shared_cache if self.warm else self.new_folder()

    @property
    def shared_cache(self) -> Path:
        """For commands whose compilations are not measured."""
        return self.folder / "cache"


def tell(what: str) -> None:
    """Say on standard error what is done now."""
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)
