"""SIGINT and SIGTERM as a wish that is asked for between two messages."""

import os
import signal
from types import FrameType

_SAID = b"stopping, and saving what can be saved; once more stops at once\n"


class StopRequest:
    """Notes SIGINT and SIGTERM, so that a launch ends where nothing is lost; a second one ends it.

    Raising from a signal handler could leave a transaction open in the middle of its own library.
    """

    number: int | None = None

    def __init__(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.number is not None:
            raise KeyboardInterrupt
        self.number = number
        os.write(2, _SAID)  # a stream could be in the middle of a line of its own
