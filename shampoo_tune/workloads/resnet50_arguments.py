"""What the `args` of `imagenet_resnet50` may be. Standard library only."""

from collections.abc import Iterator, Mapping
from typing import Any

from shampoo_tune.workloads.arguments import Argument, ArgumentProblem

IMAGENET_VARIABLE = "SHAMPOO_TUNE_IMAGENET"
PRECISIONS = ("bfloat16", "float32")
RESNET50_ARGUMENTS = {
    "data": Argument(
        str, "folder of the images, or $VARIABLE of the environment", f"${IMAGENET_VARIABLE}"
    ),
    "virtual_batch_size": Argument(
        int, "examples that a batch normalisation is over; a divisor of batch_size", 64, low=1
    ),
    "last_norm_scale": Argument(
        float, "initial scale of the last normalisation of each block", 0.0, low=0
    ),
    "precision": Argument(str, "of convolutions: bfloat16 or float32", "bfloat16"),
    "microbatches": Argument(
        int, "parts of a batch that are computed in turn, to need less memory", 1, low=1
    ),
    "image_size": Argument(int, "height and width of crops", 224, low=32),
}


def check_precision(arguments: Mapping[str, Any]) -> Iterator[ArgumentProblem]:
    """Whether convolutions can compute in it."""
    if (precision := arguments["precision"]) not in PRECISIONS:
        yield ArgumentProblem("precision", f"must be {' or '.join(PRECISIONS)}, got {precision!r}")
