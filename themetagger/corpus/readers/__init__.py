"""One module for each kind of table file; to add one, write a module and name its suffix here."""

from __future__ import annotations

from themetagger.corpus.readers import delimited, excel, json_document, json_lines, parquet
from themetagger.corpus.readers.base import HeldRows, Reader, ReadSettings, RowTable

__all__ = ["READERS", "HeldRows", "ReadSettings", "Reader", "RowTable"]

READERS: dict[str, Reader] = {
    ".csv": delimited.COMMA,
    ".txt": delimited.COMMA,
    ".tsv": delimited.TAB,
    ".jsonl": json_lines.READER,
    ".ndjson": json_lines.READER,
    ".json": json_document.READER,
    ".parquet": parquet.READER,
    ".xlsx": excel.READER,
    ".xls": excel.READER,
}
