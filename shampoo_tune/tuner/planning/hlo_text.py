"""XLA's optimized programs as text, read into computations of instructions.

The text is the only form that XLA gives of a program for devices that are not here. Of its grammar
only what a census needs is read: names, shapes, operations, operands and attributes.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

_BYTES = {
    "pred": 1, "s4": 0.5, "u4": 0.5, "s8": 1, "u8": 1, "f8e4m3fn": 1, "f8e5m2": 1, "s16": 2,
    "u16": 2, "bf16": 2, "f16": 2, "s32": 4, "u32": 4, "f32": 4, "s64": 8, "u64": 8, "f64": 8,
}  # fmt: skip
_ARRAY = re.compile(r"(\w+)\[([\d,]*)\](?:\{([^}]*)\})?")
_NAME = re.compile(r"%([\w.-]+)")
_HEADER = re.compile(r"(ENTRY )?%([\w.-]+) \(.*\{$")
_INSTRUCTION = re.compile(r"\s+(ROOT )?%([\w.-]+) = ")
_TRIPS = re.compile(r"known_trip_count\W+n\W+(\d+)")
_ON_CHIP = re.compile(r"S\([1-9]\d*\)")  # a memory space other than the large one


@dataclass(frozen=True)
class Array:
    """One array of a shape, which may be a tuple of several."""

    kind: str
    dimensions: tuple[int, ...]
    layout: str

    @property
    def bytes(self) -> float:
        """Without the padding of tiles; 0 for what is no data, such as a token."""
        return _BYTES.get(self.kind, 0) * math.prod(self.dimensions)

    @property
    def in_main_memory(self) -> bool:
        """Whether it is not kept in a memory of the core itself."""
        return not _ON_CHIP.search(self.layout)


@dataclass(frozen=True)
class Instruction:
    """One line: `%name = shape operation(operands), attributes`."""

    name: str
    arrays: tuple[Array, ...]
    operation: str
    operands: tuple[str, ...]
    attributes: str
    value: int | None = None  # of a constant that is a whole number, or which parameter it is
    is_root: bool = False  # whether it is what its computation returns

    def called(self, attribute: str) -> tuple[str, ...]:
        """The computations that an attribute names."""
        found = re.search(rf"\b{attribute}=(\{{[^}}]*\}}|%[\w.-]+)", self.attributes)
        return tuple(_NAME.findall(found[1])) if found else ()

    @property
    def trips(self) -> int | None:
        """How often a loop's body runs; None if only its data decide."""
        found = _TRIPS.search(self.attributes)
        return int(found[1]) if found else None

    @property
    def scope(self) -> str:
        """The names of functions and scopes of the source that it comes from."""
        found = re.search(r'op_name="([^"]*)"', self.attributes)
        return found[1] if found else ""


@dataclass(frozen=True)
class Computation:
    """A function of the program."""

    name: str
    instructions: tuple[Instruction, ...]

    @cached_property
    def by_name(self) -> dict[str, Instruction]:
        """Its instructions by their names."""
        return {instruction.name: instruction for instruction in self.instructions}

    @cached_property
    def root(self) -> Instruction:
        """What it returns, which need not be its last instruction."""
        (root,) = (instruction for instruction in self.instructions if instruction.is_root)
        return root

    @cached_property
    def parameters(self) -> dict[int | None, Instruction]:
        """Its parameters by their numbers."""
        return {i.value: i for i in self.instructions if i.operation == "parameter"}

    def users(self, name: str) -> list[tuple[Instruction, int]]:
        """Who has a value as an operand, and as which one."""
        return self._users.get(name, [])

    @cached_property
    def _users(self) -> dict[str, list[tuple[Instruction, int]]]:
        found = defaultdict(list)
        for instruction in self.instructions:
            for number, operand in enumerate(instruction.operands):
                found[operand].append((instruction, number))
        return found


@dataclass(frozen=True)
class Program:
    """All computations, and the one that is run."""

    entry: Computation
    computations: dict[str, Computation]


def read_program(text: str) -> Program:
    """Read what `jax.stages.Compiled.as_text` gives.

    Raises:
        ValueError: it is no such text.
    """
    entry, computations = None, {}
    for is_entry, computation in _computations(text):
        computations[computation.name] = computation
        entry = computation if is_entry else entry
    if entry is None:
        raise ValueError("no ENTRY computation: this is not the text of an HLO module")
    return Program(entry, computations)


def _computations(text: str) -> Iterator[tuple[bool, Computation]]:
    header: re.Match[str] | None = None
    lines: list[str] = []
    for line in text.splitlines():
        if found := _HEADER.match(line):
            header, lines = found, []
        elif line == "}" and header:
            instructions = (_instruction(line) for line in lines if _INSTRUCTION.match(line))
            yield bool(header[1]), Computation(header[2], tuple(instructions))
            header = None
        else:
            lines.append(line)


def _instruction(line: str) -> Instruction:
    name = _INSTRUCTION.match(line)
    if name is None:
        raise AssertionError("only such lines come here")
    shape, rest = _shape_and_rest(line[name.end() :])
    operation, _, rest = rest.lstrip().partition("(")
    end = _closing("(" + rest) - 1
    inside = rest[:end]
    numbered = operation in ("constant", "parameter")
    whole = numbered and inside.removeprefix("-").isdecimal()
    return Instruction(
        name=name[2],
        arrays=tuple(_arrays(shape)),
        operation=operation,
        operands=tuple(_NAME.findall(inside)),
        attributes=rest[end:],
        value=int(inside) if whole else None,
        is_root=name[1] is not None,
    )


def _shape_and_rest(text: str) -> tuple[str, str]:
    """A tuple ends with its parenthesis, an array with a space."""
    end = _closing(text) + 1 if text.startswith("(") else text.index(" ")
    return text[:end], text[end:]


def _closing(text: str) -> int:
    """Index of the parenthesis that closes the first character's."""
    depth = 0
    for index, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return index
    raise ValueError(f"a parenthesis is not closed: {text[:80]}")


def _arrays(shape: str) -> Iterator[Array]:
    for kind, dimensions, layout in _ARRAY.findall(shape):
        yield Array(kind, tuple(int(d) for d in dimensions.split(",") if d), layout)
