"""The figures say what their tables say; their texts are inspected, not their pixels."""

from __future__ import annotations

import pandas as pd
import pytest

from themetagger.report.plots import figure_png, results_figure, save_figure, theme_frequency_figure
from themetagger.selection.confusion import Confusion
from themetagger.selection.results import HeldOut, averages, results_table
from themetagger.selection.theme_result import ThemeResult


def texts(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def table_of(themes: list[str], *, held_out: bool = True) -> pd.DataFrame:
    counts = Confusion(tp=62, fp=9, fn=21, tn=408)
    theme_results = [ThemeResult(theme, "BEST_EFFORT", "", 83, "ridge", "words", counts=counts) for theme in themes[1:]]
    theme_results = [ThemeResult.skipped(themes[0], "3 positives, needs 30", support=3), *theme_results]
    held = {theme: HeldOut(Confusion(tp=13, fp=6, fn=9, tn=72), 0.5) for theme in themes}
    return results_table(theme_results, held if held_out else None)


def figure_of(themes: list[str], *, held_out: bool = True):
    table = table_of(themes, held_out=held_out)
    return results_figure(table, averages(table), title="Survey")


def test_the_picture_holds_title_counts_models_figures_and_averages():
    shown = texts(figure_of(["food", "pay", "team"]))
    assert shown[:2] == ["Survey", "3 themes  ·  needs review: 2  ·  too rare: 1"]
    assert {"food", "pay", "too rare", "needs review", "3 positives, needs 30", "ridge · words", "83"} <= set(shown)
    assert {"0.87", "0.75", "0.81", "0.68", "0.59", "0.63"} <= set(shown)
    assert {
        "OUT OF FOLD",
        "HELD OUT",
        "micro",
        "macro",
        "weighted",
        "all themes (3)",
        "tuned themes (2)",
    } <= set(shown)


def test_without_held_out_figures_the_picture_names_none():
    assert "HELD OUT" not in texts(figure_of(["food", "pay"], held_out=False))


@pytest.mark.slow
@pytest.mark.parametrize(("themes", "blocks"), [(2, 1), (40, 1), (41, 2), (100, 2), (101, 3), (300, 3)])
def test_many_themes_stand_in_blocks_and_all_are_named(themes, blocks):
    names = [f"theme {i}" for i in range(themes)]
    shown = texts(figure_of(names))
    assert shown.count("OUT OF FOLD") == blocks
    assert set(names) <= set(shown)


@pytest.mark.slow
def test_themes_beyond_the_largest_picture_are_counted():
    names = [f"theme {i}" for i in range(310)]
    shown = texts(figure_of(names))
    assert sum(name in shown for name in names) == 300
    assert "and 10 more in the table" in shown


@pytest.mark.slow
def test_odd_names_are_drawn_as_they_are_or_shortened():
    figure = figure_of(["food", "<script>alert(1)</script>", "$x_1$", "=1+1", "a|b\nc", "x" * 400])
    assert {"<script>alert(1)</script>", "$x_1$", "=1+1", "a|b c", "x" * 37 + "…"} <= set(texts(figure))
    assert figure_png(figure, dpi=40).startswith(b"\x89PNG")


@pytest.mark.slow
def test_an_empty_table_is_a_figure_too():
    table = results_table([])
    assert "0 themes" in texts(results_figure(table, averages(table)))


@pytest.mark.slow
def test_the_same_table_gives_the_same_file(tmp_path):
    for name in ("a.png", "b.png"):
        save_figure(figure_of(["food", "pay"]), tmp_path / name, dpi=40)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def frequencies(positives: list[int]) -> pd.DataFrame:
    names = [f"theme {i}" for i in range(len(positives))]
    return pd.DataFrame({"theme": names, "positives": positives, "tunable": [n >= 20 for n in positives]})


def test_frequencies_are_ordered_and_the_line_is_named():
    shown = texts(theme_frequency_figure(frequencies([5, 1200, 30]), min_positives=20))
    assert shown[1] == "3 themes  ·  2 can be tuned"
    assert [text for text in shown if text.startswith("theme ")] == ["theme 1", "theme 2", "theme 0"]
    assert {"1,200", "30", "5", "20 to be tuned"} <= set(shown)


@pytest.mark.parametrize(
    ("themes", "note"),
    [(40, None), (41, "and 1 more, of 1 to 1 text each"), (130, "and 90 more, of 1 to 90 texts each")],
)
def test_themes_beyond_the_first_40_are_counted(themes, note):
    shown = texts(theme_frequency_figure(frequencies(list(range(themes, 0, -1)))))
    assert len([text for text in shown if text.startswith("theme ")]) == 40
    assert [text for text in shown if "more, of" in text] == ([note] if note else [])


@pytest.mark.parametrize("positives", [[], [0, 0]])
def test_no_frequencies_are_a_figure_too(positives):
    assert figure_png(theme_frequency_figure(frequencies(positives)), dpi=40).startswith(b"\x89PNG")
