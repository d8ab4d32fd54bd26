"""A table taken a batch of rows at a time, so that a file of any length goes through the same memory."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

import pandas as pd

from themetagger.corpus.errors import TableError
from themetagger.corpus.frame_columns import spelled_notes
from themetagger.corpus.readers.base import Row, RowTable
from themetagger.corpus.table import Repairs, check_path, frame_of, open_rows, texts_of

BATCH = 4_000  # rows of one batch, at most
BATCH_CHARACTERS = 8_000_000  # of one batch, but for a row that has more alone


@dataclass(frozen=True)
class TableStream:
    """A table whose rows have all been checked once; ``rows`` counts them.

    ``header`` holds the names of the columns and ``notes`` what was skipped or repaired, as of `read_table`.
    """

    header: tuple[str, ...]
    rows: int
    notes: tuple[str, ...]
    _table: RowTable

    def batches(self, *, after: int = 0, most: int = BATCH) -> Iterator[pd.DataFrame]:
        """The rows behind the first ``after``, in frames of up to ``most`` each, repaired, lines as their index."""
        for frame in _frames(self._table, after=after, most=most):
            yield Repairs().repaired(frame)


def stream_table(path: str | os.PathLike[str], *, text_columns: Sequence[str], **reading: Any) -> TableStream:
    """Check every row of a file that is read row by row (CSV, TSV, JSON Lines) without keeping any in memory.

    Whatever `read_table` and `texts_of` would refuse is refused here, before any work begins.

    Parameters
    ----------
    path : table file
    text_columns : names of the columns that must hold text
    **reading : as in `read_table`

    Raises
    ------
    TableError
        At the first row that cannot be read, or whose text columns hold no text.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "a.csv")
    ...     _ = path.write_text("text,n\\ngood,1\\nbad,2\\n")
    ...     table = stream_table(path, text_columns=["text"])
    ...     table.rows, [frame["n"].tolist() for frame in table.batches(after=1)]
    (2, [['2']])
    """
    path = check_path(path)
    table = open_rows(path, wanted=text_columns, **reading)
    rows, repairs, spelled = 0, Repairs(reading.get("encoding")), list[str]()
    for frame in _frames(table):
        spelled = spelled or spelled_notes(frame, text_columns, source=path.name)
        texts_of(repairs.repaired(frame), text_columns, path.name)
        rows += len(frame)
    if not rows:
        raise TableError(f"{path.name}: the file holds no rows, a header at most; it needs a row for each text.")
    notes = (*table.settled, *table.skipped, *spelled, *repairs.notes())
    return TableStream(tuple(table.header), rows, notes, table)


def _frames(table: RowTable, *, after: int = 0, most: int = BATCH) -> Iterator[pd.DataFrame]:
    batch: list[Row] = []
    characters = 0
    for place, row in islice(table.rows(), after, None):
        more = _characters(row)
        if batch and (len(batch) == min(most, BATCH) or characters + more > BATCH_CHARACTERS):
            yield frame_of(batch, table)
            batch, characters = [], 0
        batch.append((place, row))
        characters += more
    if batch:
        yield frame_of(batch, table)


def _characters(cell: Any) -> int:
    """How many characters a cell holds, also within lists and objects; any other value counts as one."""
    if isinstance(cell, str):
        return len(cell)
    if isinstance(cell, dict):
        return sum(map(_characters, chain(cell, cell.values())))
    return sum(map(_characters, cell)) if isinstance(cell, list | tuple) else 1
