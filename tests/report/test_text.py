"""Names, numbers and tables as a person reads them."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt  # Rich brings it

from themetagger.report.text import cell_text, decimal, escape_markdown, markdown_table, shorten


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.5, "0.500"),
        (np.float64(1), "1.000"),
        (7, "7"),
        (np.int64(7), "7"),
        (math.nan, "\u2013"),
        (pd.NA, "\u2013"),
        (None, "\u2013"),
        ("nan", "nan"),
        ("", ""),
        (math.inf, "inf"),
        (-0.0, "0.000"),
        (-0.0004, ">-0.001"),
        (-1234.5, "-1,234"),
    ],
)
def test_a_cell_reads_as_its_kind(value, text):
    assert cell_text(value) == text


@given(st.floats(-1e6, 1e6), st.integers(0, 4), st.sampled_from(["", "+"]))
@example(-0.0049, 2, "")
@example(0.0049, 2, "+")
@example(-0.0, 2, "")
def test_what_rounds_to_nothing_has_no_sign(value: float, places: int, sign: str) -> None:
    text = decimal(value, places, sign=sign)
    number = float(text.replace(",", ""))
    assert number == pytest.approx(value, abs=0.5000001 * 10**-places)
    assert text.startswith("-") == (number < 0)
    assert text.startswith("+") == (sign == "+" and number > 0)


@pytest.mark.parametrize(
    ("text", "width", "short"),
    [("pay", 3, "pay"), ("payment", 3, "pa…"), ("a\r\n\tb", 9, "a b"), ("ab cd", 4, "ab…"), ("", 3, "")],
)
def test_a_text_is_cut_to_its_width(text, width, short):
    assert shorten(text, width) == short


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("R&D", "R&D"),
        ("&lt;b&gt;", r"\&lt;b\&gt;"),
        ("<b> <!-- <0.001 < 1", r"\<b> \<!-- <0.001 < 1"),
        ("[a](b)", r"\[a\](b)"),
        ("`x` *y*", r"\`x\` \*y\*"),
        ("a\\|b", r"a\\\|b"),
        ("_x_ a_b BEST_EFFORT", r"\_x\_ a_b BEST_EFFORT"),
        ("~~~ x", r"\~\~\~ x"),
        ("# x", r"\# x"),
        ("#1 x", "#1 x"),
        ("> x", r"\> x"),
        ("- x", r"\- x"),
        ("-0.500", "-0.500"),
        ("12. x", r"12\. x"),
        ("1.5 x", "1.5 x"),
    ],
)
def test_markdown_signs_lose_their_meaning(text, escaped):
    assert escape_markdown(text) == escaped


def test_one_endless_name_does_not_stretch_its_column():
    lines = markdown_table(pd.DataFrame({"theme": ["pay", "x" * 70]})).splitlines()
    assert [len(line) for line in lines] == [9, 9, 9, 74]


NAMES = st.text(st.sampled_from("ab_*`~#>-+1.)|\\\\<>&;[]()!$=: \n\r\té\u2028"), min_size=1, max_size=8) | st.text(
    min_size=1
)


@given(NAMES)
@example("a_b&amp;</b>_")
def test_a_renderer_of_markdown_shows_a_name_as_it_is(name: str) -> None:
    shown = shorten(name, 80)
    if not shown or any(sign < " " or sign in "\x7f\ufffd" for sign in shown):
        return  # no renderer shows these
    renderer = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    parts = {"- {} (SKIPPED)": "{} (SKIPPED)", "| name |\n| --- |\n| {} |": "{}", "- x: {}": "x: {}"}
    for form, wanted in parts.items():
        tokens = [token for token in renderer.parse(form.format(escape_markdown(shown))) if token.type == "inline"]
        texts = tokens[-1].children or []
        assert {child.type for child in texts} <= {"text", "text_special"}
        assert "".join(child.content for child in texts) == wanted.format(shown)
        assert len(tokens) == 1 + ("|" in form)
