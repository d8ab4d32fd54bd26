"""One cell as names: each kind that holds names is read, every other is refused."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pandas as pd
import pytest

from themetagger.corpus.labels.cells import read_cell, split_cell
from themetagger.corpus.labels.errors import CellError


@pytest.mark.parametrize(
    ("cell", "separator", "themes"),
    [
        ("pay, staff", ", ", ["pay", "staff"]),
        ("pay,staff", ", ", ["pay", "staff"]),
        ("  pay ,, staff ,pay,", ", ", ["pay", "staff"]),
        ("pay, bonus; staff", "; ", ["pay, bonus", "staff"]),
        ("pay staff", " ", ["pay", "staff"]),
        ("pay|staff", "|", ["pay", "staff"]),
        ("|pay|staff|", "|", ["pay", "staff"]),
        ("pay\r\nstaff\rfood", "\n", ["pay", "staff", "food"]),
        ("pay\\nstaff", "\n", ["pay", "staff"]),
        ("pay\tstaff", "\t", ["pay", "staff"]),
        ("<pay> <low staff>", "<>", ["pay", "low staff"]),
        ("pay", "<>", ["pay"]),
        ("", ", ", []),
        (None, ", ", []),
        (float("nan"), ", ", []),
        (["pay, bonus", " staff", None, ""], ", ", ["pay, bonus", "staff"]),
        (np.array(["pay", "pay"]), ", ", ["pay"]),
        ({"staff", "pay"}, ", ", ["pay", "staff"]),
        (("pay", "staff"), ", ", ["pay", "staff"]),
        ([3, 4.0, 1.5], ", ", ["3", "4", "1.5"]),
        ("None", ", ", ["None"]),
        (3, ", ", ["3"]),
        (2.0, ", ", ["2"]),
        ({}, ", ", []),
        ({"choices": ["pay", "staff"]}, ", ", ["pay", "staff"]),
        ({"choices": []}, ", ", []),
        ('{"choices": "pay"}', ", ", ["pay"]),
        ('[{"label": "pay", "user": 1}, {"label": "pay", "user": 2}]', ", ", ["pay"]),
        ([{"uri": "http://a/1", "label": "food"}], ", ", ["food"]),
        ([{"name": "pay"}, {"name": "staff"}], ", ", ["pay", "staff"]),
        ([{"start": 0, "end": 4, "label": "pay"}], ", ", ["pay"]),
        ("C++, C#, <b>, (other), 5 > 4, a) pay", ", ", ["C++", "C#", "<b>", "(other)", "5 > 4", "a) pay"]),
    ],
)
def test_a_cell_is_read_as_stripped_themes_each_once(cell: Any, separator: str, themes: list[str]) -> None:
    assert split_cell(cell, separator=separator) == themes


@pytest.mark.parametrize(
    ("cell", "wrong"),
    [
        (True, "True is a truth value"),
        (np.True_, "is a truth value"),
        ([True, False], "is a vector of truth values"),
        ("[True, False]", "is a vector of truth values"),
        ([0.1, 0.9], "is a list of numbers such as scores"),
        ("[0.1 0.9]", "is a list of numbers such as scores"),
        ([["pay"]], r"\['pay'\] is a list within a list"),
        ("[['pay', 'staff']]", "is a list within a list"),
        ("[[0, 15, 'PER']]", "is a list within a list"),
        (["['pay']"], "is a list written as text within a list"),
        (
            [{"label": 4, "user": 1}],
            r"\{'label': 4, 'user': 1\} is an object, not the name of a theme; write the names",
        ),
        ({"pay": 1, "staff": 0}, "is an object"),
        ('{"pay": true}', "is an object"),
        ({"rating": 3}, "is an object"),
        ({"pay": ["low", "late"]}, "is an object"),
        ([{"start": 0, "text": "salary", "labels": ["pay"]}], "is an object"),
        ([{"label": "pay", "score": 0.1}], "says more of a theme than its name"),
        ([{"label": "pay", "given": False}], "says more of a theme than its name"),
        (["pay", {"label": "staff"}], "is an object"),
        (pd.Timestamp("2024-01-02"), "is no name of a theme"),
        (b"pay", "is no name of a theme"),
        ([float("inf")], "is no name of a theme"),
        ("['pay', 'st", "begins like a list"),
    ],
)
def test_what_holds_no_names_is_refused_with_what_is_wrong(cell: Any, wrong: str) -> None:
    with pytest.raises(CellError, match=wrong):
        read_cell(cell)
    assert split_cell(cell) is None


def test_text_outside_of_the_brackets_of_tags_is_not_lost() -> None:
    for cell in ("<pay> staff", "<pay", "<pay>staff<food>"):
        with pytest.raises(CellError, match="is not written as <one><other>"):
            read_cell(cell, separator="<>")


@pytest.mark.parametrize("seed", range(40))
def test_lists_come_back_however_they_are_written_as_text(seed: int) -> None:
    """Names of all kinds of signs, as Python, JSON and NumPy write lists of them."""
    random_ = random.Random(seed)
    signs = "abé ,;|'\"[](){}<>\\/#\t:=退休😀-.\u2019"
    names = ["".join(random_.choices(signs, k=random_.randint(1, 9))).strip() for _ in range(random_.randint(2, 5))]
    names = list(dict.fromkeys(name for name in names if name and name[0] not in "[({"))[:4] or ["pay"]
    written = [
        repr(names),
        repr(tuple(names)),
        pd.Series([names]).to_json(orient="values", force_ascii=bool(seed % 2))[1:-1],
    ]
    written += ["{" + ", ".join(map(repr, names)) + "}", repr({"choices": names}), repr(np.array(names, dtype=object))]
    for text in written:
        assert split_cell(text) == names, text


@pytest.mark.parametrize("seed", range(50))
def test_no_cell_ends_in_another_error_or_loses_a_letter(seed: int) -> None:
    """Whatever a text cell holds, it is refused with what is wrong, or all its letters are in its names."""
    random_ = random.Random(seed)
    for _ in range(100):
        text = "".join(random_.choices("pay'\"[](){}<>,;:\\ \n0.1", k=random_.randint(0, 14)))
        try:
            names = read_cell(text).names
        except CellError:
            continue
        assert all(name == name.strip() and name for name in names)
        assert sum(letter in "pay" for letter in "".join(names)) <= sum(letter in "pay" for letter in text)
        if len(set(names)) == len(names) and not any(sign in text for sign in "[({\"'\\,"):
            assert [letter for name in names for letter in name if letter in "pay"] == [x for x in text if x in "pay"]
