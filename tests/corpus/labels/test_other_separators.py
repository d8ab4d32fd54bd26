"""Names that another separator would divide into themes of other rows, and names that none would."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import pytest

from themetagger.corpus.labels.cells import Cell, read_cell
from themetagger.corpus.labels.other_separators import notes_on_separators, other_separator
from themetagger.corpus.labels.separators import joined, split_text

THEMES = ["pay", "low staff", "food", "parking"]


def _cells(mark: str, separator: str = ", ", least: int = 1) -> Iterator[Cell]:
    for size in range(least, 5):
        for names in combinations(THEMES, size):
            yield read_cell(joined(names, mark), separator=separator)


@pytest.mark.parametrize(
    ("mark", "option"),
    [
        *((mark, repr(mark)) for mark in ";|/#，、；؛،｜~+&•"),
        ("; ", "';'"),
        (" | ", "'|'"),
        (" - ", "' - '"),
        ("\n", r"'\\n'"),
        ("\\n", r"'\\n'"),
        ("\t", r"'\\t'"),
        ("<>", "'<>'"),
        *((mark, repr(mark)) for mark in (" and ", " und ", " & ", "_", ".", "---", "->", "<br>", "<br/>", "\x1f")),
    ],
)
def test_the_separator_of_a_table_is_named_and_fits(mark: str, option: str) -> None:
    notes, divided = notes_on_separators(list(_cells(mark)), ", ")
    assert len(notes) == 1
    assert notes[0].replace("\\\\", "\\").endswith(f"ass separator={option.replace(chr(92) * 2, chr(92))}.")
    assert divided


@pytest.mark.parametrize("mark", [";", "|", "\n", "/"])
def test_it_is_named_where_no_theme_ever_stands_alone(mark: str) -> None:
    notes, _ = notes_on_separators(list(_cells(mark, least=2)), ", ")
    assert "11 of 11 themes hold" in notes[0]


@pytest.mark.parametrize(("opening", "closing"), ["()", "[]", "{}"])
def test_names_in_brackets_of_their_own_are_told_with_the_separator(opening: str, closing: str) -> None:
    cells = [
        Cell(["".join(f"{opening}{name}{closing}" for name in names)])
        for n in (1, 2)
        for names in combinations(THEMES, n)
    ]
    notes, divided = notes_on_separators(cells, ", ")
    assert notes[0].endswith(f": pass separator='{opening}{closing}'.")
    assert len(divided) == 6
    assert split_text(min(divided), opening + closing) == sorted(split_text(min(divided), opening + closing))


@pytest.mark.parametrize("mark", ["{}", "<li>{}</li>"])
def test_names_with_nothing_between_them_are_told(mark: str) -> None:
    cells = [Cell(["".join(map(mark.format, names))]) for n in (1, 2) for names in combinations(THEMES, n)]
    note = notes_on_separators(cells, ", ")[0][0]
    assert note.startswith("6 of 10 themes seem to be several themes each, such as ")
    assert note.endswith(": put the separator between them.")


def test_a_numbered_list_in_a_name_is_told() -> None:
    cells = [Cell(["1. pay 2. staff"]), Cell(["1. food"]), Cell(["1. staff"])]
    assert (
        "1 of 3 themes seems to be several themes, such as '1. pay 2. staff'" in notes_on_separators(cells, ", ")[0][0]
    )


def test_a_comma_is_named_where_the_separator_is_another() -> None:
    notes, _ = notes_on_separators(list(_cells(", ", separator="|")), "|")
    assert notes[0].endswith("Pass separator=','.")


def test_a_table_of_two_separators_is_told() -> None:
    cells = [read_cell(cell) for cell in ("pay, staff", "pay; staff", "pay", "staff")]
    assert "1 other cell is separated by ', ': write one everywhere" in notes_on_separators(cells, ", ")[0][0]


def test_names_in_lists_that_hold_several_are_told() -> None:
    cells = [read_cell(cell) for cell in (["pay, staff"], ["pay"], ["staff"])]
    note = notes_on_separators(cells, ", ")[0][0]
    assert (
        note == "1 name in lists holds ',', such as 'pay, staff', and its parts are themes of other rows: "
        "write each as one member."
    )


@pytest.mark.parametrize(
    "names",
    [
        ["pay/good", "pay/bad", "staff/good", "staff/bad"],  # a hierarchy
        ["C#", "C", "F#", "F"],
        ["Drama & Romance", "Drama", "Comedy & Talk"],
        ["food and drink", "food", "drink safety"],
        ["AI/ML", "AI", "ML"],
        ["TV | UK", "TV | US"],
        ["lang:c", "lang:d", "lang"],
        ["customer service", "service", "customer"],
        ["<b>", "pay"],
        ["front", "staff", "front staff", "front desk", "pay"],
        ["work", "workshop", "shop", "pay"],
        ["1", "2", "3", "1.2", "1.3", "2.3"],
    ],
)
def test_names_that_hold_a_sign_are_left_alone(names: list[str]) -> None:
    assert notes_on_separators([Cell([name]) for name in names], ", ") == ([], set())


def test_a_name_falls_into_known_themes_at_the_separator_that_a_table_has() -> None:
    assert other_separator(["pay|staff"], {"pay", "staff"}, ", ") == "|"
    assert other_separator(["<pay><staff>"], {"pay", "staff"}, ", ") == "<>"
    assert other_separator(["pay|new"], {"pay", "staff"}, ", ") is None
    assert other_separator(["pay, staff"], {"pay", "staff"}, "|") == ","
    assert split_text("pay, staff", ",") == ["pay", "staff"]
