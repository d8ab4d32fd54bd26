"""Argilla: flat records, with an annotation each (version 1) or with the responses of several people (version 2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from themetagger.corpus.annotations.base import (
    Annotated,
    AnnotationFormat,
    Cells,
    Sample,
    View,
    names_or_none,
    replacing,
)
from themetagger.corpus.annotations.items import Item, Layout
from themetagger.corpus.readers.base import RowTable

_STATUS = {"Default", "Edited", "Discarded", "Validated"}  # of version 1
_RESPONSES, _SUGGESTION = ".responses", ".suggestion"  # of version 2, behind the name of a question
_OWN = ("id", "status", "_server_id")


def _is_argilla(look: Sample) -> bool:
    if any(_question(name) and look.of(name) and all(map(_is_list, look.of(name))) for name in look.header):
        return True
    return look.has("annotation") and bool(look.of("status")) and set(map(str, look.of("status"))) <= _STATUS


def _is_list(cell: Any) -> bool:
    return isinstance(cell, list)


def _question(name: str) -> str:
    """The question that a column answers; "" where it answers none."""
    for end in (_RESPONSES, _SUGGESTION):
        if name.endswith(end) and len(name) > len(end):
            return name.removesuffix(end)
    return ""


def _view(table: RowTable) -> View:
    questions = list(dict.fromkeys(filter(None, map(_question, table.header))))
    if not questions:
        return replacing(table, "annotation", _annotation, _is_validated, text="text")
    return _view_of_responses(table, questions)


def _annotation(_: str, record: Cells) -> list[Any]:
    return names_or_none(record.get("annotation"))


def _is_validated(record: Cells) -> bool:
    return record.get("annotation") is not None and record.get("status", "Validated") == "Validated"


def _view_of_responses(table: RowTable, questions: Sequence[str]) -> View:
    """A row for each person that answered, with a column for each question; suggestions stay in their own columns."""
    asked = [name for name in questions if name not in table.header]
    details = (f"{_RESPONSES}.users", f"{_RESPONSES}.status")
    kept = [name for name in table.header if not name.endswith((_RESPONSES, *details))]

    def rows(_: str, record: Cells) -> list[Annotated]:
        answers = {name: _submitted(record, name) for name in asked}
        people = max(map(len, answers.values()), default=0)
        begin = [record.get(name) for name in kept]
        return [
            Annotated([*begin, *(_at(answers[name], person) for name in asked)], judged=people > 0)
            for person in range(max(1, people))
        ]

    texts = [name for name in kept if "." not in name and name not in _OWN]
    text = "text" if "text" in texts else texts[0] if len(texts) == 1 else ""
    return View([*kept, *asked], rows, text=text, themes=asked[0] if len(asked) == 1 else "")


def _submitted(record: Cells, question: str) -> list[list[Any]]:
    """The answers that people submitted; drafts and what was discarded are none."""
    given = record.get(f"{question}{_RESPONSES}") or []
    status = record.get(f"{question}{_RESPONSES}.status") or ["submitted"] * len(given)
    pairs = zip(given, status, strict=False)
    return [names_or_none(one) for one, state in pairs if str(state).rpartition(".")[2] == "submitted"]


def _at(answers: Sequence[list[Any]], person: int) -> list[Any]:
    return answers[person] if person < len(answers) else []


def _write(items: Sequence[Item], layout: Layout) -> list[dict[str, Any]]:
    """Records of version 2 with suggestions; what a person gave is a response."""
    records = []
    for item in items:
        own: dict[str, Any] = {layout.text: item.text, f"{layout.question}{_SUGGESTION}": list(item.tags)}
        own[f"{layout.question}{_SUGGESTION}.agent"] = layout.model
        if item.given is not None:
            own[f"{layout.question}{_RESPONSES}"] = [list(item.given)]
        records.append(item.beside(own))
    return records


ARGILLA = AnnotationFormat("argilla", "Argilla", _is_argilla, _view, write=_write)
