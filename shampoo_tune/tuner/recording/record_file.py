"""A file of finished runs, a JSON object a line, read whole with everything that is wrong in it."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.tuner.recording.run_record import Broken, Budgeted, RunRecord, read_record
from shampoo_tune.tuner.study_file.file_errors import FileError, StudyFileError


@dataclass
class RecordFile:
    """The records by their line, and what is wrong so far."""

    name: str
    records: dict[int, RunRecord] = field(default_factory=dict)
    errors: list[FileError] = field(default_factory=list)

    def add_error(self, line: int, broken: Broken) -> None:
        """Something that is wrong with a line."""
        place = (self.name, line, 1, broken.path)
        self.errors.append(FileError(*place, broken.rule, None, broken.hint))

    def raise_errors(self) -> None:
        """Raises StudyFileError with all errors, if there are any."""
        if self.errors:
            raise StudyFileError(self.errors, {})


def read_record_file(path: Path, budget: Budgeted) -> RecordFile:
    """Read all lines; empty ones count for nothing.

    Raises:
        InvalidInputError: the file cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"cannot read {path}: {error}") from error
    file, seen = RecordFile(str(path)), dict[object, int]()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        read = _read_line(line, budget)
        if isinstance(read, list):
            for broken in read:
                file.add_error(number, broken)
        elif (first := seen.setdefault(read.key, number)) != number:
            file.add_error(number, Broken("", f"the run of line {first} again"))
        else:
            file.records[number] = read
    return file


def _read_line(line: str, budget: Budgeted) -> RunRecord | list[Broken]:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError) as error:
        return [Broken("", f"no JSON: {error}", "one JSON object a line")]
    return read_record(document, budget)
