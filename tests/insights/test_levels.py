"""A column as a few values: names, bins and periods, and what is no date."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from themetagger.corpus import TableError
from themetagger.insights.levels import MISSING, OTHER, dates_of, levels


def column(cells: list[object], name: str = "Date") -> pd.Series:
    return pd.Series(cells, index=pd.Index(range(2, len(cells) + 2), name="line"), name=name, dtype=object)


def test_names_stand_by_frequency_and_the_rare_ones_together():
    cells = ["b"] * 3 + ["a"] * 3 + ["c", "d", None, "", "  ", float("nan")]
    found = levels(column(cells), most=3)
    assert found.categories.tolist() == ["a", "b", OTHER, MISSING]
    assert found.tolist() == ["b"] * 3 + ["a"] * 3 + [OTHER, OTHER] + [MISSING] * 4


def test_as_many_names_as_are_shown_need_no_others():
    assert levels(column(list("abc")), most=3).categories.tolist() == ["a", "b", "c"]


def test_a_value_that_is_called_like_ours_is_told_apart():
    assert levels(column([OTHER, "", MISSING])).tolist() == ["(other) (value)", MISSING, "(missing) (value)"]


def test_texts_keep_their_signs_on_one_line():
    assert levels(column(["=1+1", "<b>x</b>", "Zürich 中", "two\nlines"])).tolist() == [
        *("=1+1", "<b>x</b>", "Zürich 中", "two lines")
    ]


def test_few_numbers_are_names_and_many_are_quartiles():
    assert levels(column(["5", "1", "5"])).categories.tolist() == ["5", "1"]
    found = levels(column([str(n / 2) for n in range(40)] + [""]))
    assert found.categories.tolist() == ["0 to 4.5", "5 to 9.5", "10 to 14.5", "15 to 19.5", MISSING]
    assert pd.Series(found).value_counts().tolist() == [10, 10, 10, 10, 1]


def test_equal_numbers_stay_in_one_bin():
    found = levels(column([0] * 60 + list(range(1, 41))))
    assert found.categories.tolist() == ["0", "1 to 15", "16 to 40"]
    assert (np.asarray(found)[:60] == "0").all()


@pytest.mark.parametrize(
    ("period", "names"),
    [
        ("day", ["2024-12-30", "2024-12-31", "2025-01-01"]),
        ("week", ["2025-W01"]),
        ("month", ["2024-12", "2025-01"]),
        ("quarter", ["2024-Q4", "2025-Q1"]),
        ("year", ["2024", "2025"]),
    ],
)
def test_periods_are_all_there_from_the_first_to_the_last(period, names):
    assert levels(column(["2025-01-01", "2024-12-30"]), period=period).categories.tolist() == names


def test_the_period_is_the_shortest_that_gives_few():
    days = [f"2024-{month:02d}-15" for month in range(1, 13)]
    assert levels(column(days), most=12).categories[:2].tolist() == ["2024-01", "2024-02"]
    assert levels(column(days), most=4).categories.tolist() == ["2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"]
    assert levels(column(days), most=3).categories.tolist() == ["2024"]
    assert levels(column(days), most=11).categories.tolist() == ["2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"]


@pytest.mark.parametrize(
    "cells",
    [
        ["2024-03-01T00:30:00+02:00", "2024-3-31 23:59"],
        ["1.3.2024", "31.3.2024"],
        ["03/01/2024", "03/31/2024"],
        ["01/03/2024", "31/03/2024"],
        [datetime(2024, 3, 1, 5), pd.Timestamp("2024-03-31 12:00")],
    ],
)
def test_dates_are_read_in_the_one_way_that_fits_all(cells):
    assert [f"{day:%m-%d}" for day in dates_of(column(cells), source="a.csv")] == ["03-01", "03-31"]


@pytest.mark.parametrize(
    ("cells", "options", "told"),
    [
        (
            ["2024-01-31", "31 Smarch"],
            {},
            "a.csv, line 3, column 'Date': '31 Smarch' is no date in the format %Y-%m-%d",
        ),
        (["yes", "no"], {}, "a.csv, line 2, column 'Date': 'yes' is no date of a known format"),
        (["04/04/2024", "03/04/2024"], {}, "line 3, .*'03/04/2024' may be %d/%m/%Y or %m/%d/%Y"),
        (["2024-01-31"], {"date_format": "%d.%m.%Y"}, "'2024-01-31' is no date in the format %d.%m.%Y; correct"),
        (
            ["0001-01-01", "2024-01-31"],
            {},
            "a.csv, line 2, column 'Date': '0001-01-01' makes more than 1,000 periods of a month, from 0001-01-01 to "
            r"2024-01-31; correct it, or choose a longer period\.",
        ),
    ],
)
def test_what_is_no_date_is_told_with_its_line(cells, options, told):
    with pytest.raises(TableError, match=told):
        levels(column(cells), source="a.csv", period="month", **options)


def test_where_nobody_chose_a_period_none_is_advised():
    with pytest.raises(TableError, match=r"a.csv, line 4, column 'Date': '9999-12-31' makes .*; correct it\.$"):
        levels(column(["2024-01-31", "2023-01-31", "9999-12-31"]), source="a.csv")


@pytest.mark.parametrize(
    ("cells", "categories"),
    [
        (["03/04/2024", "04/04/2024"], ["2024-04-03", "2024-04-04"]),
        (["north", "south", "north"], ["north", "south"]),
        (["1", "2"], ["1", "2"]),
        (["", None], [MISSING]),
    ],
)
def test_without_a_period_a_format_is_for_columns_that_it_reads(cells, categories):
    assert levels(column(cells), date_format="%d/%m/%Y").categories.tolist() == categories


def test_a_slip_in_a_column_of_dates_is_told():
    with pytest.raises(TableError, match="line 3, column 'Date': '31/04/2024' is no date in the format %d/%m/%Y"):
        levels(column(["03/04/2024", "31/04/2024", "04/04/2024"]), source="a.csv", date_format="%d/%m/%Y")


def test_a_format_makes_dates_of_what_may_be_two():
    assert levels(column(["03/04/2024"]), period="month", date_format="%d/%m/%Y").tolist() == ["2024-04"]


def test_an_empty_date_is_missing_and_a_column_of_nothing_too():
    assert levels(column(["2024-01-31", None]), period="year").tolist() == ["2024", MISSING]
    assert levels(column(["", None]), period="year").tolist() == [MISSING, MISSING]
    assert levels(column(["", None])).tolist() == [MISSING, MISSING]
