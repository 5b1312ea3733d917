"""What stands beside the code: its citation, its workflows, its changes."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import shampoo_tune

ROOT = Path(__file__).parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yaml"))


def test_the_citation_and_the_workflows_follow_their_schemas() -> None:
    for schema, files in {
        "vendor.citation-file-format": [ROOT / "CITATION.cff"],
        "vendor.github-workflows": WORKFLOWS,
    }.items():
        command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema]
        subprocess.run([*command, *map(str, files)], check=True)


def test_the_citation_and_the_changes_are_of_this_version() -> None:
    assert (
        yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"] == shampoo_tune.__version__
    )
    versions = re.findall(r"^## ([\d.]+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert versions[0] == shampoo_tune.__version__


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_only_calls_scripts_and_actions_by_their_hash(path: Path) -> None:
    steps = [
        step for job in yaml.safe_load(path.read_text())["jobs"].values() for step in job["steps"]
    ]
    for step in steps:
        if "run" in step:
            assert (ROOT / step["run"].split()[0]).parent == ROOT / "scripts"
            assert (ROOT / step["run"].split()[0]).exists()
        else:
            assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", step["uses"])
