"""Single examples of a stream: which image, how it is cropped, and when it is flipped."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shampoo_tune.errors import ShampooTuneError
from shampoo_tune.workloads.imagenet.crops import ATTEMPTS, random_box
from shampoo_tune.workloads.imagenet.examples import open_examples
from shampoo_tune.workloads.imagenet.share import Share
from shampoo_tune.workloads.imagenet.streams import EvaluationStream, TrainingStream, uniforms
from tests.workloads.imagenet.pictures import make_folder, photographs


class Repeated:
    """One image again and again."""

    def __init__(self, data: bytes, count: int) -> None:
        self._data, self._count = data, count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> tuple[bytes, int]:
        return self._data, index

    def name(self, index: int) -> str:
        return f"image {index}"


def test_half_of_the_images_are_flipped() -> None:
    """Of an image that is dark on its left and bright on its right."""
    file = io.BytesIO()
    Image.linear_gradient("L").rotate(90).save(file, "JPEG")
    stream = TrainingStream(Repeated(file.getvalue(), 7), Share(4, 0, 1), 0, 0, 16, 0.08)
    images = [stream[i]["image"].astype(np.int16) for i in range(400)]
    rises = sum(bool((image[:, -1] > image[:, 0]).all()) for image in images)
    falls = sum(bool((image[:, -1] < image[:, 0]).all()) for image in images)
    assert rises + falls == 400
    assert abs(rises - 200) < 45


def test_positions_seeds_and_epochs_are_augmented_differently() -> None:
    examples = Repeated(photographs()[0], 2)
    images = [
        TrainingStream(examples, Share(2, 0, 1), seed, 0, 16, 0.08)[i]["image"].tobytes()
        for seed in (0, 1)
        for i in range(6)
    ]
    assert len(set(images)) == 12


def test_crops_and_order_are_pinned() -> None:
    """Results are only reproducible across versions while these stay."""
    stream = TrainingStream(Repeated(photographs()[0], 10), Share(4, 0, 1), 7, 0, 2, 0.08)
    assert [int(stream[i]["label"]) for i in range(10)] == [5, 3, 4, 2, 7, 8, 0, 6, 9, 1]
    drawn = [uniforms(7, position) for position in (0, 1, 2**40)]
    assert [float(numbers[0]) for numbers in drawn] == [
        0.9526801291525834,
        0.5897747061688184,
        0.8806037989422087,
    ]
    boxes = [random_box(640, 427, numbers[1:].reshape(ATTEMPTS, 4)) for numbers in drawn]
    assert boxes == [(194, 17, 510, 403), (15, 7, 305, 275), (192, 3, 411, 270)]


def test_the_least_area_is_kept() -> None:
    stream = TrainingStream(Repeated(photographs()[0], 3), Share(1, 0, 1), 0, 0, 8, 1.0)
    images = [stream[i]["image"] for i in range(6)]
    whole = {images[0].tobytes(), images[0][:, ::-1].tobytes()}
    assert all(image.tobytes() in whole for image in images)


def test_an_evaluation_is_padded_to_whole_batches() -> None:
    stream = EvaluationStream(Repeated(photographs()[1], 3), Share(4, 0, 1), 8)
    assert len(stream) == 4
    assert [int(stream[i]["label"]) for i in range(4)] == [0, 1, 2, 0]
    assert [float(stream[i]["weight"]) for i in range(4)] == [1, 1, 1, 0]
    assert stream[2]["image"].any()
    assert not stream[3]["image"].any()


@pytest.mark.parametrize("stream", [TrainingStream, EvaluationStream])
def test_a_broken_image_is_named(tmp_path: Path, stream: type) -> None:
    root = make_folder(tmp_path, 1)
    broken = root / "train" / "n01" / "n01_0.JPEG"
    broken.write_bytes(broken.read_bytes()[:-20])
    examples, share = open_examples(str(root), "train"), Share(3, 0, 1)
    rest = (0, 0, 8, 0.08) if stream is TrainingStream else (8,)
    source = stream(examples, share, *rest)
    with pytest.raises(ShampooTuneError, match=f"{broken} cannot be decoded: .*truncated"):
        [source[i] for i in range(3)]
