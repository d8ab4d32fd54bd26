"""Notes on names that look like something else, and none on names as they are."""

from __future__ import annotations

import pytest

from themetagger.corpus.labels.cells import Cell, read_cell
from themetagger.corpus.labels.odd_names import notes_on_names


def _notes(*cells: str, separator: str = ", ") -> str:
    return "\n".join(notes_on_names([read_cell(cell, separator=separator) for cell in cells], separator))


@pytest.mark.parametrize(
    "name",
    [
        *("nan", "None", "NULL", "n/a", "NA", "#N/A", "#REF!", "#VALUE!", "<NA>", "-", "--", "?", r"\N", "''", "False"),
        *("no", "No theme", "None of the above", "Not applicable", "uncoded", "k.A.", "Keine", "aucun", "无"),
    ],
)
def test_a_name_that_stands_for_none_is_told_where_it_stands_alone(name: str) -> None:
    assert f"2 cells hold the theme {name!r}, which often stands for none; if it does here, empty them" in _notes(
        name, name, "pay"
    )
    assert "stands for none" not in _notes(f"{name}, pay", name)


@pytest.mark.parametrize(
    "name", ["['pay", "[", "pay]", "(pay", "pay}", '"pay"', "“pay”", "'pay'", '"pay', "Parking (bays"]
)
def test_pieces_of_lists_are_told(name: str) -> None:
    assert "1 theme looks like a piece of a list" in "\n".join(notes_on_names([Cell([name]), Cell(["staff"])], ", "))


@pytest.mark.parametrize(
    "name",
    [
        "Pay (basic)",
        "a) pay",
        "ii) pay",
        ":)",
        ":-(",
        'screens 17"',
        "staff's",
        "'90s",
        "C++",
        "R&D",
        "<3",
        "pay > bonus",
    ],
)
def test_names_of_all_kinds_get_no_note(name: str) -> None:
    assert notes_on_names([Cell([name]), Cell(["staff", name]), Cell(["food"])], ", ") == []


def test_two_halves_of_a_name_that_holds_the_separator_are_told() -> None:
    cells = [
        "Staff, Pay, bonus and pension",
        "Pay, bonus and pension",
        "Parking (bays, permits)",
        "Staff, Parking (bays, permits)",
    ]
    told = _notes(*cells * 3)
    assert "'Pay' is always followed by 'bonus and pension' (6 rows)" in told
    assert "'Parking (bays' is always followed by 'permits)' (6 rows)" in told
    assert "let theme_map give both one name" in told
    assert "looks like a piece" not in told  # it is said once


def test_three_parts_of_a_name_are_one_chain() -> None:
    told = _notes(*["Pay, bonus, pension", "Staff", "Staff, Pay, bonus, pension"] * 3)
    assert "'Pay' is always followed by 'bonus' and 'pension' (6 rows)" in told
    assert told.count("always followed") == 1


@pytest.mark.parametrize(
    "cells",
    [
        ["Pay, bonus"] * 4,  # too few rows
        ["Pay, bonus"] * 6 + ["bonus"],
        ["Pay, bonus"] * 6 + ["bonus, Pay"],
        ["Pay, staff, bonus", "Pay, bonus"] * 6,
        ["Energy, Energy > Warburg", "zeal, Energy, Energy > Warburg"] * 6,  # a hierarchy
        ["devel, openstack, python", "openstack, python"] * 6,  # sorted
    ],
)
def test_names_that_go_together_for_other_reasons_are_not_told(cells: list[str]) -> None:
    assert "always followed" not in _notes(*cells)


def test_numbers_are_told_and_those_that_may_be_several_codes() -> None:
    assert "10 of 10" not in _notes("pay 1", "pay 2")
    assert "3 of 3 themes are numbers, such as '1'; theme_map can give them names." in _notes("1", "2, 3")
    assert "'1.2' may be several codes that a spreadsheet has made one number" in _notes("1", "2", "1.2")
    assert "2 of 2 themes are numbers, such as '1.1'" in _notes("1.1", "1.2")
    assert notes_on_names([Cell(["2024"]), Cell(["pay"]), Cell(["staff"])], ", ") == []


def test_codes_that_became_dates_are_told() -> None:
    assert "Themes look like dates: '2024-02-01 00:00:00'" in _notes("2024-02-01 00:00:00", "pay", "staff")


def test_names_of_several_lines_are_told_once() -> None:
    told = _notes("1. pay\n2. staff", "1. pay")
    assert told.startswith("1 theme holds a line break: ")
    assert told.endswith(r"if each line is a theme, pass separator='\n'.")
    assert _notes("pay\nstaff", "pay", "staff").count("line break") == 1


def test_answers_are_no_themes() -> None:
    assert "The only themes are 'Yes' and 'No'; if the column itself is a theme, pass it as theme_columns." in _notes(
        "Yes", "No"
    )
    assert "The only theme is 'x'" in _notes("x", "")
    assert "The only" not in _notes("Yes", "No", "pay")


def test_a_number_among_words_or_a_code_for_a_missing_answer_is_told() -> None:
    assert "2 cells hold the theme '0', which often stands for none" in _notes("0", "0", "pay, staff", "food")
    assert "2 cells hold the theme '99', which often stands for none" in _notes("1", "99", "3", "99", "2")
    assert "stands for none" not in _notes("98", "99", "97", "96", "101")
    assert "stands for none" not in _notes("2024", "2025", "pay", "staff")
