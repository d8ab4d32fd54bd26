"""The formats of annotation tools: which of them a file is of, and which are written."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from themetagger._utils.faces import option
from themetagger.corpus.annotations import argilla, label_studio, lists, prodigy, spacy_cats
from themetagger.corpus.annotations.base import LOOKED, AnnotatedTable, AnnotationFormat, Sample, Writer
from themetagger.corpus.annotations.lines import FASTTEXT, LINE_FORMATS, fasttext_lines
from themetagger.corpus.errors import TableError
from themetagger.corpus.readers.base import RowTable

PLAIN = "table"  # what is no format of a tool
FORMATS: tuple[AnnotationFormat, ...] = (
    label_studio.TASKS,
    label_studio.FLAT,
    prodigy.PRODIGY,
    argilla.ARGILLA,
    spacy_cats.SPACY,
    lists.DOCCANO,
    lists.HUGGING_FACE,
)
READ = (PLAIN, *(known.name for known in FORMATS), *(known.name for known in LINE_FORMATS))
WRITERS: dict[str, Writer] = {
    **{known.name: known.write for known in FORMATS if known.write is not None},
    FASTTEXT.name: fasttext_lines,
}


def annotated(table: RowTable, path: Path, *, wanted: str | None = None) -> RowTable:
    """A table of an annotation tool as one of texts and themes; any other as it is.

    Parameters
    ----------
    table : the file, its header read
    path : of it, for messages
    wanted : the format that it is of, default None: recognised by what it holds; "table" takes it as it is

    Examples
    --------
    >>> from themetagger.corpus.readers.base import HeldRows
    >>> held = HeldRows(["text", "cats"], [(1, ["low pay", {"pay": 1.0, "staff": 0.0}])], unit="record")
    >>> list(annotated(held, Path("a.json")).rows())
    [(1, ['low pay', ['pay']])]
    """
    if wanted == PLAIN:
        return table
    known = _recognised(table) if wanted is None else _asked_for(table, path, wanted)
    return table if known is None else AnnotatedTable(known.title, path.name, known.view(table), known.converts, table)


def _recognised(table: RowTable) -> AnnotationFormat | None:
    try:
        rows = [dict(zip(table.header, cells, strict=True)) for _, cells in islice(table.rows(), LOOKED)]
    except TableError:  # which is raised where the rows are read
        return None
    look = Sample(table.header, rows)
    return next((known for known in FORMATS if known.recognises(look)), None)


def _asked_for(table: RowTable, path: Path, wanted: str) -> AnnotationFormat:
    known = next((one for one in FORMATS if one.name == wanted), None)
    if known is None:
        raise ValueError(f"{option('format')} must be one of {', '.join(READ)} but is {wanted!r}.")
    missing = [name for name in known.needs if name not in table.header]
    if missing:
        raise TableError(
            f"{path.name}: there is no {missing[0]!r} in it, so it is not {known.title}; leave out "
            f"{option('format', wanted)}, or pass another."
        )
    return known
