"""How Tune gets runs and gives back what it hears: a searcher, a callback and a scheduler."""

from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any

from ray import tune
from ray.tune.schedulers import FIFOScheduler
from ray.tune.search import Searcher

# Tune waits up to 0.1 s for other news if it is told to wait: a little patience is cheaper.
_PATIENCE_SECONDS = 0.05

Config = dict[str, Any]


class _OfThisProcess:
    """Tune pickles what it is given, for a restoration that never happens: without its contents."""

    def __getstate__(self) -> Config:
        return {}


class Feed(_OfThisProcess, Searcher):  # type: ignore[misc]
    """Suggests the configurations that are put into it, in their order."""

    def __init__(self, expects: Callable[[], bool]) -> None:
        """Nothing is suggested yet.

        Args:
            expects: whether a configuration is likely to come within a moment.
        """
        super().__init__()
        self._expects, self._has_ended = expects, False
        self._waiting: SimpleQueue[Config | None] = SimpleQueue()

    def put(self, config: Config) -> None:
        """Queue a configuration."""
        self._waiting.put(config)

    def finish(self) -> None:
        """Suggest nothing after what is queued."""
        self._waiting.put(None)

    def suggest(self, trial_id: str) -> Config | str | None:
        """The next configuration, None to wait, or FINISHED."""
        # Who gives configurations has not heard yet of a trial that has just ended.
        expects, self._has_ended = self._has_ended or self._expects(), False
        try:
            config = self._waiting.get(timeout=_PATIENCE_SECONDS if expects else 0)
        except Empty:
            return None
        if config is None:
            finished: str = Searcher.FINISHED
            return finished
        return config

    def on_trial_complete(
        self, trial_id: str, result: Config | None = None, error: bool = False
    ) -> None:
        """Expect a configuration; the callback hears what came of the trial."""
        self._has_ended = True

    def save(self, checkpoint_path: str) -> None:
        """Nothing: Tune's state is never restored."""

    def restore(self, checkpoint_path: str) -> None:
        """Nothing, as above."""


class Reports(_OfThisProcess, tune.Callback):  # type: ignore[misc]
    """Hands on when a trial starts, what it reports, and how it breaks.

    Attributes:
        started: called with a trial's configuration and its actor.
        reported: called with its configuration and lines of messages.
        broken: called with its configuration and the error's text.
    """

    def __init__(
        self,
        started: Callable[[Config, Any], None],
        reported: Callable[[Config, list[str]], None],
        broken: Callable[[Config, str], None],
    ) -> None:
        self._started, self._reported, self._broken = started, reported, broken

    def on_trial_start(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        """An actor has the trial."""
        self._started(trial.config, trial.temporary_state.ray_actor)

    def on_trial_result(
        self, iteration: int, trials: list[Any], trial: Any, result: Config, **info: Any
    ) -> None:
        """A step returned; its lines are taken out, as Tune would keep them for ever."""
        self._reported(trial.config, result.pop("lines"))

    def on_trial_error(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        """An actor died or its code raised."""
        with open(trial.error_file, encoding="utf-8") as file:  # noqa: PTH123
            self._broken(trial.config, file.read())


class KeepActors(FIFOScheduler):  # type: ignore[misc]
    """First in, first out; and Tune keeps the idle actor of every place.

    By itself it keeps one when no trial waits, as at the end of a phase, and every other worker
    would start anew. Only a scheduler is given Tune's controller, whose cache has no public name.
    """

    def __init__(self) -> None:
        super().__init__()
        self._kept: set[Any] = set()

    def on_trial_add(self, tune_controller: Any, trial: Any) -> None:
        """Have an actor kept for the trial's place."""
        super().on_trial_add(tune_controller, trial)
        factory = trial.placement_group_factory
        if factory not in self._kept:
            tune_controller._tune_controller._actor_cache.increase_max(factory)
            self._kept.add(factory)
