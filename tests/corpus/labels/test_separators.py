"""Texts divided at a separator, and joined again."""

from __future__ import annotations

import pytest

from themetagger.corpus.labels.separators import joined, split_text, unescaped


@pytest.mark.parametrize("separator", [", ", ";", "|", "\n", "\t", "，", "<>", "[]", "{}", " / "])
def test_what_is_joined_is_divided_again(separator: str) -> None:
    names = ["pay", "low staff", "food & drink"]
    assert split_text(joined(names, separator), separator) == names


def test_a_hyphen_or_a_word_between_spaces_is_not_found_within_names() -> None:
    assert split_text("follow-up - pay", " - ") == ["follow-up", "pay"]
    assert split_text("brand and pay", " and ") == ["brand", "pay"]
    assert split_text("pay-staff", "-") == ["pay", "staff"]


def test_a_separator_is_what_was_typed() -> None:
    assert [unescaped(typed) for typed in (r"\n", r"\t", r"\r\n", ";", " | ")] == ["\n", "\t", "\r\n", ";", " | "]
