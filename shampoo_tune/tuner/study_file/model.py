"""A validated study: what a study file says, with every default filled in."""

from dataclasses import dataclass

from shampoo_tune.study import Budget
from shampoo_tune.tuner.configuration import Schedule
from shampoo_tune.tuner.study_file.arms import Arm
from shampoo_tune.tuner.study_file.sections import Metric, Parent, Search, Workload


@dataclass(frozen=True)
class Study:
    """One study file; the attributes are its sections.

    Attributes:
        name: the group's name unless another is given.
        workload: what is trained.
        metric: what is compared.
        target: the value of the metric to be reached, or None.
        budget: the same for every arm.
        search: sampler and seed.
        schedule: of every arm that does not override it.
        label_smoothing: of the training loss, the same for every arm.
        arms: in the order of the file.
        parent: the group of the round before this one, or None.
    """

    name: str
    workload: Workload
    metric: Metric
    target: float | None
    budget: Budget
    search: Search
    schedule: Schedule
    label_smoothing: float
    arms: tuple[Arm, ...]
    parent: Parent | None = None

    @property
    def replicates(self) -> range:
        """The numbers of the replicates: they begin where those of the rounds before end."""
        first = self.parent.replicates if self.parent else 0
        return range(first, first + self.budget.studies)

    def arm(self, name: str) -> Arm:
        """The arm of that name. Raises KeyError."""
        arms = {arm.name: arm for arm in self.arms}
        return arms[name]
