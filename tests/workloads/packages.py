"""Packages with workloads, installed for one test: a module and its metadata in a folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shampoo_tune.workloads.installed import GROUP, installed


class Site:
    """A folder that this process finds packages in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def install(self, package: str, module: str, *workloads: str, version: str = "1.0") -> None:
        """A package of one module, with a workload of each name that its `ENTRY` tells of."""
        name = package.replace("-", "_")
        (self.folder / f"{name}.py").write_text(module)
        metadata = self.folder / f"{name}-{version}.dist-info"
        metadata.mkdir()
        told = f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n"
        (metadata / "METADATA").write_text(told)
        points = "".join(f"{workload} = {name}:ENTRY\n" for workload in workloads)
        (metadata / "entry_points.txt").write_text(f"[{GROUP}]\n{points}")
        installed.cache_clear()


@contextmanager
def site(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Packages that are gone when the block ends."""
    monkeypatch.syspath_prepend(str(folder))
    yield Site(folder)
    installed.cache_clear()
