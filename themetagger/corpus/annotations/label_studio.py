"""Label Studio: its JSON (tasks with annotations), and the flat exports JSON-MIN, CSV and TSV."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import islice
from typing import Any

from themetagger.corpus.annotations.base import (
    LOOKED,
    Annotated,
    AnnotationFormat,
    Cells,
    Sample,
    View,
    names_or_none,
)
from themetagger.corpus.annotations.items import Item, Layout
from themetagger.corpus.readers.base import RowTable

_ANNOTATIONS = ("annotations", "completions")  # the second by old versions
_TYPES = ("choices", "taxonomy")  # of results that are about the text as a whole
_FLAT = {"annotation_id", "annotator", "lead_time", "created_at", "updated_at"}  # that flat exports add
_STEP = " > "  # between the steps of a path through a taxonomy


def _is_tasks(look: Sample) -> bool:
    data = look.of("data")
    if not data or not all(isinstance(cell, dict) for cell in data) or len(data) < len(look.rows):
        return False
    made = [part for name in (*_ANNOTATIONS, "predictions") for cell in look.of(name) for part in names_or_none(cell)]
    if not all(isinstance(part, dict) and isinstance(part.get("result"), list) for part in made):
        return False
    return set(look.header) <= {"id", "data"} or any(map(look.has, (*_ANNOTATIONS, "predictions")))


def _view_of_tasks(table: RowTable) -> View:
    """A column for each value of the data, and one for each question, which holds lists of choices."""
    data, questions, predicted = dict[str, bool](), dict[str, None](), dict[str, None]()
    for _, cells in table.rows():
        record = dict(zip(table.header, cells, strict=True))
        for name, value in (record.get("data") or {}).items():
            data[name] = data.get(name, True) and (value is None or isinstance(value, str))
        for found, parts in ((questions, _annotations(record)), (predicted, record.get("predictions") or [])):
            found.update({name: None for part in parts for name in _choices(part)})
    also = ["id"] if "id" in table.header and "id" not in data else []
    names = {name: name if name not in data else f"{name} (annotated)" for name in questions}
    guesses = {name: f"{name} (predicted)" for name in predicted}

    def rows(_: str, record: Cells) -> list[Annotated]:
        held = record.get("data") or {}
        said = [_choices(part) for part in _annotations(record)]
        last = _choices((record.get("predictions") or [{}])[-1])
        begin = [*(record.get(name) for name in also), *(held.get(name) for name in data)]
        end = [last.get(name) for name in guesses]
        return [
            Annotated([*begin, *(one.get(name, []) for name in names), *end], judged=bool(said))
            for one in said or [dict[str, list[str]]()]
        ]

    texts = [name for name, is_text in data.items() if is_text]
    text = "text" if "text" in texts else texts[0] if len(texts) == 1 else ""
    themes = next(iter(names.values())) if len(names) == 1 else ""
    return View([*also, *data, *names.values(), *guesses.values()], rows, text=text, themes=themes)


def _annotations(record: Cells) -> list[Any]:
    """The annotations of a task that somebody submitted."""
    given: list[Any] = next((record[name] for name in _ANNOTATIONS if record.get(name)), [])
    return [one for one in given if isinstance(one, dict) and not one.get("was_cancelled")]


def _choices(annotation: Cells) -> dict[str, list[str]]:
    """The choices of an annotation by the name of the question; of parts of a text there are none."""
    found: dict[str, list[str]] = {}
    for result in annotation.get("result") or []:
        value = result.get("value") or {}
        if result.get("type") in _TYPES and "start" not in value:
            found.setdefault(str(result.get("from_name")), []).extend(_named(value.get(result["type"])))
    return found


def _named(value: Any) -> list[str]:
    """Choices as names; the steps of a path through a taxonomy are joined."""
    return [_STEP.join(map(str, one)) if isinstance(one, list) else str(one) for one in names_or_none(value)]


def _is_flat(look: Sample) -> bool:
    return len(_FLAT & set(look.header)) >= 3 or bool(_columns_of_choices(look.header, look.rows))


def _view_of_flat(table: RowTable) -> View:
    """The columns as they are, those of choices as lists: one choice alone is written as its name."""
    rows = [dict(zip(table.header, cells, strict=True)) for _, cells in islice(table.rows(), LOOKED)]
    columns, names = _columns_of_choices(table.header, rows), list(table.header)
    texts = [name for name in names if name not in (*columns, *_FLAT, "id") and _holds_texts(rows, name)]
    text = "text" if "text" in names else texts[0] if len(texts) == 1 else ""

    def convert(_: str, record: Cells) -> list[Annotated]:
        return [Annotated([_flat_cell(record[name]) if name in columns else record[name] for name in names])]

    return View(names, convert, text=text, themes=columns[0] if len(columns) == 1 else "")


def _holds_texts(rows: Sequence[Cells], name: str) -> bool:
    return all(row[name] is None or isinstance(row[name], str) for row in rows)


def _columns_of_choices(header: Sequence[str], rows: Sequence[Cells]) -> list[str]:
    return [name for name in header if any(_object(row.get(name)) is not None for row in rows)]


def _object(cell: Any) -> Any:
    """What several choices hold, as an object or as its JSON; None where a cell is no such thing."""
    if isinstance(cell, str) and cell.lstrip().startswith('{"'):
        try:
            cell = json.loads(cell)
        except (ValueError, RecursionError):
            return None
    if isinstance(cell, dict) and len(cell) == 1 and next(iter(cell)) in _TYPES:
        return next(iter(cell.values()))
    return None


def _flat_cell(cell: Any) -> Any:
    several = _object(cell)
    if several is not None:
        return _named(several)
    return names_or_none(cell)


def _tasks(items: Sequence[Item], layout: Layout) -> list[dict[str, Any]]:
    """Tasks with predictions, and with annotations where labels are given, as Label Studio imports them."""
    return [_task(item, layout) for item in items]


def _task(item: Item, layout: Layout) -> dict[str, Any]:
    data = item.beside({layout.text: item.text})
    prediction: dict[str, Any] = {"model_version": layout.model, "result": _result(item.tags, layout)}
    if item.certainty is not None:
        prediction["score"] = round(item.certainty, 4)
    task: dict[str, Any] = {"data": data, "predictions": [prediction]}
    if item.given is not None:
        task["annotations"] = [{"result": _result(item.given, layout)}]
    return task


def _result(names: Sequence[str], layout: Layout) -> list[dict[str, Any]]:
    if not names:
        return []
    value = {"choices": list(names)}
    return [{"from_name": layout.question, "to_name": layout.text, "type": "choices", "value": value}]


TASKS = AnnotationFormat("label-studio", "Label Studio JSON", _is_tasks, _view_of_tasks, needs=("data",), write=_tasks)
FLAT = AnnotationFormat("label-studio-min", "a flat export of Label Studio", _is_flat, _view_of_flat)
