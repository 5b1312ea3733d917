"""docs/views.md: the columns of every public view, and their types in a DataFrame."""

import tempfile
from pathlib import Path

import pandas as pd
from sqlalchemy import inspect

from scripts.reference.markdown import table
from shampoo_tune import frames
from shampoo_tune.storage.database import create_or_open

_INTRODUCTION = """\
# The views, column by column

What each column means is in [database.md](database.md#views), what the calls of
`shampoo_tune.open()` do in [dataframes.md](dataframes.md). Columns are only ever added.
"""


def views() -> str:
    """The page."""
    with tempfile.TemporaryDirectory() as folder:
        database = create_or_open(f"sqlite:///{Path(folder) / 'empty.db'}")
        try:
            with database.read() as connection:
                inspector = inspect(connection)
                known = {
                    name: [str(column["name"]) for column in inspector.get_columns(name)]
                    for name in inspector.get_view_names()
                    if name.startswith("v1_")
                }
        finally:
            database.close()
    return _INTRODUCTION + "".join(_section(name, known[name]) for name in sorted(known))


def _section(name: str, columns: list[str]) -> str:
    by_name = {view.name: view for view in vars(frames).values() if isinstance(view, frames.View)}
    view = by_name.get(name)
    if view is None:
        text = f"\n## `{name}`\n\nIn SQL only; `trials()` has these as columns `params_NAME`.\n\n"
        return text + table(["column"], [[f"`{column}`"] for column in columns])
    rows = [(f"`{column}`", _type(view.columns[column])) for column in columns]
    order = ", ".join(view.order)
    text = f"\n## `{name}`\n\nAs a DataFrame in the order of {order}.\n\n"
    return text + table(["column", "in a DataFrame"], rows)


def _type(dtype: object) -> str:
    if isinstance(dtype, pd.CategoricalDtype):
        kinds = ", ".join(f"`{value}`" for value in dtype.categories)
        return f"category of {kinds}" + (", in this order" if dtype.ordered else "")
    return "category of the studies' metrics" if dtype == "metric" else f"`{dtype}`"
