"""A small chart as SVG text: its colours are the page's, so that it is light and dark with it, and prints."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

WIDTH, HEIGHT = 360, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 10, 10, 38


class Chart:
    """Axes on which lines, bars, bands and points are drawn, in the order of the calls.

    Parameters
    ----------
    x, y : the range of each axis
    x_label, y_label : what stands at the axes
    label : what a screen reader says of the chart
    x_ticks, y_ticks : where numbers stand, default round numbers of the range

    Examples
    --------
    >>> chart = Chart((0, 1), (0, 1), x_label="recall", y_label="precision", label="a < b")
    >>> chart.line([0, 1], [1, 0], kind="one")
    >>> text = chart.svg()
    >>> text[:4], 'aria-label="a &lt; b"' in text, 'd="M46 10L350 182"' in text
    ('<svg', True, True)
    """

    def __init__(
        self,
        x: tuple[float, float],
        y: tuple[float, float],
        *,
        x_label: str,
        y_label: str,
        label: str,
        x_ticks: Sequence[float] | None = None,
        y_ticks: Sequence[float] | None = None,
    ) -> None:
        """Draw the axes."""
        self._x, self._y, self._label = _wide(x), _wide(y), label
        self._marks: list[str] = []
        self._axes(x_label, y_label, x_ticks, y_ticks)

    def line(self, xs: Iterable[float], ys: Iterable[float], *, kind: str, steps: bool = False) -> None:
        """A line through points; undefined ones are left out. ``steps`` goes level, then up or down."""
        places = [self._place(x, y) for x, y in zip(xs, ys, strict=True) if math.isfinite(x) and math.isfinite(y)]
        if not places:
            return
        told = [f"M{places[0][0]} {places[0][1]}"]
        for x, y in places[1:]:
            told.append(f"H{x}V{y}" if steps else f"L{x} {y}")
        self._marks.append(f'<path class="line {kind}" d="{"".join(told)}"/>')

    def area(self, xs: Sequence[float], ys: Sequence[float], *, kind: str) -> None:
        """What is beneath a line."""
        base = self._place(self._x[0], self._y[0])[1]
        places = [self._place(x, y) for x, y in zip(xs, ys, strict=True)]
        if places:
            line = "L".join(f"{x} {y}" for x, y in places)
            self._marks.append(f'<path class="area {kind}" d="M{places[0][0]} {base}L{line}L{places[-1][0]} {base}Z"/>')

    def band(self, xs: Sequence[float], low: Sequence[float], high: Sequence[float], *, kind: str) -> None:
        """What is between two lines."""
        up = [self._place(x, y) for x, y in zip(xs, high, strict=True)]
        down = [self._place(x, y) for x, y in zip(xs, low, strict=True)][::-1]
        if up:
            self._marks.append(f'<path class="band {kind}" d="M{"L".join(f"{x} {y}" for x, y in up + down)}Z"/>')

    def points(self, xs: Iterable[float], ys: Iterable[float], *, kind: str, told: Iterable[str] = ()) -> None:
        """A dot at each place; ``told`` is shown when it is pointed at."""
        names = list(told)
        for i, (x, y) in enumerate(zip(xs, ys, strict=True)):
            if math.isfinite(x) and math.isfinite(y):
                here, there = self._place(x, y)
                title = f"<title>{escape(names[i])}</title>" if names else ""
                self._marks.append(f'<circle class="dot {kind}" cx="{here}" cy="{there}" r="3.2">{title}</circle>')

    def bars(self, lows: Iterable[float], highs: Iterable[float], ys: Iterable[float], *, kind: str) -> None:
        """An upright bar from ``low`` to ``high`` for each value."""
        base = self._place(self._x[0], self._y[0])[1]
        for low, high, y in zip(lows, highs, ys, strict=True):
            (left, top), right = self._place(low, y), self._place(high, y)[0]
            if base > top:
                size = f'width="{_short(right - left)}" height="{_short(base - top)}"'
                self._marks.append(f'<rect class="bar {kind}" x="{left}" y="{top}" {size}/>')

    def whiskers(self, xs: Iterable[float], lows: Iterable[float], highs: Iterable[float], *, kind: str) -> None:
        """An upright line from ``low`` to ``high`` at each x."""
        for x, low, high in zip(xs, lows, highs, strict=True):
            (here, bottom), top = self._place(x, low), self._place(x, high)[1]
            self._marks.append(f'<path class="line {kind}" d="M{here} {bottom}V{top}"/>')

    def upright(self, x: float, *, kind: str, told: str = "") -> None:
        """A line from bottom to top, its words beside it."""
        if not math.isfinite(x) or not self._x[0] <= x <= self._x[1]:
            return
        here, top = self._place(x, self._y[1])
        base = self._place(x, self._y[0])[1]
        self._marks.append(f'<path class="line {kind}" d="M{here} {base}V{top}"/>')
        if told:
            right = here > WIDTH * 0.62
            place = f'x="{here - 4 if right else here + 4}" y="{top + 9}"' + (' text-anchor="end"' if right else "")
            self._marks.append(f'<text class="told" {place}>{escape(told)}</text>')

    def level(self, y: float, *, kind: str) -> None:
        """A line from left to right."""
        if math.isfinite(y) and self._y[0] <= y <= self._y[1]:
            self.line(self._x, (y, y), kind=kind)

    def across(self, x: float) -> float:
        """How far from the left an x stands, in the units of the SVG."""
        return self._place(x, self._y[0])[0]

    def svg(self) -> str:
        """The chart as SVG text, ready to stand in a page."""
        named = f'role="img" aria-label="{escape(self._label)}"'
        return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" {named}>{"".join(self._marks)}</svg>'

    def _axes(
        self, x_label: str, y_label: str, x_ticks: Sequence[float] | None, y_ticks: Sequence[float] | None
    ) -> None:
        (left, base), (right, top) = self._place(self._x[0], self._y[0]), self._place(self._x[1], self._y[1])
        for value in _round_numbers(*self._y) if y_ticks is None else y_ticks:
            y = self._place(self._x[0], value)[1]
            self._marks.append(f'<path class="grid" d="M{left} {y}H{right}"/>')
            self._marks.append(f'<text x="{left - 5}" y="{y + 3.5}" text-anchor="end">{_number(value)}</text>')
        for value in _round_numbers(*self._x) if x_ticks is None else x_ticks:
            x = self._place(value, self._y[0])[0]
            self._marks.append(f'<text x="{x}" y="{base + 13}" text-anchor="middle">{_number(value)}</text>')
        self._marks.append(f'<path class="axis" d="M{left} {base}H{right}"/>')
        middle = (left + right) / 2
        self._marks.append(
            f'<text class="name" x="{middle}" y="{HEIGHT - 6}" text-anchor="middle">{escape(x_label)}</text>'
        )
        turned = f'x="{-(top + base) / 2}" y="11" transform="rotate(-90)" text-anchor="middle"'
        self._marks.append(f'<text class="name" {turned}>{escape(y_label)}</text>')

    def _place(self, x: float, y: float) -> tuple[float, float]:
        across = (x - self._x[0]) / (self._x[1] - self._x[0])
        up = (y - self._y[0]) / (self._y[1] - self._y[0])
        here = _LEFT + min(1.0, max(0.0, across)) * (WIDTH - _LEFT - _RIGHT)
        there = HEIGHT - _BOTTOM - min(1.0, max(0.0, up)) * (HEIGHT - _TOP - _BOTTOM)
        return _short(here), _short(there)


def _short(value: float) -> float:
    rounded = round(float(value), 1)
    return int(rounded) if rounded == int(rounded) else rounded


def _wide(ends: tuple[float, float]) -> tuple[float, float]:
    low, high = float(ends[0]), float(ends[1])
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def _round_numbers(low: float, high: float) -> list[float]:
    """Some five round numbers between two."""
    rough = (high - low) / 5
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round(step * number, 12) for number in range(first, math.floor(high / step + 1e-9) + 1)]


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:g}"
