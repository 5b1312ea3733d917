"""The hosts of a TPU slice as one worker: an actor on each, one program over all their chips."""

from collections.abc import Mapping, Sequence

import ray
from ray.util.placement_group import get_current_placement_group
from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

from shampoo_tune.tuner.messages import Failed, decode_job, decode_message
from shampoo_tune.tuner.ray_tune.host import Host, News


class Slice:
    """Hosts that train each job together. Speaks and is spoken to like one `Host`."""

    def __init__(
        self, worker: str, policy: Sequence[str], bundles: Sequence[Mapping[str, float]]
    ) -> None:
        """Starts an actor in each bundle of this actor's placement group but the first.

        Args:
            worker: see `Host`.
            policy: see `Host`; the folder is one that all hosts reach.
            bundles: resources of each host.
        """
        group = get_current_placement_group()
        self._hosts = [
            ray.remote(Host)
            .options(
                num_cpus=bundle.get("CPU", 0),
                resources={k: v for k, v in bundle.items() if k != "CPU"},
                scheduling_strategy=PlacementGroupSchedulingStrategy(group, place),
            )
            .remote(worker, policy)
            for place, bundle in enumerate(bundles, start=1)
        ]
        coordinator, count = ray.get(self._hosts[0].offer.remote()), len(self._hosts)
        ray.get([host.join.remote(coordinator, count, i) for i, host in enumerate(self._hosts)])
        self._run_id = 0

    def begin(self, job: str) -> None:
        """Train a job on all hosts."""
        self._run_id = decode_job(job).run_id
        ray.get([host.begin.remote(job) for host in self._hosts])

    def stop(self) -> None:
        """Save the run that trains and begin no more."""
        ray.get([host.stop.remote() for host in self._hosts])

    def hear(self, seconds: float) -> News:
        """What the host of rank 0 said, and failures of the others.

        Raises:
            RayActorError: a host is gone.
        """
        first, *others = ray.get([host.hear.remote(seconds) for host in self._hosts])
        failures = [] if first.ended else [f for news in others for f in self._failures(news)]
        if failures:  # of one alone: the others wait for it for ever
            return News([*first.lines, failures[0]], ended=True, retired=True)
        heard: News = first
        return heard

    def _failures(self, news: News) -> list[str]:
        """Lines of this job's failure; what a slow host says of the last job is old."""
        told = [(line, decode_message(line)) for line in news.lines]
        return [line for line, m in told if isinstance(m, Failed) and m.run_id == self._run_id]
