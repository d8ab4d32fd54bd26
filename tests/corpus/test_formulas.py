"""Cells that a spreadsheet would run: which they are, and that the apostrophe before them can be taken back."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from themetagger.corpus.formulas import is_formula, neutralised, neutralised_table, original

RUN = [
    *(
        "=1+1",
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "=cmd|'/c calc'!A0",
        "-5 to 3",
        "+",
        "=",
        "--5",
        "+-5",
        "-1.2.3",
        "-1e",
        "-\u0665",
    ),
    *("\ttab", "\rreturn", "\nline", "\t=1", "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff201"),
    *(" =1+1", "\u00a0=1", "\u3000\uff1d1", "\ufeff=1", "\u200b=1", "\x00=1", "\x1f@x", " \t=1", "\u2060-x"),
    *('"=1+1"', "'=1+1", "''=1", "' =1", "\" '=1", "'-5", " -5", "-5 "),
]
NOT_RUN = [
    *("", " ", "'", '"', "pay", "a=1", "1+1", "a@b.example", "'quoted'", '"quoted"', "#REF!", "(=1)", "/x", "|x", "%x"),
    *("-5", "+3.2", "-.5", "-5.", "+1e-9", "-1E+5", "5", "\u2212x", "\u2013 a dash", "well-being", "<b>"),
]


@pytest.mark.parametrize("text", RUN)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert is_formula(text)
    assert neutralised(text) == "'" + text


@pytest.mark.parametrize("text", NOT_RUN)
def test_numbers_and_other_texts_stay(text: str) -> None:
    assert not is_formula(text)
    assert neutralised(text) == text


TEXTS = st.text(st.sampled_from("'\" =+-@\t\r\n\uff1d\u200b5.ea"), max_size=6) | st.text(max_size=9)


@pytest.mark.slow
@given(TEXTS)
def test_the_apostrophe_can_be_taken_back(text: str) -> None:
    assert original(neutralised(text)) == text


@given(TEXTS)
def test_what_was_neutralised_begins_with_an_apostrophe_or_runs_not(text: str) -> None:
    safe = neutralised(text)
    assert safe.startswith("'") or not is_formula(safe)


@given(TEXTS, TEXTS)
def test_different_texts_stay_different(one: str, other: str) -> None:
    assert (neutralised(one) == neutralised(other)) == (one == other)


def test_a_table_is_neutralised_cell_by_cell_and_name_by_name() -> None:
    table = pd.DataFrame({"=a": ["=1", "x"], "b": [-1.5, 2], "c": [["=1"], None], 4: ["'@", "-5"]}, index=[7, 7])
    safe, changed = neutralised_table(table)
    assert changed == 3
    assert list(safe.columns) == ["'=a", "b", "c", 4]
    assert safe.to_numpy().tolist() == [["'=1", -1.5, ["=1"], "''@"], ["x", 2.0, None, "-5"]]
    assert safe.index.tolist() == [7, 7]
    assert table.iloc[0].tolist() == ["=1", -1.5, ["=1"], "'@"]  # the caller's own stays


@pytest.mark.parametrize("table", [pd.DataFrame({"a": ["x"]}), pd.DataFrame({"a": []}), pd.DataFrame()])
def test_a_table_without_formulas_is_the_same_table(table: pd.DataFrame) -> None:
    safe, changed = neutralised_table(table)
    assert safe is table
    assert changed == 0
