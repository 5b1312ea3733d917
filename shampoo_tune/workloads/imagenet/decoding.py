"""Encoded bytes to pixels. Whole images are decoded exactly: no reduced decoding, see docs.

ImageNet has grey and CMYK JPEGs, and a PNG that is named a JPEG: all become RGB.
"""

import io
from typing import TYPE_CHECKING

import numpy as np

from shampoo_tune.errors import ShampooTuneError
from shampoo_tune.workloads.imagenet.crops import Box

if TYPE_CHECKING:
    from PIL.Image import Image


def decode(data: bytes, name: str) -> "Image":
    """An RGB image.

    Args:
        data: a JPEG or a PNG.
        name: where it is, for the error.

    Raises:
        ShampooTuneError: it is broken or ends too early.
    """
    from PIL import Image

    try:
        image = Image.open(io.BytesIO(data), formats=("JPEG", "PNG"))
        image.load()
        return _rgb(image)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ShampooTuneError(f"{name} cannot be decoded: {_reason(error)}") from error


def _rgb(image: "Image") -> "Image":
    if image.mode == "RGB":
        return image
    if image.mode == "P":  # its transparent colours become plain ones, without a warning
        return image.convert("RGBA").convert("RGB")
    return image.convert("RGB")


def _reason(error: Exception) -> str:
    from PIL import UnidentifiedImageError

    if isinstance(error, UnidentifiedImageError):  # its text has the address of a buffer
        return "it is neither a JPEG nor a PNG"
    return str(error)


def cropped(image: "Image", box: Box, size: int, *, flip: bool = False) -> np.ndarray:
    """A box of the image, by bicubic interpolation, perhaps mirrored: uint8 [size, size, 3].

    Pillow's filter grows with the scale when it makes an image smaller (antialiasing), unlike
    TensorFlow's. Nothing outside of the box has an influence.
    """
    from PIL import Image

    part = image.crop(box).resize((size, size), Image.Resampling.BICUBIC)
    # Mirrored here, because numpy copies a mirrored view pixel by pixel: ten times slower.
    return np.asarray(part.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if flip else part)
