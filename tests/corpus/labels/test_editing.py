"""A name put into a cell or taken out of it; the rest of the cell stays as it is written."""

from __future__ import annotations

from typing import Any

import pytest

from themetagger.corpus.labels.columns import ThemeColumn
from themetagger.corpus.labels.editing import with_name, without_names


def _column(separator: str = ", ") -> ThemeColumn:
    return ThemeColumn("Themes", separator, frozenset("[{"), ())


@pytest.mark.parametrize(
    ("cell", "separator", "new"),
    [
        ("pay", ", ", "pay, food"),
        ("pay , ", ", ", "pay, food"),
        ("", ", ", "food"),
        (None, ", ", "food"),
        ("pay|staff", "|", "pay|staff|food"),
        ("pay\nstaff", "\n", "pay\nstaff\nfood"),
        ("<pay>", "<>", "<pay><food>"),
        ("", "<>", "<food>"),
        ("['pay', 'staff']", ", ", "['pay', 'staff', 'food']"),
        ('["pay"]', ", ", '["pay", "food"]'),
        ("('pay',)", ", ", "('pay', 'food')"),
        ("{'pay'}", ", ", "{'pay', 'food'}"),
        ("[]", ", ", '["food"]'),
        ("[pay, staff]", ", ", "[pay, staff, food]"),
        ('{"choices": ["pay"]}', ", ", '{"choices": ["pay", "food"]}'),
        ({"choices": ["pay"]}, ", ", {"choices": ["pay", "food"]}),
        (["pay"], ", ", ["pay", "food"]),
        ('[{"label": "pay"}]', ", ", '["pay", "food"]'),
    ],
)
def test_a_name_is_added_as_the_cell_is_written(cell: Any, separator: str, new: Any) -> None:
    assert with_name(cell, "food", _column(separator)) == new


@pytest.mark.parametrize(
    ("cell", "separator", "new"),
    [
        ("pay , food", ", ", "pay"),
        ("food, pay , staff", ", ", "pay , staff"),
        ("<pay><food>", "<>", "<pay>"),
        ("pay\nfood\nstaff", "\n", "pay\nstaff"),
        ("['pay', 'food']", ", ", "['pay']"),
        ('["food"]', ", ", "[]"),
        ("('pay', 'food')", ", ", "('pay',)"),
        ('{"choices": ["pay", "food"]}', ", ", '{"choices": ["pay"]}'),
        (["food", "pay"], ", ", ["pay"]),
        ("food", ", ", ""),
    ],
)
def test_a_name_is_taken_out_as_the_cell_is_written(cell: Any, separator: str, new: Any) -> None:
    assert without_names(cell, lambda name: name == "food", _column(separator)) == new


def test_what_would_be_read_as_others_is_not_written() -> None:
    assert with_name("pay", "bonus, pension", _column()) is None
    assert with_name("", "['pay']", _column()) is None
    assert with_name("[pay]", "bonus, pension", _column()) is None
    assert with_name("['pay']", "bonus, pension", _column()) == "['pay', 'bonus, pension']"
    assert with_name("<pay>", "a>b", _column("<>")) is None
