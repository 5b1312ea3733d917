"""The order in which a run sees its training examples: shuffled epochs laid end to end."""

import functools
from collections.abc import Iterator

import numpy as np

from shampoo_tune.workloads.seeds import stream_seed


def permutation(n: int, *seed: int) -> np.ndarray:
    """A permutation of range(n) that is the same in every version of numpy.

    numpy promises that for RandomState, but not for the newer Generator.
    """
    bits = np.random.MT19937(np.random.SeedSequence(seed))
    return np.random.RandomState(bits).permutation(n)


def batch_indices(
    examples: int, batch_size: int, seed: int, start_step: int
) -> Iterator[np.ndarray]:
    """Endless batches of indices, int64 [batch_size]: shuffled epochs laid end to end.

    Batch k holds positions [k * batch_size, (k + 1) * batch_size) of that stream, so any step can
    be reached without drawing the ones before it, and a batch may span two epochs.

    Args:
        examples: size of the training split.
        batch_size: indices of a batch.
        seed: the run's seed; its `data_order` stream shuffles.
        start_step: the 0-based step to begin at.
    """
    order_seed = stream_seed(seed, "data_order")

    @functools.lru_cache(maxsize=4)
    def epoch_order(epoch: int) -> np.ndarray:
        return permutation(examples, order_seed, epoch)

    step = start_step
    while True:
        epochs, offsets = np.divmod(np.arange(step * batch_size, (step + 1) * batch_size), examples)
        yield np.concatenate([epoch_order(int(e))[offsets[epochs == e]] for e in np.unique(epochs)])
        step += 1
