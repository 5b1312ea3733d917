"""Every error this package raises on purpose, with the exit code the command line gives it.

ShampooTuneError            1  something went wrong while running
|- InvalidInputError        2  a file, an option or an argument breaks a rule
|- ConditionNotMetError     3  the request is well formed, but what it asks for does not hold
|- NotFoundError            4  no group, study or trial of that name
|- DatabaseVersionError     5  another schema version wrote the database
`- GroupBusyError           1  another living controller owns the group
"""


class ShampooTuneError(Exception):
    """Base of all errors raised on purpose; its text is shown to people as it stands."""

    exit_code = 1
    label = "error: "  # stands before the text


class InvalidInputError(ShampooTuneError):
    """A file, an option or an argument breaks a rule; nothing was created."""

    exit_code = 2


class ConditionNotMetError(ShampooTuneError):
    """The request is well formed, but the condition it depends on does not hold."""

    exit_code = 3


class NotFoundError(ShampooTuneError):
    """There is no group, study or trial of that name."""

    exit_code = 4


class DatabaseVersionError(ShampooTuneError):
    """The database was written by another schema version."""

    exit_code = 5


class GroupBusyError(ShampooTuneError):
    """Another living controller owns the group."""
