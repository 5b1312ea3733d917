"""Twenty minutes of launches in which something is killed every few seconds.

Run by `SHAMPOO_TUNE_REQUIRE=soak pytest tests/commands/test_soak.py -s`; SOAK_SECONDS makes it
shorter, SOAK_OPTIONS are further options of the launches, and SOAK_PAUSE is how many seconds lie
between two disturbances on average: with Ray, which takes ten to start, local workers' four would
never let a launch begin.
"""

import os
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.beside import running
from tests.commands.disturbing import (
    RUNS,
    SAVING,
    STUDY,
    Launch,
    attempts,
    rows,
)

SECONDS = float(os.environ.get("SOAK_SECONDS", "1200"))
PAUSE = float(os.environ.get("SOAK_PAUSE", "4"))
OPTIONS = (*os.environ.get("SOAK_OPTIONS", "").split(), "--hung-after", "0.1")


def workers(launch: Launch) -> list[psutil.Process]:
    children = psutil.Process(launch.pid).children(recursive=True)
    names = {child: " ".join(child.cmdline()) for child in children}
    return [p for p, name in names.items() if "tuner.worker" in name or "TrainedRun" in name]


def disturb(launch: Launch, chance: random.Random) -> str:
    """Something happens to the launch or to one of its workers; returns what."""
    found = workers(launch)
    what = chance.choice(["SIGKILL", "SIGTERM", "SIGSTOP"] if found else ["none"])
    if chance.random() < 0.25:
        what = chance.choice(["launch SIGKILL", "launch SIGTERM", "launch SIGINT"])
        os.kill(launch.pid, getattr(signal, what.split()[1]))
    elif what != "none":
        chance.choice(found).send_signal(getattr(signal, what))
    return what


def launch_disturbed(folder: Path, chance: random.Random, happened: Counter[str]) -> bool:
    """Whether a launch came to its end, with something happening every few seconds."""
    with running(folder, *SAVING, *OPTIONS) as launch:
        while launch.poll() is None:
            time.sleep(chance.uniform(PAUSE / 2, PAUSE * 3 / 2))
            if launch.poll() is None:
                try:
                    happened[disturb(launch, chance)] += 1
                except (psutil.NoSuchProcess, ProcessLookupError):
                    happened["had just ended"] += 1
    happened[f"ended with {launch.returncode}"] += 1
    return launch.returncode == 0


@pytest.mark.timeout(SECONDS + 900)
def test_every_study_of_a_soak_comes_to_the_undisturbed_rows(
    tmp_path: Path, undisturbed: Any, require: Callable[[str], None]
) -> None:
    require("soak")
    happened, chance = Counter[str](), random.Random(0)
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        folder = tmp_path / "disturbed"
        folder.mkdir()
        (folder / "quick.yaml").write_text(STUDY)
        while not launch_disturbed(folder, chance, happened):
            pass
        assert rows(folder).equals(undisturbed)
        assert attempts(folder)["completed"] == RUNS
        assert list((folder / "saved").iterdir()) == []
        shutil.rmtree(folder)
        happened["studies"] += 1
    print(dict(happened))  # noqa: T201  (what it is run for)
    assert happened["studies"] > 0
