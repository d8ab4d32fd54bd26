"""The reading settings of a training table: what is kept of them, what is refused, and what wins."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from themetagger.corpus import TableError, TableFormat, corpus_from_frame, kept_format, read_corpus
from themetagger.corpus.kept_format import OF_ONE_FILE, form_for, format_json, format_of

KEPT = TableFormat("comment", theme_column="codes", separator="|")


@pytest.mark.parametrize(
    "form",
    [
        TableFormat(),
        KEPT,
        TableFormat(["title", "body"], theme_columns=["pay", "food, drink"], alike="merge"),
        TableFormat(theme_map={"low pay": "pay"}),
    ],
)
def test_what_is_kept_comes_back(form: TableFormat) -> None:
    assert format_of(json.loads(json.dumps(format_json(form)))) == form


def test_what_belongs_to_one_file_is_not_kept() -> None:
    form = TableFormat("comment", delimiter=";", encoding="cp1252")
    assert format_json(form) == {"text_columns": ["comment"]}
    assert set(OF_ONE_FILE) <= {field.name for field in fields(TableFormat)}


def test_what_no_tagger_file_holds_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather than a file that nobody could load."""
    monkeypatch.setattr(kept_format, "MOST_KEPT", 2)
    form = TableFormat("comment", theme_map={"a": "b", "c": "b", "d": "b"}, separator="|")
    assert format_json(form) == {"text_columns": ["comment"], "separator": "|"}
    assert format_of(format_json(form)).separator == "|"


def test_a_theme_map_is_kept_as_what_it_says(tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    path.write_text("fine,broad\nlow pay,pay\n", encoding="utf-8")
    entry = format_json(TableFormat(theme_map=path))
    path.unlink()
    assert format_of(entry).theme_map == {"low pay": "pay"}


@pytest.mark.parametrize(
    "entry",
    [
        *([], "comment", None, {"text_columns": "comment"}, {"text_columns": [1]}, {"separator": None}),
        *({"theme_column": 3}, {"theme_columns": ["pay", None]}, {"alike": "never"}, {"alike": ["keep"]}),
        *({"theme_map": {"a": 1}}, {"theme_map": "/etc/passwd"}, {"encoding": "utf-8"}, {"unheard": "of"}),
    ],
)
def test_anything_else_is_refused(entry: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        format_of(entry)


def test_what_is_given_wins_also_where_it_is_the_default() -> None:
    assert TableFormat(["Body"]).over(KEPT) == TableFormat("Body", theme_column="codes", separator="|")
    assert TableFormat.saying(separator=", ").over(KEPT) == TableFormat("comment", theme_column="codes")
    assert TableFormat().over(KEPT) == KEPT


def test_the_kind_of_theme_columns_that_is_named_is_the_one_that_is_read() -> None:
    filled = TableFormat(theme_columns=["pay"])
    assert filled.over(KEPT).themes == ("pay",)
    assert TableFormat(theme_column="codes").over(filled).themes == ("codes",)
    assert TableFormat("comment").over(filled).themes == ("pay",)


def test_a_header_row_holds_where_the_columns_stand_there(tmp_path: Path) -> None:
    kept = TableFormat("comment", theme_column="codes", header_row=3)
    (tmp_path / "like.csv").write_text("Survey,\n,\ncomment,codes\nlow pay,pay\n", encoding="utf-8")
    (tmp_path / "other.csv").write_text("comment,codes\nlow pay,pay\nthanks,\n", encoding="utf-8")
    assert form_for(tmp_path / "like.csv", TableFormat(), kept).header_row == (3,)
    assert form_for(tmp_path / "other.csv", TableFormat(), kept).header_row is None
    assert form_for(tmp_path / "other.csv", TableFormat(header_row=2), kept).header_row == (2,)
    assert read_corpus(tmp_path / "other.csv", form_for(tmp_path / "other.csv", TableFormat(), kept)).themes == ("pay",)


def test_a_column_that_was_kept_and_is_not_there_is_told_as_that() -> None:
    kept = format_of({"text_columns": ["comment"], "theme_column": "codes"})
    frame = pd.DataFrame([["low pay", "pay"]], columns=["Free text", "codes"])
    told = r"no column 'comment', which the tagger was tuned on\. .* pass text_columns=\['Free text'\]\."
    with pytest.raises(TableError, match=told):
        corpus_from_frame(frame, kept, source="new.csv")
    with pytest.raises(TableError, match=r"no column 'Text'; did you mean 'Free text'\?.* pass text_columns"):
        corpus_from_frame(frame, replace(kept, text_columns="Text"), source="new.csv")


def test_a_frame_without_the_column_of_the_judged_rows_is_read_whole() -> None:
    kept = TableFormat("comment", theme_column="codes", judged="checked")
    frame = pd.DataFrame({"comment": ["low pay"], "codes": ["pay"]})
    assert form_for(frame, TableFormat(), kept).judged is None
    assert form_for(frame.assign(checked="yes"), TableFormat(), kept).judged == "checked"
