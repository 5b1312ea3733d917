"""best.yaml as text: written as YAML, JSON or Python, read back as plain values.

Readers of YAML 1.1 and 1.2 see the same values: floats have a point and texts that either takes
for something else are quoted. Anchors and tags are not read, so nothing is built from a file.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from shampoo_tune.best_config import BestConfig
from shampoo_tune.errors import InvalidInputError
from shampoo_tune.yaml_core import CoreDumper, CoreLoader, scalar_value

MAX_BYTES = 1 << 20


class _Dumper(CoreDumper):
    yaml_implicit_resolvers = {  # noqa: RUF012
        **yaml.SafeDumper.yaml_implicit_resolvers,
        **CoreDumper.yaml_implicit_resolvers,
    }

    def ignore_aliases(self, data: Any) -> bool:
        """Values that occur twice are written twice."""
        del data
        return True


def as_yaml(document: Mapping[str, Any]) -> str:
    """The text of best.yaml; reading it gives the same floats, to the bit."""
    return yaml.dump(dict(document), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


def as_json(document: Mapping[str, Any]) -> str:
    """The same as JSON, which `load` reads too."""
    text = json.dumps(document, indent=2, allow_nan=False, ensure_ascii=False)
    # As in YAML, which knows no pairs of surrogates and takes U+0085 for a line break.
    shown = (c if c in "\n" or c.isprintable() or ord(c) > 0xFFFF else _escape(c) for c in text)
    return "".join(shown) + "\n"


def _escape(character: str) -> str:
    return f"\\u{ord(character):04x}"


def as_python(document: Mapping[str, Any]) -> str:
    """Code that builds the same optimizer, from values that were checked."""
    best = BestConfig.from_document(document, "the configuration")
    configuration = best.configuration
    options = type(configuration.options).__name__
    names = sorted(["Configuration", options, "WarmupPolynomialConfig"])
    return "\n".join(
        [
            f"# What {best.provenance.get('study')!r} chose; {document['digest']}",
            "from shampoo_tune.optimizer import tuned",
            f"from shampoo_tune.optimizer.config import {', '.join(names)}",
            "",
            "optimizer = tuned(",
            "    Configuration(",
            f'        optimizer="{configuration.optimizer}",',
            *_call("options", configuration.options),
            *_call("schedule", configuration.schedule),
            "    )",
            ")",
            "",
        ]
    )


def _call(name: str, config: Any) -> list[str]:
    arguments = [f"            {field}={_literal(value)}," for field, value in vars(config).items()]
    return [f"        {name}={type(config).__name__}(", *arguments, "        ),"]


def _literal(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)  # words of a fixed list


FORMATS = {"yaml": as_yaml, "json": as_json, "python": as_python}


def read_best_file(path: Path) -> BestConfig:
    """The content of a best.yaml, or of the same as JSON.

    Raises:
        InvalidInputError: no such file, not a best.yaml, of another schema, or changed by hand.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InvalidInputError(f"{path} is larger than {MAX_BYTES} bytes")
        text = path.read_text(encoding="utf-8-sig")
        document = read_plain(text)
    except (OSError, ValueError, OverflowError, yaml.YAMLError) as error:
        raise InvalidInputError(f"cannot read {path}: {error}") from error
    return BestConfig.from_document(document, str(path))


def read_plain(text: str) -> Any:
    """The one document of a text: dicts with texts as keys, lists and scalars.

    Raises:
        yaml.YAMLError: it is no YAML, or has anchors, tags, or more than one document.
        ValueError: a key is no text or occurs twice, or a value cannot be stored.
        OverflowError: an escape that stands for no character.
    """
    loader = CoreLoader(text)
    try:
        node = loader.get_single_node()
    finally:
        loader.dispose()
    return None if node is None else _value(node)


def _value(node: yaml.Node) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return [_value(item) for item in node.value]
    if not isinstance(node, yaml.MappingNode):
        return scalar_value(node.tag, node.value)
    pairs = [(_key(key), _value(value)) for key, value in node.value]
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError(f"a key occurs twice among {', '.join(values)}")
    return values


def _key(node: yaml.Node) -> str:
    key = None if isinstance(node, yaml.CollectionNode) else scalar_value(node.tag, node.value)
    if not isinstance(key, str):
        raise ValueError(f"a key must be a text, at line {node.start_mark.line + 1}")
    return key
