"""Whatever a theme or a column is called, a table that the package writes is read again as it was, in every format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from themetagger.corpus import Corpus, TableError, TableFormat, read_corpus, read_table, write_table
from themetagger.corpus.formulas import FORMULAS, Formulas, original
from themetagger.corpus.joining import FLAT, SEPARATORS, joining_of
from themetagger.corpus.labels.cells import split_cell

SUFFIXES = (".csv", ".tsv", ".json", ".jsonl", ".parquet", ".xlsx")
ODD = (
    *(
        "Pay, bonus and pension",
        "pay; food",
        "a | b",
        "Parking (bays, permits)",
        "a#b",
        "a / b",
        "C/C++",
        "a,b;c|d#e/f",
    ),
    *(
        "[pay]",
        "(pay)",
        "{pay}",
        "[pay",
        "pay]",
        "<pay>",
        "set()",
        "[]",
        "{}",
        "'pay'",
        '"pay"',
        'say "hi", then',
        "it's",
    ),
    *("nan", "None", "null", "#N/A", "-", "?", "1.5", "007", "1e5", "-2", "=1+1", "@home", "+49", "'=x", "true story"),
    *(
        "two\nlines",
        "tab\there",
        "a\rb",
        "back\\slash",
        "back\\n",
        "日本、語",
        "émoji 🙂",
        "e\u0301",
        "a\u2028b",
        "x" * 300,
    ),
)
SIGNS = "ab ,;|#/\\\"'[](){}<>:=+-@\n\t\r.é日🙂\u2028"
NAMES = st.one_of(st.sampled_from(ODD), st.text(st.sampled_from(SIGNS), min_size=1, max_size=8)).map(str.strip)
TEXTS = st.one_of(st.sampled_from(ODD), st.text(st.sampled_from(SIGNS), max_size=12))


def can_be_read(name: str) -> bool:
    """Whether a list may hold it: one that is itself a list, or a vector of 0 and 1, is refused, never misread."""
    return bool(name) and name.casefold() not in {"0", "1", "true", "false"} and split_cell([name]) == [name]


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    """Texts and the themes of each; every theme has a row."""
    themes = draw(st.lists(NAMES.filter(can_be_read), min_size=1, max_size=5, unique=True))
    rows = [draw(st.lists(st.sampled_from(themes), max_size=4, unique=True)) for _ in range(3)]
    rows += [[theme] for theme in themes]
    return [draw(TEXTS) for _ in rows], rows


ALL_ODD = (["a text"] * len(ODD), [[name] for name in ODD if can_be_read(name)])


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(max_examples=40, deadline=None)
@given(table=tables(), formulas=st.sampled_from(FORMULAS))
@example(table=ALL_ODD, formulas="neutralise")
def test_a_column_of_themes_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, table: tuple[list[str], list[list[str]]], formulas: Formulas
) -> None:
    texts, rows = as_held(table[0], suffix), table[1]
    cells: list[Any] = rows
    separator: str | None = None
    if suffix in FLAT:
        joining = joining_of([name for names in rows for name in names])
        cells, separator = list(map(joining.cell, rows)), joining.separator
    frame = pd.DataFrame({"text": texts[: len(rows)]}, dtype=object)
    frame["id"] = range(len(rows))  # a workbook has no row whose cells are all empty: a note counts those
    frame["Themes"] = pd.Series(cells, dtype=object)
    path = tmp_path_factory.mktemp("t") / f"t{suffix}"
    write_table(frame, path, formulas=formulas)
    corpus = read_corpus(path, TableFormat("text", separator=separator or ", "))
    undo = suffix in (".csv", ".tsv") and formulas == "neutralise"  # the texts; no theme gets an apostrophe
    assert [original(text) if undo else text for text in corpus.texts] == texts[: len(rows)]
    assert themes_of(corpus) == list(map(set, rows))


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(max_examples=25, deadline=None)
@given(table=tables())
@example(table=ALL_ODD)
def test_columns_of_0_and_1_are_read_again(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, table: tuple[list[str], list[list[str]]]
) -> None:
    rows = [as_held(names, suffix) for names in table[1]]
    themes = list(dict.fromkeys(name for names in rows for name in names if name != "text"))
    frame = pd.DataFrame({"text": as_held(table[0], suffix)[: len(rows)]}, dtype=object)
    on_off = pd.DataFrame({name: [int(name in names) for names in rows] for name in themes})
    path = tmp_path_factory.mktemp("t") / f"t{suffix}"
    write_table(pd.concat([frame, on_off], axis=1), path, formulas="keep")
    corpus = read_corpus(path, TableFormat("text", theme_columns=themes))
    assert list(corpus.texts) == frame["text"].tolist()
    assert themes_of(corpus) == [set(names) - {"text"} for names in rows]


@pytest.mark.parametrize("name", ["[]", '["a"]', "{'a': 1}"])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_name_that_is_a_list_is_refused_and_not_misread(tmp_path: Path, suffix: str, name: str) -> None:
    cell: Any = joining_of([name]).cell([name]) if suffix in FLAT else [name]
    write_table(pd.DataFrame({"text": ["a"], "Themes": pd.Series([cell], dtype=object)}), tmp_path / f"t{suffix}")
    with pytest.raises(TableError, match=r"column 'Themes'"):
        read_corpus(tmp_path / f"t{suffix}", TableFormat("text"))


def test_another_separator_is_taken_where_a_name_holds_it_and_the_note_says_which() -> None:
    joining = joining_of(["Pay, bonus", "Staff"])
    assert joining.cell(["Pay, bonus", "Staff"]) == "Pay, bonus; Staff"
    (note,) = joining.notes(["Themes"])
    assert note.startswith("'Pay, bonus' holds ', ', so the themes in the column 'Themes' are separated by '; '")
    assert "separator='; '" in note
    assert joining_of(["pay", "staff"]).notes(["Themes"]) == []
    every = joining_of([one.strip().join("ab") for one in SEPARATORS])
    assert every.separator is None
    assert every.cell(["a,b"]) == '["a,b"]'


def test_a_separator_that_a_name_holds_is_refused_where_it_was_asked_for() -> None:
    with pytest.raises(TableError, match=r"separator='\|': 'a\|b' could not be read again; pass another, such as ', '"):
        joining_of(["a|b"], separator="|")
    assert joining_of(["a|b"], separator="|", strict=False).separator == ", "
    with pytest.raises(TableError, match=r"'=a' could not be read again; write a file of JSON"):
        joining_of(["=a"], separator="|")


def test_numbers_and_nested_values_beside_the_themes_stay_as_they_are(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"text": ["a"], "n": [0.1 + 0.2], "big": pd.Series([2**70], dtype=object), "x": [float("nan")]}
    )
    write_table(frame.assign(more=[{"a": [1, None]}]), tmp_path / "t.jsonl")
    again = read_table(tmp_path / "t.jsonl")[0]
    assert again.iloc[0].tolist() == ["a", 0.1 + 0.2, 2**70, None, {"a": [1, None]}]
    write_table(frame.assign(more=[{"a": [1, None]}]), tmp_path / "t.csv")
    assert read_table(tmp_path / "t.csv")[0]["more"].tolist() == ['{"a": [1, null]}']


def as_held(texts: list[str], suffix: str) -> list[str]:
    """Texts as the format can hold them: a carriage return is no part of a cell of a workbook."""
    return [text.replace("\r", "") if suffix == ".xlsx" else text for text in texts]


def themes_of(corpus: Corpus) -> list[set[str]]:
    return [{corpus.themes[j] for j in row.nonzero()[0]} for row in corpus.labels.toarray()]
