"""Run the commands of a page, and put what they print under them.

Usage: python -m scripts.console docs/first_hour.md

A fenced `console` block has commands (`$ ...`) with their output. A block of another language after
a line `<!-- file: NAME -->` is that file of the folder in which the commands run, one after the
other. Of long output the page keeps its beginning and its end.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

_BLOCK = re.compile(
    r"(?:^<!-- file: (?P<file>\S+) -->\n)?^```(?P<language>\w+)\n(?P<body>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
_FIRST_LINES, _LAST_LINES = 8, 22


def with_output(page: str, folder: Path) -> str:
    """The page with what its commands print now, in an empty folder.

    Raises:
        SystemExit: a command failed.
    """

    def block(match: re.Match[str]) -> str:
        if match["file"]:
            (folder / match["file"]).write_text(match["body"])
        if match["language"] != "console":
            return match[0]
        commands = re.findall(r"^\$ .*$", match["body"], re.MULTILINE)
        return "```console\n" + "".join(map(_with_its_output, commands)) + "```"

    def _with_its_output(line: str) -> str:
        return f"{line}\n{_shortened(_output(line.removeprefix('$ '), folder))}"

    return _BLOCK.sub(block, page)


def masked(page: str) -> str:
    """A page's text with the same numbers, digests and widths of tables everywhere."""
    page = re.sub(r"\b[0-9a-f]{12,}\b", "0", page)
    page = re.sub(r"-?\d[\d.,]*(e-?\d+)?", "0", page)
    return re.sub(r"[─━]+", "-", re.sub(r" +", " ", page))


def _output(command: str, folder: Path) -> str:
    plain = {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb", "JAX_PLATFORMS": "cpu"}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, **plain, "PATH": path}
    environment.pop("SHAMPOO_TUNE_DB", None)
    done = subprocess.run(  # noqa: S602 - the commands of our own pages
        command,
        shell=True,
        check=False,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        sys.exit(f"{command}: exit code {done.returncode}\n{done.stdout}")
    return done.stdout


def _shortened(output: str) -> str:
    lines = [line.rstrip() for line in output.splitlines()]
    if len(lines) > _FIRST_LINES + _LAST_LINES + 1:
        lines = [*lines[:_FIRST_LINES], "...", *lines[-_LAST_LINES:]]
    return "".join(f"{line}\n" for line in lines)


def main() -> None:
    """Write the page anew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=Path)
    path = parser.parse_args().page
    with tempfile.TemporaryDirectory() as folder:
        path.write_text(with_output(path.read_text(), Path(folder)))


if __name__ == "__main__":
    main()
