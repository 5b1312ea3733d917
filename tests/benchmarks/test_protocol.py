"""The whole command on a few small studies, and where it writes."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.protocol import write

ROOT = Path(__file__).parent.parent.parent
COMMAND = [
    sys.executable, "-m", "benchmarks.protocol", "--studies", "6", "--synthetic", "60",
    "--selections", "2", "--winners", "1", "--set", "budget.steps=2", "--set",
    "budget.eval_every=2", "--set", "budget.trials=8", "--set", "budget.seeds=6",
]  # fmt: skip


def run(pool: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, "--pool", str(pool)], cwd=ROOT, capture_output=True, text=True, check=True
    )


def test_the_command_trains_once_and_says_the_same_again(tmp_path: Path) -> None:
    first, second = run(tmp_path), run(tmp_path)
    assert "runs a second" in first.stderr
    assert "runs a second" not in second.stderr
    assert first.stdout == second.stdout
    assert "Trained: 24 whole studies" in first.stdout
    assert first.stdout.count("| (d) ours, 3 studies | 87 |") == 3  # 3 x (8 + 15 + 6) runs
    assert first.stdout.count("### Choosing the winner") == 2


def test_only_the_block_between_the_markers_is_replaced(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- protocol -->\nold\n<!-- /protocol -->\nafter\n")
    write(page, "| new \\1 |\n")
    assert page.read_text() == (
        "before\n<!-- protocol -->\n| new \\1 |\n<!-- /protocol -->\nafter\n"
    )


def test_a_page_without_markers_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing to replace\n")
    with pytest.raises(ValueError, match="has no <!-- protocol -->"):
        write(page, "table")
