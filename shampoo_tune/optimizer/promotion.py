"""Running optax's own code where mixed dtypes are an error."""

import jax
import optax


def in_standard_promotion(inner: optax.GradientTransformation) -> optax.GradientTransformation:
    """The same transformation, whatever `jax.numpy_dtype_promotion` is in force around it.

    optax raises a float to the power of its integer count, an error in strict promotion.
    """

    def update_fn(
        updates: optax.Updates, state: optax.OptState, params: optax.Params | None = None
    ) -> tuple[optax.Updates, optax.OptState]:
        with jax.numpy_dtype_promotion("standard"):
            new_updates, new_state = inner.update(updates, state, params)
        return new_updates, new_state

    return optax.GradientTransformation(inner.init, update_fn)
