"""A table -> a file, in the format that its suffix names."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from themetagger.corpus.errors import TableError
from themetagger.files import write_atomically


def write_table(frame: pd.DataFrame, path: str | os.PathLike[str]) -> None:
    """Write a table, without its index, at once; the suffix of ``path`` says the format.

    Raises
    ------
    TableError
        If the suffix is unknown, an extra is missing, or the folder cannot be written to.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_table(pd.DataFrame({"a": ["x, y"]}), pathlib.Path(folder, "t.csv"))
    ...     pathlib.Path(folder, "t.csv").read_text()
    'a\\n"x, y"\\n'
    """
    path = Path(path)
    if path.suffix.lower() not in _WRITERS:
        raise TableError(f"{path.name}: cannot write {path.suffix or 'a file without a suffix'}; use {', '.join(_WRITERS)}.")
    try:
        write_atomically(path, _WRITERS[path.suffix.lower()](frame))
    except ImportError as error:
        extra = _EXTRAS[path.suffix.lower()]
        raise TableError(f'{path.name}: this format needs an extra; run pip install "themetagger[{extra}]".') from error
    except OSError as error:
        raise TableError(f"{path}: cannot be written ({error.strerror}); choose another place.") from error


def _delimited(delimiter: str) -> Callable[[pd.DataFrame], bytes]:
    return lambda frame: frame.to_csv(index=False, sep=delimiter, lineterminator="\n").encode("utf-8", "replace")


def _json(*, lines: bool) -> Callable[[pd.DataFrame], bytes]:
    def write(frame: pd.DataFrame) -> bytes:
        text: str = frame.to_json(orient="records", lines=lines, force_ascii=False)
        return text.encode("utf-8", "replace")

    return write


def _binary(method: str, **options: Any) -> Callable[[pd.DataFrame], bytes]:
    def write(frame: pd.DataFrame) -> bytes:
        file = io.BytesIO()
        getattr(frame, method)(file, index=False, **options)
        return file.getvalue()

    return write


_EXTRAS = {".parquet": "parquet", ".xlsx": "excel"}
_WRITERS: dict[str, Callable[[pd.DataFrame], bytes]] = {
    ".csv": _delimited(","),
    ".tsv": _delimited("\t"),
    ".json": _json(lines=False),
    ".jsonl": _json(lines=True),
    ".parquet": _binary("to_parquet"),
    ".xlsx": _binary("to_excel", engine="openpyxl"),
}
