"""The panels of a theme for the page: SVG, a legend, and the points along which a threshold can be moved."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pandas as pd

from themetagger.report.panel import Mark, Panel
from themetagger.report.panels import panels_of
from themetagger.report.svg import SvgCanvas
from themetagger.report.theme_view import ThemeView


@dataclass(frozen=True)
class Slider:
    """A control that moves the threshold: the points that it moves along, as JSON, where it stands, and the last."""

    points: str
    at: int
    last: int


@dataclass(frozen=True)
class ThemeChart:
    """A panel as the template of the page wants it."""

    title: str
    svg: str
    caption: str
    legend: tuple[Mark, ...] = ()
    slider: Slider | None = None


def theme_charts(view: ThemeView) -> list[ThemeChart]:
    """The panels that the tables of a theme allow.

    Examples
    --------
    >>> from themetagger.report.curve_tables import score_distribution
    >>> tables = {"scores": score_distribution([0, 1], [0.0, 1.0])}
    >>> [chart.title for chart in theme_charts(ThemeView("pay", pd.Series({"threshold": 0.5}), tables=tables))]
    ['Scores']
    """
    return [_chart(panel) for panel in panels_of(view)]


def _chart(panel: Panel) -> ThemeChart:
    canvas = SvgCanvas(panel)
    slider = None if panel.thresholds.empty else _slider(panel.thresholds, canvas)
    return ThemeChart(panel.title, canvas.svg(), panel.caption, panel.labelled, slider)


def _slider(thresholds: pd.DataFrame, canvas: SvgCanvas) -> Slider:
    """From the lowest threshold to the highest, so that the slider moves as the chart does."""
    rising = thresholds.iloc[::-1]
    points = list(
        zip(
            [float(f"{threshold:.6g}") for threshold in rising["threshold"]],
            rising["precision"].round(4),
            rising["recall"].round(4),
            rising["flagged"].tolist(),
            rising["right"].tolist(),
            [canvas.across(threshold) for threshold in rising["threshold"]],
            strict=True,
        )
    )
    chosen = rising["chosen"].to_numpy()
    return Slider(json.dumps(points), int(chosen.argmax()) if chosen.any() else 0, len(points) - 1)
