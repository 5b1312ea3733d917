"""Batches of images, read and decoded by threads before they are needed, in the stream's order."""

import os
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from shampoo_tune.workloads.imagenet.examples import Examples
from shampoo_tune.workloads.imagenet.extra import require_extra
from shampoo_tune.workloads.imagenet.share import Share
from shampoo_tune.workloads.imagenet.streams import EvaluationStream, TrainingStream

Batch = dict[str, np.ndarray]

# Examples that a thread makes at a time: one by one, threads would wake each other for each.
_PIECE = 16
# Examples decoded and not yet used, 150 kB each at 224 pixels; more if that is two pieces a thread.
_MOST_AHEAD = 512


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
    source = TrainingStream(examples, share, seed, start_step * share.size, size, min_area)
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
    return _batches(EvaluationStream(examples, share, size), share.size, threads)


def _batches(
    source: TrainingStream | EvaluationStream, size: int, threads: int | None
) -> Iterator[Batch]:
    require_extra()
    import grain

    threads = threads or _cores()
    piece = max(n for n in range(1, _PIECE + 1) if size % n == 0)
    ahead = max(2 * threads, min(size, _MOST_AHEAD) // piece)
    options = grain.ReadOptions(num_threads=threads, prefetch_buffer_size=ahead)
    pieces = grain.MapDataset.source(source).batch(piece).to_iter_dataset(options)
    return _closing(iter(pieces.batch(size // piece, batch_fn=_joined)))


def _joined(pieces: Sequence[Batch]) -> Batch:
    return {key: np.concatenate([piece[key] for piece in pieces]) for key in pieces[0]}


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
