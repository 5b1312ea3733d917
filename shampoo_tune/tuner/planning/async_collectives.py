"""Collectives that run beside other operations, as newer TPUs' compiler writes them.

One that is split into a start, parts and an end is a fusion for each: the operations that run
meanwhile have a part of it in their fusion, which takes its buffers and hands them on. What it
reads, writes and sends is counted where it starts, and nowhere else.
"""

import re

from shampoo_tune.tuner.planning.hlo_text import Computation, Instruction, Program

COLLECTIVES = {
    "all-reduce", "all-gather", "reduce-scatter", "all-to-all", "collective-permute",
    "collective-broadcast",
}  # fmt: skip
_ALIAS = re.compile(r"\{(\d*)\}: \((\d+), \{\}")


def started(instruction: Instruction, program: Program) -> tuple[Instruction, Computation] | None:
    """The collective that a fusion starts, and where it is."""
    inside = _inside(instruction, program)
    if inside is None or 'custom_call_target="AsyncCollectiveStart"' not in inside.root.attributes:
        return None
    (collective,) = (i for i in inside.instructions if i.operation in COLLECTIVES)
    return collective, inside


def ends(instruction: Instruction, program: Program) -> bool:
    """Whether a fusion only waits for the end of a collective."""
    inside = _inside(instruction, program)
    return inside is not None and (
        'custom_call_target="AsyncCollectiveDone"' in inside.root.attributes
    )


def handed_on(instruction: Instruction, program: Program) -> tuple[set[int], set[int]]:
    """Results and operands of a fusion that are buffers which it takes and hands on, by number."""
    inside = _inside(instruction, program)
    if inside is None or not any(i.operation in COLLECTIVES for i in inside.instructions):
        return set(), set()
    pairs = _ALIAS.findall(_aliases(instruction))
    results = {int(result or 0) for result, _ in pairs}
    if started(instruction, program):  # reads what it sends
        return results, set()
    return results, {int(operand) for _, operand in pairs}


def _aliases(instruction: Instruction) -> str:
    found = re.search(r"output_to_operand_aliasing=\{(.*?)\}, \w+=", instruction.attributes)
    return found[1] if found else ""


def _inside(instruction: Instruction, program: Program) -> Computation | None:
    if instruction.operation != "fusion":
        return None
    (name,) = instruction.called("calls")
    return program.computations[name]
