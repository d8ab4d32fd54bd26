"""Themes as cells, columns and maps; names that clash or look alike."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd
import pytest

from themetagger.corpus import TableError, alike_names
from themetagger.corpus.themes import (
    label_matrix,
    map_of_frame,
    mapped,
    settle_spellings,
    split_cell,
    themes_of_column,
    themes_of_columns,
)


@pytest.mark.parametrize(
    ("cell", "separator", "themes"),
    [
        ("pay, staff", ", ", ["pay", "staff"]),
        ("pay,staff", ", ", ["pay", "staff"]),
        ("  pay ,, staff ,pay,", ", ", ["pay", "staff"]),
        ("pay, bonus; staff", "; ", ["pay, bonus", "staff"]),
        ("pay staff", " ", ["pay", "staff"]),
        ("pay|staff", "|", ["pay", "staff"]),
        ("", ", ", []),
        (None, ", ", []),
        (float("nan"), ", ", []),
        (["pay, bonus", " staff", None, ""], ", ", ["pay, bonus", "staff"]),
        (np.array(["pay", "pay"]), ", ", ["pay"]),
        ({"staff", "pay"}, ", ", ["pay", "staff"]),
        ("None", ", ", ["None"]),
        (3, ", ", None),
    ],
)
def test_a_cell_is_split_into_stripped_themes_each_once(cell: Any, separator: str, themes: list[str] | None) -> None:
    assert split_cell(cell, separator=separator) == themes


def test_an_empty_separator_is_refused() -> None:
    with pytest.raises(TableError, match="separator must be a text"):
        themes_of_column(pd.DataFrame({"t": ["a"]}), "t", separator="", source="a.csv")


@pytest.mark.parametrize(
    ("cell", "themes"),
    [
        (0, []),
        (1, ["x"]),
        ("0", []),
        (" 1", ["x"]),
        (True, ["x"]),
        ("False", []),
        ("true", ["x"]),
        (1.0, ["x"]),
    ],
)
def test_a_column_of_0_and_1_is_a_theme(cell: Any, themes: list[str]) -> None:
    frame = pd.DataFrame({"x": [cell]}, dtype=object)
    assert themes_of_columns(frame, ["x"], source="a.csv") == [themes]


@pytest.mark.parametrize("cell", ["yes", "", "2", 2, 0.5, None, float("nan"), [1]])
def test_any_other_value_of_a_0_1_column_is_refused_with_its_line(cell: Any) -> None:
    frame = pd.DataFrame({"x": ["1", cell]}, index=pd.Index([2, 9], name="line"), dtype=object)
    with pytest.raises(TableError, match=r"a.csv, line 9, column 'x': .* is neither 0 nor 1"):
        themes_of_columns(frame, ["x"], source="a.csv")


def test_a_map_replaces_fine_themes_keeps_the_rest_and_says_what_was_idle() -> None:
    rows, notes = mapped([["low pay", "bonus"], ["staff"], []], {"low pay": "pay", "bonus": "pay", "x": "y"}, name="m")
    assert rows == [["pay"], ["staff"], []]
    assert notes == [
        "m: 2 of its 3 themes were replaced in 1 row; 1 theme that it does not list was kept.",
        "m: no row has 'x'; check the spelling.",
    ]


@pytest.mark.parametrize(
    ("cells", "pattern"),
    [
        ({"fine": ["a"], "broad": ["b"], "more": ["c"]}, "two columns, fine and broad, but this has 3"),
        ({"fine": ["a"]}, "two columns, fine and broad, but this has 1"),
        ({"fine": ["a", "a"], "broad": ["b", "c"]}, "row 1: 'a' maps to 'c', and in an earlier line to 'b'"),
        ({"fine": ["a"], "broad": [""]}, "row 0: 'a' maps to ''"),
        ({"fine": [None], "broad": ["b"]}, "row 0: '' maps to 'b'"),
    ],
)
def test_a_map_that_cannot_be_followed_is_refused(cells: dict[str, list[Any]], pattern: str) -> None:
    with pytest.raises(TableError, match=pattern):
        map_of_frame(pd.DataFrame(cells, dtype=object), source="m.csv")


CLASH = [["Staff"], ["staff"], ["Staff", "pay"], ["caf\u00e9"], ["cafe\u0301"], ["on  time", "on time"]]


def test_clashing_spellings_are_kept_apart_by_default_with_a_note() -> None:
    rows, notes = settle_spellings(CLASH, alike="keep", source="a.csv")
    assert rows == CLASH
    assert "'Staff' (2) and 'staff' (1)" in notes[0]
    assert "'cafe\u0301' (1) and 'caf\u00e9' (1)" in notes[0]
    assert "'on  time' (1) and 'on time' (1)" in notes[0]


def test_clashing_spellings_merge_into_the_most_frequent() -> None:
    rows, notes = settle_spellings(CLASH, alike="merge", source="a.csv")
    assert rows == [["Staff"], ["Staff"], ["Staff", "pay"], ["cafe\u0301"], ["cafe\u0301"], ["on  time"]]
    assert "merged into the first of each" in notes[0]


def test_clashing_spellings_are_refused_on_request() -> None:
    with pytest.raises(TableError, match=r"'Staff' \(2\) and 'staff' \(1\).*alike='merge'"):
        settle_spellings(CLASH, alike="error", source="a.csv")


def test_themes_stand_by_frequency_then_name() -> None:
    labels, themes = label_matrix([["c", "b"], ["b"], ["a"], []])
    assert themes == ("b", "a", "c")
    assert labels.toarray().tolist() == [[1, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 0]]
    assert labels.dtype == np.uint8


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("work process", "work processes", True),
        ("facility", "facilities", True),
        ("follow-up", "Follow up", True),
        ("followup", "follow-up", True),
        ("comunication", "communication", True),
        ("organisation", "organization", True),
        ("pay", "day", False),
        ("phase 1", "phase 2", False),
        ("lang:c", "lang:c++", False),
        ("lang:c", "lang:d", False),
        ("status", "stats", False),
        ("management", "staff", False),
        ("work process", "work progress", False),
    ],
)
def test_names_that_look_alike_are_told(one: str, other: str, alike: bool) -> None:
    assert alike_names([one, "else", other]) == ([(one, other)] if alike else [])


@pytest.mark.slow
def test_ten_thousand_names_and_very_long_ones_are_quick() -> None:
    names = [f"theme about subject number {number}" for number in range(10_000)] + ["x" * 400, "x" * 401]
    began = time.perf_counter()
    assert alike_names(names) == []
    assert time.perf_counter() - began < 10
