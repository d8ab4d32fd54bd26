"""Lines of a terminal: none too wide, none that ends within a word or within what is to be copied."""

from __future__ import annotations

import pytest

from themetagger._utils.wrapping import width_of, wrapped

PATH = "/home/anna/surveys/2026/autumn/comments-of-all-sites.csv"
TEXT = (
    f"{PATH}: 11 of 15 themes hold '|', and their parts are themes of other rows; pass --separator '| ' to divide "
    "them, or --text-column 'Free text' and --header-row 2; see `themetagger inspect --help`; 90 % in 12 min"
)


@pytest.mark.parametrize("width", [20, 33, 60, 80, 120])
@pytest.mark.parametrize("text", [TEXT, "薪资与福利待遇, 工作时间安排, " * 9, "pay", ""])
def test_lines_are_no_wider_than_the_terminal_unless_a_word_is_and_hold_every_word(text: str, width: int) -> None:
    lines = wrapped(text, width, "  ")
    assert " ".join(" ".join(lines).split()) == " ".join(text.split())
    assert [line for line in lines if width_of(line) > width and len(line.split()) > 1] == []
    assert all(line.startswith("  ") for line in lines[1:])


@pytest.mark.parametrize("width", range(34, 120, 7))
def test_what_is_to_be_copied_stays_on_one_line(width: int) -> None:
    lines = wrapped(TEXT, width)
    for whole in (PATH, "--separator '| '", "--text-column 'Free text'", "--header-row 2", "90 %", "12 min"):
        assert any(whole in line for line in lines), whole


def test_an_apostrophe_is_no_quote_and_several_spaces_stay() -> None:
    assert wrapped("the tagger's own words, and the run's too", 24) == ["the tagger's own words,", "and the run's too"]
    assert wrapped("certified     its precision is known", 30, " " * 14) == [
        "certified     its precision is",
        "              known",
    ]
