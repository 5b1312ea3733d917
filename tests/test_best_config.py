"""What a study chose, with its evidence: unchanged or refused, as an optimizer."""

import copy
import dataclasses
import warnings
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shampoo_tune.best_config import SCHEMA, BestConfig
from shampoo_tune.errors import InvalidInputError
from tests.best_configs import CONFIG, best_configs, plain


def changed(*path: str, to: Any) -> dict[str, Any]:
    """The document with a value replaced, or added."""
    document: Any = copy.deepcopy(CONFIG.to_document())
    inner = document
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = to
    return dict(document)


def resealed(*path: str, to: Any) -> dict[str, Any]:
    """The same with the digest that belongs to it, as another program would have written it."""
    from shampoo_tune import best_config

    document = changed(*path, to=to)
    return {**document, "digest": best_config._digest(document)}


@given(best_configs)
def test_a_document_is_read_back_equal(config: BestConfig) -> None:
    assert BestConfig.from_document(config.to_document(), "x") == config


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("config", "schedule", "learning_rate"), 12.0),
        (("config", "options", "beta1"), 0.3),  # one bit away
        (("evidence", "final", "median"), 0.98),
        (("evidence", "final", "ci_low"), 0.96),
        (("provenance", "study"), "resnet/adamw"),
        (("provenance", "more"), 1),
        (("digest",), "sha256:0"),
        (("digest",), None),
    ],
)
def test_whatever_is_changed_by_hand_is_noticed(path: tuple[str, ...], value: Any) -> None:
    with pytest.raises(InvalidInputError, match=r"best\.yaml does not match its digest"):
        BestConfig.from_document(changed(*path, to=value), "best.yaml")


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("schema",), SCHEMA.replace("v2", "v1"), "expected schema .*v2, got .*v1"),
        (("schema",), SCHEMA.replace("v2", "v3"), "needs a newer shampoo-tune"),
        (("config", "optimizer"), "shampooo", "did you mean 'shampoo'"),
        (("config", "optimizer"), "os.system", r"unknown optimizer 'os.system' \(known: adamw"),
        (("config", "optimizer"), ["shampoo"], "unknown optimizer"),
        (("config", "options", "beta1"), "0.3", "beta1 must be a number, got '0.3'"),
        (("config", "options", "beta1"), 1.5, r"beta1 must be in \[0, 1\)"),
        (("config", "options", "beta1"), None, "beta1 must be a number"),
        (("config", "options", "beta7"), 0.5, "unknown option 'beta7'"),
        (("config", "options", "nesterov"), 1, "nesterov must be true or false"),
        (("config", "options", "block_size"), 1.5, "block_size must be a whole number"),
        (("config", "options", "graft_type"), {}, "graft_type must be one of"),
        (("config", "options"), [], "options must be a mapping"),
        (("config", "schedule"), None, "schedule must be a mapping"),
        (("config", "schedule", "name"), "cosine", "schedule.name must be warmup_polynomial"),
        (("config", "schedule", "steps"), 2**31, "steps must fit in 32 bits"),
        (("config", "schedule", "learning_rate"), 1e39, "learning_rate must fit in 32 bits"),
        (("config", "code"), "exit()", "a configuration has no 'code'"),
        (("evidence",), [], "evidence must be a mapping"),
        (("approval",), {}, "unknown approval"),
    ],
)
def test_what_another_program_would_have_written_is_refused_with_the_reason(
    path: tuple[str, ...], value: Any, message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message) as refusal:
        BestConfig.from_document(resealed(*path, to=value), "best.yaml")
    assert str(refusal.value).startswith("best.yaml: ")


def test_what_is_missing_is_named() -> None:
    document = CONFIG.to_document()
    with pytest.raises(InvalidInputError, match="missing digest, provenance"):
        BestConfig.from_document({k: document[k] for k in ("schema", "config", "evidence")}, "x")
    with pytest.raises(InvalidInputError, match="missing option 'learning_rate'"):
        BestConfig.from_document(
            resealed("config", "schedule", to={"name": "warmup_polynomial", "steps": 3}), "x"
        )


def test_an_option_that_the_file_does_not_know_has_its_default() -> None:
    """A file of before there was the option."""
    options = CONFIG.to_document()["config"]["options"]
    del options["nesterov"]
    assert BestConfig.from_document(resealed("config", "options", to=options), "x") == CONFIG


def test_infinite_numbers_are_no_evidence() -> None:
    with pytest.raises(InvalidInputError, match="every number must be finite"):
        BestConfig.from_document(changed("evidence", "final", to=float("nan")), "x")


paths = st.sampled_from(
    [(), ("schema",), ("digest",), ("config",), ("evidence",), ("provenance",),
     ("config", "optimizer"), ("config", "options"), ("config", "schedule"),
     ("config", "options", "beta1"), ("config", "options", "graft_type"),
     ("config", "options", "merge_small_dims_block_size"), ("config", "options", "nesterov"),
     ("config", "schedule", "steps"), ("config", "schedule", "name"), ("config", "options", "new"),
     ("provenance", "workload"), ("provenance", "workload", "batch_size")]
)  # fmt: skip


@given(paths, plain)
def test_any_values_with_their_digest_are_a_best_config_or_invalid(
    path: tuple[str, ...], value: Any
) -> None:
    document = value
    try:
        if path:
            document = resealed(*path, to=value)
        config = BestConfig.from_document(document, "x")
    except InvalidInputError:
        return
    assert config.batch_size is None or isinstance(config.batch_size, int)
    assert "learning_rate" in config.hyperparameters


def test_hyperparameters_are_complete_and_read_only() -> None:
    assert CONFIG.hyperparameters["beta1"] == 0.1 + 0.2
    assert CONFIG.hyperparameters["learning_rate"] == 13.0
    with pytest.raises(TypeError):
        CONFIG.hyperparameters["beta1"] = 0  # type: ignore[index]


def test_another_budget_warns_and_stretches_the_schedule() -> None:
    with pytest.warns(UserWarning, match="tuned for 1729 steps, used for 3458") as told:
        stretched = CONFIG.optimizer(total_steps=3458)
    assert told[0].filename == __file__
    schedule = stretched.init({}).hyperparameters["schedule"]
    assert (schedule["steps"], schedule["warmup_steps"]) == (3458, 392)


def test_another_batch_size_warns() -> None:
    with pytest.warns(UserWarning, match="batches of 512, used with batches of 64") as told:
        CONFIG.optimizer(batch_size=64)
    assert told[0].filename == __file__


def test_a_provisional_winner_warns() -> None:
    leader = dataclasses.replace(CONFIG, evidence={"provisional": True})
    with pytest.warns(UserWarning, match="a provisional winner") as told:
        leader.optimizer()
    assert told[0].filename == __file__


def test_the_tuned_budget_and_batch_do_not_warn() -> None:
    with warnings.catch_warnings(record=True) as told:
        CONFIG.optimizer(total_steps=1729, batch_size=512)
        BestConfig(CONFIG.configuration, {}, {}).optimizer(batch_size=64)  # nobody knows
    assert told == []


@pytest.mark.parametrize("steps", [0, -1, 1.5, "2", True, 2**31])
def test_what_is_no_number_of_steps_is_refused(steps: Any) -> None:
    with pytest.raises(InvalidInputError, match="steps must"):
        CONFIG.optimizer(total_steps=steps)
