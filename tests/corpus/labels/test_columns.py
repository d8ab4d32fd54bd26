"""Columns of names: how a column's cells settle what a cell means, errors with their place, notes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from themetagger.corpus import TableError, read_corpus
from themetagger.corpus.labels.columns import named_themes


def _read(*cells: Any, separator: str = ", ") -> tuple[list[list[str]], list[str]]:
    frame = pd.DataFrame(
        {"t": pd.Series(list(cells), dtype=object, index=pd.Index(range(2, len(cells) + 2), name="line"))}
    )
    return named_themes(frame, ["t"], separator=separator, source="a.csv")


def test_an_empty_separator_is_refused() -> None:
    with pytest.raises(TableError, match="separator must be a text"):
        _read("a", separator="")


def test_lists_written_as_text_are_counted_in_one_note() -> None:
    rows, notes = _read("['pay']", "[]", "('pay', 'staff')", "[pay, staff]", "[food]", "plain, pay", "")
    assert rows == [["pay"], [], ["pay", "staff"], ["pay", "staff"], ["food"], ["plain", "pay"], []]
    assert notes == ["Column 't': 5 cells are lists written as text; they were read as lists."]


@pytest.mark.parametrize(
    ("cells", "rows"),
    [
        (["[pay]", "[staff]"], [["pay"], ["staff"]]),
        (["[pay]", "[pay, staff]", "food"], [["pay"], ["pay", "staff"], ["food"]]),
        (["[pay]", "pay"], [["[pay]"], ["pay"]]),
        (["(other)", "(none of these)"], [["(other)"], ["(none of these)"]]),
    ],
)
def test_names_in_brackets_are_lists_where_the_column_shows_it(cells: list[str], rows: list[list[str]]) -> None:
    assert _read(*cells)[0] == rows


def test_objects_are_read_by_what_they_are_called_with_a_note() -> None:
    rows, notes = _read('{"choices": ["pay", "staff"]}', "pay", [{"label": "food", "user": 2}])
    assert rows == [["pay", "staff"], ["pay"], ["food"]]
    assert notes == [
        "Column 't': 2 cells hold objects; what they have under 'choices' and 'label' was read as the names."
    ]


@pytest.mark.parametrize(
    ("cells", "line", "what"),
    [
        (
            ["[0, 0, 1]", "[1, 0, 0]"],
            2,
            "is a vector of 0 and 1, not names; write one column a theme and pass theme_columns",
        ),
        ([[0, 1], [1, 0]], 2, "is a vector of 0 and 1"),
        ([["0", "1", "0"]], 2, "is a vector of 0 and 1"),
        (["[0 1 0]"], 2, "is a vector of 0 and 1"),
        (["0, 1, 0"], 2, "is a vector of 0 and 1"),
        (["0 1", "1 0"], 2, "is a vector of 0 and 1"),
        (["001", "010"], 2, "is a vector of 0 and 1"),
        ([[3, 5], [0, 0, 1]], 3, "is a vector of 0 and 1"),
        (["0", "1", ""], 2, "is 0 or 1, not the name of a theme"),
        ([1, 0], 2, "is 0 or 1, not the name of a theme"),
        (["", "TRUE", "FALSE"], 3, "is a truth value, not the name of a theme"),
        (["pay", {"label": 4}], 3, "is an object"),
        (["pay", "", ["a", ["b"]]], 4, "is a list within a list"),
    ],
)
def test_what_holds_no_names_is_refused_with_line_and_column(cells: list[Any], line: int, what: str) -> None:
    with pytest.raises(TableError, match=rf"a.csv, line {line}, column 't': .*{what}"):
        _read(*cells)


@pytest.mark.parametrize("cells", [["1", "2", "1, 2"], [[1], [3, 5], [1, 0]], ["1", ""], ["10", "11", "1"]])
def test_codes_are_names_and_are_no_vectors(cells: list[Any]) -> None:
    rows, notes = _read(*cells)
    assert all(rows[:1])
    assert re.search("(is a number|are numbers)", notes[-1])


def test_a_cell_is_read_alike_in_all_formats(tmp_path: Path) -> None:
    cells = ["['pay', 'staff']", "pay, food", "food", "[]"]
    frame = pd.DataFrame({"Processed Text": ["a", "b", "c", "d"], "Themes": cells})
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_csv(tmp_path / "a.tsv", index=False, sep="\t")
    frame.to_json(tmp_path / "a.json", orient="records")
    frame.to_json(tmp_path / "a.jsonl", orient="records", lines=True)
    frame.to_parquet(tmp_path / "a.parquet")
    frame.to_excel(tmp_path / "a.xlsx", index=False)
    for path in sorted(tmp_path.iterdir()):
        corpus = read_corpus(path)
        assert corpus.themes == ("food", "pay", "staff")
        assert corpus.labels.toarray().tolist() == [[0, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 0]], path
