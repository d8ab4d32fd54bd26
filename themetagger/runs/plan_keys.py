"""The keys that a plan file may have, section by section: what kind of value each takes, and which values there are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Literal, get_args, get_origin, get_type_hints

from themetagger._utils.event_log import LEVELS
from themetagger.corpus import TableFormat
from themetagger.models.families import FAMILIES
from themetagger.runs.named_settings import CERTIFY_BY, STOP_EARLY
from themetagger.runs.plan import SAMPLERS
from themetagger.selection.objectives import OBJECTIVES

WHOLE, WHOLES, NUMBER, FLAG = "a whole number", "a whole number or a list of them", "a number", "true or false"
TEXT, TEXTS = 'a text in quotes, such as "a"', 'a list of texts, such as ["a", "b"]'
NAMED, NAMES = 'a whole number or a text in quotes, such as "a"', 'texts by name, such as {"low pay" = "pay"}'
OBJECTIVE: dict[str, str] = {
    "objective": TEXT,
    "target": NUMBER,
    "recall_floor": NUMBER,
    "stop_at_target": FLAG,
    "precision_floor": NUMBER,
    "beta": NUMBER,
    "cost_false_positive": NUMBER,
    "cost_false_negative": NUMBER,
}
PROMISE: dict[str, str] = {"certify": NUMBER, "confidence": NUMBER, "certify_recall": NUMBER, "certify_by": TEXT}
SEARCH: dict[str, str] = {
    "families": TEXTS,
    "trials": WHOLE,
    "patience": WHOLE,
    "theme_time_budget": NUMBER,
    "sampler": TEXT,
    "min_positives": WHOLE,
    "minimum_quality": NUMBER,
    "stop_early": TEXT,
}
THEME = OBJECTIVE | PROMISE | SEARCH | {"cut": NUMBER}
RUN = {
    **OBJECTIVE,
    **PROMISE,
    **SEARCH,
    "out": TEXT,
    "hold_out": NUMBER,
    "time_budget": NUMBER,
    "n_folds": WHOLE,
    "n_jobs": WHOLE,
    "seed": WHOLE,
    "text_steps": TEXTS,
    "encoder": TEXT,
    "static_vectors": TEXT,
    "storage": TEXT,
    "log_level": TEXT,
}
THEMES = {"drop": TEXTS, "merge": NAMES}
CHOICES: dict[str, tuple[str, ...]] = {
    "objective": tuple(OBJECTIVES),
    "certify_by": CERTIFY_BY,
    "families": tuple(FAMILIES),
    "sampler": SAMPLERS,
    "stop_early": tuple(STOP_EARLY),
    "log_level": tuple(LEVELS),
}
CHOICES |= {name: get_args(hint) for name, hint in get_type_hints(TableFormat).items() if get_origin(hint) is Literal}


def of_table() -> dict[str, str]:
    """The keys of the section on tables: the files, and the fields of `TableFormat`."""
    hints = get_type_hints(TableFormat)
    return {"train": TEXT, "test": TEXT} | {field.name: _kind(hints[field.name]) for field in fields(TableFormat)}


def _kind(hint: Any) -> str:
    """The kind of value that a field takes, by its type hint.

    Examples
    --------
    >>> _kind(str | None), _kind(int | None) == WHOLE, _kind(bool) == FLAG
    ('a text in quotes, such as "a"', True, True)
    >>> from collections.abc import Sequence
    >>> _kind(Sequence[str] | None) == TEXTS, _kind(int | Sequence[int] | None) == WHOLES, _kind(str | int) == NAMED
    (True, True, True)
    """
    parts = set(re.findall(r"\w+\[\w+\]|\w+", str(hint).replace("collections.abc.", "")))
    if parts & {"Sequence[str]", "Sequence[int]"}:
        return TEXTS if "Sequence[str]" in parts else WHOLES
    if "int" in parts:
        return NAMED if "str" in parts else WHOLE
    return FLAG if "bool" in parts else TEXT


def fits(value: Any, kind: str) -> bool:
    """Whether a value is of a kind; one text may stand for a list of one.

    Examples
    --------
    >>> fits(5, WHOLE), fits(True, WHOLE), fits("ridge", TEXTS), fits(["ridge", 1], TEXTS)
    (True, False, True, False)
    >>> fits([1, 2], WHOLES), fits(2, NAMED), fits("Answers", NAMED), fits(2.5, NAMED)
    (True, True, True, False)
    """
    if kind == FLAG:
        return isinstance(value, bool)
    if kind == TEXT:
        return isinstance(value, str)
    if kind == TEXTS:
        return isinstance(value, str) or (isinstance(value, list) and all(isinstance(item, str) for item in value))
    if kind == WHOLES:
        return fits(value, WHOLE) or (isinstance(value, list) and all(fits(item, WHOLE) for item in value))
    if kind == NAMED:
        return fits(value, WHOLE) or fits(value, TEXT)
    if kind == NAMES:
        return isinstance(value, Mapping) and all(isinstance(item, str) for item in value.values())
    number = int if kind == WHOLE else int | float
    return isinstance(value, number) and not isinstance(value, bool)
