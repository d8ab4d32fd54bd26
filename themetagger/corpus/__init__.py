"""A table of texts and themes: read, checked, grouped by duplicates, and split."""

from __future__ import annotations

from themetagger.corpus.duplicates import duplicate_groups, exact_groups
from themetagger.corpus.reading import Corpus, corpus_from_frame, read_corpus
from themetagger.corpus.splits import hold_out, make_folds
from themetagger.corpus.table import TableError, read_table, texts_of
from themetagger.corpus.themes import alike_names, spelling
from themetagger.corpus.writing import write_table

__all__ = [
    "Corpus",
    "TableError",
    "alike_names",
    "corpus_from_frame",
    "duplicate_groups",
    "exact_groups",
    "hold_out",
    "make_folds",
    "read_corpus",
    "read_table",
    "spelling",
    "texts_of",
    "write_table",
]
