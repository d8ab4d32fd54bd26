"""doccano and Hugging Face: a text and a list of names beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from themetagger.corpus.annotations.base import AnnotationFormat, Sample, View, plain_view
from themetagger.corpus.annotations.items import Item, Layout
from themetagger.corpus.readers.base import RowTable

_TEXTS = ("text", "data")  # the second in exports of doccano for documents
_LABELS = ("label", "labels")


def _pair(look: Sample) -> tuple[str, str] | None:
    """The columns of texts and of lists of names; None where there are none, or several."""
    texts = [name for name in _TEXTS if look.has(name) and all(isinstance(cell, str) for cell in look.of(name))]
    labels = [name for name in _LABELS if look.of(name) and all(map(_is_names, look.of(name)))]
    return (texts[0], labels[0]) if texts and len(labels) == 1 else None


def _is_names(cell: Any) -> bool:
    return isinstance(cell, list) and all(isinstance(name, str) for name in cell)


def _is_doccano(look: Sample) -> bool:
    return (found := _pair(look)) is not None and found[1] == "label"


def _is_hugging_face(look: Sample) -> bool:
    return (found := _pair(look)) is not None and found[1] == "labels"


def _view(table: RowTable) -> View:
    names = list(table.header)
    text = next((name for name in _TEXTS if name in names), "")
    return plain_view(table, text=text, themes=next((name for name in _LABELS if name in names), ""))


def _doccano(items: Sequence[Item], layout: Layout) -> list[dict[str, Any]]:
    return [_record(item, "label") for item in items]


def _hugging_face(items: Sequence[Item], layout: Layout) -> list[dict[str, Any]]:
    return [_record(item, "labels") for item in items]


def _record(item: Item, labels: str) -> dict[str, Any]:
    """The text and its names first; those that a person gave before those that are proposed."""
    names = item.tags if item.given is None else item.given
    own = {"text": item.text, labels: list(names)}
    proposed = {} if item.given is None else {"proposed": list(item.tags)}
    return item.beside(own | proposed)


DOCCANO = AnnotationFormat("doccano", "doccano", _is_doccano, _view, converts=False, write=_doccano)
HUGGING_FACE = AnnotationFormat(
    "hugging-face", "Hugging Face", _is_hugging_face, _view, converts=False, write=_hugging_face
)
