"""The options of the optimizers that Shampoo is compared with. Standard library only."""

from dataclasses import dataclass

from shampoo_tune.optimizer.allowed_values import number, switch


@dataclass(frozen=True, kw_only=True)
class NesterovConfig:
    """Options of gradient descent with Nesterov momentum.

    Attributes:
        momentum: in [0, 1).
        weight_decay: coupled: added to the gradient before momentum.
    """

    momentum: float = number(0.9, 0, 1, ends="[)")
    weight_decay: float = number(0.0)


@dataclass(frozen=True, kw_only=True)
class LarsConfig:
    """Options of LARS as in MLPerf's ResNet-50 (not optax.lars).

    Attributes:
        momentum: heavy ball, in [0, 1); the learning rate is inside the buffer.
        weight_decay: coupled, in the update and in the trust ratio's denominator.
        trust_coefficient: scales the ratio of weight norm to gradient norm.
        epsilon: added to the trust ratio's denominator.
    """

    momentum: float = number(0.9, 0, 1, ends="[)")
    weight_decay: float = number(0.0)
    trust_coefficient: float = number(1e-3, ends="(]")
    epsilon: float = number(0.0)


@dataclass(frozen=True, kw_only=True)
class AdamWConfig:
    """Options of AdamW.

    Attributes:
        beta1: decay of the first moment, in [0, 1).
        beta2: decay of the second moment, in [0, 1).
        epsilon: added outside the square root.
        weight_decay: decoupled: multiplied by the learning rate, never by the gradient's scale.
    """

    beta1: float = number(0.9, 0, 1, ends="[)")
    beta2: float = number(0.999, 0, 1, ends="[)")
    epsilon: float = number(1e-8)
    weight_decay: float = number(0.0)


@dataclass(frozen=True, kw_only=True)
class NAdamWConfig:
    """Options of AdamW with Nesterov's look-ahead.

    Attributes:
        beta1: decay of the first moment, in [0, 1).
        beta2: decay of the second moment, in [0, 1).
        epsilon: added outside the square root.
        weight_decay: decoupled: multiplied by the learning rate, never by the gradient's scale.
    """

    beta1: float = number(0.9, 0, 1, ends="[)")
    beta2: float = number(0.999, 0, 1, ends="[)")
    epsilon: float = number(1e-8)
    weight_decay: float = number(0.0)


@dataclass(frozen=True, kw_only=True)
class LambConfig:
    """Options of LAMB as in MLPerf's BERT.

    Attributes:
        beta1: decay of the first moment, in [0, 1).
        beta2: decay of the second moment, in [0, 1).
        epsilon: added outside the square root.
        weight_decay: decoupled: added to Adam's direction, so the layer's ratio scales it too.
    """

    beta1: float = number(0.9, 0, 1, ends="[)")
    beta2: float = number(0.999, 0, 1, ends="[)")
    epsilon: float = number(1e-6)
    weight_decay: float = number(0.0)


@dataclass(frozen=True, kw_only=True)
class Sm3Config:
    """Options of SM3.

    Attributes:
        momentum: decay of the average of the preconditioned gradients, in [0, 1).
        epsilon: added inside the square root.
        weight_decay: decoupled: multiplied by the learning rate, never by the gradient's scale.
    """

    momentum: float = number(0.9, 0, 1, ends="[)")
    epsilon: float = number(1e-8)
    weight_decay: float = number(0.0)


@dataclass(frozen=True, kw_only=True)
class MuonConfig:
    """Options of Muon for weights and Adam for the rest, at one learning rate.

    Attributes:
        momentum: of weights, in [0, 1).
        update_rms: root mean square of a weight's update at learning rate 1; about 0.2 in Adam.
        beta1: decay of Adam's first moment, in [0, 1).
        beta2: decay of Adam's second moment, in [0, 1).
        epsilon: added to the norm of a weight's momentum, and outside Adam's square root.
        weight_decay: decoupled: multiplied by the learning rate, never by the gradient's scale.
        nesterov: look-ahead momentum in both.
    """

    momentum: float = number(0.95, 0, 1, ends="[)")
    update_rms: float = number(0.2, ends="(]")
    beta1: float = number(0.9, 0, 1, ends="[)")
    beta2: float = number(0.999, 0, 1, ends="[)")
    epsilon: float = number(1e-8)
    weight_decay: float = number(0.0)
    nesterov: bool = switch(True)


@dataclass(frozen=True, kw_only=True)
class ScheduleFreeConfig:
    """Options of schedule-free AdamW; its schedule should have `decay_power` 0.

    Attributes:
        beta1: share of the average in the point where gradients are taken, in (0, 1).
        beta2: decay of the second moment, in [0, 1).
        epsilon: added outside the square root.
        weight_decay: decoupled: multiplied by the learning rate, never by the gradient's scale.
    """

    beta1: float = number(0.9, 0, 1, ends="()")
    beta2: float = number(0.999, 0, 1, ends="[)")
    epsilon: float = number(1e-8)
    weight_decay: float = number(0.0)
