"""The file of a corrected table: the file that was read with some cells replaced, or written anew in another format."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd

from themetagger._utils.faces import option
from themetagger._utils.files import write_atomically
from themetagger.corpus import TableError, TableFormat, delimiter_of, write_table
from themetagger.corpus.formulas import Formulas
from themetagger.corpus.readers import json_document, json_lines
from themetagger.corpus.readers.base import ReadSettings
from themetagger.corpus.table import is_missing, place_of
from themetagger.insights.labelling.in_place import Change, patched_objects, patched_rows, patched_workbook
from themetagger.insights.labelling.rows import Labelling

_JSON = (".json", ".jsonl")
_FLAT = (".csv", ".tsv", ".xlsx")  # formats whose cells hold no lists


def write_corrected(
    target: Path, table: Any, frame: pd.DataFrame, labels: Labelling, table_format: TableFormat, *, formulas: Formulas
) -> None:
    """Write the table with its labels changed.

    Parameters
    ----------
    target : file to write
    table : the table file that was read, or a DataFrame
    frame : its cells, as they were read
    labels : its labels, as they are now
    table_format : how it was read
    formulas : what is done with formulas in CSV and TSV
    """
    after = labels.frame.set_axis(frame.columns, axis=1)
    if formulas == "keep" and not hasattr(table, "columns"):
        patched = _patched(Path(table), target, _changes(frame, after), frame, table_format)
        if patched is not None:
            write_atomically(target, patched)
            return
    flat = target.suffix.lower() in _FLAT
    whole = _flat(labels.frame, labels, labels.source).set_axis(frame.columns, axis=1) if flat else after
    _write(whole, target, table, table_format, formulas=formulas)


def _changes(before: pd.DataFrame, after: pd.DataFrame) -> list[Change]:
    """The cells that are no longer what they were, each with its place in the file."""
    changes = []
    for column, name in enumerate(before.columns):
        old, new = before.iloc[:, column].tolist(), after.iloc[:, column].tolist()
        pairs = zip(before.index, old, new, strict=True)
        changes += [Change(int(at), column, str(name), one, other) for at, one, other in pairs if other is not one]
    return changes


def _patched(
    table: Path, target: Path, changes: list[Change], frame: pd.DataFrame, table_format: TableFormat
) -> bytes | None:
    """The file of the table with some cells replaced; None where it has to be written anew."""
    suffix, to = table.suffix.lower(), target.suffix.lower()
    header = [str(name) for name in frame.columns]
    if suffix == to and suffix in (".csv", ".tsv"):
        delimiter = delimiter_of(table, wanted=table_format.texts, **table_format.file_settings) or ","
        return patched_rows(table.read_bytes(), changes, len(header), delimiter, table_format.encoding or "utf-8")
    if (suffix == to and suffix in _JSON) or (suffix, to) == (".ndjson", ".jsonl"):
        return patched_objects(table.read_bytes(), changes, header, lines=to == ".jsonl")
    return patched_workbook(table, changes) if suffix == to == ".xlsx" else None


def _write(frame: pd.DataFrame, target: Path, table: Any, table_format: TableFormat, *, formulas: Formulas) -> None:
    """Write the table, as it was read: CSV with its delimiter and encoding, JSON with every digit."""
    suffix = "" if hasattr(table, "columns") else Path(table).suffix.lower()
    if suffix in (*_JSON, ".ndjson") and target.suffix.lower() in _JSON:
        names = _names_of_records(Path(table), table_format.encoding)
        if names is not None and not {name for own in names for name in own} <= set(frame.columns):
            names = None  # a file of an annotation tool, which becomes a table
        write_atomically(target, _as_json(frame, names, lines=target.suffix.lower() == ".jsonl"))
    elif suffix == target.suffix.lower() and suffix in (".csv", ".tsv"):
        delimiter = delimiter_of(table, wanted=table_format.texts, **table_format.file_settings)
        write_table(frame, target, formulas=formulas, delimiter=delimiter, encoding=table_format.encoding)
    else:
        write_table(frame, target, formulas=formulas)


def _names_of_records(path: Path, encoding: str | None) -> Sequence[Sequence[str]] | None:
    """The names of the values of each object of a JSON file; None where it is an object of columns."""
    if path.suffix.lower() == ".json":
        return json_document.record_names(path, encoding=encoding)
    return [list(record) for _, record in json_lines.open_lines(path, ReadSettings(encoding=encoding)).records()]


def _flat(frame: pd.DataFrame, labels: Labelling, source: str) -> pd.DataFrame:
    """The table for a format without lists: those of themes joined by the separator; any other is a TableError."""
    after = frame.copy()
    for name in frame.columns:
        cells = frame[name].tolist()
        for row, cell in enumerate(cells):
            if isinstance(cell, list | dict | tuple | set):
                flat = labels.joined(cell, name) if name in labels.columns else None
                if flat is None:
                    place = f"{source}, {place_of(frame, row)}"
                    _wrong(
                        place, name, cell, f"one cell of such a file cannot hold it; let {option('out')} end in .jsonl"
                    )
                cells[row] = flat
        if any(now is not then for now, then in zip(cells, frame[name].tolist(), strict=True)):
            after[name] = pd.Series(cells, index=frame.index, dtype=object)
    return after


def _as_json(frame: pd.DataFrame, names: Sequence[Sequence[str]] | None, *, lines: bool) -> bytes:
    """The rows as objects; ``names`` are those that each had, which gets no others but for what it was given."""
    rows = [{str(name): cell for name, cell in row.items()} for row in frame.to_dict("records")]
    if names is not None:
        rows = [_as_named(row, own) for row, own in zip(rows, names, strict=True)]
    records = [json.dumps(row, ensure_ascii=False) for row in rows]
    text = "".join(f"{record}\n" for record in records) if lines else f"[{','.join(records)}]"
    return text.encode()


def _as_named(row: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    added = {name: cell for name, cell in row.items() if name not in names and not is_missing(cell)}
    return {name: row[name] for name in names} | added


def _wrong(place: str, column: str, cell: Any, remedy: str) -> NoReturn:
    raise TableError(f"{place}, column {column!r}: {str(cell)[:60]!r}; {remedy}.")
