"""What ``run.json`` must look like, and the seal that tells whether it was changed after it was written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from themetagger._utils.json_shapes import (
    FLAG,
    Shape,
    anything,
    by_name,
    either,
    exactly,
    list_of,
    number,
    record,
    text,
    whole,
)
from themetagger.corpus.table_format import ALIKE, EMPTY_CELLS, REPEATS, WITHOUT_THEME
from themetagger.selection.objectives import OBJECTIVES, Objective, PrecisionFirst

MOST_BYTES = 2**26
SEAL = "sha256"
SEALED = ("format", "space", "checksums", "plan", "allowed", "data")  # what decides; places may change

_NAMES = list_of(text(), most=100_000)
_PATH = either("a path or null", text(), exactly(None))
_MAYBE = either("a text or null", text(), exactly(None))
_OWN = either("a mapping of themes", by_name(text()), text(), exactly(None))
_FORMAT: dict[str, Shape] = {
    "text_columns": either("a name or a list of names", _NAMES, _MAYBE),
    "theme_column": either("a name or a list of names", _NAMES, text()),
    "theme_columns": either("a list of names or null", _NAMES, _MAYBE),
    "separator": text(100),
    "alike": exactly(*ALIKE),
    "empty_cells": exactly(*EMPTY_CELLS),
    "repeats": exactly(*REPEATS),
    "rows_without_theme": exactly(*WITHOUT_THEME),
    "delimiter": _MAYBE,
    "encoding": _MAYBE,
    "format": _MAYBE,
    "judged": _MAYBE,
    "sheet": either("a name, a number or null", whole(), _MAYBE),
    "header_row": either("a row, a list of rows or null", whole(1), list_of(whole(1), most=100), exactly(None)),
}
_PLAN: dict[str, Shape] = {
    **_FORMAT,
    "hold_out": number(0, 1),
    "min_positives": whole(),
    "n_folds": whole(2),
    "seed": whole(0, 2**32 - 1),
    "overrides": by_name(by_name(anything)),
    "drop_themes": _NAMES,
    "objective": by_name(anything),
    "models": by_name(text()),
}
_TABLE = record({"rows": whole(), "themes": whole(), "sha256": text(64)}, {"source": text()})
_ALLOWED = record({"trials": whole(1), "own": by_name(whole(1))})
_TABLES = record({}, {"train": _PATH, "test": _PATH, "theme_map": _OWN}, others=True)
_RUN = record(
    {
        "name": text(100),
        "plan": record({}, _PLAN, others=True),
        "allowed": list_of(_ALLOWED, least=1, most=100_000),
        "data": by_name(_TABLE),
        "versions": by_name(text(200)),
    },
    {"format": whole(1), "space": whole(1), "begun": text(100), "place": text(), "tables": _TABLES, "checksums": FLAG},
    others=True,
)


def checked(info: Any) -> dict[str, Any]:
    """What ``run.json`` holds, if it is as :func:`themetagger.runs.run_info.new_info` makes it.

    Raises
    ------
    ValueError
        If a field is missing, of the wrong kind or out of range, or was changed after the file was written.
    """
    made = dict(_RUN(info, ""))
    if SEAL in made and made[SEAL] != seal_of(made):
        raise ValueError("it was changed after it was written, for its checksum does not fit")
    for theme in ("", *made["plan"].get("overrides", {})):
        objective_in(made["plan"], theme)
    return made


def sealed(info: Mapping[str, Any]) -> dict[str, Any]:
    """The same with its seal."""
    return {**info, SEAL: seal_of(info)}


def seal_of(info: Mapping[str, Any]) -> str:
    """SHA-256 of what decides in a run."""
    decisive = {name: info[name] for name in SEALED if name in info}
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


def objective_in(plan: Mapping[str, Any], theme: str) -> Objective:
    """The objective that a theme was tuned for, from a plan as JSON values; PrecisionFirst() for one of a user's own.

    Raises
    ------
    ValueError
        If a setting of it is unknown, of the wrong kind or out of range.

    Examples
    --------
    >>> objective_in({"objective": {"class": "FBeta", "beta": 0.5, "target": 0.8}}, "pay")
    FBeta(beta=0.5, target=0.8)
    """
    own = plan.get("overrides", {}).get(theme, {})
    description = own.get("objective", plan.get("objective"))
    where = f"plan.overrides[{theme!r:.80}].objective" if "objective" in own else "plan.objective"
    kinds = {kind.__name__: kind for kind in OBJECTIVES.values()}
    if not isinstance(description, Mapping) or str(description.get("class")) not in kinds:
        return PrecisionFirst()
    kind = kinds[str(description["class"])]
    shapes = {one.name: _MEASURES.get(str(one.type), anything) for one in fields(kind)}  # type: ignore[arg-type]
    settings = record({"class": text()}, shapes)(description, where)
    del settings["class"]
    try:
        made: Objective = kind(**settings)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{where}: {error}") from error
    return made


_MEASURES: dict[str, Shape] = {"float": number(0, 1e9), "bool": FLAG}
