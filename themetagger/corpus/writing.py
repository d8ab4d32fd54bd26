"""A table -> a file, in the format that its suffix names."""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from themetagger._utils.faces import option
from themetagger._utils.files import write_atomically
from themetagger.corpus.errors import TableError
from themetagger.corpus.formulas import Formulas, neutralised_table
from themetagger.corpus.joining import FLAT, as_json
from themetagger.corpus.table import is_missing, read_table
from themetagger.corpus.workbook import workbook


def write_table(
    frame: pd.DataFrame,
    path: str | os.PathLike[str],
    *,
    formulas: Formulas = "neutralise",
    delimiter: str | None = None,
    encoding: str | None = None,
) -> int:
    """Write a table, without its index, as a whole or not at all; the suffix of ``path`` says the format.

    Parameters
    ----------
    frame : the table; lists and objects in its cells stay so in JSON, JSON Lines and Parquet, and are written as JSON
        into the cells of the other formats
    path : file to write: .csv, .tsv, .json, .jsonl, .parquet or .xlsx
    formulas : "neutralise" (default) puts an apostrophe in front of each text of a CSV or TSV file that a spreadsheet
        would run as a formula, "keep" leaves it. A file that is opened with another delimiter than its own may still
        be cut inside a text, as only the beginning of each text is examined
    delimiter, encoding : of CSV and TSV, default a comma or a tab, and UTF-8

    Returns
    -------
    The number of formulas neutralised.

    Raises
    ------
    TableError
        If the suffix is unknown, an extra is missing, or the folder cannot be written to.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_table(pd.DataFrame({"a": ["x, y", "=1+1"]}), pathlib.Path(folder, "t.csv"))
    ...     pathlib.Path(folder, "t.csv").read_text()
    1
    '"a"\\n"x, y"\\n"\\'=1+1"\\n'
    """
    path = check_writable(path, also=[LINES] if frame.shape[1] == 1 else [])
    safe, changed = _settled(frame, path.suffix.lower(), formulas)
    safe = safe.copy(deep=False)
    safe.attrs = {}  # what is known of the table beside its cells, which Parquet would store too
    try:
        write_atomically(path, _writer(path.suffix.lower(), delimiter, encoding)(safe))
    except ImportError as error:
        extra = _EXTRAS[path.suffix.lower()]
        raise TableError(f'{path.name}: this format needs an extra; run pip install "themetagger[{extra}]".') from error
    except OSError as error:
        raise TableError(f"{path}: cannot be written ({error.strerror}); choose another place.") from error
    except (TypeError, ValueError) as error:  # a column of lists and numbers, say, in Parquet
        raise TableError(f"{path.name}: the table does not fit this format ({error}); choose another.") from error
    return changed


def check_writable(
    path: str | os.PathLike[str],
    *,
    inputs: Iterable[Any] = (),
    may_hold: str = "",
    also: Sequence[str] = (),
    to_fill: Sequence[str] = (),
) -> Path:
    """The path of a table to be written; TableError where its suffix names no known format.

    Parameters
    ----------
    path : file to write
    inputs : files that are read for it, none of which it may be, under any name; what is no path is ignored
    may_hold : work of a person that an existing file of this name may hold, so that it is refused; default "": such a
        file is replaced
    also : other suffixes that are allowed
    to_fill : columns that the person fills in, default none; a file in which they are empty is replaced too

    Examples
    --------
    >>> check_writable("b.csv", inputs=["a.csv", None]).name
    'b.csv'
    """
    path = Path(path)
    if path.suffix.lower() not in (*_WRITERS, *also):
        suffix = path.suffix or "a file without a suffix"
        raise TableError(f"{path.name}: cannot write {suffix}; use {', '.join(_WRITERS)}.")
    if path.is_dir():
        raise TableError(f"{path}: this is a folder; name a file to write.")
    check_no_input(path, inputs)
    if may_hold and path.exists() and not _is_empty_template(path, to_fill):
        raise TableError(f"{path}: exists already, and may hold {may_hold}; delete it, or choose another file.")
    return path


def check_no_input(path: str | os.PathLike[str], inputs: Iterable[Any], *, setting: str = "out") -> None:
    """TableError where a file to be written is one that is read, under any name; ``setting`` has named it."""
    if any(_same_file(Path(path), read) for read in inputs):
        raise TableError(f"{path} is the input file; choose another {option(setting)}.")


def _is_empty_template(path: Path, to_fill: Sequence[str]) -> bool:
    """Whether a file is a table with these columns in which nobody has filled them in."""
    try:
        frame, _ = read_table(path, wanted=to_fill)
    except TableError:
        return False
    if not to_fill or not set(to_fill) <= set(frame.columns):
        return False
    return all(is_missing(cell) or cell in ("", []) for name in to_fill for cell in frame[name])


def _same_file(path: Path, read: Any) -> bool:
    """Whether both are one file, also through a link or by another path."""
    try:
        return isinstance(read, str | os.PathLike) and os.path.samefile(path, read)
    except (OSError, ValueError):  # one of them does not exist
        return False


def rows_as_bytes(
    frame: pd.DataFrame, suffix: str, *, header: bool, formulas: Formulas = "neutralise"
) -> tuple[bytes, int]:
    """The rows of a table in a format of ``APPENDABLE``, to be appended to others; ``header`` with the first ones.

    With them the number of formulas neutralised, as in `write_table`.

    >>> rows_as_bytes(pd.DataFrame({"a": ["x", "=x"]}), ".csv", header=False)
    (b'"x"\\n"\\'=x"\\n', 1)
    """
    safe, changed = _settled(frame, suffix, formulas)
    whole = _writer(suffix, None, None)(safe)
    if suffix in (".jsonl", LINES) or header:
        return whole, changed
    named = _settled(frame.iloc[:0], suffix, formulas)[1]  # names of columns were counted with the first rows
    return whole[len(_WRITERS[suffix](safe.iloc[:0])) :], changed - named


def _settled(frame: pd.DataFrame, suffix: str, formulas: Formulas) -> tuple[pd.DataFrame, int]:
    """The table as it is to be written, and how many formulas were neutralised."""
    frame = _flat(frame) if suffix in FLAT else frame
    if formulas == "keep" or suffix not in _RUN_BY_SPREADSHEETS:
        return frame, 0
    return neutralised_table(frame)


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with lists and objects as JSON."""
    nested = {
        name: column.map(lambda cell: as_json(cell) if isinstance(cell, _NESTED) else cell)
        for name, column in frame.items()
        if column.dtype == object and any(isinstance(cell, _NESTED) for cell in column)
    }
    return frame.assign(**nested) if nested else frame  # type: ignore[arg-type]


def _writer(suffix: str, delimiter: str | None, encoding: str | None) -> Callable[[pd.DataFrame], bytes]:
    if suffix not in _DELIMITERS or (delimiter is None and encoding is None):
        return _WRITERS.get(suffix, _lines)
    return _delimited(delimiter or _DELIMITERS[suffix], encoding)


def _delimited(delimiter: str, encoding: str | None = None) -> Callable[[pd.DataFrame], bytes]:
    # quoting every text keeps a lone carriage return inside its cell
    options: dict[str, Any] = {"index": False, "quoting": csv.QUOTE_NONNUMERIC, "lineterminator": "\n"}
    # what another encoding lacks is an error, not a question mark
    coding = ("utf-8", "replace") if encoding is None else (encoding, "strict")
    return lambda frame: frame.to_csv(sep=delimiter, **options).encode(*coding)


def _json(*, lines: bool) -> Callable[[pd.DataFrame], bytes]:
    def write(frame: pd.DataFrame) -> bytes:
        names = [str(name) for name in frame.columns]
        columns = [[None if _is_no_value(cell) else cell for cell in column.tolist()] for _, column in frame.items()]
        rows = (as_json(dict(zip(names, row, strict=True))) for row in zip(*columns, strict=True))
        text = "".join(f"{row}\n" for row in rows) if lines else f"[{','.join(rows)}]"
        return text.encode("utf-8", "replace")

    return write


def _lines(frame: pd.DataFrame) -> bytes:
    """The texts of a table's only column, one in each line."""
    return "".join(f"{line}\n" for (line,) in frame.itertuples(index=False)).encode("utf-8", "replace")


def _parquet(frame: pd.DataFrame) -> bytes:
    file = io.BytesIO()
    frame.to_parquet(file, index=False)
    return file.getvalue()


def _excel(frame: pd.DataFrame) -> bytes:
    return workbook({"Sheet1": frame})


def _is_no_value(cell: Any) -> bool:
    """Whether JSON has no value for it."""
    return is_missing(cell) or (isinstance(cell, float) and math.isinf(cell))


_NESTED = (list, dict, tuple, set, frozenset, np.ndarray)
_DELIMITERS = {".csv": ",", ".tsv": "\t"}
_RUN_BY_SPREADSHEETS = (".csv", ".tsv")  # in a workbook a text is a text, and no spreadsheet opens the others
LINES = ".txt"  # a table of one column, whose texts are the lines of the file
APPENDABLE = (".csv", ".tsv", ".jsonl")  # suffixes of formats that grow at their end
_EXTRAS = {".parquet": "parquet", ".xlsx": "excel"}
_WRITERS: dict[str, Callable[[pd.DataFrame], bytes]] = {
    **{suffix: _delimited(delimiter) for suffix, delimiter in _DELIMITERS.items()},
    ".json": _json(lines=False),
    ".jsonl": _json(lines=True),
    ".parquet": _parquet,
    ".xlsx": _excel,
}
