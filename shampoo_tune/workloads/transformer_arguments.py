"""The arguments of `transformer_lm`, and what they must fulfil together."""

from collections.abc import Iterator, Mapping
from typing import Any

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.workloads.arguments import Argument, ArgumentProblem
from shampoo_tune.workloads.text import PYDOC_TOPICS, load_text

TRANSFORMER_ARGUMENTS = {
    "text": Argument(str, f"{PYDOC_TOPICS}, or the path of a UTF-8 text", PYDOC_TOPICS),
    "layers": Argument(int, "blocks of attention and perceptron", 2, low=1),
    "width": Argument(int, "numbers that stand for a character", 64, low=1),
    "heads": Argument(int, "of each attention; they share the width", 2, low=1),
    "context": Argument(int, "characters that are read to predict the next", 64, low=1),
}


def check_heads(arguments: Mapping[str, Any]) -> Iterator[ArgumentProblem]:
    """Heads must share the width equally."""
    width, heads = arguments["width"], arguments["heads"]
    if width % heads:
        near = max(h for h in range(1, heads) if width % h == 0)
        rule = f"must divide the width, {width}, got {heads}"
        yield ArgumentProblem("heads", rule, f"for example {near}")


def check_text(arguments: Mapping[str, Any]) -> Iterator[ArgumentProblem]:
    """The text must be there and long enough."""
    try:
        load_text(arguments["text"], arguments["context"])
    except InvalidInputError as error:
        yield ArgumentProblem("text", str(error))
