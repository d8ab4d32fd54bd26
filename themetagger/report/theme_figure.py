"""The tables of one theme -> one figure of six panels, for a notebook or a PNG."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from themetagger.report.drawing import FAINT, GREY, INK, families, printable
from themetagger.report.grids import ThemeView
from themetagger.report.text import shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


ONE, TWO, CUT = "#1f6fb4", "#c2570c", "#8a1f6d"


def theme_figure(view: ThemeView) -> Figure:
    """Precision-recall curve, the cut, scores, calibration, learning curve and study of a theme; what is known of it.

    Parameters
    ----------
    view : what `themetagger.runs.review.theme_details.theme_details` gave

    Examples
    --------
    >>> import pandas as pd
    >>> from themetagger.figures import score_distribution
    >>> tables = {"scores": score_distribution([0, 1], [0.0, 1.0])}
    >>> view = ThemeView("pay", pd.Series({"threshold": 0.5}), tables=tables)
    >>> figure = theme_figure(view)
    >>> [axes.get_title(loc="left") for axes in figure.axes if axes.get_visible()]
    ['Scores']
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12.5, 7.2), facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    title = printable(shorten(view.theme, 90))
    style = {"fontsize": 15, "fontweight": "bold", "color": INK, "family": families(), "parse_math": False}
    figure.suptitle(title, x=0.012, ha="left", **style)
    for axes, (name, draw) in zip(figure.subplots(2, 3).flat, _PANELS.items(), strict=True):
        axes.set_title(name, loc="left", fontsize=11, color=INK)
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color(FAINT)
        axes.tick_params(colors=GREY, labelsize=8.5)
        axes.grid(axis="y", color=FAINT, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.set_visible(draw(axes, view))
    return figure


def _curve(axes: Axes, view: ThemeView) -> bool:
    table = view.table("precision_recall")
    if table.empty:
        return False
    axes.plot(table["recall"], table["precision"], color=ONE)
    axes.axhline(table["right"].iloc[-1] / table["flagged"].iloc[-1], color=GREY, linestyle=":", linewidth=1)
    at = table[table["chosen"]]
    axes.plot(at["recall"], at["precision"], "o", color=CUT, markersize=7, label="the cut")
    return _labelled(axes, "recall", "precision", legend=len(at) > 0)


def _cut(axes: Axes, view: ThemeView) -> bool:
    table = view.table("precision_recall")
    if table.empty:
        return False
    axes.plot(table["threshold"], table["precision"], color=ONE, label="precision")
    axes.plot(table["threshold"], table["recall"], color=TWO, linestyle="--", label="recall")
    _upright(axes, view)
    return _labelled(axes, "cut (score)", "", legend=True)


def _scores(axes: Axes, view: ThemeView) -> bool:
    table = view.table("scores")
    if table.empty:
        return False
    width = table["high"] - table["low"]
    for name, colour, words in (("negatives", TWO, "lacks the theme"), ("positives", ONE, "has it")):
        axes.bar(table["low"], table[name], width, align="edge", color=colour, alpha=0.6, label=words)
    _upright(axes, view)
    return _labelled(axes, "score", "share of texts", legend=True, unit=False)


def _calibration(axes: Axes, view: ThemeView) -> bool:
    table = view.table("calibration")
    if table.empty:
        return False
    axes.plot([0, 1], [0, 1], color=GREY, linestyle=":", linewidth=1)
    observed = table["observed"]
    ends = np.maximum(0, np.array([observed - table["observed_low"], table["observed_high"] - observed]))
    axes.errorbar(table["predicted"], observed, ends, color=ONE, marker="o", markersize=4, linewidth=1.4)
    return _labelled(axes, "predicted probability", "observed share")


def _learning_curve(axes: Axes, view: ThemeView) -> bool:
    table = view.table("learning_curve")
    if table.empty:
        return False
    axes.plot(table["labels"], table["average_precision"], color=ONE, marker="o", markersize=4, label="unseen texts")
    if "train_average_precision" in table:
        fitted = table["train_average_precision"]
        axes.plot(table["labels"], fitted, color=TWO, linestyle="--", marker="o", markersize=4, label="texts fitted on")
    return _labelled(axes, "labelled texts", "average precision", legend=True)


def _history(axes: Axes, view: ThemeView) -> bool:
    table = view.table("history")
    if table.empty:
        return False
    axes.plot(table["number"], table["average_precision"], "o", color=GREY, markerfacecolor="none", label="a trial")
    dropped = table["early_average_precision"].where(table["average_precision"].isna())
    axes.plot(table["number"], dropped, "x", color=TWO, markersize=5, label="dropped early")
    axes.step(table["number"], table["best"], where="post", color=ONE, label="best so far")
    return _labelled(axes, "trial", "average precision", legend=True, unit=False)


_PANELS: dict[str, Callable[[Any, ThemeView], bool]] = {
    "Precision and recall": _curve,
    "The cut": _cut,
    "Scores": _scores,
    "Calibration": _calibration,
    "Learning curve": _learning_curve,
    "The study": _history,
}


def _upright(axes: Axes, view: ThemeView) -> None:
    threshold = float(view.row.get("threshold", math.nan))
    if math.isfinite(threshold):
        axes.axvline(threshold, color=CUT, linestyle="--", linewidth=1.2)


def _labelled(axes: Axes, x: str, y: str, *, legend: bool = False, unit: bool = True) -> bool:
    axes.set_xlabel(x, color=GREY, fontsize=9)
    axes.set_ylabel(y, color=GREY, fontsize=9)
    if unit:
        axes.set_ylim(0, 1.03)
    if legend:
        axes.legend(frameon=False, fontsize=8.5, labelcolor=GREY)
    return True
