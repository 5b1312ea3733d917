"""Workloads of installed packages: found without importing anything, and blamed by name."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.tuner.study_file.file_errors import StudyFileError
from shampoo_tune.tuner.study_file.loading import parse_study_file
from shampoo_tune.workloads import WORKLOADS, WorkloadEntry
from shampoo_tune.workloads.installed import package_facts
from shampoo_tune.workloads.known import KNOWN_WORKLOADS, PROGRAM
from tests.conftest import QUICK
from tests.workloads.packages import Site, site

ENTRY = """\
from shampoo_tune.workloads import WorkloadEntry
ENTRY = WorkloadEntry("somewhere:make", "a workload"{})
"""


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with site(tmp_path, monkeypatch) as found:
        yield found


def test_an_installed_workload_is_known_by_its_entry_points_name(packages: Site) -> None:
    packages.install("good-one", ENTRY.format(", batch_size=7"), "fresh")
    assert list(KNOWN_WORKLOADS) == [*WORKLOADS, PROGRAM, "fresh"]
    entry = KNOWN_WORKLOADS["fresh"]
    assert isinstance(entry, WorkloadEntry)
    assert entry.batch_size == 7
    assert package_facts("fresh") == {"package": {"name": "good-one", "version": "1.0"}}
    assert package_facts("mlp_digits") == {}


def test_listing_names_imports_no_package(packages: Site) -> None:
    packages.install("broken-one", "raise RuntimeError('imported')", "broken")
    assert "broken" in KNOWN_WORKLOADS
    assert len(KNOWN_WORKLOADS) == len(WORKLOADS) + 2
    assert KNOWN_WORKLOADS["mlp_digits"] is WORKLOADS["mlp_digits"]


def test_an_unknown_workload_is_met_with_those_that_are_installed(packages: Site) -> None:
    packages.install("good-one", ENTRY.format(""), "fresh")
    for name, hint in (("fresch", "did you mean 'fresh'?"), ("zzzz", "known: fresh, ")):
        with pytest.raises(StudyFileError, match=f"unknown workload '{name}'") as caught:
            parse_study_file(QUICK.replace("mlp_digits", name), "f.yaml", (), KNOWN_WORKLOADS)
        assert hint in str(caught.value)


def test_a_name_of_ours_cannot_be_replaced(packages: Site) -> None:
    packages.install("greedy", ENTRY.format(""), "mlp_digits")
    with pytest.raises(InvalidInputError, match=r"greedy 1\.0 has a workload 'mlp_digits'.*own"):
        KNOWN_WORKLOADS["mlp_digits"]
    assert KNOWN_WORKLOADS["resnet_digits"].batch_size == 512


def test_two_packages_with_one_name_are_both_named(packages: Site) -> None:
    packages.install("first", ENTRY.format(""), "twin")
    packages.install("second", ENTRY.format(""), "twin", version="2.0")
    with pytest.raises(InvalidInputError, match=r"first 1\.0 and second 2\.0 all have .*'twin'"):
        KNOWN_WORKLOADS["twin"]


@pytest.mark.parametrize(
    ("module", "told"),
    [
        ("import nothing_of_that_name", "No module named 'nothing_of_that_name'"),
        ("x = 1", "has no attribute 'ENTRY'"),
        ("ENTRY = {'factory': 'a:b'}", "WorkloadEntry, got dict"),
        (ENTRY.format(", metrics=['valid_loss']"), "metrics must be a tuple of names"),
        (ENTRY.format(", metric='valid_f1'"), "metric must be one of metrics, got 'valid_f1'"),
        (ENTRY.format(", metric='test_loss'"), "metric must not be of the test split"),
        (ENTRY.format(", goal='up'"), "goal must be a shampoo_tune.study.Goal, got 'up'"),
        (ENTRY.format(", batch_size=0"), "batch_size must be a whole number >= 1, got 0"),
        (ENTRY.format(", arguments=('l2',)"), "arguments must map names to"),
        (ENTRY.replace("where:", "where.").format(""), "factory must be 'module:function'"),
    ],
)
def test_a_broken_entry_names_its_package_and_the_remedy(
    packages: Site, module: str, told: str
) -> None:
    packages.install(name := f"broken-{abs(hash(module))}", module, "broken")
    with pytest.raises(InvalidInputError) as caught:
        KNOWN_WORKLOADS["broken"]
    text = str(caught.value)
    assert text.startswith(f"workload 'broken' of the package {name} 1.0: ")
    assert told in text
    assert f"`pip uninstall {name}`" in text


def test_neither_jax_nor_a_package_is_imported_to_know_names(packages: Site) -> None:
    packages.install("good-one", ENTRY.format(""), "fresh")
    script = (
        "import sys; from shampoo_tune.workloads.known import KNOWN_WORKLOADS;"
        " assert 'fresh' in list(KNOWN_WORKLOADS);"
        " print(sorted({'jax', 'numpy', 'good_one'} & set(sys.modules)));"
        " print(KNOWN_WORKLOADS['fresh'].description, 'jax' in sys.modules)"
    )
    script = f"import sys; sys.path.insert(0, {str(packages.folder)!r}); {script}"
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert told.stdout == "[]\na workload False\n"
