"""Muon: the momentum of a matrix, with all its singular values made about equal."""

from typing import Any, cast

import jax
import optax

from shampoo_tune.optimizer import masks
from shampoo_tune.optimizer.baseline_config import MuonConfig
from shampoo_tune.optimizer.options import checked_options
from shampoo_tune.optimizer.promotion import in_standard_promotion


def muon(  # noqa: PLR0913  (one parameter an option)
    learning_rate: optax.ScalarOrSchedule,
    *,
    momentum: float = MuonConfig.momentum,
    update_rms: float = MuonConfig.update_rms,
    beta1: float = MuonConfig.beta1,
    beta2: float = MuonConfig.beta2,
    epsilon: float = MuonConfig.epsilon,
    weight_decay: float = MuonConfig.weight_decay,
    nesterov: bool = MuonConfig.nesterov,
    weight_decay_mask: Any = None,
) -> optax.GradientTransformation:
    """Muon for weights, Adam for everything else; decoupled weight decay times the learning rate.

    Weights are what `masks.weight_decay_mask` says: rank 2 or more and not a normalisation's,
    embeddings and heads included. All axes but the last are taken as one: a convolution kernel
    [3, 3, 16, 32] is the matrix [144, 32]. For a gradient g of shape [rows, columns] and the
    0-based count t::

        m <- momentum m + (1 - momentum) g
        n = momentum m / (1 - momentum ** (t + 2)) + (1 - momentum) g / (1 - momentum ** (t + 1))
        u = update_rms * sqrt(max(rows, columns)) * orthogonalised(n / (||n|| + epsilon))
        update = -learning_rate * (u + weight_decay * w)

    n = m / (1 - momentum ** (t + 1)) without `nesterov`. Orthogonalised means five Newton-Schulz
    steps X <- 3.4445 X - 4.7750 X X^T X + 2.0315 (X X^T)^2 X, which bring the singular values
    from 0.2 % of the norm on into [0.68, 1.21], not to 1. So the entries of u have a root mean
    square of about `update_rms`, whatever the shape.

    Everything else gets Adam's u with `beta1`, `beta2` and `epsilon` (NAdam's with `nesterov`)
    at the same learning rate; `update_rms` sets the proportion of the two.

    Args:
        learning_rate: a number, a tracer, or a schedule of the 0-based count.
        momentum: in [0, 1), of weights; like the other numbers it may be a tracer, which is not
            checked.
        update_rms: > 0.
        beta1: in [0, 1), of the rest.
        beta2: in [0, 1), of the rest.
        epsilon: >= 0; added to the norm, and outside Adam's square root.
        weight_decay: >= 0.
        nesterov: whether both momenta look ahead; a plain bool.
        weight_decay_mask: a tree of bools like the parameters (or a prefix), or a function from
            parameters to one; weight decay is applied where True. None: everywhere.

    Raises:
        InvalidInputError: a number outside its range.

    Source: `optax.contrib.muon` with `consistent_rms`, that is Liu et al., arXiv 2502.16982.
    Jordan's scale sqrt(max(1, columns / rows)) is not offered: it needs a second learning rate
    for what is not a matrix.
    """
    options = {
        "momentum": momentum,
        "update_rms": update_rms,
        "beta1": beta1,
        "beta2": beta2,
        "epsilon": epsilon,
        "weight_decay": weight_decay,
        "nesterov": nesterov,
    }
    config = cast(MuonConfig, checked_options("muon", options))
    chain = optax.chain(
        _directions(config),
        optax.add_decayed_weights(config.weight_decay, weight_decay_mask),
        optax.scale_by_learning_rate(learning_rate),
    )
    return in_standard_promotion(chain)


def _directions(config: MuonConfig) -> optax.GradientTransformation:
    """Muon's and Adam's u, before weight decay and the learning rate.

    optax would decay the two kinds by different numbers, one of them without a mask.
    """
    return optax.contrib.muon(
        -1.0,  # which optax negates
        beta=config.momentum,
        eps=config.epsilon,
        nesterov=config.nesterov,
        adam_b1=config.beta1,
        adam_b2=config.beta2,
        muon_weight_dimension_numbers=_matrix_axes,
        consistent_rms=config.update_rms,
    )


def _matrix_axes(params: optax.Params) -> Any:
    """For each weight, which axes are its rows and its columns; None for the rest."""

    def axes(is_weight: bool, leaf: Any) -> optax.contrib.MuonDimensionNumbers | None:
        if not is_weight:
            return None
        return optax.contrib.MuonDimensionNumbers(tuple(range(leaf.ndim - 1)), leaf.ndim - 1)

    return jax.tree.map(axes, masks.weight_decay_mask(params), params)
