"""Names that clash or look alike."""

from __future__ import annotations

import time

import pytest

from themetagger.corpus import TableError, alike_names
from themetagger.corpus.labels.spellings import settle_spellings

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
    began = time.process_time()
    assert alike_names(names) == []
    assert time.process_time() - began < 10
