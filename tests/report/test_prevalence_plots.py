"""The pictures of true shares say what their table says."""

from __future__ import annotations

import numpy as np
import pandas as pd

from themetagger.insights.accuracy import Accuracy
from themetagger.insights.prevalence import prevalence
from themetagger.report.plots import figure_png
from themetagger.report.prevalence_plots import share_by_figure, share_figure

GOOD, BAD = Accuracy(0.5, 0.02, 200, 1800), Accuracy(0.3, 0.3, 100, 900)


def texts(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def found(themes: int, values: list[str] | None = None, accuracy: Accuracy = GOOD) -> pd.DataFrame:
    tags = np.arange(300)[:, np.newaxis] < 60
    parts = None if values is None else pd.Categorical(np.resize(values, 300), categories=values)
    one = prevalence(tags, {"theme": accuracy}, parts)
    return pd.concat([one.assign(theme=f"theme {j}", share=one["share"] - j / 1000) for j in range(themes)])


def test_themes_stand_by_their_share_with_interval_and_tags():
    table = found(5)
    shown = texts(share_figure(table.iloc[::-1], title="Survey"))
    names = [text for text in shown if text.startswith("theme")]
    assert names == [f"theme {j}" for j in range(5)]
    row = table.iloc[0]
    assert f"{row['share']:.1%}  ({row['share_low']:.1%} to {row['share_high']:.1%})" in shown
    assert shown[:2] == ["Survey", "300 texts  ·  5 themes"]


def test_what_cannot_be_told_stands_there_in_words():
    assert any(text.startswith("cannot be estimated") for text in texts(share_figure(found(1, accuracy=BAD))))


def test_an_interval_that_rests_on_a_handful_is_drawn_hollow_and_explained():
    handful = Accuracy(0.5, 0.02, 40, 1800)
    for draw in (share_figure, lambda table: share_by_figure(table, title="Over time", over_time=True)):
        for accuracy, told in ((handful, 1), (GOOD, 0)):
            figure = draw(found(1, ["a", "b"] if draw is not share_figure else None, accuracy))
            said = [text for text in texts(figure) if text.startswith("rests on a handful")]
            hollow = [
                line for line in figure.axes[0].lines if line.get_markerfacecolor() == "white" and len(line.get_xdata())
            ]
            assert (len(said), bool(len(hollow) > told)) == (told, bool(told))


def test_scales_are_in_percent():
    assert {"0 %", "15 %"} <= set(texts(share_figure(found(1))))


def test_themes_beyond_the_picture_are_counted():
    shown = texts(share_figure(found(83)))
    assert "and 3 more in the table" in shown


def test_a_panel_a_theme_and_a_row_a_value_in_their_order():
    shown = texts(share_by_figure(found(14, ["south", "north <b>"]), title="By site"))
    assert sum(text.startswith("theme") for text in shown) == 12
    assert "14 themes  ·  the 12 most frequent of 14" in shown
    assert [text for text in shown if text in ("south", "north <b>")] == ["south", "north <b>"] * 12


def test_a_course_leaves_a_gap_where_there_are_no_texts():
    table = found(1, ["2024-01", "2024-02"])
    gap = table.assign(value=["2024-01", "2024-03"])
    empty = table.iloc[:1].assign(value="2024-02", share=np.nan, share_low=np.nan, share_high=np.nan, apparent=np.nan)
    figure = share_by_figure(pd.concat([gap[:1], empty, gap[1:]]), title="Over time", over_time=True)
    line = next(line for line in figure.axes[0].lines if len(line.get_xdata()) == 3)
    assert np.isnan(line.get_ydata()).tolist() == [False, True, False]
    assert figure_png(figure, dpi=40).startswith(b"\x89PNG")
