"""A table of texts and themes: read, checked, grouped by duplicates, and split."""

from __future__ import annotations

from themetagger.corpus.columns import column_beside
from themetagger.corpus.duplicates import duplicate_groups, exact_groups
from themetagger.corpus.labels.spellings import alike_names, spelling
from themetagger.corpus.reading import Corpus, corpus_from_frame, read_corpus
from themetagger.corpus.splits import hold_out, make_folds
from themetagger.corpus.streaming import TableStream, stream_table
from themetagger.corpus.table import TableError, delimiter_of, is_missing, read_table, reads_row_by_row, texts_of
from themetagger.corpus.table_format import (
    ALIKE,
    DEFAULT_FORMAT,
    FILE_SETTINGS,
    TEXT_COLUMNS,
    Alike,
    EmptyCells,
    Repeats,
    TableFormat,
    WithoutTheme,
)
from themetagger.corpus.writing import APPENDABLE, check_writable, rows_as_bytes, write_table

__all__ = [
    "ALIKE",
    "APPENDABLE",
    "DEFAULT_FORMAT",
    "FILE_SETTINGS",
    "TEXT_COLUMNS",
    "Alike",
    "Corpus",
    "EmptyCells",
    "Repeats",
    "TableError",
    "TableFormat",
    "TableStream",
    "WithoutTheme",
    "alike_names",
    "check_writable",
    "column_beside",
    "corpus_from_frame",
    "delimiter_of",
    "duplicate_groups",
    "exact_groups",
    "hold_out",
    "is_missing",
    "make_folds",
    "read_corpus",
    "read_table",
    "reads_row_by_row",
    "rows_as_bytes",
    "spelling",
    "stream_table",
    "texts_of",
    "write_table",
]
