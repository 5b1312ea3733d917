"""Which processor this machine has: XLA compiles for it, so two need not give the same bits."""

import functools
import platform
from pathlib import Path

_LINUX = Path("/proc/cpuinfo")


@functools.cache
def processor() -> str:
    """As in `AMD EPYC 7B12`; the architecture where the system tells no more."""
    try:
        lines = _LINUX.read_text().splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine()
