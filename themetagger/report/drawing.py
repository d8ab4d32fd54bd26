"""A sheet measured in inches, on which the figures are drawn, and type that is safe for any name."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


INK, GREY, FAINT, TRACK = "#1b2430", "#677383", "#d9dee5", "#f1f4f7"
# the first ships with matplotlib; the others, where installed, know the signs of East Asian names
_FONTS = (
    *("DejaVu Sans", "Noto Sans CJK SC", "Noto Sans CJK JP"),
    *("WenQuanYi Zen Hei", "Hiragino Sans", "Microsoft YaHei"),
)
_MISSING = "\u25a1"


def sheet(width: float, height: float) -> Axes:
    """One axes over a whole new figure: its unit is an inch, its origin the upper left corner.

    Examples
    --------
    >>> sheet(4, 3).get_ylim()
    (np.float64(3.0), np.float64(0.0))
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.axis("off")
    return axes


def figure_of(axes: Axes) -> Figure:
    """The figure that `sheet` made for these axes."""
    from matplotlib.figure import Figure

    figure = axes.figure
    assert isinstance(figure, Figure)  # a sub-figure, which axes may be on too, has no file of its own
    return figure


def write(axes: Axes, x: float, y: float, text: str, *, colour: str = INK, size: float = 10, **style: Any) -> None:
    """Text at a place of the sheet, its capitals centred on ``y``; ``$`` in it starts no formula.

    Examples
    --------
    >>> axes = sheet(4, 3)
    >>> write(axes, 1, 1, "$x_1$")
    >>> axes.texts[0].get_text(), axes.texts[0].get_parse_math()
    ('$x_1$', False)
    """
    # half the height of a capital: texts of one row share a baseline, with and without descenders
    baseline = y + 0.36 * size / 72
    style |= {"family": families(), "parse_math": False}
    axes.text(x, baseline, printable(text), color=colour, fontsize=size, **style)


def block(axes: Axes, x: float, y: float, width: float, height: float, *, colour: str, radius: float = 0.0) -> None:
    """A filled rectangle, ``y`` its middle; with a ``radius`` its corners are round."""
    from matplotlib.patches import FancyBboxPatch, Rectangle

    corner, size = (x, y - height / 2), (width, height)
    # add_artist, not add_patch: that would measure each for limits that the sheet has set, half the time of a picture
    if radius:
        style = f"round,pad=0,rounding_size={radius}"
        axes.add_artist(FancyBboxPatch(corner, *size, boxstyle=style, facecolor=colour, edgecolor="none"))
    else:
        axes.add_artist(Rectangle(corner, *size, facecolor=colour, edgecolor="none"))


def rule(axes: Axes, left: float, right: float, y: float, *, colour: str = FAINT, width: float = 0.8) -> None:
    """A thin line from ``left`` to ``right``."""
    from matplotlib.lines import Line2D

    axes.add_artist(Line2D([left, right], [y, y], color=colour, linewidth=width, solid_capstyle="butt"))


def printable(text: str) -> str:
    """The text with a box for each sign that no font at hand can draw, an emoji say; matplotlib would warn.

    Examples
    --------
    >>> printable("pay \\ud800") == "pay \\u25a1"
    True
    """
    return "".join(sign if _drawable(sign) else _MISSING for sign in text if sign not in "\u200b\u200d\ufe0f")


@cache
def families() -> list[str]:
    """The fonts to write with, those that are installed."""
    from matplotlib.font_manager import fontManager

    installed = set(fontManager.get_font_names())
    return [name for name in _FONTS if name in installed]


@cache
def _drawable(sign: str) -> bool:
    return any(all(font.get_char_index(ord(sign)) for font in fonts) for fonts in _faces())


@cache
def _faces() -> list[list[Any]]:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    # the bold face of a font can know fewer signs than the normal one
    weights = ("normal", "bold")
    return [
        [get_font(findfont(FontProperties(family=[name], weight=weight))) for weight in weights] for name in families()
    ]
