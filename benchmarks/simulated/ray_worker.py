"""A worker in a real Ray actor that trains nothing: accidents are real, and time is short."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.simulated.runs import Rates, events
from shampoo_tune.tuner.checkpoint_policy import CheckpointPolicy
from shampoo_tune.tuner.messages import Failed, Job, Message

WORKER = f"{__name__}:SimulatedWorker"
TOLD = "SIMULATED"  # the variable that tells workers what to simulate


class SimulatedWorker:
    """Says what `events` lists, a moment apart; where a machine is taken away, it kills itself."""

    def __init__(
        self,
        say: Callable[[Message], None],
        policy: CheckpointPolicy | None,
        stopping: threading.Event,
    ) -> None:
        del policy, stopping
        self._say = say
        told = json.loads(os.environ[TOLD])
        self._rates, self._seed = Rates(**told["rates"]), told["seed"]
        self._folder = Path(told["folder"])

    def work(self, job: Job) -> None:
        """Live through one attempt."""
        now = 0.0
        for at, message in events(job, self._count(job), self._rates, self._seed):
            time.sleep(at - now)
            now = at
            if isinstance(message, Failed) and message.lost:
                os.kill(os.getpid(), signal.SIGKILL)
            self._say(message)

    def _count(self, job: Job) -> int:
        """The number of the attempt; a file remembers it when the process is gone."""
        with (self._folder / str(job.run_id)).open("a+") as file:
            file.write("x")
            return file.tell()
