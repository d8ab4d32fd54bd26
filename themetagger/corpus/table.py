"""A file of any known format as a frame of its cells, and the texts in it."""

from __future__ import annotations

import os
import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from themetagger._utils.faces import option
from themetagger._utils.wording import agreeing, number_of
from themetagger.corpus.annotations.formats import annotated
from themetagger.corpus.annotations.lines import line_table
from themetagger.corpus.decoding import is_latin, readable
from themetagger.corpus.errors import TableError
from themetagger.corpus.frame_columns import READING, check_columns, check_header, one_header, spelled_notes
from themetagger.corpus.garbled import differing, ungarbled
from themetagger.corpus.readers import READERS, ReadSettings, RowTable
from themetagger.corpus.readers.base import Reading, Row
from themetagger.corpus.table_format import header_rows

__all__ = ["TableError", "check_columns", "check_header", "is_missing", "place_of", "read_table", "texts_of"]

_MANY_GARBLED = 0.01  # share of the cells with text that are garbled before it is said
_CONTROLS = re.compile("[\x80-\x9f]")


def open_rows(path: Path, *, wanted: Sequence[str] = (), format: str | None = None, **reading: Any) -> RowTable:
    """A table file, its header read, also one of an annotation tool; arguments as in `read_table`."""
    settings = _settings(wanted=wanted, **reading)
    lines = line_table(path, settings, wanted=format)
    return lines or annotated(READERS[path.suffix.lower()].open(path, settings), path, wanted=format)


def _settings(
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    header_row: int | Sequence[int] | None = None,
    sheet: str | int | None = None,
    wanted: Sequence[str] = (),
) -> ReadSettings:
    rows, name = header_rows(header_row), None if sheet is None else str(sheet)
    return ReadSettings(delimiter, encoding, list(dict.fromkeys(wanted)), rows, name)


def delimiter_of(path: str | os.PathLike[str], *, wanted: Sequence[str] = (), **reading: Any) -> str | None:
    """The delimiter of a CSV or TSV file; None of another format. Arguments as in `read_table`."""
    return getattr(open_rows(check_path(path), wanted=wanted, **reading), "delimiter", None)


def reads_row_by_row(path: str | os.PathLike[str]) -> bool:
    """Whether files with this suffix are read row by row, so that one of any length goes through the same memory.

    >>> reads_row_by_row("a.csv"), reads_row_by_row("a.parquet")
    (True, False)
    """
    reader = READERS.get(Path(path).suffix.lower())
    return reader is not None and reader.row_by_row


def frame_of(rows: Iterable[Row], table: RowTable) -> pd.DataFrame:
    """Rows of a table as a frame of objects, its index the places where they stand in the file."""
    places, cells = zip(*rows, strict=True) if (rows := list(rows)) else ((), ())
    frame = pd.DataFrame(list(cells), columns=table.header, index=pd.Index(places, name=table.unit), dtype=object)
    frame.attrs[READING] = getattr(table, "reading", Reading())
    return frame


def read_table(
    path: str | os.PathLike[str],
    *,
    wanted: Sequence[str] = (),
    **reading: Any,
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """A table file as a frame of its cells, and notes; no cell is interpreted: "NA" stays text, nothing is renamed.

    Parameters
    ----------
    path : file that ends in .csv, .tsv, .txt (read as CSV), .json (a list of objects, or an object of columns), .jsonl,
        .ndjson, .parquet, .xlsx or .xls, or in a suffix that was added to `readers.READERS`
    wanted : names of columns that the header should have, by which the header is found, its delimiter and its sheet
    **reading : ``delimiter``, ``encoding``, ``header_row``, ``sheet`` and ``format``, as of `TableFormat`

    Returns
    -------
    (frame, notes). Cells of delimited and Excel files are strings; those of JSON and Parquet may also be lists, numbers
    or None (missing). The index of the frame is the place of each row in the file, counted from 1, and is called
    "line", "record" or "row".

    Raises
    ------
    TableError
        If the file cannot be read as it is; it names the place, the value and the remedy.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "a.csv")
    ...     _ = path.write_text("Processed Text;Themes\\nNA;pay\\n")
    ...     frame, notes = read_table(path)
    >>> frame.iloc[0].tolist(), notes
    (['NA', 'pay'], ("The columns are separated by ';', not ',', and were read that way.",))
    """
    path = check_path(path)
    table = open_rows(path, wanted=wanted, **reading)
    frame = frame_of(table.rows(), table)
    notes = [*table.settled, *table.skipped, *spelled_notes(frame, wanted, source=path.name)]
    check_header(frame, source=path.name)
    if frame.empty:
        raise TableError(f"{path.name}: the file holds no rows, a header at most; it needs a row for each text.")
    repairs = Repairs(reading.get("encoding"))
    return repairs.repaired(frame), (*notes, *repairs.notes())


def check_path(path: str | os.PathLike[str]) -> Path:
    """The path of a table file; TableError where there is none, or where its suffix is unknown."""
    path, known = Path(path), READERS
    with readable(path):  # in a folder that is closed, or of a name that is too long
        exists = path.exists()
    if path.is_dir():
        raise TableError(f"{path}: this is a folder; name the table file in it ({', '.join(known)}).")
    if not exists:
        raise TableError(f"{path}: there is no such file; check the path.")
    if not path.is_file():
        raise TableError(f"{path}: a table is read more than once, and this is no file; save it as one first.")
    if path.suffix.lower() not in known:
        raise TableError(f"{path}: no table format is known by {path.suffix!r}; known are {', '.join(known)}.")
    return path


@dataclass
class Repairs:
    """Removes what no text may hold, NUL characters and halves of surrogate pairs, and counts them."""

    encoding: str | None = None  # that was asked for
    nuls: int = 0
    halves: int = 0
    controls: int = 0
    garbled: int = 0
    example: tuple[str, str] = ("", "")  # of a garbled text, and what it was
    texts: int = 0

    def __post_init__(self) -> None:
        """Look up whether it is Latin-1, which has no letters below 0xA0."""
        self._latin = is_latin(self.encoding)

    def repaired(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The frame with every text in it repaired."""
        cells = frame.to_numpy(dtype=object)
        whole = pd.DataFrame(_objects(map(self._cell, cells.ravel().tolist()), cells.shape), frame.index, frame.columns)
        whole.attrs = frame.attrs
        return whole

    def notes(self) -> list[str]:
        """What was repaired so far."""
        counts = ((self.nuls, "NUL character", "removed"), (self.halves, "lone surrogate", "replaced by U+FFFD"))
        notes = [f"{number_of(n, what)} {agreeing(n, 'was', 'were')} {done}." for n, what, done in counts if n]
        if self.garbled > 1 and self.garbled >= _MANY_GARBLED * self.texts:
            seem = f"{self.garbled:,} cells seem to be UTF-8 that was read as another encoding"
            remedy = f"pass {option('encoding', 'utf-8')}" if self.encoding else "the file was saved so: mend it"
            return [*notes, f"{seem}, such as {self.example[0]!r} for {self.example[1]!r}; {remedy}."]
        if self.controls:
            found = f"{number_of(self.controls, 'character')} from U+0080 to U+009F, which Latin-1 uses for no letters"
            notes.append(f"{found}: the file is probably cp1252; pass {option('encoding', 'cp1252')}.")
        return notes

    def _cell(self, cell: Any) -> Any:
        if isinstance(cell, str):
            return self._text(cell)
        if isinstance(cell, dict):
            return {self._cell(name): self._cell(part) for name, part in cell.items()}
        return [self._cell(part) for part in cell] if isinstance(cell, list) else cell

    def _text(self, text: str) -> str:
        self.texts += bool(text)
        if text.isascii() and "\0" not in text:
            return text
        self.nuls += text.count("\0")
        text = text.replace("\0", "")
        whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        self.halves += whole.count("\ufffd") - text.count("\ufffd")
        if self._latin:
            self.controls += len(_CONTROLS.findall(whole))
        if was := ungarbled(whole):
            self.garbled += 1
            self.example = self.example if self.garbled > 1 else differing(whole, was)
        return whole


def repaired(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The frame without NUL characters and lone surrogates, and notes that count them."""
    repairs = Repairs()
    return repairs.repaired(frame), repairs.notes()


def _objects(cells: Iterable[Any], shape: tuple[int, ...]) -> np.ndarray[Any, np.dtype[np.object_]]:
    """Cells as an array of objects, cell by cell: NumPy would turn lists of equal length into one more axis."""
    array = np.empty(shape, dtype=object)
    flat = array.ravel()  # the same memory
    for place, cell in enumerate(cells):
        flat[place] = cell
    return array


def is_missing(cell: Any) -> bool:
    """Whether a cell holds nothing: None, NaN, NaT or pandas' NA; an empty string is present, and empty.

    >>> [is_missing(cell) for cell in (None, float("nan"), "", "NA", [])]
    [True, True, False, False, False]
    """
    return cell is None or cell is pd.NA or cell is pd.NaT or (isinstance(cell, float) and cell != cell)


def place_of(frame: pd.DataFrame, row: int) -> str:
    """The place of a row in its file, for messages: "line 7", "record 7" or "row 7"."""
    label: Hashable = frame.index[row]
    return f"{frame.index.name or 'row'} {label}"


def texts_of(frame: pd.DataFrame, text_columns: Sequence[str], source: str, *, taken: Sequence[str] = ()) -> list[str]:
    """The n texts of a table: its text columns joined with a blank line between, empty ones left out.

    Parameters
    ----------
    frame : the table, n rows
    text_columns : names of its text columns, or one name
    source : name of the table, for messages
    taken : columns that hold no text, default none

    Raises
    ------
    TableError
        If a column is missing or a cell holds no text.

    Examples
    --------
    >>> texts_of(pd.DataFrame({"title": ["Pay", None], "body": ["is low", "NA"]}), ["title", "body"], "a.csv")
    ['Pay\\n\\nis low', 'NA']
    """
    names = [text_columns] if isinstance(text_columns, str) else list(text_columns)
    if not names:
        raise TableError(f"{source}: {option('text_columns')} names no column; name at least one.")
    frame = one_header(frame)
    names = check_columns(frame, names, source=source, setting="text_columns", taken=taken)
    columns = [_text_column(frame, name, source=source) for name in names]
    return ["\n\n".join(filter(None, parts)) for parts in zip(*columns, strict=True)]


def _text_column(frame: pd.DataFrame, name: str, *, source: str) -> list[str]:
    return [
        _as_text(cell, frame, row, name, source=source) if not isinstance(cell, str) else cell
        for row, cell in enumerate(frame[name].tolist())
    ]


def _as_text(cell: Any, frame: pd.DataFrame, row: int, name: str, *, source: str) -> str:
    if is_missing(cell):
        return ""
    if isinstance(cell, list | tuple | dict | set | bytes):
        raise TableError(
            f"{source}, {place_of(frame, row)}, column {name!r}: {str(cell)[:60]!r} is not a text; "
            f"pass {option('text_columns')} with columns of text."
        )
    return str(cell)
