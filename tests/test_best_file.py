"""The text of best.yaml: whoever reads it sees the same values, and no text does anything else."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from shampoo_tune.best_config import BestConfig
from shampoo_tune.best_file import FORMATS, MAX_BYTES, as_json, as_python, as_yaml, read_best_file
from shampoo_tune.errors import InvalidInputError
from shampoo_tune.optimizer.config import make_options
from tests.best_configs import CONFIG, best_configs, configurations

DOCUMENT = CONFIG.to_document()
TEXT = as_yaml(DOCUMENT)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("best") / "best.yaml"


def bits(value: Any) -> Any:
    """The value with floats as texts, so that none equals another."""
    if isinstance(value, dict):
        return {key: bits(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [bits(inner) for inner in value]
    return (type(value).__name__, repr(value))


@given(best_configs)
def test_a_file_is_read_back_to_the_bit(path: Path, config: BestConfig) -> None:
    document = config.to_document()
    for write in (as_yaml, as_json):
        path.write_text(write(document), encoding="utf-8")
        assert bits(read_best_file(path).to_document()) == bits(document)


@given(best_configs)
def test_readers_of_yaml_1_1_see_the_same(config: BestConfig) -> None:
    document = config.to_document()
    assert bits(yaml.safe_load(as_yaml(document))) == bits(document)


def test_the_file_is_plain_yaml_that_anyone_can_read() -> None:
    document = yaml.safe_load(TEXT)
    assert list(document) == ["schema", "digest", "config", "evidence", "provenance"]
    assert "    matrix_epsilon: 1.5e-05\n" in TEXT
    assert "    beta1: 0.30000000000000004\n" in TEXT
    assert json.loads(as_json(DOCUMENT)) == DOCUMENT


def pasted(config: BestConfig) -> Any:
    """The optimizer of the Python code."""
    names: dict[str, Any] = {}
    exec(as_python(config.to_document()), names)  # noqa: S102
    return names["optimizer"]


PARAMS = {"w": jnp.ones((7, 5)), "bias": jnp.zeros(5)}


def test_python_code_builds_the_same_program_with_the_same_numbers() -> None:
    programs, states = [], []
    for optimizer in (pasted(CONFIG), CONFIG.optimizer()):
        state = jax.eval_shape(optimizer.init, PARAMS)
        programs.append(jax.jit(optimizer.update).lower(PARAMS, state, PARAMS).as_text())
        states.append(optimizer.init({}).hyperparameters)
    assert programs[0] == programs[1]
    assert states[0] == states[1]


def test_python_code_makes_the_same_updates_to_the_bit() -> None:
    nesterov = make_options("nesterov", {"momentum": 0.7, "weight_decay": 0.1})
    simple = replace(CONFIG.configuration, optimizer="nesterov", options=nesterov)
    config = replace(CONFIG, configuration=simple)
    made = []
    for optimizer in (pasted(config), config.optimizer()):
        state, update = optimizer.init(PARAMS), jax.jit(optimizer.update)
        for call in range(3):
            gradients = jax.tree.map(lambda p, call=call: p + 0.1 * call, PARAMS)
            updates, state = update(gradients, state, PARAMS)
        made.append(updates)
    jax.tree.map(np.testing.assert_array_equal, *made)
    assert np.any(made[0]["w"])


@given(configurations(), st.text())
@example(CONFIG.configuration, 'a"""\nimport os\n#')
def test_python_code_says_what_the_configuration_is_whatever_the_study_is_called(
    configuration: Any, name: str
) -> None:
    config = BestConfig(configuration, {}, {"study": name})
    names: dict[str, Any] = {"tuned": None}
    code = as_python(config.to_document()).replace("optimizer = tuned(", "made = (", 1)
    exec(code, names)  # noqa: S102
    assert names["made"] == configuration
    assert "os" not in names


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a list\n", "expected schema"),
        ("", "expected schema"),
        ("schema: shampoo-tune/best-config/v2\nconfig: {}\n", "missing digest"),
        ("a: [", "cannot read"),
        ("!!python/object/apply:os.system [exit 1]", "tags are not supported"),
        ("a: &a [1]\nb: *a", "anchors and aliases are not supported"),
        ("[" * 100, "nested deeper"),
        ("? [a]\n: 1", "a key must be a text"),
        ("1: 1", "a key must be a text"),
        ("a: 1\na: 2", "a key occurs twice"),
        ("a: 99999999999999999999999999", "must fit in 64 bits"),
        ("a: 1\n---\nb: 1", "single document"),
        ('"\\UFFFFFFFF"', "cannot read"),
        (f"{TEXT}# {'x' * MAX_BYTES}", "larger than"),
        (TEXT.replace("13.0", ".nan"), "must be finite"),
        (TEXT.replace("13.0", "12.0"), "does not match its digest"),
    ],
)
def test_what_is_not_a_best_yaml_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "best.yaml").write_text(text)
    with pytest.raises(InvalidInputError, match=message):
        read_best_file(tmp_path / "best.yaml")


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="No such file"):
        read_best_file(tmp_path / "none.yaml")
    with pytest.raises(InvalidInputError, match="Is a directory"):
        read_best_file(tmp_path)
    (tmp_path / "best.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidInputError, match="cannot read"):
        read_best_file(tmp_path / "best.yaml")


# Characters that mean something in YAML, and pieces of a real file.
_pieces = st.sampled_from(
    ["- ", ": ", "? ", "[", "]", "{", "}", ", ", "#", "&a ", "*a", "!!", "!", "|\n", ">\n", "'",
     '"', "%YAML 1.2\n", "---", "...", "\n", "  ", "\t", "\\", "\\x", "\\U00110000", "<<", "@",
     "`", "0x", "1e9999", "2026-99-99", *TEXT.splitlines(keepends=True)[:8]]
)  # fmt: skip
_texts = st.lists(_pieces | st.text(max_size=4), max_size=25).map("".join)


@st.composite
def _mutated(draw: Any) -> str:
    """The real file with a part replaced."""
    start = draw(st.integers(0, len(TEXT)))
    end = draw(st.integers(start, min(len(TEXT), start + 60)))
    return f"{TEXT[:start]}{draw(_texts)}{TEXT[end:]}"


@given(_texts.map(str.encode) | _mutated().map(str.encode) | st.binary(max_size=60))
def test_any_text_is_a_best_config_or_invalid(path: Path, raw: bytes) -> None:
    path.write_bytes(raw)
    try:
        config = read_best_file(path)
    except InvalidInputError:
        return
    assert config == CONFIG


def test_every_format_is_of_the_same_document() -> None:
    assert set(FORMATS) == {"yaml", "json", "python"}
    assert all(DOCUMENT["digest"] in write(DOCUMENT) for write in FORMATS.values())
