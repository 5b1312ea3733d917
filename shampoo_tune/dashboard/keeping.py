"""What was read and drawn of a study, kept until its runs say something new."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """The values last asked for, each valid for one revision of what it was made from."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[Hashable, tuple[Hashable, Value]] = OrderedDict()
        self._lock = Lock()
        self._making: dict[Hashable, Lock] = {}

    def get(self, key: Hashable, revision: Hashable, make: Callable[[], Value]) -> Value:
        """The value of a key at a revision; made once, however many threads ask for it."""
        with self._lock:
            making = self._making.setdefault(key, Lock())
        with making:
            known = self._values.get(key)
            if known is None or known[0] != revision:
                known = (revision, make())
            with self._lock:
                self._values[key] = known
                self._values.move_to_end(key)
                while len(self._values) > self._most:
                    oldest, _ = self._values.popitem(last=False)
                    self._making.pop(oldest, None)
            return known[1]

    def last(self, key: Hashable) -> Value | None:
        """The value of a key at whatever revision it was made last; None if none is kept."""
        with self._lock:
            known = self._values.get(key)
        return None if known is None else known[1]
