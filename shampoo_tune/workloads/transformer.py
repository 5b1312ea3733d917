"""A decoder-only transformer that predicts the next character (Vaswani et al. 2017, GPT's form).

Learned positions, normalisation before each half of a block (Radford et al. 2019), no biases but
those of the normalisations, an output layer of its own. Weights start normal: embeddings with
deviation 1 and all else with 1 / sqrt(fan-in) (Chowdhery et al. 2022, PaLM), the last layer of each
half of a block divided by sqrt(2 layers) (Radford et al. 2019). Weight decay applies to embeddings
as to all matrices, and not to normalisations.

Parameters with the 103 characters of `pydoc_data.topics`:

    layers  width  heads  context     parameters
         2     64      2       64        116,224
         4    128      4      128        831,488
         6    384      6      256     10,804,224   nanoGPT's size for characters
        12    768     12     1024     85,917,696   the blocks of GPT-2 small
        24   1024     16     1024    303,349,760   those of GPT-2 medium
        36   1280     20     1024    709,550,080   those of GPT-2 large
        20   2048     16     1024  1,009,319,936
"""

import math

import jax
from flax import nnx

from shampoo_tune.workloads.language_model import text_workload
from shampoo_tune.workloads.nnx_model import Start, functional
from shampoo_tune.workloads.text import load_text
from shampoo_tune.workloads.workload import Workload

_ZEROS = nnx.initializers.zeros_init()


class Attention(nnx.Module):
    """Each position looks at itself and at those before it."""

    def __init__(self, width: int, heads: int) -> None:
        self.query, self.key, self.value = (_linear(width, width) for _ in range(3))
        self.out = _linear(width, width)
        self.heads = heads

    def __call__(self, x: jax.Array) -> jax.Array:
        """[n, t, width] -> [n, t, width]."""
        query, key, value = (
            layer(x).reshape(*x.shape[:2], self.heads, -1)
            for layer in (self.query, self.key, self.value)
        )
        seen = jax.nn.dot_product_attention(query, key, value, is_causal=True)
        return self.out(seen.reshape(x.shape))


class Perceptron(nnx.Module):
    """One hidden layer of four times the width, on each position alone."""

    def __init__(self, width: int) -> None:
        self.hidden = _linear(width, 4 * width)
        self.out = _linear(4 * width, width)

    def __call__(self, x: jax.Array) -> jax.Array:
        """[n, t, width] -> [n, t, width]."""
        return self.out(jax.nn.gelu(self.hidden(x)))


class Block(nnx.Module):
    """Attention and perceptron, each added to what it reads."""

    def __init__(self, width: int, heads: int) -> None:
        self.attention_norm = _norm(width)
        self.attention = Attention(width, heads)
        self.perceptron_norm = _norm(width)
        self.perceptron = Perceptron(width)

    def __call__(self, x: jax.Array) -> jax.Array:
        """[n, t, width] -> [n, t, width]."""
        x = x + self.attention(self.attention_norm(x))
        return x + self.perceptron(self.perceptron_norm(x))


class Transformer(nnx.Module):
    """Characters [n, t] by their number in the vocabulary to logits [n, t, characters]."""

    def __init__(self, characters: int, layers: int, width: int, heads: int, context: int) -> None:
        self.characters = _embedding(characters, width)
        self.positions = _embedding(context, width)
        self.blocks = nnx.List([Block(width, heads) for _ in range(layers)])
        self.final_norm = _norm(width)
        self.head = _linear(width, characters)

    def __call__(self, text: jax.Array) -> jax.Array:
        """[n, t] -> [n, t, characters], t at most the context."""
        # A product, not a look-up: it is divided between devices as the text is.
        x = jax.nn.one_hot(text, len(self.characters.embedding)) @ self.characters.embedding[...]
        x = x + self.positions.embedding[: text.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.head(self.final_norm(x))


# Of what these begin with only the shapes are taken; zeros are the quickest to trace.
def _linear(inputs: int, outputs: int) -> nnx.Linear:
    return nnx.Linear(inputs, outputs, use_bias=False, kernel_init=_ZEROS, rngs=nnx.Rngs(0))


def _embedding(count: int, width: int) -> nnx.Embed:
    return nnx.Embed(count, width, embedding_init=_ZEROS, rngs=nnx.Rngs(0))


def _norm(width: int) -> nnx.LayerNorm:
    return nnx.LayerNorm(width, rngs=nnx.Rngs(0))


def transformer_lm(
    batch_size: int,
    *,
    text: str,
    layers: int,
    width: int,
    heads: int,
    context: int,
    label_smoothing: float = 0.0,
) -> Workload:
    """A transformer that learns to continue a text; see `TRANSFORMER_ARGUMENTS`.

    Raises:
        InvalidInputError: the text is not there or too short.
    """
    content = load_text(text, context)
    characters = len(set(content))

    def deviation(name: str, shape: tuple[int, ...]) -> float:
        if name in ("characters", "positions"):
            return 1.0
        return (1.0 / math.sqrt(2 * layers) if name == "out" else 1.0) / math.sqrt(shape[0])

    model = functional(
        lambda training: Transformer(characters, layers, width, heads, context),
        f"transformer {layers}x{width}, {heads} heads, context {context}, version 1",
        Start(deviation),
    )
    return text_workload("transformer_lm", model, content, context, batch_size, label_smoothing)
