"""What a table format says, and that every reader of a table listens to it."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from themetagger import Plan
from themetagger.corpus import TableError, TableFormat, corpus_from_frame, read_corpus


def test_one_column_name_is_a_list_of_one() -> None:
    form = TableFormat("text", theme_columns="pay")
    assert (form.texts, form.themes, form.named_columns) == (("text",), ("pay",), ("text", "pay"))


def test_the_default_columns_are_those_of_the_sample() -> None:
    assert TableFormat().named_columns == ("Processed Text", "Themes")


def test_an_unknown_way_with_names_alike_is_refused() -> None:
    with pytest.raises(ValueError, match=re.escape("alike must be one of keep, merge, error but is 'yes'.")):
        TableFormat(alike="yes")  # type: ignore[arg-type]


def test_settings_replace_those_of_the_format(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text|Themes\nlow|pay/food\n", encoding="utf-8")
    form = TableFormat("text", separator="/")
    assert read_corpus(path, form).themes == ("food", "pay")
    assert read_corpus(path, form, separator=", ").themes == ("pay/food",)
    assert corpus_from_frame(pd.read_csv(path, sep="|"), form).themes == ("food", "pay")
    with pytest.raises(TypeError, match="text_column"):
        read_corpus(path, text_column="text")


def test_a_plan_has_every_setting_of_a_format() -> None:
    other = {
        "separator": "/",
        "theme_column": "T",
        "alike": "merge",
        "empty_cells": "zero",
        "delimiter": ";",
        "encoding": "latin-1",
    }
    other |= {"text_columns": ("a", "b"), "theme_columns": ("x", "y"), "theme_map": {"x": "y"}}
    other |= {"header_row": (1, 2), "sheet": "May", "repeats": "join", "rows_without_theme": "drop", "judged": "by"}
    other |= {"format": "label-studio"}
    assert set(other) == {field.name for field in fields(TableFormat)}
    assert Plan("a.csv", **other).table_format == TableFormat(**other)  # type: ignore[arg-type]


def test_one_column_of_themes_is_no_list_of_one_and_several_stay_in_order() -> None:
    assert TableFormat(theme_column=["Codes"]) == TableFormat(theme_column="Codes")
    assert TableFormat("text", theme_column=["Code 1", "Code 2"]).named_columns == ("text", "Code 1", "Code 2")


@pytest.mark.parametrize(
    ("typed", "meant"), [(r"\n", "\n"), (r"\t", "\t"), (r"\r\n", "\r\n"), (", ", ", "), ("<>", "<>")]
)
def test_a_separator_may_be_typed(typed: str, meant: str) -> None:
    assert TableFormat(separator=typed).separator == meant


def test_an_unknown_meaning_of_empty_cells_is_refused() -> None:
    with pytest.raises(ValueError, match="empty_cells must be one of error, zero but is 'one'"):
        TableFormat(empty_cells="one")  # type: ignore[arg-type]


def test_a_format_survives_json() -> None:
    form = TableFormat(["text"], theme_column=["a", "b"], separator=r"\n", empty_cells="zero")
    kept = json.loads(json.dumps({field.name: getattr(form, field.name) for field in fields(TableFormat)}))
    assert TableFormat(**kept) == form


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"text_columns": ["a", "b", "a"]}, "text_columns names the column 'a' twice; name it once"),
        ({"theme_columns": ["pay", "pay"]}, "theme_columns names the column 'pay' twice"),
        ({"theme_column": ["pay", "pay"]}, "theme_column names the column 'pay' twice"),
        ({"theme_column": "x" * 10_001}, r"a column of 10,001 characters, 'x{40}'\.\.\., and its name may have 10,000"),
        ({"text_columns": list(map(str, range(101)))}, "names 101 columns, and a text is made of 100 at most"),
    ],
)
def test_columns_are_named_once_and_not_without_end(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(TableError, match=message):
        TableFormat(**settings)
