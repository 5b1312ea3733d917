"""DataFrames tell what the views tell, with the same types whatever the engine and the rows."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import text

import shampoo_tune
from shampoo_tune.errors import InvalidInputError, NotFoundError
from shampoo_tune.storage import records
from shampoo_tune.storage.database import create_or_open, open_existing
from shampoo_tune.storage.records import NewStudy, NewTrial
from shampoo_tune.study import GroupState, RunState
from tests.postgresql import Server
from tests.storage.conftest import GROUP, METRICS, new_study
from tests.storage.golden_group import write_golden_group

ENGINES = ("sqlite", "postgresql")
VIEWS = {
    "v1_studies": lambda results: results.studies(),
    "v1_trials": lambda results: results.trials("g"),
    "v1_curves": lambda results: results.curves("g"),
    "v1_seed_medians": lambda results: results.seed_medians("g"),
    "v1_steps_to_target": lambda results: results.steps_to_target("g"),
    "v1_best_configs": lambda results: results.best_configs(),
}


@pytest.fixture(scope="module")
def addresses(postgresql: Server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The golden group on each engine."""
    path = tmp_path_factory.mktemp("golden") / "study.db"
    made = {"sqlite": f"sqlite:///{path}", "postgresql": postgresql.make_database()}
    for address in made.values():
        write_golden_group(address)
    return made


@pytest.fixture(scope="module", params=ENGINES)
def address(request: pytest.FixtureRequest, addresses: dict[str, str]) -> str:
    return addresses[request.param]


@pytest.fixture(scope="module")
def results(address: str) -> Iterator[shampoo_tune.Results]:
    with shampoo_tune.open(address) as opened:
        yield opened


def rows(address: str, view: str) -> list[dict[str, Any]]:
    with open_existing(address) as database, database.read() as connection:
        found = connection.execute(text(f"select * from {view}"))  # noqa: S608
        return [dict(row._mapping) for row in found]


def plain(value: Any) -> Any:
    """A cell as SQL has it; moments are left out."""
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return "a moment"
    return value.item() if isinstance(value, np.generic) else value


@pytest.mark.parametrize("view", VIEWS)
def test_a_frame_has_the_cells_of_its_view(
    results: shampoo_tune.Results, address: str, view: str
) -> None:
    frame = VIEWS[view](results)
    of_sql = rows(address, view)
    moments = [name for name in frame.columns if frame[name].dtype.kind == "M"]
    names = [name for name in frame.columns if not name.startswith("params_")]
    assert names == list(of_sql[0])
    expected = [tuple((row | dict.fromkeys(moments, "a moment")).values()) for row in of_sql]
    told = [tuple(map(plain, row)) for row in frame[names].itertuples(index=False)]
    assert sorted(told, key=str) == sorted(expected, key=str)
    assert len(told) > 0


@pytest.mark.parametrize("view", VIEWS)
def test_both_engines_give_equal_frames(addresses: dict[str, str], view: str) -> None:
    frames = []
    for address in addresses.values():
        with shampoo_tune.open(address) as results:
            frames.append(VIEWS[view](results))
    for frame in frames:
        for name in frame.columns:
            if frame[name].dtype.kind == "M":
                frame[name] = pd.Timestamp(0, tz="UTC")
    pd.testing.assert_frame_equal(*frames)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("view", [view for view in VIEWS if view != "v1_trials"])
def test_no_rows_have_the_types_that_rows_have(
    addresses: dict[str, str], postgresql: Server, tmp_path: Path, engine: str, view: str
) -> None:
    sqlite = f"sqlite:///{tmp_path / 'empty.db'}"
    empty = sqlite if engine == "sqlite" else postgresql.make_database()
    with create_or_open(empty) as database, database.write() as connection:
        records.create_group(connection, GROUP, [new_study(), new_study(name="g/b", arm="b")])
        if view == "v1_studies":
            for table in ("run_metrics", "runs", "trial_parameters", "trials", "study_metrics"):
                connection.execute(text(f"delete from {table}"))  # noqa: S608
            connection.execute(text("delete from studies"))
    with shampoo_tune.open(empty) as nothing, shampoo_tune.open(addresses[engine]) as full:
        without, with_rows = VIEWS[view](nothing), VIEWS[view](full)
    assert len(without) == 0
    same = [name for name in without.columns if name != "metric" or view != "v1_studies"]
    assert list(without.dtypes[same]) == list(with_rows.dtypes[same])


def test_every_state_is_a_known_category(results: shampoo_tune.Results) -> None:
    studies, trials = results.studies(), results.trials("g")
    assert list(studies["state"].cat.categories) == [state.value for state in GroupState]
    assert list(trials["state"].cat.categories) == [state.value for state in RunState]
    assert not studies["state"].isna().any()
    assert not trials["state"].isna().any()


def test_an_infeasible_trial_has_its_state_and_reason_and_no_value(
    results: shampoo_tune.Results,
) -> None:
    trials = results.trials("g/shampoo").set_index("trial")
    assert trials.loc[2, "state"] == "infeasible"
    assert trials["reason"].notna().tolist() == [False, False, True]
    assert trials.loc[2, ["search_value", "best_value", "best_step"]].isna().all()
    assert trials["search_value"].dtype == np.float64
    assert trials["best_step"].dtype == pd.Int64Dtype()


def test_moments_are_utc(results: shampoo_tune.Results) -> None:
    for created in (results.studies()["created_at"], results.best_configs()["approved_at"]):
        assert str(created.dtype) == "datetime64[us, UTC]"
        assert (pd.Timestamp.now("UTC") - created < pd.Timedelta(hours=1)).all()


def test_curves_are_in_the_order_of_training(results: shampoo_tune.Results) -> None:
    curves = results.curves("g/shampoo", metric="valid_accuracy", phase="finalists")
    assert curves["trial"].tolist() == [0] * 6 + [1] * 5
    assert curves["step"].tolist() == [2, 4, 5] * 3 + [2, 4]
    assert curves["seed"].tolist() == [100_000] * 3 + [100_001] * 3 + [100_000] * 3 + [100_001] * 2
    assert curves["phase"].cat.ordered


def test_phases_sort_as_they_follow_each_other(results: shampoo_tune.Results) -> None:
    medians = results.seed_medians("g/shampoo")
    assert medians[medians["trial"] == 0]["phase"].drop_duplicates().tolist() == [
        "search",
        "finalists",
        "final",
    ]


@pytest.mark.parametrize("trials", [1, [1], np.array([1]), range(1, 2)])
def test_curves_of_some_trials(results: shampoo_tune.Results, trials: Any) -> None:
    curves = results.curves("g/shampoo", trials=trials, phase="search", metric="valid_loss")
    assert curves["trial"].unique().tolist() == [1]
    assert len(curves) == 3


def test_no_trials_asked_for_are_no_rows(results: shampoo_tune.Results) -> None:
    assert len(results.curves("g/shampoo", trials=[])) == 0


@pytest.mark.parametrize(
    ("asked", "error", "told"),
    [
        ({"study": "other"}, NotFoundError, "no group 'other'"),
        ({"study": "g/other"}, NotFoundError, "no study 'g/other'; group 'g' has g/shampoo, g/ad"),
        ({"study": "g", "metric": "loss"}, InvalidInputError, "unknown metric 'loss': choose from"),
        ({"study": "g", "phase": "test"}, InvalidInputError, "choose from search, finalists, fin"),
        ({"study": "g/adamw", "trials": [7, 2]}, NotFoundError, "no trial 7 in g/adamw, which has"),
    ],
)
def test_what_is_not_there_is_told(
    results: shampoo_tune.Results, asked: dict[str, Any], error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        results.curves(**asked)


def test_a_group_is_all_its_studies_in_the_order_of_its_file(
    results: shampoo_tune.Results,
) -> None:
    assert results.trials("g")["study"].unique().tolist() == ["g/shampoo", "g/adamw"]


POINTS: list[dict[str, Any]] = [
    {"rate": 0.1, "order": 4, "nesterov": True, "graft": "sgd", "mixed": 1, "rare": 2},
    {"rate": 1e-7, "order": -2, "nesterov": False, "graft": "1", "mixed": 0.5},
    {"rate": 0.30000000000000004, "order": 0, "nesterov": True, "graft": "True", "mixed": 2},
]


@pytest.mark.parametrize("engine", ENGINES)
def test_parameters_have_the_types_of_their_values(
    postgresql: Server, tmp_path: Path, engine: str
) -> None:
    sqlite = f"sqlite:///{tmp_path / 'study.db'}"
    address = sqlite if engine == "sqlite" else postgresql.make_database()
    trials = [NewTrial(number, point, {}) for number, point in enumerate(POINTS)]
    with create_or_open(address) as database, database.write() as connection:
        records.create_group(connection, GROUP, [NewStudy(new_study().columns, METRICS, trials)])
    with shampoo_tune.open(address) as results:
        frame = results.trials("g/shampoo")
    assert {name: str(frame[f"params_{name}"].dtype) for name in POINTS[0]} == {
        "rate": "float64",
        "order": "Int64",
        "nesterov": "boolean",
        "graft": "string",
        "mixed": "float64",
        "rare": "Int64",
    }
    for name in POINTS[0]:
        told = [plain(value) for value in frame[f"params_{name}"]]
        assert told == [point.get(name) for point in POINTS]


def test_a_path_opens_and_closing_leaves_frames(tmp_path: Path) -> None:
    path = tmp_path / "a b%c.db"
    write_golden_group(f"sqlite:///{path}")
    for database in (path, str(path)):
        results = shampoo_tune.open(database)
        frame = results.studies()
        results.close()
        assert sorted(frame["study"]) == ["g/adamw", "g/shampoo"]


def test_the_environment_names_the_database(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHAMPOO_TUNE_DB", address)
    with shampoo_tune.open() as results:
        assert len(results.studies()) == 2


def test_the_default_database_is_the_command_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHAMPOO_TUNE_DB", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NotFoundError, match=r"no database at shampoo-tune\.db"):
        shampoo_tune.open()
    write_golden_group("sqlite:///shampoo-tune.db")
    with shampoo_tune.open() as results:
        assert len(results.studies()) == 2


def test_nothing_is_created_or_changed(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        shampoo_tune.open(tmp_path / "none.db")
    assert list(tmp_path.iterdir()) == []


def test_pandas_and_sqlalchemy_are_imported_only_when_a_database_is_opened() -> None:
    program = (
        "import sys, shampoo_tune; "
        "assert not {'pandas', 'sqlalchemy', 'jax'} & set(sys.modules); "
        "shampoo_tune.open; "
        "assert 'pandas' in sys.modules and 'jax' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
