"""Small images of every kind that ImageNet has, and folders of them."""

import importlib.util
import io
from pathlib import Path

import numpy as np
from PIL import Image

COLOURS = {"L": 1, "RGB": 3, "CMYK": 4}


def encoded(width: int, height: int, mode: str = "RGB", kind: str = "JPEG", seed: int = 0) -> bytes:
    """A random but smooth image of one of `COLOURS` or of a palette (P)."""
    random = np.random.RandomState(seed)
    channels = COLOURS.get(mode, 3)
    pixels = random.randint(0, 256, (4, 4, channels), np.uint8)
    coarse = Image.fromarray(pixels[..., 0] if channels == 1 else pixels, _plain(mode))
    image = coarse.resize((width, height), Image.Resampling.BILINEAR)
    file = io.BytesIO()
    (image.quantize(16) if mode == "P" else image).save(file, kind)
    return file.getvalue()


def _plain(mode: str) -> str:
    return "RGB" if mode == "P" else mode


def photographs() -> list[bytes]:
    """scikit-learn's two JPEGs of 640 x 427, found without importing it."""
    spec = importlib.util.find_spec("sklearn")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / "datasets" / "images"
    return [(folder / name).read_bytes() for name in ("china.jpg", "flower.jpg")]


def make_folder(root: Path, images_a_class: int = 4, valid: str = "val") -> Path:
    """Three classes of images that are all different: train has so many each, valid has two."""
    kinds = [(40, 30, "RGB"), (31, 50, "L"), (33, 33, "CMYK"), (60, 20, "RGB")]
    for split, count in (("train", images_a_class), (valid, 2)):
        for number, name in enumerate(("n01", "n02", "n03")):
            inside = root / split / name
            inside.mkdir(parents=True)
            for index in range(count):
                width, height, mode = kinds[index % len(kinds)]
                seed = 1000 * number + index + 500 * (split == valid)
                (inside / f"{name}_{index}.JPEG").write_bytes(
                    encoded(width, height, mode, seed=seed)
                )
    return root
