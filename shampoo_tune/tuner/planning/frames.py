"""The functions of the source that operations of a program come from.

XLA's text begins with tables of names, places and frames, and an operation names its innermost
frame. JAX keeps the ten innermost ones.
"""

import re
from collections.abc import Iterator

from shampoo_tune.tuner.planning.hlo_text import Instruction

_NAME = re.compile(r'(\d+) "(.*)"')
_PLACE = re.compile(r"(\d+) \{.*\bfunction_name_id=(\d+)")
_FRAME = re.compile(r"(\d+) \{file_location_id=(\d+) parent_frame_id=(\d+)\}")
_OF_INSTRUCTION = re.compile(r"\bstack_frame_id=(\d+)")


class Frames:
    """Of one program."""

    def __init__(self, text: str) -> None:
        names = {row[1]: row[2] for row in _rows(text, "FunctionNames", _NAME)}
        places = {row[1]: names[row[2]] for row in _rows(text, "FileLocations", _PLACE)}
        self._functions: dict[int, frozenset[str]] = {0: frozenset()}
        for row in _rows(text, "StackFrames", _FRAME):
            callers = self._functions[int(row[3]) - 1]  # printed one too high; 0 is no frame
            self._functions[int(row[1])] = callers | {places[row[2]]}

    def functions(self, instruction: Instruction) -> frozenset[str]:
        """Names of the function that it stands in, and of those that called it."""
        found = _OF_INSTRUCTION.search(instruction.attributes)
        return self._functions[int(found[1])] if found else frozenset()


def _rows(text: str, title: str, row: re.Pattern[str]) -> Iterator[re.Match[str]]:
    _, _, table = text.partition(f"\n{title}\n")
    for line in table.split("\n\n")[0].splitlines():
        if found := row.match(line):
            yield found
