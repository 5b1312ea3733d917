"""Ways from a JPEG and a box to 224 x 224 pixels, each written out."""

import importlib.util
import io
from collections.abc import Callable

import numpy as np
from PIL import Image

from shampoo_tune.workloads.imagenet.crops import Box

Way = Callable[[bytes, Box], np.ndarray]

_SIZE = (224, 224)
_BICUBIC = Image.Resampling.BICUBIC


def plain(data: bytes, box: Box) -> np.ndarray:
    """Everything decoded, cropped, resized."""
    return np.asarray(Image.open(io.BytesIO(data)).crop(box).resize(_SIZE, _BICUBIC))


def decoding(data: bytes, box: Box) -> np.ndarray:
    """Everything decoded, and nothing else."""
    del box
    image = Image.open(io.BytesIO(data))
    image.load()
    return np.zeros(0)


def with_box(data: bytes, box: Box) -> np.ndarray:
    """Resized out of the whole image, whose pixels beyond the box have an influence."""
    return np.asarray(Image.open(io.BytesIO(data)).resize(_SIZE, _BICUBIC, box=box))


def with_gap(data: bytes, box: Box) -> np.ndarray:
    """First made smaller by a whole number, where that leaves twice the size."""
    cropped = Image.open(io.BytesIO(data)).crop(box)
    return np.asarray(cropped.resize(_SIZE, _BICUBIC, reducing_gap=2.0))


def drafted(data: bytes, box: Box) -> np.ndarray:
    """Decoded at a half, a quarter or an eighth, where the box keeps 224 pixels."""
    image = Image.open(io.BytesIO(data))
    width, height = image.size
    scale = min(box[2] - box[0], box[3] - box[1]) / _SIZE[0]
    image.draft("RGB", (int(width / scale), int(height / scale)))
    x, y = image.width / width, image.height / height
    scaled = (box[0] * x, box[1] * y, box[2] * x, box[3] * y)
    return np.asarray(image.resize(_SIZE, _BICUBIC, box=scaled))


WAYS: dict[str, Way] = {
    "plain Pillow loop": plain,
    "decoding alone": decoding,
    "`resize(box=...)` without `crop`": with_box,
    "`reducing_gap=2`": with_gap,
    "`draft`": drafted,
}


def simplejpeg_ways() -> dict[str, Way]:
    """The same by simplejpeg, if it is installed."""
    if not importlib.util.find_spec("simplejpeg"):
        return {}
    import simplejpeg

    def exact(data: bytes, box: Box) -> np.ndarray:
        image = Image.fromarray(simplejpeg.decode_jpeg(data))
        return np.asarray(image.crop(box).resize(_SIZE, _BICUBIC))

    def fast(data: bytes, box: Box) -> np.ndarray:
        pixels = simplejpeg.decode_jpeg(data, fastdct=True, fastupsample=True)
        return np.asarray(Image.fromarray(pixels).crop(box).resize(_SIZE, _BICUBIC))

    return {"simplejpeg": exact, "simplejpeg, fast DCT and upsampling": fast}
