"""Images a second and core that reach training, beside a plain loop and other ways to decode.

Usage: python -m benchmarks.imagenet [--rounds 20]

scikit-learn's two photographs of 640 x 427, as they are (197 and 143 kB; ImageNet's mean is about
110 kB) and encoded again at quality 90. The ways have the images and boxes that the pipeline has,
already in memory, and do not mirror, shuffle or make batches. Processor time of all threads, and
the best of many rounds of 64 images in which the ways take turns: other programs on the same core
can only make a round slower. The difference is from the loop's pixels, of 0 to 255.

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

from benchmarks.imagenet_ways import WAYS, Way, simplejpeg_ways
from shampoo_tune.workloads.data_order import epoch_order
from shampoo_tune.workloads.imagenet.batches import training_batches
from shampoo_tune.workloads.imagenet.crops import ATTEMPTS, Box, random_box
from shampoo_tune.workloads.imagenet.examples import Examples, open_examples
from shampoo_tune.workloads.imagenet.preparing import (
    examine_shards,
    finish,
    plan_preparation,
    write_shards,
)
from shampoo_tune.workloads.imagenet.streams import uniforms
from tests.workloads.imagenet.pictures import photographs

LEAST = 250.0
PEER = "plain Pillow loop"
_SEED, _BATCH, _IMAGES, _COPIES = 0, 32, 64, 32

Measured = Callable[[], float]  # seconds of an image
Work = list[tuple[bytes, Box]]


def again(data: bytes, quality: int) -> bytes:
    """A JPEG encoded again."""
    file = io.BytesIO()
    Image.open(io.BytesIO(data)).save(file, "JPEG", quality=quality)
    return file.getvalue()


def layouts(images: Sequence[bytes], folder: Path) -> Iterator[tuple[str, Examples]]:
    """Copies of the images, in both layouts."""
    for number, data in enumerate(images):
        inside = folder / "images" / "train" / str(number)
        inside.mkdir(parents=True)
        for copy in range(_COPIES):
            (inside / f"{copy}.JPEG").write_bytes(data)
    preparation = plan_preparation(folder / "images", folder / "shards")
    write_shards(preparation, 1, lambda _: None)
    finish(preparation, examine_shards(preparation, 1, 64, lambda _: None))
    yield "`training_batches`, image folder", open_examples(str(folder / "images"), "train")
    yield "`training_batches`, ArrayRecord", open_examples(str(folder / "shards"), "train")


def same_work(examples: Examples) -> Work:
    """The images and boxes that `pipeline` decodes in its first round: 64 positions, an epoch."""
    work = []
    for position in range(2 * _BATCH, 2 * _BATCH + _IMAGES):
        epoch, offset = divmod(position, len(examples))
        data, _ = examples[int(epoch_order(len(examples), _SEED, epoch)[offset])]
        drawn = uniforms(_SEED, position)[1:].reshape(ATTEMPTS, 4)
        work.append((data, random_box(*Image.open(io.BytesIO(data)).size, drawn)))
    return work


def pipeline(examples: Examples) -> Measured:
    """Batches of `training_batches` with one thread that decodes.

    From a full read-ahead to a full read-ahead, so exactly as much is decoded as is used.
    """
    batches = training_batches(examples, _BATCH, _SEED, 0, threads=1)
    next(batches)
    settle()

    def measure() -> float:
        started = time.process_time()
        for _ in itertools.islice(batches, _IMAGES // _BATCH):
            pass
        settle()
        return (time.process_time() - started) / _IMAGES

    return measure


def settle() -> None:
    """Wait until no thread computes."""
    spent = -1.0
    while (now := time.process_time()) - spent > 0.002:
        spent = now
        time.sleep(0.1)


def loop(way: Way, work: Work) -> Measured:
    """One way to decode, crop and resize, again and again."""

    def measure() -> float:
        started = time.process_time()
        for data, box in work:
            way(data, box)
        return (time.process_time() - started) / len(work)

    return measure


def best(measured: dict[str, Measured], rounds: int) -> dict[str, float]:
    """Images a second; the ways take turns."""
    seconds = dict.fromkeys(measured, float("inf"))
    for _ in range(rounds):
        for name, measure in measured.items():
            seconds[name] = min(seconds[name], measure())
    return {name: 1 / value for name, value in seconds.items()}


def difference(way: Way, work: Work) -> str:
    """Mean and greatest difference from the peer."""
    apart = [np.abs(way(*each).astype(np.int16) - WAYS[PEER](*each)) for each in work]
    return f"{np.mean(apart):.2f}, {np.max(apart)}"


def compare(images: Sequence[bytes], rounds: int) -> bool:
    """Print a row a way; whether both layouts are fast enough."""
    ways = WAYS | simplejpeg_ways()
    with tempfile.TemporaryDirectory() as folder:
        opened = dict(layouts(images, Path(folder)))
        work = same_work(opened["`training_batches`, ArrayRecord"])
        ours = {name: pipeline(each) for name, each in opened.items()}
        rates = best({name: loop(way, work) for name, way in ways.items()} | ours, rounds)
    print("| way | images a second and core | of the loop | difference: mean, greatest |")
    print("| --- | --- | --- | --- |")
    for name, rate in rates.items():
        apart = "" if name in ours or name == "decoding alone" else difference(ways[name], work)
        print(f"| {name} | {rate:.0f} | {rate / rates[PEER]:.2f} | {apart} |")
    return all(rates[name] >= LEAST for name in ours)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    as_they_are = photographs()
    print("photographs as they are:\n")
    fast = compare(as_they_are, options.rounds)
    print("\nencoded again at quality 90:\n")
    compare([again(data, 90) for data in as_they_are], options.rounds)
    sys.exit(0 if fast else 1)


if __name__ == "__main__":
    main()
