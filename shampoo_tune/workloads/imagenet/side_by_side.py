"""The same work for many shards, by threads, and stopped at once when something goes wrong."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
Advance = Callable[[int], None]  # told of so many more images, by any thread


def side_by_side(
    work: Callable[[Item, Advance], Result],
    items: Sequence[Item],
    threads: int,
    advance: Advance,
) -> list[Result]:
    """What `work` gives for each item.

    The first error, or an interruption of the program, ends all work: a shard takes minutes, so
    the others stop at their next image, in the `advance` that they were given.
    """
    stopped = threading.Event()

    def go_on(images: int) -> None:
        if stopped.is_set():
            raise InterruptedError
        advance(images)

    with ThreadPoolExecutor(threads) as pool:
        jobs = [pool.submit(work, item, go_on) for item in items]
        try:
            for job in as_completed(jobs):
                job.result()
        finally:
            stopped.set()
            pool.shutdown(cancel_futures=True)
    return [job.result() for job in jobs]
