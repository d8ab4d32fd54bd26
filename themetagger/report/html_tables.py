"""Tables as the templates of the page want them: headings, and rows of cells."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from themetagger.report.columns import by_group, heading, shown_in, with_whole_counts
from themetagger.report.text import cell_text
from themetagger.selection.theme_result import MODELLED

SHORT, LONG, PARAGRAPH = 16, 60, 150  # characters of a text that stays on one line, that takes room, and much room


@dataclass(frozen=True)
class Cell:
    """A cell: its text, whether it is a number, its value to sort by, and whether its column is shown on demand."""

    text: str
    number: bool
    value: str = ""
    more: bool = False

    @property
    def size(self) -> str:
        """How much room the text takes, as a class of the style sheet: a narrow column would make a tower of it."""
        length = len(self.text)
        return "short" if length <= SHORT else "paragraph" if length > PARAGRAPH else "wide" if length > LONG else ""


def ordered(table: pd.DataFrame) -> pd.DataFrame:
    """The results as the page shows them: the themes of the best group first; some columns at once, all on demand."""
    table = by_group(table)
    first = shown_in("page", table)
    return table[first + [name for name in table if name not in first]]


def sortable(table: pd.DataFrame, anchors: Mapping[str, str]) -> dict[str, Any]:
    """The results table for the template: headings, and rows with a link to their theme."""
    first = shown_in("page", table)
    modelled, table = table["status"].isin(MODELLED), table.drop(columns="status")
    kinds = [(str(name), pd.api.types.is_numeric_dtype(table[name]), name not in first) for name in table]
    rows = []
    for values, has_model in zip(table.astype(object).to_numpy(), modelled, strict=True):
        cells = [_cell(value, number, more) for value, (_, number, more) in zip(values, kinds, strict=True)]
        named = dict(zip(map(str, table), values, strict=True))
        theme = named["theme"]
        row = {"cells": cells, "status": named["group"], "modelled": has_model, "find": _findable(table, values)}
        rows.append(row | {"anchor": anchors.get(theme, ""), "linked": theme in anchors})
    headings = [{"text": heading(name), "number": number, "more": more} for name, number, more in kinds]
    return {"headings": headings, "rows": rows}


def _findable(table: pd.DataFrame, values: Any) -> str:
    """What the search of the page looks through: the theme, why it is as it is, and its model."""
    wanted = ("theme", "group", "reason", "family", "view")
    return " ".join(str(values[place]) for place, name in enumerate(table) if name in wanted)


def grid(table: pd.DataFrame) -> dict[str, Any]:
    """Any table for the template."""
    table = with_whole_counts(table)
    numeric = [pd.api.types.is_numeric_dtype(table[name]) and table[name].dtype != bool for name in table]
    rows = [[_cell(value, n) for value, n in zip(row, numeric, strict=True)] for row in table.astype(object).to_numpy()]
    texts = any(cell.size in ("wide", "paragraph") for row in rows for cell in row)
    return {"headings": list(zip(map(heading, map(str, table)), numeric, strict=True)), "rows": rows, "texts": texts}


def _cell(value: Any, number: bool, more: bool = False) -> Cell:
    if not number:
        return Cell(cell_text(value), False, more=more)
    plain = "" if pd.isna(value) or (isinstance(value, float) and math.isinf(value)) else repr(float(value))
    return Cell(cell_text(value), True, plain, more)
