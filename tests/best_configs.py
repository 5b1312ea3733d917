"""Best configurations for tests, and what hypothesis makes of them."""

import dataclasses
from typing import Any

from hypothesis import strategies as st

from shampoo_tune.best_config import BestConfig
from shampoo_tune.optimizer.config import (
    OPTIMIZERS,
    Configuration,
    ShampooConfig,
    WarmupPolynomialConfig,
)

CONFIG = BestConfig(
    Configuration(
        optimizer="shampoo",
        options=ShampooConfig(beta1=0.1 + 0.2, matrix_epsilon=1.5e-05, exponent_override=4.0),
        schedule=WarmupPolynomialConfig(learning_rate=13.0, steps=1729, warmup_steps=196),
    ),
    evidence={"metric": "valid_accuracy", "final": {"median": 0.97, "ci_low": None}},
    provenance={
        "study": "resnet/shampoo",
        "workload": {"name": "resnet_digits", "batch_size": 512},
        "created": "2026-10-05T10:11:12+00:00",
    },
)

_finite = st.floats(allow_nan=False, allow_infinity=False)
_texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
# Among the texts those that some version of YAML takes for something else.
_traps = st.sampled_from(
    ["1e5", "1e-05", "0x1f", "0o17", "010", "1_000", "12:30", "on", "no", "~", "null", "2026-10-05",
     ".inf", "<<", "=", "", " a", "a: b", "# a", "!!str", "*a", "&a", "-", "|", "%",
     "\x85", "\ufeff"]
)  # fmt: skip
_integers = st.integers(-(2**63) + 1, 2**63 - 1)
_scalars = st.none() | st.booleans() | _integers | _finite | _texts | _traps
plain = st.recursive(
    _scalars,
    lambda values: (
        st.lists(values, max_size=3) | st.dictionaries(_texts | _traps, values, max_size=3)
    ),
    max_leaves=8,
)
mappings = st.dictionaries(_texts | _traps, plain, max_size=4)


@st.composite
def configurations(draw: Any) -> Configuration:
    """Any arm with any numbers that it allows."""
    name = draw(st.sampled_from(sorted(OPTIMIZERS)))
    options = {f.name: draw(_value(f)) for f in dataclasses.fields(OPTIMIZERS[name])}
    schedule = {f.name: draw(_value(f)) for f in dataclasses.fields(WarmupPolynomialConfig)}
    if name == "shampoo" and options["root_method"] == "newton":
        options["exponent_override"] = float(draw(st.integers(0, 8)))
    return Configuration(
        optimizer=name,
        options=OPTIMIZERS[name](**options),
        schedule=WarmupPolynomialConfig(**schedule),
    )


def _value(field: dataclasses.Field[Any]) -> st.SearchStrategy[Any]:
    allowed = field.metadata["allowed"]
    if allowed.choices:
        return st.sampled_from(allowed.choices)
    if field.type is bool:
        return st.booleans()
    if field.type is float:
        return st.floats(
            allowed.low,
            min(allowed.high, 1e38),
            exclude_min=allowed.open_low,
            exclude_max=allowed.open_high,
        )
    whole = st.integers(int(allowed.low), 2**31 - 1)
    return whole if field.type is int else whole | st.none()


best_configs = st.builds(
    BestConfig, configuration=configurations(), evidence=mappings, provenance=mappings
)
