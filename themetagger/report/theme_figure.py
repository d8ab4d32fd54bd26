"""The panels of a theme as one matplotlib figure, for a notebook or a PNG."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from themetagger.report.drawing import FAINT, GREY, INK, families, printable
from themetagger.report.panel import Area, Bars, Horizontal, Line, Mark, Panel, Points, Vertical, Whiskers
from themetagger.report.panels import panels_of
from themetagger.report.text import shorten
from themetagger.report.theme_view import ThemeView

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


# the colours that the page has in light mode, and its dashes
COLOURS = {"main": "#1f6fb4", "other": "#c2570c", "reference": GREY, "threshold": "#8a1f6d"}
DASHES = {"main": "-", "other": "--", "reference": ":", "threshold": "--"}
MARKERS = {"dot": "o", "cross": "x"}
ACROSS, WIDTH, HEIGHT = 3, 4.2, 3.5  # panels in a row; inches of each


def theme_figure(view: ThemeView) -> Figure:
    """Draw what is known of a theme: precision-recall curve, threshold, scores, calibration, learning curve, search.

    Parameters
    ----------
    view : what `themetagger.runs.review.theme_details.theme_details` returned; panels whose tables it lacks are left
        out

    Examples
    --------
    >>> import pandas as pd
    >>> from themetagger.report.curve_tables import score_distribution
    >>> tables = {"scores": score_distribution([0, 1], [0.0, 1.0])}
    >>> figure = theme_figure(ThemeView("pay", pd.Series({"threshold": 0.5}), tables=tables))
    >>> [axes.get_title(loc="left") for axes in figure.axes]
    ['Scores']
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    panels = panels_of(view)
    across = min(ACROSS, max(1, len(panels)))
    rows = max(1, math.ceil(len(panels) / across))
    figure = Figure(figsize=(WIDTH * across, HEIGHT * rows + 0.3), facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    text: dict[str, Any] = {"color": INK, "family": families(), "parse_math": False, "ha": "left"}
    title = printable(shorten(view.theme, 30 * across))
    figure.suptitle(title, x=0.012, fontsize=15, fontweight="bold", **text)
    for number, panel in enumerate(panels, start=1):
        _draw(panel, figure.add_subplot(rows, across, number))
    if not panels:
        figure.text(0.012, 0.8, printable(" ".join(view.sentences)), fontsize=10, wrap=True, **text)
    return figure


def _draw(panel: Panel, axes: Axes) -> None:
    axes.set_title(panel.title, loc="left", fontsize=11, color=INK)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(FAINT)
    axes.tick_params(colors=GREY, labelsize=8.5)
    axes.grid(axis="y", color=FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    for name, axis in (("x", panel.x), ("y", panel.y)):
        low, high = axis.ends
        room = 0.03 * (high - low)  # so that no line is cut at the edge
        axes.set(**{f"{name}ticks": axis.ticks, f"{name}ticklabels": [axis.written(tick) for tick in axis.ticks]})
        axes.set(**{f"{name}lim": (low - (name == "x") * room, high + room)})
    axes.set_xlabel(panel.x.label, color=GREY, fontsize=9)
    axes.set_ylabel(panel.y.label, color=GREY, fontsize=9)
    panel.draw_on(AxesCanvas(axes))
    if panel.labelled:
        axes.legend(frameon=False, fontsize=8.5, labelcolor=GREY)


class AxesCanvas:
    """Draws the marks of a panel on matplotlib's axes."""

    def __init__(self, axes: Axes) -> None:
        """Keep the axes."""
        self._axes = axes

    def line(self, mark: Line) -> None:
        """A line, or steps."""
        style: dict[str, Any] = {"color": COLOURS[mark.role], "linestyle": DASHES[mark.role]}
        style |= {"linewidth": 1 if mark.role == "reference" else 1.5}
        self._axes.plot(mark.x, mark.y, label=mark.label, drawstyle="steps-post" if mark.steps else "default", **style)

    def area(self, mark: Area) -> None:
        """A pale fill."""
        self._axes.fill_between(mark.x, mark.y, color=COLOURS[mark.role], alpha=0.12, linewidth=0)

    def points(self, mark: Points) -> None:
        """Markers without a line."""
        style: dict[str, Any] = {"marker": MARKERS[mark.symbol], "color": COLOURS[mark.role], "linestyle": "none"}
        self._axes.plot(mark.x, mark.y, label=mark.label, markersize=7 if mark.role == "threshold" else 4.5, **style)

    def bars(self, mark: Bars) -> None:
        """Bars that can be seen through."""
        style: dict[str, Any] = {"align": "edge", "color": COLOURS[mark.role], "alpha": 0.6}
        self._axes.bar(mark.low, mark.heights, np.subtract(mark.high, mark.low), label=mark.label, **style)

    def whiskers(self, mark: Whiskers) -> None:
        """Upright lines."""
        self._axes.vlines(mark.x, mark.low, mark.high, color=COLOURS[mark.role], linewidth=1.4)

    def vertical(self, mark: Vertical) -> None:
        """An upright line over the whole height."""
        left, right = self._axes.get_xlim()
        if left <= mark.x <= right:
            self._axes.axvline(mark.x, **self._ruled(mark))

    def horizontal(self, mark: Horizontal) -> None:
        """A level line over the whole width."""
        bottom, top = self._axes.get_ylim()
        if bottom <= mark.y <= top:
            self._axes.axhline(mark.y, **self._ruled(mark))

    def _ruled(self, mark: Mark) -> dict[str, Any]:
        style = {"color": COLOURS[mark.role], "linestyle": DASHES[mark.role], "label": mark.label}
        return style | {"linewidth": 1.2 if mark.role == "threshold" else 1}
