"""Bytes that one operation reads from main memory and writes to it: what it touches.

As XLA's HloCostAnalysis counts them: a slice reads what it takes, and an update in place writes
what it changes, also where they are fused with others. Counted so too, though not by XLA, are
gathers and scatters that are fused; and no array is read more than once by one operation.
"""

import math
from collections.abc import Iterator
from dataclasses import replace

from shampoo_tune.tuner.planning.async_collectives import ends, handed_on
from shampoo_tune.tuner.planning.hlo_text import Array, Computation, Instruction, Program

_NONE = {
    "parameter", "constant", "tuple", "get-tuple-element", "bitcast", "after-all", "while",
    "conditional", "call", "partition-id", "replica-id", "opt-barrier",
}  # fmt: skip
_SLICES = {"slice", "dynamic-slice", "gather"}
_UPDATES = {"dynamic-update-slice": 1, "scatter": 2}  # which operand is written into the first


def traffic(instruction: Instruction, computation: Computation, program: Program) -> float:
    """Bytes that an operation moves, which is not itself a part of a fusion.

    Without the padding of tiles, and without what is in a memory of the core itself. What runs
    beside others is counted where it starts.
    """
    if instruction.operation in _NONE or instruction.operation.endswith(("-done", "-update")):
        return 0.0
    if 'custom_call_target="AllocateBuffer"' in instruction.attributes:
        return 0.0
    if ends(instruction, program):
        return 0.0
    moved = 0.0
    results, operands = handed_on(instruction, program)
    for number, name in enumerate(instruction.operands):
        if number in operands:
            continue
        arrays = computation.by_name[name].arrays
        moved += min(_in_main_memory(*arrays), _read(instruction, number, computation, program))
    changed = _changed(instruction, computation, program)
    pairs = zip(_results(instruction, computation), changed, strict=True)
    for number, (array, touched) in enumerate(pairs):
        if number not in results:
            moved += min(_in_main_memory(array), touched)
    return moved


def _in_main_memory(*arrays: Array) -> float:
    return sum(array.bytes for array in arrays if array.in_main_memory)


def _results(instruction: Instruction, computation: Computation) -> tuple[Array, ...]:
    """Arrays that are written: what starts beside others has its operands in its result, too."""
    if instruction.operation == "copy-start":
        return instruction.arrays[:1]
    if instruction.operation.endswith("-start") and instruction.operation != "all-reduce-start":
        operands = (computation.by_name[name] for name in instruction.operands)
        return instruction.arrays[sum(len(operand.arrays) for operand in operands) :]
    return instruction.arrays


def _read(user: Instruction, number: int, computation: Computation, program: Program) -> float:
    """Bytes that an operation reads of an operand; infinite if all."""
    operation = user.operation.removesuffix("-start")
    if operation == "fusion":
        inside = _fused(user, program)
        return _used(inside.parameters[number].name, inside, program)
    if operation == "bitcast":
        return _used(user.name, computation, program)
    if number == 0 and operation in _SLICES:
        return _sliced(user, computation)
    if number == 0 and operation == "dynamic-update-slice":
        return 0.0
    if number == 0 and operation == "scatter":  # adds to what is there
        return _updated(user, computation)
    return math.inf


def _sliced(user: Instruction, computation: Computation) -> float:
    """Bytes of what is taken, in the operand's type: a slice may convert it."""
    (operand,) = computation.by_name[user.operands[0]].arrays
    return replace(_results(user, computation)[0], kind=operand.kind).bytes


def _used(name: str, computation: Computation, program: Program) -> float:
    """Bytes that all users of a value inside a fusion read of it; infinite if it is the result."""
    if computation.by_name[name].is_root:
        return math.inf
    users = computation.users(name)
    return sum(_read(user, number, computation, program) for user, number in users)


def _changed(
    instruction: Instruction, computation: Computation, program: Program
) -> Iterator[float]:
    """Bytes that an operation changes of each of its results; infinite if all."""
    if instruction.operation == "fusion":
        inside = _fused(instruction, program)
        yield from _changed(inside.root, inside, program)
    elif instruction.operation in ("tuple", "bitcast"):
        for name in instruction.operands:
            yield from _changed(computation.by_name[name], computation, program)
    else:
        for _ in _results(instruction, computation):
            yield _updated(instruction, computation)


def _updated(instruction: Instruction, computation: Computation) -> float:
    """Bytes of what is written into an array in place; infinite if it is no such operation."""
    if (position := _UPDATES.get(instruction.operation)) is None:
        return math.inf
    update = computation.by_name[instruction.operands[position]]
    return sum(array.bytes for array in update.arrays)


def _fused(instruction: Instruction, program: Program) -> Computation:
    (name,) = instruction.called("calls")
    return program.computations[name]
