"""What one run of an optimized program does: operations, bytes of memory, bytes between cores."""

import math
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from shampoo_tune.tuner.planning import async_collectives
from shampoo_tune.tuner.planning.async_collectives import COLLECTIVES
from shampoo_tune.tuner.planning.hlo_text import Computation, Instruction, Program
from shampoo_tune.tuner.planning.products import product
from shampoo_tune.tuner.planning.traffic import traffic


@dataclass
class Census:
    """Of one core.

    Attributes:
        flops: of matrix products and convolutions, by precision (`products.Product`).
        matrix_flops: `flops` times their passes: what the matrix unit does.
        memory_bytes: that all operations read and write (`traffic`).
        collective_bytes: that a core sends in a ring.
        scoped_flops: `flops` times passes of what comes from the scope that was asked for.
        limited: the rounds at most, and as counted here, of each loop that may end earlier; None
            where there is no limit, and one round was counted.
    """

    flops: Counter[str] = field(default_factory=Counter)
    matrix_flops: float = 0.0
    memory_bytes: float = 0.0
    collective_bytes: float = 0.0
    scoped_flops: float = 0.0
    limited: list[int | None] = field(default_factory=list)

    def add(self, other: "Census", times: float = 1) -> None:
        """Add what a part does each time that it runs."""
        for precision, flops in other.flops.items():
            self.flops[precision] += times * flops  # type: ignore[assignment]
        self.matrix_flops += times * other.matrix_flops
        self.memory_bytes += times * other.memory_bytes
        self.collective_bytes += times * other.collective_bytes
        self.scoped_flops += times * other.scoped_flops
        self.limited += other.limited


def census(program: Program, scope: str) -> Census:
    """Count a program.

    Args:
        program: of one core.
        scope: part of `Instruction.scope` whose products are counted apart.
    """
    return _Counting(program, scope).of(program.entry)


class _Counting:
    """A program, and what was counted of its computations."""

    def __init__(self, program: Program, scope: str) -> None:
        self._program, self._scope = program, scope
        self._known: dict[str, Census] = {}
        self._products: dict[str, Census] = {}

    def of(self, computation: Computation) -> Census:
        """Everything that a computation does in one round."""
        if computation.name not in self._known:
            found = Census()
            for instruction in computation.instructions:
                found.add(self._instruction(instruction, computation))
            self._known[computation.name] = found
        return self._known[computation.name]

    def _instruction(self, instruction: Instruction, computation: Computation) -> Census:
        if instruction.operation == "while":
            return self._loop(instruction)
        if instruction.operation == "conditional":
            return self._branches(instruction)
        if instruction.operation in ("call", "async-start"):
            return self._sum(self.of, instruction.called("to_apply") or instruction.called("calls"))
        found = self._products_of(instruction, computation)
        found.memory_bytes = traffic(instruction, computation, self._program)
        if instruction.operation.removesuffix("-start") in COLLECTIVES:
            found.collective_bytes = _sent(instruction, computation)
        elif pair := async_collectives.started(instruction, self._program):
            found.collective_bytes = _sent(*pair)
        return found

    def _products_of(self, instruction: Instruction, computation: Computation) -> Census:
        """Products of an instruction, or of all that is fused into it."""
        found = Census()
        if instruction.operation in ("dot", "convolution"):
            counted = product(instruction, computation)
            work = counted.flops * counted.passes
            found.flops[counted.precision] = counted.flops  # type: ignore[assignment]
            found.matrix_flops = work
            found.scoped_flops = work if self._scope in instruction.scope else 0.0
        elif instruction.operation == "fusion":
            found.add(self._sum(self._inside, instruction.called("calls")))
        return found

    def _inside(self, computation: Computation) -> Census:
        if computation.name not in self._products:
            found = Census()
            for instruction in computation.instructions:
                found.add(self._products_of(instruction, computation))
            self._products[computation.name] = found
        return self._products[computation.name]

    def _loop(self, instruction: Instruction) -> Census:
        rounds = instruction.trips or self._limit(instruction)
        found = Census()
        for name in instruction.called("body"):
            found.add(self.of(self._program.computations[name]), rounds or 1)
        if instruction.trips is None:
            found.limited.append(rounds)
        return found

    def _limit(self, instruction: Instruction) -> int | None:
        """The constant that a loop's condition compares its counter with."""
        (name,) = instruction.called("condition")
        condition = self._program.computations[name]
        for comparison in condition.instructions:
            if "direction=LT" in comparison.attributes:
                operands = [condition.by_name[operand] for operand in comparison.operands]
                limits = [o.value for o in operands if o.operation == "constant"]
                if limits:
                    return limits[0]
        return None

    def _branches(self, instruction: Instruction) -> Census:
        """The branch that does most: training soon stays in it."""
        names = instruction.called("branch_computations")
        names = names or instruction.called("true_computation")
        names += instruction.called("false_computation")
        branches = [self.of(self._program.computations[name]) for name in names]
        return max(branches, key=lambda branch: (branch.matrix_flops, branch.memory_bytes))

    def _sum(self, count: Callable[[Computation], Census], names: tuple[str, ...]) -> Census:
        found = Census()
        for name in names:
            found.add(count(self._program.computations[name]))
        return found


def _sent(instruction: Instruction, computation: Computation) -> float:
    """Bytes that a core sends for a collective in a ring of its group."""
    operands = [computation.by_name[name] for name in instruction.operands]
    given = sum(array.bytes for operand in operands for array in operand.arrays)
    size = _group_size(instruction)
    operation = instruction.operation.removesuffix("-start")
    if operation == "all-reduce":
        return 2 * given * (size - 1) / size
    if operation == "all-gather":
        return given * (size - 1)
    if operation in ("reduce-scatter", "all-to-all"):
        return given * (size - 1) / size
    return given


def _group_size(instruction: Instruction) -> int:
    """Cores that take part, in any of the forms that XLA writes.

    `mesh['a'=8,'b'=2] {'a'}`, `[groups,size]<=[n]`, or lists of their numbers; pairs where a core
    sends to another.

    Raises:
        ValueError: another form.
    """
    if found := re.search(r"replica_groups=mesh\[([^\]]*)\] \{([^}]*)\}", instruction.attributes):
        sizes = dict(re.findall(r"'(\w+)'=(\d+)", found[1]))
        return math.prod(int(sizes[axis]) for axis in re.findall(r"'(\w+)'", found[2]))
    if found := re.search(r"replica_groups=\[\d+,(\d+)\]", instruction.attributes):
        return int(found[1])
    if found := re.search(r"replica_groups=\{\{([\d,]+)\}", instruction.attributes):
        return found[1].count(",") + 1
    if "source_target_pairs=" in instruction.attributes:
        return 2
    raise ValueError(f"which cores take part in {instruction.name}? {instruction.attributes[:200]}")
