"""Prodigy: choices that were accepted, or one label that was, with an answer for each task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from themetagger.corpus.annotations.base import AnnotationFormat, Cells, Sample, View, names_or_none, replacing
from themetagger.corpus.annotations.items import Item, Layout
from themetagger.corpus.readers.base import RowTable

_ANSWERS = {"accept", "reject", "ignore"}


def _is_prodigy(look: Sample) -> bool:
    if not look.has("text"):
        return False
    if look.of("options") and all(map(_are_options, look.of("options"))):
        return True
    answered = bool(look.of("answer")) and set(map(str, look.of("answer"))) <= _ANSWERS
    return answered and (look.has("label") or look.has("accept"))


def _are_options(cell: Any) -> bool:
    return isinstance(cell, list) and all(isinstance(option, dict) and "id" in option for option in cell)


def _view(table: RowTable) -> View:
    if "options" in table.header or "accept" in table.header:
        answered = "answer" in table.header
        return replacing(table, "accept", _accepted, lambda record: _is_accepted(record, answered), text="text")
    return replacing(table, "label", _label, _is_answered, text="text")


def _accepted(_: str, record: Cells) -> list[str]:
    """The options that were chosen, by their ids, or by their texts where ids are numbers."""
    options = [option for option in record.get("options") or [] if isinstance(option, dict)]
    texts = {option.get("id"): option.get("text") for option in options if not isinstance(option.get("id"), str)}
    return [str(texts.get(one) or one) for one in names_or_none(record.get("accept"))]


def _is_accepted(record: Cells, answered: bool) -> bool:
    """Whether a choice counts: a task that was rejected, or not answered where others were, says nothing of themes."""
    return record.get("accept") is not None and (not answered or record.get("answer") == "accept")


def _label(_: str, record: Cells) -> list[str]:
    """The label of a task that asks for one alone; rejected, the text does not have it."""
    return names_or_none(record.get("label")) if record.get("answer") == "accept" else []


def _is_answered(record: Cells) -> bool:
    return record.get("answer") in ("accept", "reject")


def _write(items: Sequence[Item], layout: Layout) -> list[dict[str, Any]]:
    """Tasks of the interface "choice", with the proposed themes chosen beforehand."""
    options = [{"id": theme, "text": theme} for theme in layout.themes]
    return [
        {"text": item.text, "options": options, "accept": list(item.tags if item.given is None else item.given)}
        | ({"answer": "accept"} if item.given is not None else {})
        | {"meta": dict(item.row) | ({} if item.given is None else {"proposed": list(item.tags)})}
        for item in items
    ]


PRODIGY = AnnotationFormat("prodigy", "Prodigy", _is_prodigy, _view, needs=("text",), write=_write)
