"""DataFrames as files that other programs read: CSV, Parquet, JSON. Every number is exact."""

import json
from collections.abc import Iterator
from typing import IO, Literal

import pandas as pd

Format = Literal["csv", "parquet", "json"]

_ROWS_AT_ONCE = 20_000


def write_frame(frame: pd.DataFrame, file: IO[bytes], format_: Format, study: str) -> None:
    """Write a frame; what is missing is an empty cell, or null.

    Args:
        frame: one of `opening.Results`, named by its attribute `table`.
        file: open for writing.
        format_: of the file.
        study: whose rows these are; JSON tells it.
    """
    if format_ == "csv":
        frame.to_csv(file, index=False, lineterminator="\n", encoding="utf-8")
    elif format_ == "parquet":
        frame.to_parquet(file, index=False)
    else:
        for text in _json(frame, study):
            file.write(text.encode())


def _json(frame: pd.DataFrame, study: str) -> Iterator[str]:
    """One document with a row a line, in pieces, as there may be millions."""
    head = {"schema": "shampoo-tune/export/v1", "study": study, "table": frame.attrs["table"]}
    yield json.dumps(head)[:-1] + ', "rows": ['
    separator = "\n"
    for begin in range(0, len(frame), _ROWS_AT_ONCE):
        part = frame.iloc[begin : begin + _ROWS_AT_ONCE].astype(object)
        for row in part.where(part.notna(), None).to_dict("records"):
            yield separator + json.dumps(row, allow_nan=False)
            separator = ",\n"
    yield "\n]}\n"
