"""A ladder that is trained for real, in seconds."""

import math
from dataclasses import dataclass

import pytest

from shampoo_tune.tuner.ladder.declaration import Ladder, declare
from shampoo_tune.tuner.ladder.reading import result_of
from shampoo_tune.tuner.ladder.result import LadderResult
from shampoo_tune.tuner.ladder.running import run_ladder
from shampoo_tune.tuner.local_workers import LocalWorkers
from shampoo_tune.tuner.messages import Job
from shampoo_tune.tuner.summary import GroupSummary
from tests.tuner.conftest import Laboratory, quick_study
from tests.tuner.ladder.puppets import Puppets, Value

# 8 steps are hopeless, 15 are not enough, 30 are.
TINY = ("budget.trials=3", "budget.finalists=2", "budget.finalist_seeds=2", "budget.seeds=20")


def tiny_ladder(*overrides: str, name: str = "climb", factor: float = 0.5) -> Ladder:
    """Three rungs of the quick study."""
    return declare(quick_study(*TINY, *overrides), name, factor, 3)


def gaining(job: Job) -> float:
    """Half of all final seeds of 16 steps reach 0.9; larger budgets are better."""
    place = job.seed % 10 / 10 - 0.45
    return 0.9 + 0.1 * math.log(job.steps / 16) + 0.02 * place


@dataclass
class Climb:
    """A database in which ladders are run; `value` is what puppets come to, None real workers."""

    laboratory: Laboratory
    stop_after: int | None = None
    value: Value | None = gaining

    def run(self, ladder: Ladder) -> list[GroupSummary]:
        """Create or continue a ladder, until `stop_after` runs have finished if that is given."""
        return run_ladder(
            ladder,
            self.laboratory.url,
            open_dispatcher=lambda: Puppets(self.value) if self.value else LocalWorkers(2),
            show_progress=self.laboratory.show,
            say=print,
            should_stop=lambda: self.stop_after is not None and self.trained >= self.stop_after,
        )

    def result(self, ladder: Ladder) -> LadderResult:
        """What it came to."""
        return result_of(self.laboratory.url, ladder.rungs[0].group)

    @property
    def trained(self) -> int:
        """Runs that finished while this object watched."""
        return len(self.laboratory.finished)


@pytest.fixture
def climb(laboratory: Laboratory) -> Climb:
    """An empty database, and puppets in place of workers."""
    return Climb(laboratory)


@pytest.fixture(scope="session")
def climbed(tmp_path_factory: pytest.TempPathFactory) -> Climb:
    """A database with one finished ladder, trained for real, which no test changes."""
    climb = Climb(Laboratory(tmp_path_factory.mktemp("ladder")), value=None)
    climb.run(tiny_ladder())
    return climb
