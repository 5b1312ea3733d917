"""The order in which a run sees its training examples: shuffled epochs laid end to end."""

import functools
import threading
from collections.abc import Iterator

import numpy as np

from shampoo_tune.workloads.seeds import stream_seed


def permutation(n: int, *seed: int) -> np.ndarray:
    """A permutation of range(n) that is the same in every version of numpy.

    numpy promises that for RandomState, but not for the newer Generator.
    """
    bits = np.random.MT19937(np.random.SeedSequence(seed))
    return np.random.RandomState(bits).permutation(n)


# Threads that need the same new order wait for the one that makes it: ImageNet's takes 0.1 s.
_ONE_AT_A_TIME = threading.Lock()


def epoch_order(examples: int, seed: int, epoch: int) -> np.ndarray:
    """The order of one epoch, int64 [examples], read-only; the seed's `data_order` stream shuffles.

    The last few orders are kept, as a batch may span two epochs.
    """
    with _ONE_AT_A_TIME:
        return _make_order(examples, seed, epoch)


@functools.lru_cache(maxsize=4)
def _make_order(examples: int, seed: int, epoch: int) -> np.ndarray:
    order = permutation(examples, stream_seed(seed, "data_order"), epoch)
    order.setflags(write=False)
    return order


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
    step = start_step
    while True:
        epochs, offsets = np.divmod(np.arange(step * batch_size, (step + 1) * batch_size), examples)
        orders = {int(e): epoch_order(examples, seed, int(e)) for e in np.unique(epochs)}
        yield np.concatenate([order[offsets[epochs == e]] for e, order in orders.items()])
        step += 1
