"""What a panel is made of: axes, marks as plain data, and the canvas that can draw them.

Two canvases draw the same panels: `themetagger.report.svg` for the page, which is small and follows the reader's light
or dark mode, and `themetagger.report.theme_figure` (matplotlib) for a notebook or a PNG. What a panel shows is said
once, in `themetagger.report.panels`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import pandas as pd

Role = Literal["main", "other", "reference", "threshold"]
"""What a mark stands for; each canvas gives it a colour and a dash."""
Symbol = Literal["line", "dot", "cross", "bar"]


@dataclass(frozen=True)
class Axis:
    """The range of an axis, and what stands beside it.

    Parameters
    ----------
    label : what is measured
    low, high : the ends, default 0 and 1; ends that are equal are set half a unit apart on each side
    whole : whether only whole numbers make sense, as of trials, default False
    percent : whether values are shares, written in percent, default False

    Examples
    --------
    >>> Axis("recall").ticks
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    >>> Axis("trial", 0, 2, whole=True).ticks
    [0, 1, 2]
    """

    label: str
    low: float = 0.0
    high: float = 1.0
    whole: bool = False
    percent: bool = False

    def written(self, value: float) -> str:
        """A value as it stands beside the axis.

        >>> Axis("recall", percent=True).written(0.075), Axis("texts", 0, 5000).written(2500)
        ('7.5 %', '2,500')
        """
        if self.percent:
            return f"{100 * value:.3g} %"
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:g}"

    @property
    def ends(self) -> tuple[float, float]:
        """The range that is drawn, never empty."""
        return (self.low, self.high) if self.high > self.low else (self.low - 0.5, self.low + 0.5)

    @property
    def ticks(self) -> list[float]:
        """Some five round numbers between the ends."""
        low, high = self.ends
        rough = (high - low) / 6
        power = 10 ** math.floor(math.log10(rough))
        factors = (1, 2, 5, 10) if self.whole else (1, 2, 2.5, 5, 10)
        step = next(power * factor for factor in factors if power * factor >= rough * 0.999)
        step = max(1, step) if self.whole else step
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        return [round(step * number, 12) for number in range(first, last + 1)]


class Canvas(Protocol):
    """What draws marks; a new kind of mark is a dataclass below and a method of each canvas."""

    def line(self, mark: Line) -> None:
        """Draw a line through points; undefined ones are left out."""

    def area(self, mark: Area) -> None:
        """Fill what is beneath a line."""

    def points(self, mark: Points) -> None:
        """Draw a symbol at each place that is defined."""

    def bars(self, mark: Bars) -> None:
        """Draw an upright bar for each height."""

    def whiskers(self, mark: Whiskers) -> None:
        """Draw an upright line at each place."""

    def vertical(self, mark: Vertical) -> None:
        """Draw a line from bottom to top; none where it would lie outside."""

    def horizontal(self, mark: Horizontal) -> None:
        """Draw a line from left to right; none where it would lie outside."""


@dataclass(frozen=True)
class Mark(ABC):
    """Something drawn on a panel: what it stands for, its name in the legend (default none), its symbol there."""

    role: Role = field(kw_only=True)
    label: str = field(default="", kw_only=True)
    symbol: Symbol = field(default="line", kw_only=True)

    @abstractmethod
    def draw_on(self, canvas: Canvas) -> None:
        """Let the canvas draw it."""


@dataclass(frozen=True)
class Line(Mark):
    """A line through points; with ``steps`` it goes level, then up or down."""

    x: Sequence[float]
    y: Sequence[float]
    steps: bool = False

    def draw_on(self, canvas: Canvas) -> None:
        """Let the canvas draw it."""
        canvas.line(self)


@dataclass(frozen=True)
class Area(Mark):
    """What is beneath a line."""

    x: Sequence[float]
    y: Sequence[float]

    def draw_on(self, canvas: Canvas) -> None:
        """Let the canvas draw it."""
        canvas.area(self)


@dataclass(frozen=True)
class Points(Mark):
    """A dot or a cross at each place; ``hints``, one for each place, are shown where somebody can point at them."""

    x: Sequence[float]
    y: Sequence[float]
    hints: Sequence[str] = ()
    symbol: Symbol = field(default="dot", kw_only=True)

    def draw_on(self, canvas: Canvas) -> None:
        """Let the canvas draw it."""
        canvas.points(self)


@dataclass(frozen=True)
class Bars(Mark):
    """An upright bar from ``low`` to ``high`` (places on the horizontal axis) for each height."""

    low: Sequence[float]
    high: Sequence[float]
    heights: Sequence[float]
    symbol: Symbol = field(default="bar", kw_only=True)

    def draw_on(self, canvas: Canvas) -> None:
        """Let the canvas draw it."""
        canvas.bars(self)


@dataclass(frozen=True)
class Whiskers(Mark):
    """An upright line from ``low`` to ``high`` (values) at each x: an interval."""

    x: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]

    def draw_on(self, canvas: Canvas) -> None:
        """Let the canvas draw it."""
        canvas.whiskers(self)


@dataclass(frozen=True)
class Vertical(Mark):
    """A line from bottom to top."""

    x: float

    def draw_on(self, canvas: Canvas) -> None:
        """Let the canvas draw it."""
        canvas.vertical(self)


@dataclass(frozen=True)
class Horizontal(Mark):
    """A line from left to right."""

    y: float

    def draw_on(self, canvas: Canvas) -> None:
        """Let the canvas draw it."""
        canvas.horizontal(self)


@dataclass(frozen=True)
class Panel:
    """One picture of a theme, as data.

    Parameters
    ----------
    title : what stands above it
    description : what a screen reader says of it
    x, y : its axes
    marks : what is drawn, in this order
    caption : what stands beneath it on the page
    thresholds : where the threshold can be moved on the page, its points: the rows of
        `themetagger.report.curve_tables.precision_recall`; default none

    Examples
    --------
    >>> line = Line([0, 3], [0, 1], role="main", label="our share")
    >>> panel = Panel("Growth", "Our share by year", Axis("year", 0, 3), Axis("share"), (line,))
    >>> [mark.label for mark in panel.labelled]
    ['our share']
    """

    title: str
    description: str
    x: Axis
    y: Axis
    marks: tuple[Mark, ...]
    caption: str = ""
    thresholds: pd.DataFrame = field(default_factory=pd.DataFrame, compare=False)

    @property
    def labelled(self) -> tuple[Mark, ...]:
        """The marks that stand in the legend."""
        return tuple(mark for mark in self.marks if mark.label)

    def draw_on(self, canvas: Canvas) -> None:
        """Let the canvas draw all marks."""
        for mark in self.marks:
            mark.draw_on(canvas)
