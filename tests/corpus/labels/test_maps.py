"""Maps from fine themes to broader ones."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from themetagger.corpus import TableError
from themetagger.corpus.labels.maps import map_of_frame, mapped


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
