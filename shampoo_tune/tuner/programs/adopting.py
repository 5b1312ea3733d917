"""The command of a group: stored with it by its first controller, and never another."""

from typing import Any

from sqlalchemy import Connection, Row

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.storage import queries, records
from shampoo_tune.tuner.programs.command import Command
from shampoo_tune.tuner.programs.rules import check_command
from shampoo_tune.tuner.submission import study_of_document


def check_group(group: Row[Any], command: Command | None) -> None:
    """Raises InvalidInputError if a group cannot be trained by this command, or without one."""
    check_command(study_of_document(group.document), command)
    _refuse_another(group.name, group.provenance, command)


def adopt(connection: Connection, group: Row[Any], command: Command | None) -> None:
    """Store the command with its group; a part of a transaction that holds the group's lease.

    Raises:
        InvalidInputError: the group has another.
    """
    if command is None:
        return
    provenance = queries.group_provenance(connection, group.id)
    _refuse_another(group.name, provenance, command)
    program = {"digest": command.digest, "argv": list(command.argv)}
    records.set_provenance(connection, group.id, {**provenance, "program": program})


def _refuse_another(name: str, provenance: dict[str, Any], command: Command | None) -> None:
    before = provenance.get("program")
    if before is not None and command is not None and before["digest"] != command.digest:
        raise InvalidInputError(
            f"group {name!r} is trained by another command; use it, or --name to make another"
            f" group\n  in the group: {Command(tuple(before['argv']))}\n  now: {command}"
        )
