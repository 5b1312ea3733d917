"""The digests of the chain: sha256 of canonical JSON, so that other programs can compute them."""

import hashlib
import json
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
    """Of all that an attempt measured, as [metric, step, value], by metric and step."""
    return digest_of(
        [[m, step, value] for m in sorted(curve) for step, value in sorted(curve[m].items())]
    )
