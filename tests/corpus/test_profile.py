"""The tables of a first look, on a corpus small enough to count by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from themetagger.corpus import corpus_from_frame
from themetagger.corpus.profile import Profile, profile

LONG = " ".join(f"word{number}" for number in range(60))
ROWS = [
    ("low pay", "pay"),
    ("Low  pay", "pay, staff"),
    (LONG, "staff, pay"),
    (LONG + " more", "Staff"),
    ("", ""),
    ("", "pay"),
]


@pytest.fixture
def look() -> Profile:
    return profile(corpus_from_frame(pd.DataFrame(ROWS, columns=["Processed Text", "Themes"])), min_positives=2)


def test_the_summary_counts_rows_repeats_and_themes(look: Profile) -> None:
    assert dict(zip(look.summary["measure"], look.summary["value"], strict=True)) == {
        "rows": 6,
        "empty texts": 2,
        "rows without theme": 1,
        "exact duplicates": 1,
        "near duplicates": 1,
        "distinct texts, duplicates as one": 4,
        "most rows of one text": 2,
        "its text": "low pay",
        "themes": 3,
        "themes with 2 rows or more": 2,
        "themes per row, mean": 1.17,
        "memory of the texts, MB": 0.0,
    }


def test_lengths_are_told_in_characters_and_words(look: Profile) -> None:
    words = look.lengths.set_index("unit").loc["words"]
    assert words[["min", "median", "max"]].tolist() == [0, 2, 61]
    assert words["mean"] == pytest.approx((2 + 2 + 60 + 61) / 6)
    assert look.lengths.set_index("unit").loc["characters", "max"] == len(LONG) + 5


def test_themes_stand_by_frequency_and_small_ones_are_marked(look: Profile) -> None:
    assert look.themes.to_dict("records") == [
        {"theme": "pay", "positives": 4, "share": pytest.approx(4 / 6), "tunable": True},
        {"theme": "staff", "positives": 2, "share": pytest.approx(2 / 6), "tunable": True},
        {"theme": "Staff", "positives": 1, "share": pytest.approx(1 / 6), "tunable": False},
    ]


def test_themes_that_occur_together_come_with_lift_and_jaccard(look: Profile) -> None:
    assert look.together.to_dict("records") == [
        {
            "a": "pay",
            "b": "staff",
            "both": 2,
            "lift": pytest.approx(2 * 6 / (4 * 2)),
            "jaccard": pytest.approx(0.5),
        }
    ]


def test_names_that_look_alike_come_with_their_counts(look: Profile) -> None:
    assert look.alike.to_dict("records") == [{"a": "staff", "b": "Staff", "a_positives": 2, "b_positives": 1}]


def test_the_notes_are_those_of_the_corpus(look: Profile) -> None:
    assert any("2 of 6 texts are empty" in note for note in look.notes)


def test_at_most_the_pairs_asked_for_are_shown() -> None:
    corpus = corpus_from_frame(pd.DataFrame({"Processed Text": ["a"], "Themes": ["a, b, c, d"]}))
    assert len(profile(corpus).together) == 6
    assert len(profile(corpus, pairs=4).together) == 4


def test_a_corpus_without_themes_has_empty_tables() -> None:
    look = profile(corpus_from_frame(pd.DataFrame({"Processed Text": ["a"], "Themes": [""]})))
    assert look.themes.empty
    assert look.together.empty
    assert look.alike.empty
