"""A table -> a figure: the results as a picture for a slide, and the themes by frequency."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from themetagger._utils.files import write_atomically
from themetagger._utils.wording import number_of
from themetagger.report.columns import by_group, heading, shown_in
from themetagger.report.drawing import FAINT, GREY, INK, TRACK, block, figure_of, rule, sheet, write
from themetagger.report.text import DASH, cell_text, decimal, shorten
from themetagger.selection.groups import GROUPS, Group, groups_of
from themetagger.selection.results import HELD_OUT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


MAX_ROWS = 300  # a larger picture opens in few programs; the table itself holds every theme
MAX_BARS = 40
GROUP_COLOURS: dict[Group, tuple[str, str]] = {
    "certified": ("#dcf2e4", "#17703c"),
    "not proven": ("#e0edf9", "#0b57a4"),
    "needs review": ("#fcefd8", "#8f5a04"),
    "not usable": ("#fbe2df", "#a52c20"),
    "too rare": ("#eceff3", "#5b6673"),
    "no model": ("#eceff3", "#5b6673"),
}
_LINE = "#c07a10"
_BARS = {"": "#7db3e0", HELD_OUT: "#84c79b"}
# lengths in inches
_ROW, _MARGIN, _HEAD, _FOOT = 0.34, 0.5, 2.05, 0.45
_STATUS, _MODEL, _TEXTS, _FIGURES, _CELL, _STEP, _NUMBER = 3.75, 5.1, 8.3, 8.7, 0.84, 0.98, 0.38


@dataclass(frozen=True)
class _Frame:
    """Where a block of rows stands: its left edge, and the left edge of each figure's cell."""

    left: float
    cells: dict[str, float]

    @property
    def right(self) -> float:
        return max(self.cells.values()) + _CELL

    @property
    def out_of_fold(self) -> list[float]:
        return [x for name, x in self.cells.items() if not name.startswith(HELD_OUT)]

    @property
    def held_out(self) -> list[float]:
        return [x for name, x in self.cells.items() if name.startswith(HELD_OUT)]


def results_figure(table: pd.DataFrame, averages: pd.DataFrame, *, title: str = "Results by theme") -> Figure:
    """The results table as a picture: one row per theme, out-of-fold and held-out figures, averages beneath.

    More than 40 themes stand in two blocks side by side, more than 100 in three; of more than 300 the rest is
    counted beneath.

    Parameters
    ----------
    table, averages
        What `results_table` and `averages` of :mod:`themetagger.selection.results` returned.
    title
        Heading of the picture.

    Examples
    --------
    >>> from themetagger.selection.results import averages, results_table
    >>> from themetagger.selection.theme_result import ThemeResult
    >>> table = results_table([ThemeResult.skipped("pay", "one class")])
    >>> figure = results_figure(table, averages(table), title="Survey")
    >>> [text.get_text() for text in figure.axes[0].texts][:2]
    ['Survey', '1 theme  ·  no model: 1']
    """
    shown = by_group(table).iloc[:MAX_ROWS]
    blocks = 1 + (len(shown) > 40) + (len(shown) > 100)
    rows = max(1, math.ceil(len(shown) / blocks))
    frames = _frames(blocks, table)
    below = _HEAD + rows * _ROW + 0.3
    axes = sheet(frames[-1].right + _MARGIN, below + len(averages) * _ROW + 0.35 + _FOOT)
    _draw_title(axes, title, _subtitle(table))
    for i, frame in enumerate(frames):
        _draw_header(axes, frame)
        for j, (_, row) in enumerate(shown.iloc[i * rows : (i + 1) * rows].iterrows()):
            _draw_theme(axes, frame, _HEAD + (j + 0.5) * _ROW, row)
    _draw_averages(axes, frames[0], below, averages)
    if more := len(table) - len(shown):
        write(axes, _MARGIN, axes.get_ylim()[0] - 0.3, f"and {more} more in the table", colour=GREY, size=9)
    return figure_of(axes)


def theme_frequency_figure(
    themes: pd.DataFrame, *, min_positives: int = 30, title: str = "Themes by frequency"
) -> Figure:
    """Horizontal bars of the themes by frequency, with the line below which a theme is not tuned.

    Parameters
    ----------
    themes
        One row per theme: ``theme``, ``positives`` (number of texts) and ``tunable`` (bool). The 40 most
        frequent are drawn, the rest is counted.
    min_positives
        Where the line stands (30 by default).
    title
        Heading of the figure.

    Examples
    --------
    >>> themes = pd.DataFrame({"theme": ["pay", "food"], "positives": [50, 5], "tunable": [True, False]})
    >>> figure = theme_frequency_figure(themes)
    >>> [text.get_text() for text in figure.axes[0].texts][:2]
    ['Themes by frequency', '2 themes  ·  1 can be tuned']
    """
    ordered = themes.sort_values("positives", ascending=False, kind="stable")
    shown, rest = ordered.iloc[:MAX_BARS], ordered.iloc[MAX_BARS:]
    bottom = 1.7 + max(1, len(shown)) * _ROW
    axes = sheet(11, bottom + (0.85 if len(rest) else _FOOT))
    tunable = int(themes["tunable"].sum())
    _draw_title(axes, title, f"{number_of(len(themes), 'theme')}  ·  {tunable} can be tuned")
    _draw_bars(axes, shown, min_positives, bottom)
    if len(rest):
        least, most = rest["positives"].min(), rest["positives"].max()
        note = f"and {len(rest)} more, of {least} to {number_of(most, 'text')} each"
        write(axes, 4.2, bottom + 0.35, note, colour=GREY, size=9.5)
    return figure_of(axes)


def figure_png(figure: Figure, *, dpi: int = 150) -> bytes:
    """The figure as the bytes of a PNG file; the same table gives the same bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
    return buffer.getvalue()


def save_figure(figure: Figure, path: str | Path, dpi: int = 150) -> None:
    """Write the figure as a PNG file, whole or not at all."""
    write_atomically(path, figure_png(figure, dpi=dpi))


def _frames(blocks: int, table: pd.DataFrame) -> list[_Frame]:
    columns = shown_in("picture", table)
    gaps = [0.3 * name.startswith(HELD_OUT) for name in columns]  # before the held-out figures
    offsets = {name: i * _STEP + gap for i, (name, gap) in enumerate(zip(columns, gaps, strict=True))}
    width = _FIGURES + max(offsets.values()) + _CELL + 0.7
    lefts = [_MARGIN + i * width for i in range(blocks)]
    return [_Frame(left, {name: left + _FIGURES + x for name, x in offsets.items()}) for left in lefts]


def _draw_title(axes: Axes, title: str, subtitle: str) -> None:
    write(axes, _MARGIN, 0.58, shorten(title, 80), size=20, weight="bold")
    write(axes, _MARGIN, 1.0, subtitle, colour=GREY, size=11.5)


def _subtitle(table: pd.DataFrame) -> str:
    groups = groups_of(table)
    counts = [f"{group}: {groups.count(group)}" for group in GROUPS if group in groups]
    return "  ·  ".join([number_of(len(table), "theme"), *counts])


def _draw_header(axes: Axes, frame: _Frame) -> None:
    y = _HEAD - 0.2
    for x, name in ((0.0, "Theme"), (_STATUS, "Status"), (_MODEL, "Model")):
        write(axes, frame.left + x, y, name, colour=GREY, size=9)
    write(axes, frame.left + _TEXTS, y, "Texts", colour=GREY, size=9, ha="right")
    for name, x in frame.cells.items():
        title = heading(name.removeprefix(HELD_OUT))
        write(axes, x, y, title[:1].upper() + title[1:], colour=GREY, size=9)
    for words, places in (("OUT OF FOLD", frame.out_of_fold), ("HELD OUT", frame.held_out)):
        if places:
            write(axes, places[0], y - 0.33, words, size=8.5, weight="bold")
            rule(axes, places[0], places[-1] + _CELL, y - 0.17, width=0.6)
    rule(axes, frame.left, frame.right, _HEAD, colour=INK, width=1.0)


def _draw_theme(axes: Axes, frame: _Frame, y: float, row: pd.Series[Any]) -> None:
    modelled = bool(row["family"])
    write(axes, frame.left, y, shorten(row["theme"], 38), size=10.5, colour=INK if modelled else GREY)
    _draw_status(axes, frame.left + _STATUS, y, row["group"])
    write(axes, frame.left + _TEXTS, y, cell_text(row["support"]), size=9.5, colour=GREY, ha="right")
    if modelled:
        model = shorten(f"{row['family']} · {row['view']}", 36)
        write(axes, frame.left + _MODEL, y, model, size=9.5, colour=GREY)
        _draw_figures(axes, frame, y, row)
    else:
        write(axes, frame.left + _MODEL, y, shorten(row["reason"], 36), size=9.5, colour=GREY, style="italic")
    rule(axes, frame.left, frame.right, y + _ROW / 2, width=0.5)


def _draw_status(axes: Axes, x: float, y: float, group: Group) -> None:
    ground, colour = GROUP_COLOURS[group]
    block(axes, x, y, 1.1, 0.215, colour=ground, radius=0.1)
    write(axes, x + 0.55, y, group, colour=colour, size=7.5, weight="bold", ha="center")


def _draw_figures(axes: Axes, frame: _Frame, y: float, row: pd.Series[Any]) -> None:
    for name, x in frame.cells.items():
        if pd.isna(row[name]):
            write(axes, x, y, DASH, colour=GREY, size=9.5)
            continue
        write(axes, x, y, decimal(row[name]), size=9.5)
        block(axes, x + _NUMBER, y, _CELL - _NUMBER, 0.09, colour=TRACK)
        bar = _BARS[HELD_OUT if name.startswith(HELD_OUT) else ""]
        block(axes, x + _NUMBER, y, (_CELL - _NUMBER) * row[name], 0.09, colour=bar)


def _draw_averages(axes: Axes, frame: _Frame, top: float, averages: pd.DataFrame) -> None:
    write(axes, frame.left, top + 0.1, "AVERAGES", size=8.5, weight="bold")
    rule(axes, frame.left, frame.right, top + 0.27, colour=INK, width=1.0)
    for i, (_, row) in enumerate(averages.iterrows()):
        y = top + 0.27 + (i + 0.5) * _ROW
        write(axes, frame.left, y, row["average"], size=10.5)
        write(axes, frame.left + _STATUS, y, f"{row['over']} ({row['themes']})", size=9.5, colour=GREY)
        _draw_figures(axes, frame, y, row)
        rule(axes, frame.left, frame.right, y + _ROW / 2, width=0.5)


def _draw_bars(axes: Axes, themes: pd.DataFrame, min_positives: int, bottom: float) -> None:
    left, longest, top = 4.2, 5.9, 1.6
    scale = longest / max(min_positives, 1, themes["positives"].max() if len(themes) else 0)
    for i, (name, positives, tunable) in enumerate(themes[["theme", "positives", "tunable"]].to_numpy()):
        y = top + (i + 0.5) * _ROW
        write(axes, left - 0.12, y, shorten(name, 40), size=10, ha="right", colour=INK if tunable else GREY)
        block(axes, left, y, positives * scale, 0.22, colour="#5b9bd5" if tunable else FAINT)
        write(axes, left + positives * scale + 0.08, y, f"{positives:,}", size=9, colour=GREY)
    x = left + min_positives * scale
    axes.plot([x, x], [top - 0.05, bottom], color=_LINE, linewidth=1, linestyle=(0, (4, 3)))
    write(axes, x, top - 0.17, f"{min_positives} to be tuned", size=8.5, colour=_LINE)
