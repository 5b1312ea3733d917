"""The digests of the chain: sha256 of what other programs can write as well."""

import hashlib
import json
import struct
from collections.abc import Iterable
from typing import Any

from shampoo_tune.storage.study_rows import Curve


def digest_of(document: Any) -> str:
    """sha256 of a JSON value: keys sorted, no spaces, floats to their last digit."""
    text = json.dumps(
        document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return hashlib.sha256(text.encode()).hexdigest()


def design_digest(trials: Iterable[tuple[int, Any, Any]]) -> str:
    """Of all trials as [number, point, configuration]."""
    return digest_of([list(trial) for trial in trials])


def curve_digest(curve: Curve) -> str:
    """Of all that an attempt measured: metric by metric its name, steps and values.

    Names in alphabetical order, each ended by a line feed; numbers as 8 bytes, the lowest first.
    """
    measured = hashlib.sha256()
    for metric in sorted(curve):
        steps, values = zip(*sorted(curve[metric].items()), strict=True)
        numbers = struct.pack(f"<{len(steps)}q{len(values)}d", *steps, *values)
        measured.update(f"{metric}\n".encode() + numbers)
    return measured.hexdigest()
