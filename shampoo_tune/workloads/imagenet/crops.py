"""Which box of an image is used: MLPerf's.

Training: up to ten attempts at a box. The aspect ratio (width / height) is uniform in
[0.75, 1.33] and the height uniform over all whole numbers for which the area is at least
`min_area` of the image and the box fits; width = round(aspect * height). A box must cover 0.1 of
the one object, which is the whole image, so boxes smaller than that are rejected: `min_area` 0.08
or 0.05 changes how often, not what is possible. After ten rejections the whole image is used.

Source: MLPerf Training's ResNet (area 0.05 to 1 with its compressed cache, 0.08 to 1 without it),
whose boxes are those of TensorFlow's `sample_distorted_bounding_box`. That also moves an area which
rounding put past a limit back by one row. No limit needs it here: below there is the 0.1, and a box
that fits is never larger than the image.
"""

import math

import numpy as np

ATTEMPTS = 10
_ASPECTS = (0.75, 1.33)
_MIN_OBJECT_COVERED = 0.1
_CROP_PADDING = 32

Box = tuple[int, int, int, int]  # left, top, right, bottom; the last two are outside


def random_box(width: int, height: int, uniforms: np.ndarray, min_area: float = 0.08) -> Box:
    """The box of a training example.

    Args:
        width: of the image, in pixels.
        height: of the image.
        uniforms: float64 [ATTEMPTS, 4] in [0, 1): aspect, height, left and top of each attempt.
        min_area: least share of the image's area.
    """
    narrowest, widest = _ASPECTS
    for aspect, tall, left, top in uniforms.tolist():
        size = _size(width, height, narrowest + aspect * (widest - narrowest), tall, min_area)
        if size is not None:
            x, y = _offset(width - size[0], left), _offset(height - size[1], top)
            return x, y, x + size[0], y + size[1]
    return 0, 0, width, height


def _size(
    width: int, height: int, aspect: float, uniform: float, min_area: float
) -> tuple[int, int] | None:
    """Width and height of a box; None if this attempt is rejected."""
    area = width * height
    least = round(math.sqrt(min_area * area / aspect))
    # The last is the greatest height whose width, rounded, fits.
    most = min(height, round(math.sqrt(area / aspect)), math.ceil((width + 0.5) / aspect) - 1)
    tall = most if least >= most else least + math.floor(uniform * (most - least + 1))
    wide = round(aspect * tall)
    if not 0 < wide <= width or wide * tall < max(min_area, _MIN_OBJECT_COVERED) * area:
        return None
    return wide, tall


def _offset(room: int, uniform: float) -> int:
    """Uniform in [0, room), and 0 without room: as TensorFlow, which never reaches the far edge."""
    return math.floor(uniform * room)


def central_box(width: int, height: int, size: int = 224) -> Box:
    """The box of an evaluation example: a central square of size / (size + 32) of the shorter side.

    The side is rounded down, and the offsets are halves rounded up.
    """
    side = max(1, size * min(width, height) // (size + _CROP_PADDING))
    left, top = (width - side + 1) // 2, (height - side + 1) // 2
    return left, top, left + side, top + side
