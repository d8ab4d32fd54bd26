"""The tables of one theme -> its charts, for the page."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from themetagger.report.grids import ThemeView
from themetagger.report.svg import Chart

UNIT = (0.0, 1.0)
TENTHS = [0, 0.25, 0.5, 0.75, 1]


@dataclass(frozen=True)
class ChartBlock:
    """A chart with its title, key and caption; where its cut can be moved, the points that it moves along, as JSON."""

    title: str
    svg: str
    caption: str
    keys: tuple[tuple[str, str], ...] = ()
    points: str = ""
    at: int = 0
    last: int = 0


def charts_of(view: ThemeView) -> list[ChartBlock]:
    """The charts that the tables of a theme allow, in the order in which they are read.

    Examples
    --------
    >>> import pandas as pd
    >>> from themetagger.figures import precision_recall
    >>> curve = precision_recall([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1], threshold=0.75)
    >>> view = ThemeView("pay", pd.Series({"precision": 0.5, "recall": 0.5}), tables={"precision_recall": curve})
    >>> [chart.title for chart in charts_of(view)]
    ['Precision and recall', 'The cut']
    """
    return [block for draw in _DRAWN for block in draw(view)]


def _precision_recall(view: ThemeView) -> Iterator[ChartBlock]:
    curve = view.table("precision_recall")
    if curve.empty:
        return
    at = curve[curve["chosen"]]
    words = f"Precision against recall of {view.theme}"
    if len(at):
        words += f"; the cut has precision {at['precision'].iloc[0]:.2f} and recall {at['recall'].iloc[0]:.2f}"
    chart = Chart(UNIT, UNIT, x_label="recall", y_label="precision", label=words, x_ticks=TENTHS, y_ticks=TENTHS)
    recall, precision = [0.0, *curve["recall"]], [curve["precision"].iloc[0], *curve["precision"]]
    chart.area(recall, precision, kind="one")
    chart.line(recall, precision, kind="one")
    prevalence = curve["right"].iloc[-1] / max(1, curve["flagged"].iloc[-1])
    chart.level(prevalence, kind="three")
    chart.points(at["recall"], at["precision"], kind="cut", told=["the cut"] * len(at))
    caption = (
        f"Out of fold, at every cut; the dot is the one in use, the dashes are tags given by chance ({prevalence:.2f})."
    )
    yield ChartBlock("Precision and recall", chart.svg(), caption)


def _cut(view: ThemeView) -> Iterator[ChartBlock]:
    curve = view.table("precision_recall")
    if curve.empty:
        return
    ends = float(curve["threshold"].min()), float(curve["threshold"].max())
    chart = Chart(
        ends,
        UNIT,
        x_label="cut (score)",
        y_label="",
        y_ticks=TENTHS,
        label=f"Precision and recall of {view.theme} along the cut",
    )
    chart.line(curve["threshold"], curve["precision"], kind="one")
    chart.line(curve["threshold"], curve["recall"], kind="two")
    chosen = curve["chosen"].to_numpy()
    if chosen.any():
        chart.upright(float(curve["threshold"][chosen].iloc[0]), kind="cut", told="cut")
    points = list(
        zip(
            [float(f"{cut:.6g}") for cut in curve["threshold"]],
            curve["precision"].round(4),
            curve["recall"].round(4),
            curve["flagged"].tolist(),
            curve["right"].tolist(),
            [chart.across(cut) for cut in curve["threshold"]],
            strict=True,
        )
    )
    caption = "Further right, fewer texts are tagged, as a rule more of them rightly."
    points, chosen = points[::-1], chosen[::-1]  # so that the slider moves as the chart does
    at = int(chosen.argmax()) if chosen.any() else 0
    keys = (("one", "precision"), ("two", "recall"))
    yield ChartBlock("The cut", chart.svg(), caption, keys, json.dumps(points), at, len(points) - 1)


def _scores(view: ThemeView) -> Iterator[ChartBlock]:
    table = view.table("scores")
    if table.empty:
        return
    ends = float(table["low"].min()), float(table["high"].max())
    top = float(max(table["positives"].max(), table["negatives"].max()))
    label = f"Distribution of the scores of texts with and without {view.theme}"
    chart = Chart(ends, (0, top), x_label="score", y_label="share of texts", label=label)
    chart.bars(table["low"], table["high"], table["negatives"], kind="two")
    chart.bars(table["low"], table["high"], table["positives"], kind="one")
    chart.upright(float(view.row.get("threshold", math.nan)), kind="cut", told="cut")
    keys = (("one", "has the theme"), ("two", "lacks it"))
    yield ChartBlock("Scores", chart.svg(), "Each of the two adds up to 1. What overlaps cannot be told apart.", keys)


def _calibration(view: ThemeView) -> Iterator[ChartBlock]:
    table = view.table("calibration")
    if table.empty:
        return
    label = f"Observed share against predicted probability of {view.theme}"
    chart = Chart(
        UNIT,
        UNIT,
        x_label="predicted probability",
        y_label="observed share",
        label=label,
        x_ticks=TENTHS,
        y_ticks=TENTHS,
    )
    chart.line((0, 1), (0, 1), kind="three")
    chart.whiskers(table["predicted"], table["observed_low"], table["observed_high"], kind="one")
    chart.line(table["predicted"], table["observed"], kind="one")
    told = [
        f"{row.texts} texts: predicted {row.predicted:.2f}, observed {row.observed:.2f}" for row in table.itertuples()
    ]
    chart.points(table["predicted"], table["observed"], kind="one", told=told)
    yield ChartBlock(
        "Calibration",
        chart.svg(),
        "On the dashes, a probability means what it says (fitted on these scores). Whiskers: 95 % intervals.",
    )


def _learning_curve(view: ThemeView) -> Iterator[ChartBlock]:
    table = view.table("learning_curve")
    if table.empty:
        return
    label = f"Average precision of {view.theme} by the number of labelled texts"
    chart = Chart(
        (0, float(table["labels"].max())),
        UNIT,
        x_label="labelled texts",
        y_label="average precision",
        label=label,
        y_ticks=TENTHS,
    )
    if "train_average_precision" in table:
        chart.line(table["labels"], table["train_average_precision"], kind="two")
        chart.points(table["labels"], table["train_average_precision"], kind="two")
    chart.line(table["labels"], table["average_precision"], kind="one")
    chart.points(table["labels"], table["average_precision"], kind="one")
    keys = (("one", "unseen texts"), ("two", "the texts fitted on"))
    yield ChartBlock(
        "Learning curve",
        chart.svg(),
        "A rise at the right end says that more labels help; a gap alone accuses nobody.",
        keys,
    )


def _history(view: ThemeView) -> Iterator[ChartBlock]:
    table = view.table("history")
    if table.empty or table["average_precision"].isna().all():
        return
    reached = table["average_precision"].astype(float)
    dropped = table["early_average_precision"].astype(float).where(reached.isna())
    low = max(0.0, float(min(reached.min(), dropped.min() if dropped.notna().any() else 1.0)) - 0.05)
    ends = (0.0, max(1.0, float(table["number"].max())))
    chart = Chart(
        ends, (low, min(1.0, float(reached.max()) + 0.05)), x_label="trial", y_label="average precision",
        label=f"Average precision of each trial of {view.theme}, and the best so far",
    )  # fmt: skip
    chart.line(table["number"], table["best"], kind="one", steps=True)
    shown = table[["number", "family", "average_precision"]].to_numpy()
    told = [f"trial {number}: {family}, {value:.3f}" for number, family, value in shown]
    chart.points(table["number"], dropped, kind="two", told=[f"{name}, dropped" for name in table["family"]])
    chart.points(table["number"], reached, kind="one", told=told)
    keys = (("one", "trial"), ("two", "dropped after the first folds, for lagging there"))
    yield ChartBlock("The study", chart.svg(), "The line is the best so far.", keys)


_DRAWN: tuple[Callable[[ThemeView], Iterator[ChartBlock]], ...] = (
    _precision_recall,
    _cut,
    _scores,
    _calibration,
    _learning_curve,
    _history,
)
