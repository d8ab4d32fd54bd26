"""Names that say of a theme whether it holds: refused where every cell does, told where some do."""

from __future__ import annotations

import pandas as pd
import pytest

from themetagger.corpus.errors import TableError
from themetagger.corpus.labels.cells import read_cell
from themetagger.corpus.labels.columns import named_themes
from themetagger.corpus.labels.said_values import notes_on_values


def _notes(*cells: str) -> str:
    return "\n".join(notes_on_values([read_cell(cell) for cell in cells]))


@pytest.mark.parametrize(
    "cells",
    [
        ["pay=1, staff=0", "pay=0, staff=0", "pay=0, staff=1"],
        ["pay: yes; staff: no", "pay: no; staff: no", "pay: yes; staff: yes"],
        ["pay: True|staff: False", "pay: False|staff: True", "pay: False|staff: False"],
        ["pay (0.9), staff (0.1)", "staff (0.2), pay (0.8)", "pay (0.3), staff (0.4)"],
        ["pay (90%), staff (10 %)", "staff (20%), pay (80%)", "pay (30%), staff (40%)"],
        ["pay, not staff", "not pay, staff", "not staff, pay"],
        ["+pay, -staff", "-pay, +staff", "-staff, +pay"],
    ],
)
def test_a_column_whose_cells_say_of_all_themes_whether_they_hold_is_refused(cells: list[str]) -> None:
    frame = pd.DataFrame({"Themes": cells})
    with pytest.raises(TableError, match=r"a.csv, row 0, column 'Themes': .* says of each theme whether it holds"):
        named_themes(frame, ["Themes"], separator=", ", source="a.csv")


@pytest.mark.parametrize(
    "cells",
    [
        ["pay, staff", "staff, pay", "pay, staff"],  # all have the same themes, and nothing is denied
        ["smoker: yes", "smoker: no", "smoker: no"],  # one theme a cell
        ["Heap (Priority Queue), Goal 1", "Goal 1, Heap (Priority Queue)", "Goal 1"],
        ["pay, staff", "not pay", "staff"],
    ],
)
def test_other_columns_are_read(cells: list[str]) -> None:
    rows, _ = named_themes(pd.DataFrame({"Themes": cells}), ["Themes"], separator=", ", source="a.csv")
    assert all(rows)


def test_names_that_differ_in_a_value_and_names_that_deny_others_are_told() -> None:
    assert "'pay (1)' and 'pay (2)'. If these are one theme" in _notes("pay (1), staff", "pay (2)")
    assert "'1. pay' and '2. pay'" in _notes("1. pay, 2. staff", "2. pay")
    assert "'recommend: yes' and 'recommend: no'" in _notes("recommend: yes", "recommend: no")
    assert "'not pay'. Take it out" in _notes("pay", "not pay, staff")
    assert "'-pay'" in _notes("+pay", "-pay, staff")


def test_names_as_they_are_get_no_note() -> None:
    assert _notes("pay (basic), not sorted", "Phase 1", "Phase 2", "3. floor", "R&D: costs", "non-fiction") == ""
