"""Every kind of image becomes RGB; a broken one is named."""

import io

import numpy as np
import pytest
from PIL import Image

from shampoo_tune.errors import ShampooTuneError
from shampoo_tune.workloads.imagenet.decoding import cropped, decode
from tests.workloads.imagenet.pictures import encoded, photographs


@pytest.mark.parametrize(("width", "height"), [(1, 1), (3, 5), (700, 4), (50, 60)])
@pytest.mark.parametrize(
    ("mode", "kind"), [("RGB", "JPEG"), ("L", "JPEG"), ("CMYK", "JPEG"), ("P", "PNG")]
)
def test_an_image_becomes_rgb_of_its_size(width: int, height: int, mode: str, kind: str) -> None:
    image = decode(encoded(width, height, mode, kind), "it")
    assert (image.mode, image.size) == ("RGB", (width, height))
    pixels = cropped(image, (0, 0, width, height), 8)
    assert pixels.shape == (8, 8, 3)
    assert pixels.dtype == np.uint8


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_colours_are_those_of_the_encoded_image(mode: str) -> None:
    """A grey is three times the same, and the ink of CMYK is dark."""
    file = io.BytesIO()
    Image.new("L", (16, 16), 200).convert(mode).save(file, "JPEG")
    pixels = np.asarray(decode(file.getvalue(), "it"), np.int16)
    assert np.abs(pixels - 200).max() <= 2


def test_a_palette_with_transparency_is_no_warning() -> None:
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, 10, 20, 30])
    file = io.BytesIO()
    image.save(file, "PNG", transparency=b"\x00\x80")
    assert (np.asarray(decode(file.getvalue(), "it")) == (10, 20, 30)).all()


@pytest.mark.parametrize("keep", [0.02, 0.5, 0.99])
def test_a_truncated_jpeg_is_named(keep: float) -> None:
    data = photographs()[0]
    with pytest.raises(ShampooTuneError, match=r"^train/x\.JPEG cannot be decoded: .*[Tt]runcated"):
        decode(data[: int(keep * len(data))], "train/x.JPEG")


@pytest.mark.parametrize("data", [b"", b"not an image", b"GIF89a" + bytes(50)])
def test_what_is_no_image_is_named(data: bytes) -> None:
    with pytest.raises(ShampooTuneError, match="it cannot be decoded: it is neither a JPEG nor"):
        decode(data, "it")


def test_a_crop_is_pillow_s_of_the_box_alone() -> None:
    image = decode(photographs()[1], "it")
    box = (100, 50, 400, 300)
    pixels = np.array(image)
    alone = Image.fromarray(pixels[50:300, 100:400]).resize((224, 224), Image.Resampling.BICUBIC)
    np.testing.assert_array_equal(cropped(image, box, 224), np.asarray(alone))
