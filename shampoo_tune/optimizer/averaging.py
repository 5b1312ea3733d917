"""Schedule-free AdamW: an average of the iterates in place of a decaying learning rate."""

from typing import Any, cast

import optax

from shampoo_tune.optimizer.baseline_config import ScheduleFreeConfig
from shampoo_tune.optimizer.options import checked_options
from shampoo_tune.optimizer.promotion import in_standard_promotion

# The authors' choice: steps count by the square of the largest learning rate so far, so that
# those of the warm-up hardly do.
_WEIGHT_POWER = 2.0


def schedule_free(
    learning_rate: optax.ScalarOrSchedule,
    *,
    beta1: float = ScheduleFreeConfig.beta1,
    beta2: float = ScheduleFreeConfig.beta2,
    epsilon: float = ScheduleFreeConfig.epsilon,
    weight_decay: float = ScheduleFreeConfig.weight_decay,
    weight_decay_mask: Any = None,
) -> optax.GradientTransformation:
    """Schedule-free AdamW: decoupled weight decay, multiplied by the learning rate.

    The parameters are y, where gradients are taken; x is the average that is evaluated, z the
    sequence that AdamW without momentum moves. x = y = z at first, and then::

        v <- beta2 v + (1 - beta2) g ** 2          v' = v / (1 - beta2 ** (count + 1))
        z <- z - learning_rate * (g / (sqrt(v') + epsilon) + weight_decay * y)
        x <- (1 - c) x + c z                       c = s / (sum of s so far)
        y <- (1 - beta1) z + beta1 x               update = the change of y

    with s the square of the largest learning rate so far; for s, and only there, optax takes the
    schedule one step ahead.

    Evaluate x, not the parameters: `optax.contrib.schedule_free_eval_params(state, params)`. The
    tuner does. The schedule should be a warm-up alone, `decay_power` 0, because the average is
    what replaces the decay; with a decay, later steps move z less and still count in full.

    Args:
        learning_rate: a number, a tracer, or a schedule of the 0-based count.
        beta1: in (0, 1), the share of x in y; like the other numbers it may be a tracer, which is
            not checked. x is recovered from y by dividing by it, so small values lose digits.
        beta2: in [0, 1).
        epsilon: >= 0; added outside the square root.
        weight_decay: >= 0.
        weight_decay_mask: a tree of bools like the parameters (or a prefix), or a function from
            parameters to one; weight decay is applied where True. None: everywhere.

    Returns:
        A transformation whose state is an `optax.contrib.ScheduleFreeState`.

    Raises:
        InvalidInputError: a number outside its range.

    Source: `optax.contrib.schedule_free_adamw`, which has no mask; Defazio et al., arXiv
    2405.15682.
    """
    options = {"beta1": beta1, "beta2": beta2, "epsilon": epsilon, "weight_decay": weight_decay}
    config = cast(ScheduleFreeConfig, checked_options("schedule_free", options))
    adamw_without_momentum = optax.chain(
        optax.scale_by_rms(
            config.beta2, eps=config.epsilon, eps_in_sqrt=False, bias_correction=True
        ),
        optax.add_decayed_weights(config.weight_decay, weight_decay_mask),
        optax.scale_by_learning_rate(learning_rate),
    )
    averaged = optax.contrib.schedule_free(
        adamw_without_momentum, learning_rate, b1=config.beta1, weight_lr_power=_WEIGHT_POWER
    )
    return in_standard_promotion(averaged)
