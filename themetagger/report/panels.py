"""The panels of one theme: its tables in, pictures as data out. To add a panel, write a function and name it below.

A panel is described once and drawn twice: on the page (`themetagger.report.theme_charts`) and in a figure
(`themetagger.report.theme_figure`).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import pandas as pd

from themetagger.report.panel import (
    Area,
    Axis,
    Bars,
    Horizontal,
    Line,
    Mark,
    Panel,
    Points,
    Role,
    Vertical,
    Whiskers,
)
from themetagger.report.text import percent
from themetagger.report.theme_view import ThemeView

_SHARE = {name: Axis(name, percent=True) for name in ("recall", "precision")}


def panels_of(view: ThemeView) -> list[Panel]:
    """The panels that the tables of a theme allow, in the order of ``PANELS``.

    Examples
    --------
    >>> from themetagger.report.curve_tables import precision_recall
    >>> curve = precision_recall([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1], threshold=0.75)
    >>> view = ThemeView("pay", pd.Series({"precision": 0.5, "recall": 0.5}), tables={"precision_recall": curve})
    >>> [panel.title for panel in panels_of(view)]
    ['Precision and recall', 'The threshold']
    """
    described = [describe(view.table(name), view) for name, describe in PANELS if not view.table(name).empty]
    return [panel for panel in described if panel is not None]


def _precision_recall(table: pd.DataFrame, view: ThemeView) -> Panel:
    chosen, lowest = table[table["chosen"]], table.iloc[-1]
    description = f"Precision against recall of {view.theme}"
    if len(chosen):
        description += f"; at the threshold, precision is {percent(chosen['precision'].iloc[0])} % "
        description += f"and recall {percent(chosen['recall'].iloc[0])} %"
    recall, precision = [0.0, *table["recall"]], [table["precision"].iloc[0], *table["precision"]]
    chance = lowest["right"] / max(1, lowest["flagged"])
    marks = (
        Area(recall, precision, role="main"),
        Line(recall, precision, role="main"),
        Horizontal(chance, role="reference", label=f"tags given at random: {percent(chance)} %"),
        Points(
            chosen["recall"].tolist(),
            chosen["precision"].tolist(),
            ["threshold in use"] * len(chosen),
            role="threshold",
            label="threshold in use" if len(chosen) else "",
        ),
    )
    caption = "By cross-validation, over all labelled texts, at every threshold."
    return Panel("Precision and recall", description, _SHARE["recall"], _SHARE["precision"], marks, caption)


def _threshold(table: pd.DataFrame, view: ThemeView) -> Panel:
    thresholds = table["threshold"].tolist()
    marks = (
        Line(thresholds, table["precision"].tolist(), role="main", label="precision"),
        Line(thresholds, table["recall"].tolist(), role="other", label="recall"),
        *_chosen_threshold(view),
    )
    return Panel(
        "The threshold",
        f"Precision and recall of {view.theme} by threshold",
        Axis("threshold (score)", min(thresholds), max(thresholds)),
        Axis("", percent=True),
        marks,
        "Moving right tags fewer texts, usually more accurately.",
        thresholds=table,
    )


def _scores(table: pd.DataFrame, view: ThemeView) -> Panel:
    low, high = table["low"].tolist(), table["high"].tolist()
    top = float(max(table["positives"].max(), table["negatives"].max()))
    marks = (
        Bars(low, high, table["negatives"].tolist(), role="other", label="texts without the theme"),
        Bars(low, high, table["positives"].tolist(), role="main", label="texts with it"),
        *_chosen_threshold(view),
    )
    return Panel(
        "Scores",
        f"Distribution of the scores of texts with and without {view.theme}",
        Axis("score", min(low), max(high)),
        Axis("share of texts", 0, top, percent=True),
        marks,
        "The bars of each colour add up to 100 %. Where the two overlap, scores cannot tell them apart.",
    )


def _calibration(table: pd.DataFrame, view: ThemeView) -> Panel:
    predicted, observed = table["predicted"].tolist(), table["observed"].tolist()
    hints = [
        f"{texts} {'text' if texts == 1 else 'texts'}: predicted {percent(expected)} %, observed {percent(found)} %"
        for texts, expected, found in zip(table["texts"].tolist(), predicted, observed, strict=True)
    ]
    marks = (
        Line([0, 1], [0, 1], role="reference", label="perfect calibration"),
        Whiskers(predicted, table["observed_low"].tolist(), table["observed_high"].tolist(), role="main"),
        Line(predicted, observed, role="main"),
        Points(predicted, observed, hints, role="main", label="observed, with 95 % interval"),
    )
    return Panel(
        "Calibration",
        f"Observed share against predicted probability of {view.theme}",
        Axis("predicted probability", percent=True),
        Axis("share that has the theme", percent=True),
        marks,
        "Of texts with a predicted probability of 70 %, 70 % should have the theme. Copies of a text count once; the "
        "probabilities were fitted on these same scores.",
    )


def _learning_curve(table: pd.DataFrame, view: ThemeView) -> Panel:
    labels = table["labels"].tolist()
    curves: list[tuple[str, Role, str]] = [("average_precision", "main", "texts not trained on")]
    if "train_average_precision" in table:
        curves.insert(0, ("train_average_precision", "other", "texts trained on"))
    marks: list[Mark] = []
    for name, role, label in curves:
        values = table[name].tolist()
        hints = [f"{n:,} labelled texts: {100 * value:.1f} %" for n, value in zip(labels, values, strict=True)]
        marks += [Line(labels, values, role=role, label=label), Points(labels, values, hints, role=role)]
    return Panel(
        "Learning curve",
        f"Average precision of {view.theme} by the number of labelled texts",
        Axis("labelled texts", 0, max(labels)),
        Axis("average precision", percent=True),
        tuple(marks),
        "Where the lower line still rises at its right end, more labels would help; a gap between the lines is not in "
        "itself a problem.",
    )


def _history(table: pd.DataFrame, view: ThemeView) -> Panel | None:
    reached = table["average_precision"].astype(float)
    dropped = table["early_average_precision"].astype(float).where(reached.isna())
    if reached.isna().all():
        return None
    numbers = table["number"].tolist()
    low, high = min(reached.min(), dropped.fillna(1).min()) - 0.05, reached.max() + 0.05
    hints = [
        f"trial {number}: {family}, {100 * value:.1f} %"
        for number, family, value in zip(numbers, table["family"], reached.fillna(dropped), strict=True)
    ]
    marks = (
        Line(numbers, table["best"].astype(float).tolist(), role="main", label="best so far", steps=True),
        Points(
            *(numbers, dropped.tolist(), [f"{hint}, stopped early" for hint in hints]),
            role="other",
            label="trial stopped early",
            symbol="cross",
        ),
        Points(numbers, reached.tolist(), hints, role="main", label="trial"),
    )
    return Panel(
        "The search",
        f"Average precision of each trial of {view.theme}, and the best so far",
        Axis("trial", 0, max(1, *numbers), whole=True),
        Axis("average precision", max(0.0, low), min(1.0, high), percent=True),
        marks,
        "A trial that falls behind on the first folds is stopped there; a cross marks what it had reached.",
    )


def _chosen_threshold(view: ThemeView) -> list[Vertical]:
    threshold = float(view.row.get("threshold", math.nan))
    return [Vertical(threshold, role="threshold", label="threshold in use")] if math.isfinite(threshold) else []


PANELS: tuple[tuple[str, Callable[[pd.DataFrame, ThemeView], Panel | None]], ...] = (
    ("precision_recall", _precision_recall),
    ("precision_recall", _threshold),
    ("scores", _scores),
    ("calibration", _calibration),
    ("learning_curve", _learning_curve),
    ("history", _history),
)
"""The table that each panel needs, and the function that describes the panel, in the order in which they are read."""
