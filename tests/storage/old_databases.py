"""Databases as older versions of the tables left them (`assets/schema_N.sql`)."""

import sqlite3
from pathlib import Path

ASSETS = Path(__file__).parent / "assets"
OLD_VERSIONS = (1, 2, 3)


def restore(version: int, path: Path) -> str:
    """Write the database of an older version to a file; returns its address."""
    connection = sqlite3.connect(path)
    connection.executescript((ASSETS / f"schema_{version}.sql").read_text())
    connection.close()
    return f"sqlite:///{path}"
