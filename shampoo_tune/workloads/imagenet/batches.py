"""Batches of images, decoded by threads ahead of their use.

An example depends on the seed and on its position in the run's stream of examples, on nothing
else: not on where the iteration began, on the threads, or on how the batch is divided among
processes. grain reads ahead and keeps the order.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.workloads.data_order import epoch_order
from shampoo_tune.workloads.imagenet.crops import ATTEMPTS, central_box, random_box
from shampoo_tune.workloads.imagenet.decoding import cropped, decode
from shampoo_tune.workloads.imagenet.examples import Examples
from shampoo_tune.workloads.imagenet.extra import require_extra
from shampoo_tune.workloads.seeds import stream_seed

Batch = dict[str, np.ndarray]

_ENDLESS = 2**62  # examples; grain wants a number
_MOST_AHEAD = 512  # examples decoded and not yet used; 150 kB each at 224 pixels


@dataclass(frozen=True)
class Share:
    """The contiguous part of every global batch that is one process's."""

    batch_size: int
    process_index: int
    process_count: int

    def __post_init__(self) -> None:
        if self.batch_size < 1 or self.batch_size % self.process_count:
            raise InvalidInputError(
                f"a batch of {self.batch_size} cannot be divided among {self.process_count}"
                f" processes: make batch_size a multiple of {self.process_count}"
            )

    @property
    def size(self) -> int:
        """Examples of a batch here."""
        return self.batch_size // self.process_count

    def position(self, index: int) -> int:
        """Where this process's example `index` is in the stream of all processes."""
        step, offset = divmod(index, self.size)
        return step * self.batch_size + self.process_index * self.size + offset


class _Source(Protocol):
    """What grain reads from, by any thread and in any order."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> dict[str, Any]: ...


@dataclass(frozen=True)
class _Training:
    """The endless stream of augmented examples of one process."""

    examples: Examples
    share: Share
    seed: int
    start: int  # of this process's examples
    size: int
    min_area: float

    def __len__(self) -> int:
        return _ENDLESS - self.start

    def __getitem__(self, index: int) -> dict[str, Any]:
        position = self.share.position(self.start + index)
        epoch, offset = divmod(position, len(self.examples))
        example = int(epoch_order(len(self.examples), self.seed, epoch)[offset])
        data, label = self.examples[example]
        image = decode(data, self.examples.name(example))
        flip, *attempts = _uniforms(self.seed, position)
        box = random_box(*image.size, np.reshape(attempts, (ATTEMPTS, 4)), self.min_area)
        pixels = cropped(image, box, self.size)
        return {"image": pixels[:, ::-1] if flip < 0.5 else pixels, "label": np.int32(label)}


def _uniforms(seed: int, position: int) -> np.ndarray:
    """The random numbers of one position, float64 [1 + 4 * ATTEMPTS] in [0, 1).

    The position is Philox's counter, so there is nothing to draw before it. As RandomState, whose
    numbers are the same in every version of numpy.
    """
    key = stream_seed(seed, "augment")
    bits = np.random.Philox(key=key, counter=[0, 0, 0, position])
    return np.random.RandomState(bits).random_sample(1 + 4 * ATTEMPTS)


@dataclass(frozen=True)
class _Evaluation:
    """All examples once, in order, and examples of weight 0 up to a whole number of batches."""

    examples: Examples
    share: Share
    size: int

    def __len__(self) -> int:
        return -(-len(self.examples) // self.share.batch_size) * self.share.size

    def __getitem__(self, index: int) -> dict[str, Any]:
        position = self.share.position(index)
        if position >= len(self.examples):
            nothing = np.zeros((self.size, self.size, 3), np.uint8)
            return {"image": nothing, "label": np.int32(0), "weight": np.float32(0)}
        data, label = self.examples[position]
        image = decode(data, self.examples.name(position))
        pixels = cropped(image, central_box(*image.size, self.size), self.size)
        return {"image": pixels, "label": np.int32(label), "weight": np.float32(1)}


def training_batches(  # noqa: PLR0913  (whoever calls it names them)
    examples: Examples,
    batch_size: int,
    seed: int,
    start_step: int,
    *,
    process_index: int = 0,
    process_count: int = 1,
    size: int = 224,
    min_area: float = 0.08,
    threads: int | None = None,
) -> Iterator[Batch]:
    """Endless training batches: image uint8 [b, size, size, 3] and label int32 [b].

    b = batch_size / process_count. Process k has the k-th contiguous part of the batch that one
    process would have.

    Args:
        examples: the training split.
        batch_size: examples of a step of all processes together.
        seed: the run's seed; `data_order` shuffles each epoch, `augment` crops and flips.
        start_step: the 0-based step to begin at; the batches are those of an iteration from 0.
        process_index: which part is this process's.
        process_count: parts of a batch.
        size: pixels of a side.
        min_area: least share of an image that is cropped, see `crops`.
        threads: that read and decode; by default one per core of this process.

    Raises:
        InvalidInputError: the processes cannot have equal parts.
        ShampooTuneError: while iterating, an image cannot be read or decoded; it is named.
    """
    share = Share(batch_size, process_index, process_count)
    source = _Training(examples, share, seed, start_step * share.size, size, min_area)
    return _batches(source, share.size, threads)


def evaluation_batches(
    examples: Examples,
    batch_size: int,
    *,
    process_index: int = 0,
    process_count: int = 1,
    size: int = 224,
    threads: int | None = None,
) -> Iterator[Batch]:
    """All examples once, in order: image and label as in training, and weight float32 [b].

    The last batch is filled up with examples of weight 0 (black, label 0). Every process has the
    same number of batches.

    Args:
        examples: the split.
        batch_size: examples of all processes together at a time.
        process_index: which part of each batch is this process's.
        process_count: parts of a batch.
        size: pixels of a side.
        threads: that read and decode; by default one per core of this process.

    Raises:
        InvalidInputError: the processes cannot have equal parts.
        ShampooTuneError: while iterating, an image cannot be read or decoded; it is named.
    """
    share = Share(batch_size, process_index, process_count)
    return _batches(_Evaluation(examples, share, size), share.size, threads)


def _batches(source: _Source, size: int, threads: int | None) -> Iterator[Batch]:
    require_extra()
    import grain

    threads = threads or _cores()
    ahead = max(2 * threads, min(size, _MOST_AHEAD))
    options = grain.ReadOptions(num_threads=threads, prefetch_buffer_size=ahead)
    return _closing(iter(grain.MapDataset.source(source).to_iter_dataset(options).batch(size)))


def _closing(batches: Any) -> Iterator[Batch]:
    """The batches; whoever stops early leaves no thread that decodes on."""
    try:
        yield from batches
    finally:
        batches.close()


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
