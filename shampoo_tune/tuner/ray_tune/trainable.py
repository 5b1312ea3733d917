"""What Ray Tune runs: an actor held for many runs, which trains one after the other."""

import json
from typing import Any

from ray import tune

from shampoo_tune.tuner.ray_tune.host import Host
from shampoo_tune.tuner.ray_tune.places import SLICE_NAME

HEAR_SECONDS = 2.0  # without news, after which a step returns, so that the actor can be told things


class PlaceFactory(tune.PlacementGroupFactory):  # type: ignore[misc]
    """Makes the placement group of one place.

    Tune gives an idle actor to any trial that waits for resources that are equal. Here they are
    not, or a worker that ends short runs would for ever take those that wait for the other workers
    to start.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        bundles = json.loads(config["bundles"])
        labels = {}
        if config["slice"] is not None:
            labels["bundle_label_selector"] = [{SLICE_NAME: config["slice"]}] * len(bundles)
        super().__init__(bundles, **labels)
        self._number = config["place"]

    def __eq__(self, other: object) -> bool:
        same = isinstance(other, PlaceFactory) and self._number == other._number
        return same and bool(super().__eq__(other))

    def __hash__(self) -> int:
        return hash((self._number, super().__hash__()))


class RetiredWorkerError(Exception):
    """The worker was stopped: its actor is of no more use."""


class TrainedRun(tune.Trainable):  # type: ignore[misc]
    """One run a trial; `config` is what `RayWorkers` makes of a job and a place."""

    @classmethod
    def default_resource_request(cls, config: dict[str, Any]) -> PlaceFactory:
        """Those of the run's place."""
        return PlaceFactory(config)

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
