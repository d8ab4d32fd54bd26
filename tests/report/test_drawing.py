"""Type on a sheet is safe for any name."""

from __future__ import annotations

import io

import pytest

from themetagger.report.drawing import printable, sheet, write


@pytest.mark.parametrize(
    "text",
    ["$x_1$", r"\frac{", "^_", "日本", "😀 \U0001fae0", "\ud800", "שלום", "a\x00b", "%s {}", "\u200bzero"],
)
def test_any_text_is_drawn_without_a_warning(text):
    axes = sheet(3, 1)
    write(axes, 0.1, 0.5, text, weight="bold")
    write(axes, 1.6, 0.5, text)
    buffer = io.BytesIO()
    axes.figure.savefig(buffer, format="png")
    assert buffer.getvalue().startswith(b"\x89PNG")


@pytest.mark.parametrize(("text", "drawn"), [("pay é", "pay é"), ("\ud800", "\u25a1"), ("a\u200bb", "ab")])
def test_a_sign_without_a_glyph_becomes_a_box(text, drawn):
    assert printable(text) == drawn
