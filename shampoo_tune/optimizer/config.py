"""Every optimizer hyperparameter: its name, default, allowed range and meaning.

Standard library only: search-space files are checked against these classes without importing JAX.
A *number* may differ between trials without recompiling, because it reaches the compiled step as
data; a *switch* changes shapes or control flow, so each value of it is another program.
Learning rates are not here: they belong to the schedule (`WarmupPolynomialConfig`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.optimizer.allowed_values import Allowed, coerce, nearest, number, switch
from shampoo_tune.optimizer.baseline_config import (
    AdamWConfig,
    LambConfig,
    LarsConfig,
    MuonConfig,
    NAdamWConfig,
    NesterovConfig,
    ScheduleFreeConfig,
    Sm3Config,
)

GRAFT_TYPES = (
    "none", "sgd", "adagrad", "rmsprop", "rmsprop_normalized", "sqrt_n", "adagrad_normalized",
)  # fmt: skip
PRECONDITIONER_TYPES = ("all", "input", "output")
ROOT_METHODS = ("auto", "eigh", "newton")
WHOLE_ORDERS = (
    "exponent_override must be a plain whole number where roots are iterated (root_method newton), "
    "because each order is another program"
)


@dataclass(frozen=True, kw_only=True)
class ShampooConfig:
    """Options of Distributed Shampoo, with the seed's names and defaults.

    Attributes:
        beta1: momentum of both branches, in [0, 1).
        beta2: decay of the statistics and of the RMSProp graft; the new term is weighted 1 - beta2,
            or 1 when beta2 is 1 (a plain sum, as in AdaGrad). In [0, 1].
        matrix_epsilon: initial statistics are matrix_epsilon * I, and the root's ridge is
            matrix_epsilon * largest eigenvalue (just matrix_epsilon when
            `relative_matrix_epsilon` is off).
        diagonal_epsilon: the graft's epsilon, added outside the square root.
        exponent_override: the order p of the inverse p-th root for every tensor; 0 means
            2 * (number of preconditioned axes of the merged shape).
        weight_decay: coupled: added after grafting and before momentum, so it is scaled by the
            learning rate and enters the momentum (see `decoupled_weight_decay`).
        start_preconditioning_step: the preconditioned branch is used when count >= this
            (count is 0-based); before it, the graft's own update.
        preconditioning_compute_steps: roots are refreshed when count is a multiple of this.
        statistics_compute_steps: statistics are refreshed when count is a multiple of this.
        inverse_failure_threshold: a root whose error is not below this keeps its predecessor.
        block_size: merged axes longer than this are cut into blocks of at most this length.
        merge_small_dims_block_size: neighbouring axes are merged while their product is at most
            this; None means `block_size`.
        best_effort_shape_interpretation: whether to merge neighbouring small axes at all.
        no_preconditioning_for_layers_with_dim_gt: tensors with any original axis longer than this
            use the graft's update.
        skip_preconditioning_rank_lt: tensors of a lower original rank use the graft's update.
        preconditioner_type: which merged axes are preconditioned: `all`, `input` (all but the
            last) or `output` (only the last); tensors of one axis always use it.
        root_method: how roots are computed: `eigh` or, with matrix products only and whole numbers
            for `exponent_override`, `newton`; `auto` is `newton` on a TPU and `eigh` elsewhere.
        graft_type: the rule that sets the length of each tensor's update.
        nesterov: look-ahead momentum instead of heavy ball.
        moving_average_for_momentum: momentum m = beta1 m + (1 - beta1) u instead of beta1 m + u.
        relative_matrix_epsilon: whether the ridge is relative to the largest eigenvalue.
        decoupled_learning_rate: the learning rate multiplies the finished update; off, it scales
            the graft before momentum.
        decoupled_weight_decay: weight decay is added after momentum, scaled by the learning rate.
    """

    beta1: float = number(0.9, 0, 1, ends="[)")
    beta2: float = number(0.999, 0, 1)
    matrix_epsilon: float = number(1e-6)
    diagonal_epsilon: float = number(1e-10)
    exponent_override: float = number(0.0)
    weight_decay: float = number(0.0)
    start_preconditioning_step: int = number(5)
    preconditioning_compute_steps: int = number(1, 1)
    statistics_compute_steps: int = number(1, 1)
    inverse_failure_threshold: float = number(0.1, ends="(]")
    block_size: int = switch(128, 1)
    merge_small_dims_block_size: int | None = switch(None, 1)
    best_effort_shape_interpretation: bool = switch(True)
    no_preconditioning_for_layers_with_dim_gt: int = switch(8192, 1)
    skip_preconditioning_rank_lt: int = switch(1)
    preconditioner_type: str = switch("all", choices=PRECONDITIONER_TYPES)
    root_method: str = switch("auto", choices=ROOT_METHODS)
    graft_type: str = switch("sgd", choices=GRAFT_TYPES)
    nesterov: bool = switch(True)
    moving_average_for_momentum: bool = switch(False)
    relative_matrix_epsilon: bool = switch(True)
    decoupled_learning_rate: bool = switch(True)
    decoupled_weight_decay: bool = switch(False)


@dataclass(frozen=True, kw_only=True)
class WarmupPolynomialConfig:
    """Linear (or power) warm-up to the learning rate, then polynomial decay: the seed's schedule.

    Attributes:
        learning_rate: the peak, reached at `warmup_steps`.
        steps: the step budget T; the decay ends one step after it.
        warmup_steps: W; 0 means no warm-up.
        warmup_power: the warm-up is (t / W) ** warmup_power.
        decay_power: the decay is (1 - (t - W) / (T - W + 1)) ** decay_power.
        end_factor: the learning rate decays to end_factor * learning_rate.
    """

    learning_rate: float = field(
        metadata={"allowed": Allowed(low=0.0, open_low=True), "traced": True}
    )
    steps: int = field(metadata={"allowed": Allowed(low=1), "traced": True})
    warmup_steps: int = number(0)
    warmup_power: float = number(1.0, ends="(]")
    decay_power: float = number(2.0)
    end_factor: float = number(0.0, 0, 1)


OptimizerConfig = (
    ShampooConfig
    | NesterovConfig
    | LarsConfig
    | AdamWConfig
    | NAdamWConfig
    | LambConfig
    | Sm3Config
    | MuonConfig
    | ScheduleFreeConfig
)

SCHEDULE = "warmup_polynomial"  # the one that there is, see `schedules.py`

# The arms: the name in a study file -> its options. The public function of the same name in
# `shampoo_tune.optimizer` builds it.
OPTIMIZERS: dict[str, type[OptimizerConfig]] = {
    "shampoo": ShampooConfig,
    "nesterov": NesterovConfig,
    "lars": LarsConfig,
    "adamw": AdamWConfig,
    "nadamw": NAdamWConfig,
    "lamb": LambConfig,
    "sm3": Sm3Config,
    "muon": MuonConfig,
    "schedule_free": ScheduleFreeConfig,
}


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """What one trial trains with: an arm, its options and its schedule.

    Attributes:
        optimizer: a key of `OPTIMIZERS`.
        options: an instance of that arm's class.
        schedule: learning rate as a function of the step.
    """

    optimizer: str
    options: OptimizerConfig
    schedule: WarmupPolynomialConfig

    def to_json(self) -> dict[str, Any]:
        """Everything, defaults included, as plain JSON values."""
        # Numbers, words and switches: `dataclasses.asdict` would copy each one deeply.
        return {
            "optimizer": self.optimizer,
            "options": {**vars(self.options)},
            "schedule": {"name": SCHEDULE, **vars(self.schedule)},
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`; checks every value. Raises InvalidInputError."""
        unknown = [key for key in document if key not in ("optimizer", "options", "schedule")]
        if unknown:
            raise InvalidInputError(f"a configuration has no {unknown[0]!r}")
        schedule = {**_mapping(document, "schedule")}
        if schedule.pop("name", None) != SCHEDULE:
            raise InvalidInputError(f"schedule.name must be {SCHEDULE}")
        return cls(
            optimizer=document["optimizer"],
            options=make_options(document.get("optimizer"), _mapping(document, "options")),
            schedule=coerce(WarmupPolynomialConfig, schedule),
        )


def _mapping(document: Mapping[str, Any], part: str) -> Mapping[str, Any]:
    if not isinstance(found := document.get(part), Mapping):
        raise InvalidInputError(f"{part} must be a mapping, got {found!r}")
    return found


def make_options(optimizer: Any, values: Mapping[str, Any]) -> OptimizerConfig:
    """The options of an arm from plain values; raises InvalidInputError."""
    if not isinstance(optimizer, str) or optimizer not in OPTIMIZERS:
        hint = nearest(str(optimizer), OPTIMIZERS)
        raise InvalidInputError(f"unknown optimizer {optimizer!r}{hint}")
    options = coerce(OPTIMIZERS[optimizer], values)
    iterated = isinstance(options, ShampooConfig) and options.root_method == "newton"
    if iterated and values.get("exponent_override", 0) % 1:
        raise InvalidInputError(f"{WHOLE_ORDERS}; got {values['exponent_override']:g}")
    return options
