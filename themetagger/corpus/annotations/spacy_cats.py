"""spaCy: an object of categories beside each text, each of them 1 or 0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from themetagger.corpus.annotations.base import AnnotationFormat, Cells, Sample, View, replacing
from themetagger.corpus.annotations.items import Item, Layout
from themetagger.corpus.errors import TableError
from themetagger.corpus.readers.base import RowTable


def _is_spacy(look: Sample) -> bool:
    return look.has("text") and bool(look.of("cats")) and all(isinstance(cell, dict) for cell in look.of("cats"))


def _view(table: RowTable) -> View:
    return replacing(table, "cats", _names, lambda record: bool(record.get("cats")), text="text")


def _names(where: str, record: Cells) -> list[str]:
    cats = record.get("cats") or {}
    for name, value in cats.items():
        if value not in (0, 1):  # True and False are these
            raise TableError(
                f"{where}, column 'cats': {name!r} is {value!r}, which is neither 0 nor 1; write 1 where the text has "
                "the category, else 0."
            )
    return [str(name) for name, value in cats.items() if value == 1]


def _write(items: Sequence[Item], layout: Layout) -> list[dict[str, Any]]:
    records = []
    for item in items:
        names = set(item.tags if item.given is None else item.given)
        own: dict[str, Any] = {"text": item.text, "cats": {name: float(name in names) for name in layout.themes}}
        proposed = {} if item.given is None else {"proposed": list(item.tags)}
        records.append(item.beside(own | proposed))
    return records


SPACY = AnnotationFormat("spacy", "spaCy", _is_spacy, _view, needs=("text", "cats"), write=_write)
