"""Panels as SVG are whole XML, hold what they are given, and nothing beyond their frame."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import pytest

from themetagger.report.panel import Area, Axis, Bars, Horizontal, Line, Panel, Points, Vertical, Whiskers
from themetagger.report.svg import HEIGHT, WIDTH, SvgCanvas


def _drawn(*marks, x=None, y=None, description="words"):
    panel = Panel("title", description, x or Axis("x", 0, 10), y or Axis("y"), marks)
    return ElementTree.fromstring(SvgCanvas(panel).svg())


def _elements(root, role):
    return [e for e in root.iter() if role in e.get("class", "").split()]


def test_names_are_escaped():
    evil = '<script>"&'
    mark = Points([1], [1], [evil], role="main")
    root = _drawn(mark, x=Axis(evil, 0, 10), y=Axis(evil), description=evil)
    assert root.get("aria-label") == evil
    assert [e.text for e in root.iter() if e.text == evil] == [evil] * 3


def test_undefined_points_are_left_out_and_far_ones_stay_in_the_frame():
    root = _drawn(
        Points([1, math.nan, 3, 99], [0.5, 0.5, math.nan, -7], list("abcd"), role="main"),
        Line([math.nan], [1], role="other"),
        Area([math.nan, 1, 2], [1, math.nan, 0.5], role="reference"),
    )
    dots = _elements(root, "main")
    places = [(float(e.get("cx")), float(e.get("cy"))) for e in dots]
    assert [e[0].text for e in dots] == ["a", "d"]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in places)
    assert not _elements(root, "other")
    assert "nan" not in _elements(root, "reference")[0].get("d")


@pytest.mark.parametrize("ends", [(0, 0), (3, 3), (-1e-9, 1e-9), (0, 123456), (-5.5, -1.25)])
def test_any_range_has_some_round_numbers(ends):
    texts = [e.text for e in _drawn(x=Axis("x", *ends), y=Axis("y", *ends)) if e.tag.endswith("text")]
    assert 5 <= len([text for text in texts if re.fullmatch(r"-?[\d,.e+-]+", text)]) <= 16


@pytest.mark.parametrize(("last", "ticks"), [(1, [0, 1]), (2, [0, 1, 2]), (12, [0, 2, 4]), (100, [0, 20, 40])])
def test_trials_are_numbered_in_whole_numbers(last, ticks):
    assert Axis("trial", 0, last, whole=True).ticks[:3] == ticks


def test_every_kind_of_mark_is_drawn():
    root = _drawn(
        Bars([0, 5], [5, 10], [0.5, 0.0], role="main"),
        Line([0, 5], [0, 1], steps=True, role="reference"),
        Whiskers([1, 2], [0, 0], [1, 1], role="threshold"),
        Points([3], [0.5], symbol="cross", role="other"),
    )
    assert len(_elements(root, "main")) == 1  # a bar of no height is none
    assert "H" in _elements(root, "reference")[0].get("d")
    assert len(_elements(root, "threshold")) == 2
    assert _elements(root, "other")[0].tag.endswith("path")
    outside = _drawn(Vertical(11, role="main"), Horizontal(2, role="main"), Vertical(math.nan, role="main"))
    assert not _elements(outside, "main")
