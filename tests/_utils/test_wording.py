"""Numbers agree with their nouns."""

from __future__ import annotations

import pytest

from themetagger._utils.wording import number_of


@pytest.mark.parametrize(
    ("n", "words", "expected"),
    [
        (0, ("theme",), "0 themes"),
        (1, ("theme",), "1 theme"),
        (2, ("theme",), "2 themes"),
        (12345, ("row",), "12,345 rows"),
        (1, ("class", "classes"), "1 class"),
        (3, ("class", "classes"), "3 classes"),
    ],
)
def test_a_number_agrees_with_its_noun(n, words, expected):
    assert number_of(n, *words) == expected
