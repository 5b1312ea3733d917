"""At which precision a program computes the products of each part of Shampoo."""

from collections.abc import Iterable

from shampoo_tune.tuner.planning.frames import Frames
from shampoo_tune.tuner.planning.hlo_text import Instruction, Program
from shampoo_tune.tuner.planning.products import product

# The function, or scope, that all products of a part come from (shampoo_tune/optimizer).
PARTS = {
    "statistics": "_gram",
    "roots": "inverse_roots",
    "application": "precondition",
}


def precisions(program: Program, frames: Frames) -> dict[str, list[str]]:
    """The precisions of the products of each part: none for a step that has no such part.

    Only what the matrix unit computes is a product: XLA makes sums of some small ones, in float32.
    """
    found: dict[str, set[str]] = {part: set() for part in PARTS}
    for computation in program.computations.values():
        for instruction in computation.instructions:
            if instruction.operation in ("dot", "convolution"):
                for part in _parts(instruction, frames):
                    found[part].add(product(instruction, computation).precision)
    return {part: sorted(kinds) for part, kinds in found.items()}


def _parts(instruction: Instruction, frames: Frames) -> Iterable[str]:
    origins = {*instruction.scope.split("/"), *frames.functions(instruction)}
    return (part for part, origin in PARTS.items() if origin in origins)
