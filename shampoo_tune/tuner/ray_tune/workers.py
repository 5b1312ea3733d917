"""Runs jobs on a Ray cluster: one `Tuner.fit`, fed with a job for each free place."""

import contextlib
import itertools
import json
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Self

import ray
from ray import tune
from ray.autoscaler.sdk import request_resources

from shampoo_tune.errors import InvalidInputError, ShampooTuneError
from shampoo_tune.tuner.checkpoint_policy import CheckpointPolicy
from shampoo_tune.tuner.local_workers import SAVE_SECONDS
from shampoo_tune.tuner.messages import Failed, Finished, Job, Message, decode_message, encode
from shampoo_tune.tuner.ray_tune.feeding import Config, Feed, KeepActors, Reports
from shampoo_tune.tuner.ray_tune.places import Place, Request
from shampoo_tune.tuner.ray_tune.trainable import TrainedRun

_REFRESH_SECONDS = 5.0  # between two looks at what machines there are
_END_SECONDS = 10.0  # that Tune may take to end


@dataclass(eq=False)
class _Assigned:
    """A job, its place, and the actor that has it, if one has, and when it was last heard of."""

    job: Job
    place: Place
    actor: Any = None
    heard_at: float = 0.0


# What Tune says of a job, by the number it was given: its actor, its lines, or how it broke.
_Event = tuple[int, "_Actor | list[str] | str"]


@dataclass(frozen=True)
class _Actor:
    handle: Any


class RayWorkers:
    """Runs jobs on the connected cluster. Use as a context manager, inside `session.connected`."""

    def __init__(
        self,
        request: Request,
        worker: str,
        hung_seconds: float,
        checkpoints: CheckpointPolicy | None,
    ) -> None:
        """Nothing runs yet; see `opening.open_ray` for the arguments."""
        self._request, self._hung_seconds = request, hung_seconds
        self._saves = checkpoints is not None
        arguments = checkpoints.to_arguments() if checkpoints else []
        self._told = {"worker": worker, "policy": json.dumps(arguments)}
        self._numbers = itertools.count()
        self._assigned: dict[int, _Assigned] = {}
        self._actors: dict[Any, Any] = {}  # all that were ever heard of, by their number
        self._events: SimpleQueue[_Event | BaseException] = SimpleQueue()
        self._feed = Feed(lambda: len(self._assigned) < len(self._places))
        self._places: Sequence[Place] = []
        self._looked_at = 0.0

    def __enter__(self) -> Self:
        self._look()
        if not self._places:
            has = ", ".join(f"{k} {v:g}" for k, v in sorted(ray.cluster_resources().items()))
            raise InvalidInputError(f"the cluster has no {self._request} (it has {has})")
        if self._request.workers and not self._request.topology:
            # If the cluster can grow, it does.
            request_resources(bundles=[dict(self._request.resources)] * self._request.workers)
        self._thread = threading.Thread(target=self._tune, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._assigned.clear()
        request_resources(bundles=[])
        for actor in self._actors.values():  # Tune would ask each to end, and wait
            ray.kill(actor)
        self._feed.finish()
        self._thread.join(_END_SECONDS)

    def idle(self) -> int:
        """How many jobs `submit` would take now."""
        return len(self._free())

    def _free(self) -> list[Place]:
        taken = {assigned.place for assigned in self._assigned.values()}
        return [place for place in self._places if place not in taken]

    def submit(self, job: Job) -> None:
        """Give a job to a free place."""
        number, place = next(self._numbers), self._free()[0]
        self._assigned[number] = _Assigned(job, place)
        where = {
            "place": place.number,
            "bundles": json.dumps([dict(bundle) for bundle in place.bundles]),
            "slice": place.slice_name,
        }
        self._feed.put({"number": number, "job": encode(job), **where, **self._told})

    def drop(self, *, save: bool) -> None:
        """Give up all jobs: their actors end, and are heard no more.

        Args:
            save: whether they shall save their runs before, if they save them at all.
        """
        if save and self._saves:
            for assigned in self._assigned.values():
                if assigned.actor is not None:
                    assigned.actor.stop_run.remote()
            deadline = time.monotonic() + SAVE_SECONDS
            while self._training() and (left := deadline - time.monotonic()) > 0:
                for _ in self.messages(left):
                    pass
        self._kill(list(self._assigned))

    def _training(self) -> bool:
        return any(assigned.actor is not None for assigned in self._assigned.values())

    def messages(self, timeout: float) -> Iterator[Message]:
        """What workers have said, waiting up to `timeout` seconds for the first word.

        Raises:
            ShampooTuneError: Tune has ended, or there are no machines any more.
        """
        with contextlib.suppress(Empty):
            yield from self._receive(self._events.get(timeout=timeout))
            for _ in range(self._events.qsize()):
                yield from self._receive(self._events.get_nowait())
        yield from self._give_up_hung()
        if time.monotonic() - self._looked_at > _REFRESH_SECONDS:
            self._look()

    def _give_up_hung(self) -> Iterator[Message]:
        latest = time.monotonic() - self._hung_seconds
        for number, assigned in list(self._assigned.items()):
            if assigned.actor is not None and assigned.heard_at < latest:
                self._kill([number])
                reason = f"the worker process said nothing for {self._hung_seconds:.0f} s"
                yield Failed(assigned.job.run_id, reason, lost=True)

    def _receive(self, event: _Event | BaseException) -> Iterator[Message]:
        if isinstance(event, BaseException):
            raise ShampooTuneError(f"Ray Tune has ended: {event}") from event
        number, told = event
        assigned = self._assigned.get(number)
        if assigned is None:  # it was given up
            if isinstance(told, _Actor):
                ray.kill(told.handle)
        elif isinstance(told, str):
            del self._assigned[number]
            yield Failed(assigned.job.run_id, told, lost=True)
        elif isinstance(told, _Actor):
            self._actors[told.handle._actor_id] = told.handle
            assigned.actor, assigned.heard_at = told.handle, time.monotonic()
        else:
            for line in told:
                assigned.heard_at = time.monotonic()
                message = decode_message(line)
                if isinstance(message, (Finished, Failed)):
                    del self._assigned[number]
                yield message

    def _kill(self, numbers: Sequence[int]) -> None:
        """End the actors of jobs, of which nothing is heard any more."""
        for number in numbers:
            assigned = self._assigned.pop(number)
            if assigned.actor is not None:
                ray.kill(assigned.actor)

    def _look(self) -> None:
        nodes = ray.nodes()
        if not any(node["Alive"] for node in nodes):
            raise ShampooTuneError(
                "Ray: no machine of the cluster is alive; the same command continues once one is"
            )
        self._places, self._looked_at = self._request.places(nodes), time.monotonic()

    def _tune(self) -> None:
        """In a thread: Tune, from the first job to `finish`."""
        try:
            with tempfile.TemporaryDirectory(prefix="shampoo-tune-ray-") as folder:
                self._tuner(folder).fit()
        except BaseException as error:
            self._events.put(error)

    def _tuner(self, folder: str) -> tune.Tuner:
        def hand_on(config: Config, told: Any) -> None:
            self._events.put((config["number"], told))

        reports = Reports(lambda config, actor: hand_on(config, _Actor(actor)), hand_on, hand_on)
        return tune.Tuner(
            TrainedRun,
            tune_config=tune.TuneConfig(
                search_alg=self._feed,
                scheduler=KeepActors(),
                num_samples=-1,
                reuse_actors=True,
                trial_name_creator=lambda trial: trial.trial_id,
                trial_dirname_creator=lambda trial: trial.trial_id,
            ),
            run_config=tune.RunConfig(
                name="runs",
                storage_path=folder,
                callbacks=[reports],
                failure_config=tune.FailureConfig(max_failures=0),
                checkpoint_config=tune.CheckpointConfig(checkpoint_at_end=False),
                verbose=0,
            ),
        )
