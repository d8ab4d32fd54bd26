"""Columns of 0 and 1 in all the ways in which people and programs fill them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from themetagger.corpus import TableError
from themetagger.corpus.labels.on_off import marked_themes, on_off


def _frame(cells: list[Any], name: str = "pay") -> pd.DataFrame:
    index = pd.Index(range(2, len(cells) + 2), name="line")
    return pd.DataFrame({name: pd.Series(cells, dtype=object, index=index)})


def _read(cells: list[Any], name: str = "pay", **settings: Any) -> tuple[list[int], list[str]]:
    rows, notes = marked_themes(_frame(cells, name), [name], source="a.csv", **settings)
    assert all(names in ([], [name.strip()]) for names in rows)
    return [len(names) for names in rows], notes


@pytest.mark.parametrize(
    "cells",
    [
        [1, 0],
        ["1", "0"],
        [" 1 ", "0 "],
        ["1.0", "0.0"],
        ["1.00", "0."],
        ["１", "０"],
        ["TRUE", "FALSE"],
        ["true", "False"],
        [True, False],
        [np.True_, np.False_],
        [1.0, 0.0],
        [np.int64(1), np.int64(0)],
        ["true", "0"],
    ],
)
def test_0_and_1_need_no_note(cells: list[Any]) -> None:
    assert _read(cells) == ([1, 0], [])


@pytest.mark.parametrize(
    ("cells", "name", "on", "off"),
    [
        (["1.0", ""], "pay", "'1.0'", "empty"),
        ([1.0, float("nan")], "pay", "'1.0'", "empty"),
        (["x", ""], "pay", "'x'", "empty"),
        (["X", None], "pay", "'X'", "empty"),
        (["✓", ""], "pay", "'✓'", "empty"),
        (["x", "0"], "pay", "'x'", "'0'"),
        (["Yes", "No"], "pay", "'Yes'", "'No'"),
        (["YES", "no"], "pay", "'YES'", "'no'"),
        (["Yes", ""], "pay", "'Yes'", "empty"),
        (["Y", "N"], "pay", "'Y'", "'N'"),
        (["Ja", "Nein"], "pay", "'Ja'", "'Nein'"),
        (["on", ""], "pay", "'on'", "empty"),
        (["TRUE", ""], "pay", "'TRUE'", "empty"),
        (["Selected", "Not Selected"], "pay", "'Selected'", "'Not Selected'"),
        (["Pay, bonus", ""], "Pay, bonus", "The column's name", "empty"),
        (["pay", ""], "Pay", "The column's name", "empty"),
        (["pay", ""], "Which topics?: pay", "The column's name", "empty"),
        (["pay", ""], "Q1 [pay]", "The column's name", "empty"),
    ],
)
def test_other_ways_are_read_and_told(cells: list[Any], name: str, on: str, off: str) -> None:
    labels, notes = _read(cells, name)
    assert labels == [1, 0]
    assert notes == [f"{on} was read as 1, {off} as 0 in column {name!r} (1 and 1)."]


def test_one_note_tells_of_all_columns_that_are_filled_alike() -> None:
    frame = pd.DataFrame({"pay": ["x", "x", ""], "food": ["", "x", ""], "staff": ["1", "0", "1"], "none": ["", "", ""]})
    rows, notes = marked_themes(frame, list(frame.columns), source="a.csv")
    assert rows == [["pay", "staff"], ["pay", "food"], ["staff"]]
    assert notes == [
        "'x' was read as 1, empty as 0 in 2 columns: 'pay' (2 and 1), 'food' (1 and 2).",
        "Empty was read as 0 in column 'none' (3).",
    ]


@pytest.mark.parametrize(
    "cells", [["1", "0", ""], ["Yes", "No", None], ["0", ""], [1.0, 0.0, float("nan")], ["x", "0", ""]]
)
def test_empty_beside_0_is_refused_with_counts_and_read_as_0_on_request(cells: list[Any]) -> None:
    with pytest.raises(
        TableError,
        match=r"column 'pay': 1 cell holds .*, but 1 is empty \(the first in line \d\).*pass empty_cells='zero'",
    ):
        _read(cells)
    labels, notes = _read(cells, empty_cells="zero")
    assert labels == [1, 0, 0][-len(cells) :]
    assert "or empty as 0" in notes[0] or "or empty was read as 0" in notes[0]


@pytest.mark.parametrize("cell", ["2", "0.5", 2, 0.5, "yes", "x", "n/a", "1,0", "staff", [1], "nan", "1e0", "--"])
def test_any_other_value_is_refused_with_its_line(cell: Any) -> None:
    with pytest.raises(TableError, match=r"a.csv, line 5, column 'pay': .* is neither 0 nor 1 .* out of theme_columns"):
        _read(["1", "0", "1", cell])


@pytest.mark.parametrize("cell", ["-1", -1])
def test_rows_that_nobody_judged_are_refused_with_the_option_that_leaves_them_out(cell: Any) -> None:
    with pytest.raises(TableError, match=r"line 3, column 'pay': .*-1.* is neither 0 nor 1 .*judged='pay'"):
        _read(["1", cell, "0"])


def test_values_of_two_kinds_are_refused_with_what_the_others_are() -> None:
    with pytest.raises(TableError, match="line 4, column 'pay': 'x' is neither 'yes' nor 'no', as the other cells are"):
        _read(["Yes", "No", "x", "Yes"])


@pytest.mark.parametrize(
    ("cells", "cell", "on", "switched"),
    [
        (["x", ""], "", True, "x"),
        (["x", ""], "x", False, ""),
        (["Yes", "No"], "Yes", False, "No"),
        (["Yes", "Yes"], "Yes", False, "no"),
        (["1.0", "0.0"], "0.0", True, "1.0"),
        (["1.0"], "1.0", False, "0.0"),
        (["0", "0"], "0", True, "1"),
        (["TRUE", "FALSE"], "TRUE", False, "FALSE"),
        ([1.0, None], None, True, 1.0),
        (["", ""], "", True, "1"),
        ([True, False], False, True, True),
    ],
)
def test_a_label_is_changed_in_the_way_of_its_column(cells: list[Any], cell: Any, on: bool, switched: Any) -> None:
    column = on_off(_frame(cells), "pay", source="a.csv")
    new = column.switched(cell, on)
    assert new == switched
    assert type(new) is type(switched)
    assert column.is_on(new) == on
