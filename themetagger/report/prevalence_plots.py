"""True shares of themes as pictures: all with their intervals, and the most frequent ones over time or groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from themetagger._utils.wording import number_of
from themetagger.report.drawing import FAINT, GREY, INK, block, figure_of, rule, sheet, write
from themetagger.report.text import shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


MAX_THEMES = 80  # of the first picture; the table holds every theme
MAX_PANELS = 12  # of the second
MAX_VALUES = 60  # drawn in one panel
_DOT, _BAND, _TAGS = "#2a6fb0", "#b9d4ec", "#c07a10"
_FEW = "rests on few texts"  # how the remark on an interval begins that is drawn pale
# lengths in inches
_MARGIN, _ROW, _HEAD, _FOOT = 0.5, 0.3, 1.75, 0.55
_NAMES, _SCALE, _FIGURES = 3.6, 5.2, 1.9  # widths of the names, of the scale, and of the figures beside it
_PANEL, _GAP, _TALL, _SIDE = 3.9, 0.45, 1.5, 1.35  # width of a panel, between panels, height over time, names of groups


def share_figure(shares: pd.DataFrame, *, title: str = "How many texts have each theme") -> Figure:
    """Draw a row per theme, the most frequent first: the estimate with its interval, and beside it the share of tags.

    Parameters
    ----------
    shares : what `prevalence` returned, of one part
    title : heading of the picture

    Examples
    --------
    >>> from themetagger.insights.accuracy import Accuracy
    >>> from themetagger.insights.prevalence import prevalence
    >>> shares = prevalence([[1], [0], [0], [0]], {"pay": Accuracy(0.5, 0.01, 100, 900)})
    >>> [text.get_text() for text in share_figure(shares).axes[0].texts][:3]
    ['How many texts have each theme', '4 texts  ·  1 theme', 'estimate with its interval']
    """
    ordered = shares.sort_values("share", ascending=False, kind="stable")
    shown = ordered.head(MAX_THEMES)
    bottom = _HEAD + max(1, len(shown)) * _ROW
    axes = sheet(2 * _MARGIN + _NAMES + _SCALE + _FIGURES, bottom + _FOOT)
    texts = int(shares["texts"].max()) if len(shares) else 0
    few = bool(shares["remark"].str.startswith(_FEW).any())
    _draw_head(axes, title, f"{number_of(texts, 'text')}  ·  {number_of(len(shares), 'theme')}", few=few)
    left, top = _MARGIN + _NAMES, _top(shown)
    _draw_scale(axes, left, _SCALE, top, _HEAD - 0.05, bottom)
    for i, (_, row) in enumerate(shown.iterrows()):
        _draw_share(axes, row, left, _HEAD + (i + 0.5) * _ROW, top)
    if more := len(ordered) - len(shown):
        write(axes, _MARGIN, bottom + 0.3, f"and {more} more in the table", colour=GREY, size=9)
    return figure_of(axes)


def share_by_figure(shares: pd.DataFrame, *, title: str, over_time: bool = False) -> Figure:
    """Draw a panel for each of the most frequent themes: its share for each value of a column, or in each period.

    Parameters
    ----------
    shares : what `prevalence` returned, of several parts
    title : heading of the picture
    over_time : whether the values are periods, drawn from left to right
    """
    frequent = shares.groupby("theme", sort=False)["count"].sum().sort_values(ascending=False, kind="stable")
    themes = [theme for theme in frequent.index if shares.loc[shares["theme"] == theme, "share"].notna().any()]
    shown = themes[:MAX_PANELS]
    values = list(dict.fromkeys(shares["value"]))[-MAX_VALUES:] if over_time else list(dict.fromkeys(shares["value"]))
    tall = _TALL if over_time else len(values) * 0.22
    step = tall + 0.95
    axes = sheet(2 * _MARGIN + 3 * _PANEL + 2 * _GAP, _HEAD + max(1, -(-len(shown) // 3)) * step + 0.25)
    more = f"  ·  the {len(shown)} most frequent of {len(themes)}" if len(themes) > len(shown) else ""
    few = bool(shares["remark"].str.startswith(_FEW).any())
    _draw_head(axes, title, f"{number_of(len(themes), 'theme')}{more}", few=few)
    draw = _draw_course if over_time else _draw_groups
    for i, theme in enumerate(shown):
        left, y = _MARGIN + i % 3 * (_PANEL + _GAP), _HEAD + i // 3 * step
        write(axes, left, y, shorten(theme, 42), size=10.5, weight="bold")
        draw(axes, shares[shares["theme"] == theme].set_index("value").loc[values], left, y + 0.3, tall)
    return figure_of(axes)


def _rests_on_few(row: pd.Series[Any]) -> bool:
    return str(row["remark"]).startswith(_FEW)


def _draw_head(axes: Axes, title: str, subtitle: str, *, few: bool) -> None:
    write(axes, _MARGIN, 0.55, shorten(title, 80), size=18, weight="bold")
    write(axes, _MARGIN, 0.93, subtitle, colour=GREY, size=11)
    axes.plot([_MARGIN, _MARGIN + 0.35], [1.22, 1.22], color=_BAND, linewidth=5, solid_capstyle="butt")
    axes.plot([_MARGIN + 0.175], [1.22], "o", color=_DOT, markersize=5)
    write(axes, _MARGIN + 0.45, 1.22, "estimate with its interval", colour=GREY, size=9)
    axes.plot([_MARGIN + 2.55], [1.22], "|", color=_TAGS, markersize=8, markeredgewidth=1.6)
    write(axes, _MARGIN + 2.65, 1.22, "share of texts with the tag", colour=GREY, size=9)
    if few:
        axes.plot([_MARGIN + 4.75], [1.22], "o", color=_DOT, markersize=5, markerfacecolor="white")
        write(axes, _MARGIN + 4.87, 1.22, "rests on a handful of texts: read with care", colour=GREY, size=9)


def _top(shown: pd.DataFrame) -> float:
    """Where the scale ends: a round share above all that is drawn."""
    highest = max([0.0, *shown[["share_high", "apparent"]].max().dropna()])
    return next((step for step in (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8) if highest <= step), 1.0)


def _draw_scale(axes: Axes, left: float, width: float, top: float, above: float, below: float) -> None:
    for part in range(5):
        x = left + part / 4 * width
        axes.plot([x, x], [above, below], color=FAINT, linewidth=0.7)
        write(axes, x, above - 0.12, f"{100 * top * part / 4:.3g} %", colour=GREY, size=8.5, ha="center")


def _draw_share(axes: Axes, row: pd.Series[Any], left: float, y: float, top: float) -> None:
    known = pd.notna(row["share"])
    write(axes, left - 0.15, y, shorten(row["theme"], 42), size=9.5, ha="right", colour=INK if known else GREY)
    if known:
        _draw_interval(axes, row, left, y, _SCALE / top)
        figures = f"{row['share']:.1%}  ({row['share_low']:.1%} to {row['share_high']:.1%})"
        write(axes, left + _SCALE + 0.15, y, figures, size=9)
    else:
        write(axes, left + _SCALE + 0.15, y, shorten(row["remark"], 28), size=8.5, colour=GREY, style="italic")
    rule(axes, _MARGIN, left, y + _ROW / 2, width=0.4)


def _draw_interval(axes: Axes, row: pd.Series[Any], left: float, y: float, scale: float) -> None:
    low, share, high, tags = (left + row[name] * scale for name in ("share_low", "share", "share_high", "apparent"))
    block(axes, low, y, high - low, 0.1, colour=_BAND)
    face = "white" if _rests_on_few(row) else _DOT
    axes.plot([share], [y], "o", color=_DOT, markersize=4.5, markerfacecolor=face)
    axes.plot([tags], [y], "|", color=_TAGS, markersize=8, markeredgewidth=1.6)


def _draw_groups(axes: Axes, part: pd.DataFrame, left: float, y: float, tall: float) -> None:
    """A row per value."""
    top, width = _top(part), _PANEL - _SIDE
    _draw_scale(axes, left + _SIDE, width, top, y, y + tall)
    for i, (value, row) in enumerate(part.iterrows()):
        middle = y + (i + 0.5) * 0.22
        write(axes, left + _SIDE - 0.08, middle, shorten(str(value), 18), size=8.5, ha="right", colour=GREY)
        if pd.notna(row["share"]):
            _draw_interval(axes, row, left + _SIDE, middle, width / top)


def _draw_course(axes: Axes, part: pd.DataFrame, left: float, y: float, tall: float) -> None:
    """From left to right; a period without texts leaves a gap."""
    top, width, count = _top(part), _PANEL - 0.4, len(part)
    x = [left + 0.4 + (i + 0.5) / count * width for i in range(count)]
    for share in (0.0, top / 2, top):
        rule(axes, left + 0.4, left + 0.4 + width, y + tall * (1 - share / top), width=0.6)
        write(axes, left + 0.33, y + tall * (1 - share / top), f"{100 * share:.3g} %", size=8, colour=GREY, ha="right")
    heights = {name: y + tall * (1 - part[name].to_numpy(float) / top) for name in ("share_low", "share", "share_high")}
    axes.fill_between(x, heights["share_low"], heights["share_high"], color=_BAND, linewidth=0)
    axes.vlines(x, heights["share_high"], heights["share_low"], color=_BAND, linewidth=2.5)  # one between gaps too
    axes.plot(x, heights["share"], "-o", color=_DOT, markersize=3.5, linewidth=1.2)
    pale = [i for i, (_, row) in enumerate(part.iterrows()) if _rests_on_few(row)]
    hollow: dict[str, Any] = {"color": _DOT, "markersize": 3.5, "markerfacecolor": "white"}
    axes.plot([x[i] for i in pale], [heights["share"][i] for i in pale], "o", **hollow)
    axes.plot(x, y + tall * (1 - part["apparent"].to_numpy(float) / top), "_", color=_TAGS, markersize=7)
    for i in sorted({0, (count - 1) // 2, count - 1}):
        write(axes, x[i], y + tall + 0.16, str(part.index[i]), size=8, colour=GREY, ha="center")
