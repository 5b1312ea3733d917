"""Examples as a run sees them, one process's, by number: read, decoded, cropped and flipped.

An example depends on the seed and on its position in the run's stream of examples, on nothing
else: not on where the iteration began, on who asks for it, or on how batches are divided among
processes.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from shampoo_tune.workloads.data_order import epoch_order
from shampoo_tune.workloads.imagenet.crops import ATTEMPTS, central_box, random_box
from shampoo_tune.workloads.imagenet.decoding import cropped, decode
from shampoo_tune.workloads.imagenet.examples import Examples
from shampoo_tune.workloads.imagenet.share import Share
from shampoo_tune.workloads.seeds import stream_seed

Example = dict[str, Any]  # image uint8 [size, size, 3] and numbers

_ENDLESS = 2**62  # grain wants a number of examples


@dataclass(frozen=True)
class TrainingStream:
    """The endless stream of augmented examples of one process."""

    examples: Examples
    share: Share
    seed: int
    start: int  # of this process's examples
    size: int
    min_area: float

    def __len__(self) -> int:
        return _ENDLESS - self.start

    def __getitem__(self, index: int) -> Example:
        position = self.share.position(self.start + index)
        epoch, offset = divmod(position, len(self.examples))
        example = int(epoch_order(len(self.examples), self.seed, epoch)[offset])
        data, label = self.examples[example]
        image = decode(data, self.examples.name(example))
        flip, *attempts = uniforms(self.seed, position)
        box = random_box(*image.size, np.reshape(attempts, (ATTEMPTS, 4)), self.min_area)
        pixels = cropped(image, box, self.size, flip=flip < 0.5)
        return {"image": pixels, "label": np.int32(label)}


def uniforms(seed: int, position: int) -> np.ndarray:
    """The random numbers of one position, float64 [1 + 4 * ATTEMPTS] in [0, 1).

    The position is Philox's counter, so there is nothing to draw before it. As RandomState, whose
    numbers are the same in every version of numpy.
    """
    key = stream_seed(seed, "augment")
    bits = np.random.Philox(key=key, counter=[0, 0, 0, position])
    return np.random.RandomState(bits).random_sample(1 + 4 * ATTEMPTS)


@dataclass(frozen=True)
class EvaluationStream:
    """All examples once, in order, and examples of weight 0 up to a whole number of batches."""

    examples: Examples
    share: Share
    size: int

    def __len__(self) -> int:
        return -(-len(self.examples) // self.share.batch_size) * self.share.size

    def __getitem__(self, index: int) -> Example:
        position = self.share.position(index)
        if position >= len(self.examples):
            nothing = np.zeros((self.size, self.size, 3), np.uint8)
            return {"image": nothing, "label": np.int32(0), "weight": np.float32(0)}
        data, label = self.examples[position]
        image = decode(data, self.examples.name(position))
        pixels = cropped(image, central_box(*image.size, self.size), self.size)
        return {"image": pixels, "label": np.int32(label), "weight": np.float32(1)}
