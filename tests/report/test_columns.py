"""One list says which columns of the results people see: in the terminal, the Markdown, the page and the picture."""

from __future__ import annotations

import re

import pytest

from themetagger.cli.printing.results import print_results
from themetagger.report import columns as module
from themetagger.report.columns import RESULTS, ResultColumn, heading, shown_in
from themetagger.report.page import render_page
from themetagger.report.plots import results_figure
from themetagger.report.results import to_markdown
from themetagger.selection.confusion import Confusion
from themetagger.selection.results import COLUMNS, HELD_OUT_COLUMNS, averages, results_table
from themetagger.selection.theme_result import ThemeResult


@pytest.fixture
def table():
    return results_table([ThemeResult("pay", "BEST_EFFORT", "", 10, "ridge", "words", counts=Confusion(8, 2, 2, 88))])


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("heldout_f1", "held-out F1"),
        ("average_precision", "average precision"),
        ("support", "texts"),
        ("heldout_support", "held-out texts"),
        ("precision_bound", "lower bound of precision"),
    ],
)
def test_a_column_is_named_in_words(column, words):
    assert heading(column) == words


def test_the_list_names_columns_of_the_table_each_once():
    names = [column.name for column in RESULTS]
    assert set(names) <= {*COLUMNS, *HELD_OUT_COLUMNS}
    assert len(names) == len(set(names))


def test_held_out_columns_are_shown_where_the_table_has_them(table):
    for place in ("terminal", "markdown", "page", "picture"):
        assert set(shown_in(place, table)) <= set(COLUMNS)


def test_a_column_that_is_added_to_the_list_is_shown_everywhere(table, monkeypatch, capsys):
    added = ResultColumn("specificity", ("terminal", "markdown", "page", "picture"))
    monkeypatch.setattr(module, "RESULTS", (*RESULTS, added))
    means = averages(table).assign(specificity=0.5)
    print_results(table, means)
    assert "specificity" in capsys.readouterr().out
    assert "specificity" in to_markdown(table, means).splitlines()[0]
    assert "Specificity" in [text.get_text() for text in results_figure(table, means).axes[0].texts]
    page = render_page(table, means)
    assert re.search('class="number "><button type="button">specificity', page)
    assert re.search('class="number more"><button type="button">accuracy', page)
