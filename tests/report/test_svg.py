"""Charts are whole XML, hold what they are given, and nothing beyond their frame."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import pytest

from themetagger.report.svg import HEIGHT, WIDTH, Chart


def _chart(**more):
    return Chart(**({"x": (0, 10), "y": (0, 1), "x_label": "x", "y_label": "y", "label": "words"} | more))


def _marks(chart, kind):
    return [e for e in ElementTree.fromstring(chart.svg()).iter() if kind in e.get("class", "").split()]


def test_names_are_escaped():
    evil = '<script>"&'
    chart = _chart(x_label=evil, y_label=evil, label=evil)
    chart.upright(5, kind="cut", told=evil)
    chart.points([1], [1], kind="one", told=[evil])
    root = ElementTree.fromstring(chart.svg())
    assert root.get("aria-label") == evil
    assert [e.text for e in root.iter() if e.text == evil] == [evil] * 4


def test_undefined_points_are_left_out_and_far_ones_stay_in_the_frame():
    chart = _chart()
    chart.points([1, math.nan, 3, 99], [0.5, 0.5, math.nan, -7], kind="one")
    places = [(float(e.get("cx")), float(e.get("cy"))) for e in _marks(chart, "one")]
    assert len(places) == 2
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in places)
    chart.line([math.nan], [1], kind="two")
    assert not _marks(chart, "two")


@pytest.mark.parametrize("ends", [(0, 0), (3, 3), (-1e-9, 1e-9), (0, 123456), (-5.5, -1.25)])
def test_any_range_has_some_round_numbers(ends):
    texts = [e.text for e in ElementTree.fromstring(_chart(x=ends, y=ends).svg()) if e.tag.endswith("text")]
    assert 5 <= len([text for text in texts if re.fullmatch(r"-?[\d,.e+-]+", text)]) <= 16


def test_bars_bands_steps_and_whiskers_are_drawn():
    chart = _chart()
    chart.bars([0, 5], [5, 10], [0.5, 0.0], kind="one")
    chart.band([0, 5], [0, 0.1], [0.2, 0.3], kind="two")
    chart.line([0, 5], [0, 1], kind="three", steps=True)
    chart.whiskers([1, 2], [0, 0], [1, 1], kind="cut")
    assert len(_marks(chart, "one")) == 1  # a bar of no height is none
    assert len(_marks(chart, "cut")) == 2
    assert "H" in _marks(chart, "three")[0].get("d")
    chart.upright(11, kind="far")
    chart.level(2, kind="far")
    assert not _marks(chart, "far")
