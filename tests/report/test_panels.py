"""A panel is described once: the page and the figure draw the same ones, and a new one needs no other place."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from themetagger.report import panels as module
from themetagger.report.curve_tables import calibration_table, precision_recall, score_distribution
from themetagger.report.panel import Axis, Line, Panel
from themetagger.report.panels import panels_of
from themetagger.report.theme_charts import theme_charts
from themetagger.report.theme_figure import theme_figure
from themetagger.report.theme_view import ThemeView


def _history(**columns):
    table = {"number": [0, 1, 2], "family": ["ridge"] * 3, "average_precision": [0.5, np.nan, 0.6]}
    table |= {"early_average_precision": [0.5, 0.2, 0.6], "best": [0.5, 0.5, 0.6]}
    return pd.DataFrame(table | columns)


@pytest.fixture
def view():
    draw = np.random.default_rng(0)
    truth = (np.arange(200) % 4 == 0).astype(int)
    scores = draw.normal(size=200) + 2 * truth
    tables = {
        "precision_recall": precision_recall(truth, scores, threshold=1.0),
        "scores": score_distribution(truth, scores),
        "calibration": calibration_table(truth, 1 / (1 + np.exp(2 - scores))),
        "learning_curve": pd.DataFrame({"labels": [50, 100], "average_precision": [0.4, 0.6]}),
        "history": _history(),
    }
    row = pd.Series({"status": "BEST_EFFORT", "precision": 0.7, "recall": 0.8, "threshold": 1.0, "support": 50})
    return ThemeView("pay $x_1$", row, ("What is known.",), tables)


def _titles_of_figure(view):
    return [axes.get_title(loc="left") for axes in theme_figure(view).axes]


def test_both_canvases_draw_the_same_panels(view):
    titles = [panel.title for panel in panels_of(view)]
    assert titles == ["Precision and recall", "The threshold", "Scores", "Calibration", "Learning curve", "The search"]
    assert [chart.title for chart in theme_charts(view)] == titles
    assert _titles_of_figure(view) == titles


def test_a_panel_that_is_added_is_drawn_by_both(view, monkeypatch):
    def _growth(table, view):
        return Panel("Growth", "d", Axis("year", 0, 1), Axis("share"), (Line([0, 1], [0, 1], role="main"),))

    monkeypatch.setattr(module, "PANELS", (*module.PANELS, ("scores", _growth)))
    assert theme_charts(view)[-1].title == "Growth"
    assert _titles_of_figure(view)[-1] == "Growth"


def test_the_legend_is_the_same_on_page_and_figure(view):
    charts, axes = theme_charts(view), theme_figure(view).axes
    for chart, drawn in zip(charts, axes, strict=True):
        assert sorted(mark.label for mark in chart.legend) == sorted(drawn.get_legend_handles_labels()[1])


def test_the_slider_moves_from_the_lowest_threshold_to_the_highest(view):
    (slider,) = [chart.slider for chart in theme_charts(view) if chart.slider]
    points = json.loads(slider.points)
    assert [point[0] for point in points] == sorted(point[0] for point in points)
    assert slider.last == len(points) - 1
    chosen = view.table("precision_recall").query("chosen").iloc[0]
    assert points[slider.at][1:5] == [
        pytest.approx(chosen["precision"], abs=1e-4),
        pytest.approx(chosen["recall"], abs=1e-4),
        chosen["flagged"],
        chosen["right"],
    ]


def test_a_theme_without_a_model_has_no_panels_and_its_figure_says_why():
    view = ThemeView("pay", pd.Series({"threshold": np.nan}), ("3 positives, needs 5.",))
    assert panels_of(view) == []
    assert [text.get_text() for text in theme_figure(view).texts] == ["pay", "3 positives, needs 5."]


def test_a_search_without_one_complete_trial_has_no_picture():
    view = ThemeView("pay", pd.Series(dtype=object), tables={"history": _history(average_precision=[np.nan] * 3)})
    assert panels_of(view) == []


def test_a_theme_that_is_tagged_nowhere_has_no_point_for_its_threshold(view):
    table = view.table("precision_recall").assign(chosen=False)
    (panel, _) = panels_of(ThemeView("pay", pd.Series({"threshold": np.nan}), tables={"precision_recall": table}))
    assert [mark.label for mark in panel.labelled] == ["tags given at random: 25 %"]
