"""ResNet-50: MLPerf's details, from shapes where numbers are not needed."""

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from shampoo_tune.optimizer.masks import weight_decay_mask
from shampoo_tune.workloads.resnet50 import resnet50

MODEL = resnet50(jnp.dtype("bfloat16"), 64, 0.0)


@pytest.fixture(scope="module")
def shapes() -> Any:
    return jax.eval_shape(MODEL.init, jax.random.key(0))[0]


@pytest.fixture(scope="module")
def params() -> Any:
    return jax.jit(MODEL.init)(jax.random.key(0))[0]


def test_it_has_as_many_parameters_as_mlperfs(shapes: Any) -> None:
    assert sum(math.prod(leaf.shape) for leaf in jax.tree.leaves(shapes)) == 25_557_032
    assert len(jax.tree.leaves(shapes)) == 161
    assert all(leaf.dtype == jnp.float32 for leaf in jax.tree.leaves(shapes))


def test_the_stride_is_in_the_middle_convolution_and_no_convolution_has_a_bias(
    shapes: Any,
) -> None:
    assert shapes["stem"]["kernel"].shape == (7, 7, 3, 64)
    first = shapes["blocks"][3]  # of the second stage
    assert first["first"]["kernel"].shape == (1, 1, 256, 128)
    assert first["middle"]["kernel"].shape == (3, 3, 128, 128)
    assert first["projection"]["kernel"].shape == (1, 1, 256, 512)
    assert all("bias" not in first[name] for name in ("first", "middle", "last", "projection"))
    assert shapes["head"]["kernel"].shape == (2048, 1000)
    projections = [i for i, block in shapes["blocks"].items() if "projection" in block]
    assert projections == [0, 3, 7, 13]


def test_sizes_of_images_halve_at_the_stem_the_pool_and_three_stages() -> None:
    network = jax.make_jaxpr(lambda p, s, x: MODEL.apply(p, s, x, True))(
        *jax.eval_shape(MODEL.init, jax.random.key(0)),
        jax.ShapeDtypeStruct((64, 224, 224, 3), jnp.bfloat16),  # type: ignore[no-untyped-call]
    )
    made = [e.outvars[0].aval for e in network.jaxpr.eqns if "conv_general" in str(e.primitive)]
    assert len(made) == 53
    assert all(shape.dtype == jnp.bfloat16 for shape in made)
    sizes = [shape.shape[1] for shape in made]
    assert sizes[0] == 112
    assert {size: sizes.count(size) for size in set(sizes[1:])} == {
        # 1x1 at the old size, 3x3 with the stride, 1x1, and the projection
        56: 10 + 1,
        28: 12 + 1,
        14: 18 + 1,
        7: 9,
    }
    (logits, _) = network.out_avals[0], None
    assert (logits.shape, logits.dtype) == ((64, 1000), jnp.float32)


def test_weights_start_as_mlperfs(params: Any) -> None:
    kernel = params["blocks"][13]["middle"]["kernel"]  # [3, 3, 512, 512]
    assert float(kernel.std()) == pytest.approx((1 / (9 * 512)) ** 0.5, rel=0.01)
    assert float(jnp.abs(kernel).max()) < 2.3 * (1 / (9 * 512)) ** 0.5
    assert float(params["head"]["kernel"].std()) == pytest.approx(0.01, rel=0.01)
    assert not params["head"]["bias"].any()
    for block in params["blocks"].values():
        assert not block["last_norm"]["scale"].any()
        assert (block["middle_norm"]["scale"] == 1).all()
        assert not block["middle_norm"]["bias"].any()


def test_the_last_scale_can_be_another() -> None:
    model = resnet50(jnp.dtype("float32"), 4, 0.25)
    params, _ = jax.jit(model.init)(jax.random.key(0))
    assert (params["blocks"][5]["last_norm"]["scale"] == 0.25).all()
    assert (params["blocks"][5]["first_norm"]["scale"] == 1).all()


def test_weight_decay_is_for_convolutions_and_the_heads_kernel(shapes: Any) -> None:
    mask = weight_decay_mask(shapes)
    assert sum(jax.tree.leaves(mask)) == 53 + 1
    assert mask["head"] == {"kernel": True, "bias": False}
    assert mask["blocks"][0]["last_norm"] == {"scale": False, "bias": False}


def test_running_averages_start_at_mean_zero_and_variance_one() -> None:
    _, state = jax.jit(MODEL.init)(jax.random.key(0))
    assert np.all(state["stem_norm"]["var"] == 1)
    assert not np.any(state["stem_norm"]["mean"])
    assert len(jax.tree.leaves(state)) == 2 * 53
