"""From a file or frame to a Corpus: columns, themes, maps, groups and notes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from themetagger.corpus import Corpus, TableError, corpus_from_frame, read_corpus

FRAME = pd.DataFrame(
    {
        "Processed Text": ["low pay", "kind staff", "", "Low  pay"],
        "Themes": ["pay", "staff, pay", "", "staff"],
    }
)


def _read(folder: Path, text: str, **options: Any) -> Corpus:
    path = folder / "a.csv"
    path.write_text(text, encoding="utf-8")
    return read_corpus(path, **options)


def test_a_corpus_holds_texts_labels_themes_groups_and_notes() -> None:
    corpus = corpus_from_frame(FRAME)
    assert len(corpus) == 4
    assert corpus.themes == ("pay", "staff")
    assert corpus.labels.toarray().tolist() == [[1, 0], [1, 1], [0, 0], [0, 1]]
    assert corpus.labels.dtype == np.uint8
    assert corpus.groups.tolist() == [0, 1, 2, 0]
    assert corpus.original is None
    assert corpus.source == "DataFrame"
    assert corpus.notes == (
        "1 of 4 texts is empty; it is kept.",
        "1 of 4 rows has no theme; it is kept as a negative.",
        "1 text has a row for each theme, and each row counts as a text without the others; repeats='join' makes one "
        "row of each.",
    )


def test_a_theme_can_be_asked_for_by_name() -> None:
    corpus = corpus_from_frame(FRAME)
    assert corpus.column("staff").tolist() == [0, 1, 0, 1]
    assert corpus.column("staff").dtype == np.uint8
    assert corpus.support().tolist() == [2, 2]
    with pytest.raises(KeyError, match="no row has the theme 'Staff'; did you mean 'staff'"):
        corpus.column("Staff")


def test_align_puts_columns_in_the_order_asked_and_zeros_where_a_theme_is_absent() -> None:
    labels = corpus_from_frame(FRAME).align(["staff", "parking", "pay"])
    assert labels.toarray().tolist() == [[0, 0, 1], [1, 0, 1], [0, 0, 0], [1, 0, 0]]
    assert labels.dtype == np.uint8


@pytest.mark.parametrize("rows", [[3, 0], np.array([False, True, False, True]), []])
def test_take_keeps_all_themes_and_the_order_asked(rows: Any) -> None:
    corpus = corpus_from_frame(FRAME, theme_map={"pay": "money"})
    part = corpus.take(rows)
    index = np.arange(4)[np.asarray(rows, dtype=bool if len(rows) == 4 else int)]
    assert part.texts == tuple(corpus.texts[row] for row in index)
    assert part.themes == corpus.themes
    assert part.groups.tolist() == corpus.groups[index].tolist()
    assert part.labels.toarray().tolist() == corpus.labels.toarray()[index].tolist()
    assert part.original == tuple(corpus.original[row] for row in index)  # type: ignore[index]


def test_theme_columns_of_0_and_1_give_the_same_corpus(tmp_path: Path) -> None:
    corpus = _read(
        tmp_path,
        "title;body;pay;staff;idle\nlow;pay;1;0;0\nkind;;1;1;0\n",
        text_columns=["title", "body"],
        theme_columns=["pay", "staff", "idle"],
    )
    assert corpus.texts == ("low\n\npay", "kind")
    assert corpus.themes == ("pay", "staff", "idle")
    assert corpus.labels.toarray().tolist() == [[1, 0, 0], [1, 1, 0]]
    assert "No row has 'idle'." in corpus.notes


def test_a_list_that_pandas_wrote_as_text_is_read_with_a_note(tmp_path: Path) -> None:
    corpus = _read(tmp_path, "Processed Text,Themes\nlow pay,\"['pay', 'staff']\"\nnothing,[]\n")
    assert corpus.themes == ("pay", "staff")
    assert corpus.labels.toarray().tolist() == [[1, 1], [0, 0]]
    assert corpus.notes[0] == "Column 'Themes': 2 cells are lists written as text; they were read as lists."


def test_themes_of_several_columns_are_joined_each_once(tmp_path: Path) -> None:
    text = 'text,Code 1,Code 2\na,pay,\nb,,staff\nc,pay,pay\nd,pay,"staff, food"\ne,,\n'
    columns = ["Code 1", "Code 2"]
    both, one, two = (_read(tmp_path, text, text_columns="text", theme_column=names) for names in (columns, *columns))
    assert dict(zip(both.themes, both.support().tolist(), strict=True)) == {"pay": 3, "staff": 2, "food": 1}
    for alone in (one, two):
        assert (both.align(alone.themes).toarray() >= alone.labels.toarray()).all()
    assert len(both) - len(set(both.labels.indices)) == 1
    assert not any("missing" in note for note in both.notes)  # that a row has fewer codes than columns is no gap


@pytest.mark.parametrize("columns", [[], ["t", "t"]])
def test_theme_columns_of_names_are_named_once_and_at_all(columns: list[str]) -> None:
    with pytest.raises(TableError, match="theme_column names"):
        corpus_from_frame(pd.DataFrame({"Processed Text": ["a"], "t": ["x"]}), theme_column=columns)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (["pay", "pay"], "theme_columns names the column 'pay' twice; name it once"),
        (["pay", "pay "], "theme_columns names 'pay' 2 times; name it once"),
        ([], "theme_columns names no column; name at least one"),
    ],
)
def test_theme_columns_are_named_once_and_at_all(columns: list[str], message: str) -> None:
    """Else a label would be 2."""
    frame = pd.DataFrame({"Processed Text": ["a", "b"], "pay": [1, 0], "pay ": [1, 1]})
    with pytest.raises(TableError, match=message):
        corpus_from_frame(frame, theme_columns=columns)


def test_a_frame_without_rows_is_refused() -> None:
    with pytest.raises(TableError, match="the table holds no rows"):
        corpus_from_frame(pd.DataFrame({"Processed Text": [], "Themes": []}))


def test_missing_cells_are_counted_apart_from_empty_ones() -> None:
    corpus = corpus_from_frame(pd.DataFrame({"Processed Text": ["a b", "", None], "Themes": ["x", "", "x"]}))
    assert "Column 'Processed Text': 1 of 3 cells is missing." in corpus.notes
    assert "2 of 3 texts are empty; they are kept." in corpus.notes


def test_themes_take_another_name_and_two_of_one_name_become_one() -> None:
    frame = pd.DataFrame({"Processed Text": ["a", "b", "c"], "Themes": ["Pay, pay", "pay", "mood"]})
    corpus = corpus_from_frame(frame).renamed({"pay": "Pay"})
    assert sorted(corpus.themes) == ["Pay", "mood"]
    assert corpus.column("Pay").tolist() == [1, 1, 0]


def test_one_column_name_is_not_taken_for_its_letters(tmp_path: Path) -> None:
    assert _read(tmp_path, "text,pay\nlow,1\n", text_columns="text", theme_columns="pay").themes == ("pay",)


@pytest.mark.parametrize("form", ["dict", "file"])
def test_a_theme_map_broadens_and_the_original_is_kept(form: str, tmp_path: Path) -> None:
    (tmp_path / "map.csv").write_text("fine,broad\nlow pay,pay\nbonus,pay\n", encoding="utf-8")
    table: Any = {"low pay": "pay", "bonus": "pay"} if form == "dict" else tmp_path / "map.csv"
    corpus = _read(tmp_path, 'Processed Text,Themes\na,"low pay, bonus"\nb,staff\n', theme_map=table)
    assert corpus.themes == ("pay", "staff")
    assert corpus.original == (("low pay", "bonus"), ("staff",))
    assert any("2 of its 2 themes were replaced in 1 row; 1 theme that it does not list" in n for n in corpus.notes)


def test_a_theme_map_whose_header_is_a_theme_is_refused(tmp_path: Path) -> None:
    (tmp_path / "map.csv").write_text("low pay,pay\nbonus,pay\n", encoding="utf-8")
    with pytest.raises(TableError, match=r"map.csv, line 1: .*'low pay'.*header"):
        _read(tmp_path, "Processed Text,Themes\na,low pay\n", theme_map=tmp_path / "map.csv")


@pytest.mark.parametrize(("alike", "themes"), [("keep", ("Staff", "staff")), ("merge", ("Staff",))])
def test_spellings_are_settled_as_asked(alike: Any, themes: tuple[str, ...], tmp_path: Path) -> None:
    corpus = _read(tmp_path, "Processed Text,Themes\na,Staff\nb, staff \nc,Staff\n", alike=alike)
    assert corpus.themes == themes
    assert any("'Staff' (2) and 'staff' (1)" in note for note in corpus.notes)


def test_spaces_around_a_theme_are_no_other_theme(tmp_path: Path) -> None:
    assert _read(tmp_path, "Processed Text,Themes\na,Staff\nb, Staff \n").themes == ("Staff",)


def test_look_alike_names_are_told_once(tmp_path: Path) -> None:
    corpus = _read(tmp_path, "Processed Text,Themes\na,work process\nb,work processes\nc,pay\nd,Pay\n")
    told = [note for note in corpus.notes if "look alike" in note]
    assert told == ["Themes that look alike: 'work process' and 'work processes'."]


def test_a_corpus_without_any_theme_can_be_read() -> None:
    corpus = corpus_from_frame(pd.DataFrame({"Processed Text": ["a", "b"], "Themes": ["", None]}))
    assert corpus.labels.shape == (2, 0)
    assert corpus.support().tolist() == []


def test_twin_columns_of_a_frame_are_refused() -> None:
    with pytest.raises(TableError, match="DataFrame: two columns are called 'a'"):
        corpus_from_frame(pd.DataFrame([[1, 2]], columns=["a", "a"]))


def test_a_bad_0_1_cell_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"a.csv, line 4, column 'pay': '0.5' is neither 0 nor 1"):
        _read(tmp_path, 'text,pay\n"a\nb",1\nc,0.5\n', text_columns=["text"], theme_columns=["pay"])


@pytest.mark.parametrize("theme", ["index", "../x", "CON", "=1+1", "<b>", "t" * 400, "\U0001f600"])
def test_strange_names_are_names(theme: str, tmp_path: Path) -> None:
    assert _read(tmp_path, f"Processed Text,Themes\na,{theme}\n").themes == (theme,)
