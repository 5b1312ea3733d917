"""`shampoo_tune.load`: a file needs no database, and neither way needs what tunes."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import shampoo_tune
from shampoo_tune.best_file import as_yaml
from shampoo_tune.errors import InvalidInputError, NotFoundError
from shampoo_tune.storage.database import create_or_open
from shampoo_tune.tuner.approving import approve
from shampoo_tune.tuner.lookup import best_of
from tests.best_configs import CONFIG
from tests.tuner.conftest import quick_study
from tests.tuner.pretending import PretendedLaboratory

STUDY = "quick/nesterov"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "best.yaml"
    path.write_text(as_yaml(CONFIG.to_document()))
    return path


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database of a completed group, whose one study is approved."""
    folder = tmp_path_factory.mktemp("approved")
    laboratory = PretendedLaboratory(folder)
    laboratory.run(quick_study(), lambda point, seed: float(point["learning_rate"]))
    laboratory.close()
    with create_or_open(f"sqlite:///{folder / 'study.db'}") as database:
        approve(database, STUDY, None)
    return f"sqlite:///{folder / 'study.db'}"


def imported(script: str) -> set[str]:
    """The modules that a fresh process has once it ran this."""
    show = f"import sys\n{script}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_a_file_is_loaded_by_its_path(path: Path) -> None:
    assert shampoo_tune.load(path) == shampoo_tune.load(str(path)) == CONFIG


def test_the_champion_of_a_study_is_loaded_by_its_alias(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with create_or_open(address) as database:
        wanted = best_of(database, STUDY, provisional=False)
    file = address.removeprefix("sqlite:///")
    for db in (address, file, Path(file)):
        assert shampoo_tune.load(f"{STUDY}@champion", db=db) == wanted
    monkeypatch.setenv("SHAMPOO_TUNE_DB", address)
    assert shampoo_tune.load("quick@champion") == wanted


def test_a_file_needs_neither_a_database_nor_a_tuner_nor_flax(path: Path) -> None:
    modules = imported(f"import shampoo_tune\nshampoo_tune.load({str(path)!r}).optimizer()")
    others = {"sqlalchemy", "optuna", "ray", "flax", "pandas", "sklearn", "scipy.stats", "pydantic"}
    assert not others & modules
    assert {"jax", "optax"} <= modules


def test_a_champion_needs_sqlalchemy_alone(address: str) -> None:
    modules = imported(f"import shampoo_tune\nshampoo_tune.load('quick@champion', db={address!r})")
    others = {"alembic", "optuna", "ray", "flax", "pandas", "sklearn", "scipy", "pydantic", "jax"}
    assert not others & modules
    assert "sqlalchemy" in modules


def test_the_package_and_a_file_are_read_without_jax(path: Path) -> None:
    """So a log or a registry can know a configuration where no accelerator is."""
    bare = imported("import shampoo_tune")
    assert not {"jax", "numpy", "yaml", "click", "sqlalchemy"} & bare
    modules = imported(f"import shampoo_tune\nshampoo_tune.load({str(path)!r}).to_document()")
    assert not {"jax", "jaxlib", "optax", "numpy", "sqlalchemy"} & modules


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("none.yaml",), InvalidInputError, "No such file"),
        (("best.yaml", "sqlite:///x.db"), InvalidInputError, "db goes with STUDY@champion"),
        (("quick@champion", "sqlite:///none.db"), NotFoundError, "no database"),
        (("quick@champion", "mysql://x"), InvalidInputError, "SQLite or PostgreSQL"),
    ],
)
def test_what_cannot_be_loaded_is_told(
    arguments: tuple[Any, ...], error: type[Exception], message: str
) -> None:
    source, *db = arguments
    with pytest.raises(error, match=message):
        shampoo_tune.load(source, db=db[0] if db else None)


def test_what_is_not_approved_is_not_found(address: str) -> None:
    with pytest.raises(NotFoundError, match="no study 'quick/lars'"):
        shampoo_tune.load("quick/lars@champion", db=address)


def test_an_unknown_attribute_of_the_package_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'lode'"):
        _ = shampoo_tune.lode
