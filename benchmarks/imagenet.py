"""Images a second and core that reach training, beside a plain loop and other ways to decode.

Usage: python -m benchmarks.imagenet [--images 64] [--rounds 20]

scikit-learn's two photographs of 640 x 427, as they are (197 and 143 kB; ImageNet's mean is about
110 kB) and encoded again at quality 90. Every way uses the same boxes. Processor time of all
threads, and the best of many short rounds in which the ways take turns: other programs on the same
core can only make a round slower. The difference is from whole decoding, in levels of 0 to 255 over all pixels of these crops.

Exit code 1 if either layout gives fewer than 250 images a second of the photographs as they are.
"""

import argparse
import io
import itertools
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.imagenet_ways import WAYS, simplejpeg_ways
from shampoo_tune.workloads.imagenet.batches import training_batches
from shampoo_tune.workloads.imagenet.crops import ATTEMPTS, Box, random_box
from shampoo_tune.workloads.imagenet.examples import Examples, open_examples
from shampoo_tune.workloads.imagenet.preparing import (
    examine_shards,
    finish,
    plan_preparation,
    write_shards,
)
from tests.workloads.imagenet.pictures import photographs

LEAST = 250.0
PEER = "plain Pillow loop"
_BATCH = 32

Measured = Callable[[], float]  # processor seconds of an image


def again(data: bytes, quality: int) -> bytes:
    """A JPEG encoded again."""
    file = io.BytesIO()
    Image.open(io.BytesIO(data)).save(file, "JPEG", quality=quality)
    return file.getvalue()


def draw_boxes(count: int) -> list[Box]:
    """Boxes of training examples of 640 x 427."""
    uniforms = np.random.RandomState(0).random_sample((count, ATTEMPTS, 4))
    return [random_box(640, 427, each) for each in uniforms]


def layouts(images: Sequence[bytes], folder: Path) -> Iterator[tuple[str, Examples]]:
    """The images 32 times, in both layouts."""
    for number, data in enumerate(images):
        inside = folder / "images" / "train" / str(number)
        inside.mkdir(parents=True)
        for copy in range(32):
            (inside / f"{copy}.JPEG").write_bytes(data)
    preparation = plan_preparation(folder / "images", folder / "shards")
    write_shards(preparation, 1, lambda _: None)
    finish(preparation, examine_shards(preparation, 1, 64, lambda _: None))
    yield "training_batches, ArrayRecord", open_examples(str(folder / "shards"), "train")
    yield "training_batches, image folder", open_examples(str(folder / "images"), "train")


def pipeline(examples: Examples, count: int, threads: int = 1) -> Measured:
    """Whole batches; from the second on, when as much is read ahead as is used."""

    def measure() -> float:
        batches = training_batches(examples, _BATCH, 0, 0, threads=threads)
        next(batches)
        started = time.process_time()
        for _ in itertools.islice(batches, count // _BATCH):
            pass
        spent = time.process_time() - started
        batches.close()  # type: ignore[attr-defined]  # a generator
        return spent / (count // _BATCH * _BATCH)

    return measure


def loop(way: Callable[[bytes, Box], object], images: Sequence[bytes], count: int) -> Measured:
    """One way to decode, crop and resize, again and again."""
    work = list(zip(itertools.cycle(images), draw_boxes(count)))

    def measure() -> float:
        started = time.process_time()
        for data, box in work:
            way(data, box)
        return (time.process_time() - started) / count

    return measure


def best(measured: dict[str, Measured], rounds: int) -> dict[str, float]:
    """Images a second and core; the ways take turns."""
    seconds: dict[str, list[float]] = {name: [] for name in measured}
    for _ in range(rounds):
        for name, measure in measured.items():
            seconds[name].append(measure())
    return {name: 1 / min(values) for name, values in seconds.items()}


def difference(way: Callable[[bytes, Box], np.ndarray], images: Sequence[bytes]) -> str:
    """Mean and greatest difference from the peer, of 64 crops."""
    apart = [
        np.abs(way(data, box).astype(np.int16) - WAYS[PEER](data, box))
        for data, box in zip(itertools.cycle(images), draw_boxes(64), strict=False)
    ]
    return f"{np.mean(apart):.2f}, {np.max(apart)}"


def compare(images: Sequence[bytes], count: int, rounds: int) -> bool:
    """Print a row a way; whether both layouts are fast enough."""
    ways = WAYS | simplejpeg_ways()
    measured = {name: loop(way, images, count) for name, way in ways.items()}
    with tempfile.TemporaryDirectory() as folder:
        for name, examples in layouts(images, Path(folder)):
            measured[name] = pipeline(examples, count)
        rates = best(measured, rounds)
    print("| way | images a second and core | of the loop | difference: mean, greatest |")
    print("| --- | --- | --- | --- |")
    for name, rate in rates.items():
        apart = difference(ways[name], images) if name in ways and name != "decoding alone" else ""
        print(f"| {name} | {rate:.0f} | {rate / rates[PEER]:.2f} | {apart} |")
    return all(rate >= LEAST for name, rate in rates.items() if "training_batches" in name)


def scaling(images: Sequence[bytes], count: int) -> None:
    """Wall time of one and two threads, which other programs on the machine disturb."""
    with tempfile.TemporaryDirectory() as folder:
        _, examples = next(layouts(images, Path(folder)))
        rates = []
        for threads in (1, 2):
            started = time.perf_counter()
            pipeline(examples, count, threads)()
            rates.append(count / (time.perf_counter() - started))
    print(f"by wall time: 1 thread {rates[0]:.0f}, 2 threads {rates[1]:.0f} images a second")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    as_they_are = photographs()
    print("photographs as they are:\n")
    fast = compare(as_they_are, options.images, options.rounds)
    print("\nencoded again at quality 90:\n")
    compare([again(data, 90) for data in as_they_are], options.images, options.rounds)
    print()
    scaling(as_they_are, 4 * options.images)
    sys.exit(0 if fast else 1)


if __name__ == "__main__":
    main()
