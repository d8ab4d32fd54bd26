"""Parquet files (.parquet), by pyarrow, which the extra ``parquet`` brings."""

from __future__ import annotations

import io
from pathlib import Path

from themetagger.corpus.decoding import bytes_of
from themetagger.corpus.errors import TableError
from themetagger.corpus.readers.base import HeldRows, Reader, ReadSettings


def open_parquet(path: Path, settings: ReadSettings) -> HeldRows:
    """All rows of a Parquet file, cells as Python values; TableError where pyarrow is missing or cannot read it."""
    raw, source = bytes_of(path), path.name
    try:
        import pyarrow.parquet
    except ImportError:
        raise TableError(f'{source}: Parquet needs pyarrow; run pip install "themetagger[parquet]".') from None
    try:
        table = pyarrow.parquet.ParquetFile(io.BytesIO(raw)).read()
        names = list(table.column_names)
        cells = list(zip(*(column.to_pylist() for column in table.columns), strict=True))
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError) as error:  # a date in the year 30000, say
        raise TableError(f"{source}: not a readable Parquet file ({error}); write it again.") from None
    return HeldRows(names, list(enumerate(cells, start=1)), unit="row")


READER = Reader(open_parquet)
