"""What Ray Tune runs: an actor held for many runs, which trains one after the other."""

import json
from typing import Any

from ray import tune

from shampoo_tune.tuner.ray_tune.host import Host
from shampoo_tune.tuner.ray_tune.places import SLICE_NAME

HEAR_SECONDS = 2.0  # without news, after which a step returns, so that the actor can be told things


class RetiredWorkerError(Exception):
    """The worker was stopped: its actor is of no more use."""


class TrainedRun(tune.Trainable):  # type: ignore[misc]
    """One run a trial; `config` is what `RayWorkers` makes of a job and a place."""

    @classmethod
    def default_resource_request(cls, config: dict[str, Any]) -> tune.PlacementGroupFactory:
        """The bundles of the run's place."""
        bundles = json.loads(config["bundles"])
        if config["slice"] is None:
            return tune.PlacementGroupFactory(bundles)
        labels = [{SLICE_NAME: config["slice"]}] * len(bundles)
        return tune.PlacementGroupFactory(bundles, bundle_label_selector=labels)

    def setup(self, config: dict[str, Any]) -> None:
        """Begin the first run of this actor."""
        told = config["worker"], json.loads(config["policy"])
        self._retired = False
        if config["slice"] is None:
            self._crew: Any = Host(*told)
        else:
            from shampoo_tune.tuner.ray_tune.slice import Slice

            self._crew = Slice(*told, json.loads(config["bundles"])[1:])
        self._crew.begin(config["job"])

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        """Begin another."""
        self._crew.begin(new_config["job"])
        return True

    def step(self) -> dict[str, Any]:
        """Wait for an evaluation, or for what else the worker says.

        Raises:
            RetiredWorkerError: after the last news of a worker that was stopped.
        """
        if self._retired:
            raise RetiredWorkerError
        news = self._crew.hear(HEAR_SECONDS)
        self._retired = news.retired
        return {"lines": news.lines, "done": news.ended and not news.retired}

    def stop_run(self) -> None:
        """Save the run that trains and begin no more; its last news says so."""
        self._crew.stop()
