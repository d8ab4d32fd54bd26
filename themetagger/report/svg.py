"""A panel as SVG text, drawn by hand: a few kilobytes whose colours are the page's.

matplotlib can write SVG too, but some ten times as much of it, with colours of its own. Here the marks have classes of
the page's style sheet, so that a chart is light or dark with the page, prints in its colours, and a script can move its
threshold.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from html import escape

from themetagger.report.panel import Area, Bars, Horizontal, Line, Panel, Points, Vertical, Whiskers

WIDTH, HEIGHT = 360, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 20, 10, 38  # the right one holds half of the last tick's label
_CROSS = 3.0  # half the width of a cross


class SvgCanvas:
    """Draws one panel as SVG.

    Examples
    --------
    >>> from themetagger.report.panel import Axis
    >>> canvas = SvgCanvas(Panel("a", "a < b", Axis("recall"), Axis("precision"), (Line([0, 1], [1, 0], role="main"),)))
    >>> text = canvas.svg()
    >>> text[:4], 'aria-label="a &lt; b"' in text, 'd="M52 10L340 182"' in text
    ('<svg', True, True)
    """

    def __init__(self, panel: Panel) -> None:
        """Draw the axes and all marks."""
        self._x, self._y, self._panel = panel.x.ends, panel.y.ends, panel
        self._elements = [*self._axes()]
        panel.draw_on(self)

    def svg(self) -> str:
        """The panel as SVG text, ready to stand in a page."""
        named = f'role="img" aria-label="{escape(self._panel.description)}"'
        return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" {named}>{"".join(self._elements)}</svg>'

    def across(self, x: float) -> float:
        """How far from the left an x stands, in the units of the SVG."""
        return self._place(x, self._y[0])[0]

    def line(self, mark: Line) -> None:
        """A path through the points that are defined."""
        places = [*self._defined(mark.x, mark.y)]
        if not places:
            return
        (_, x, y), *rest = places
        path = f"M{x} {y}" + "".join(f"H{x}V{y}" if mark.steps else f"L{x} {y}" for _, x, y in rest)
        self._path("line", mark.role, path)

    def area(self, mark: Area) -> None:
        """A path that is closed at the bottom."""
        places = [*self._defined(mark.x, mark.y)]
        if places:
            line = "L".join(f"{x} {y}" for _, x, y in places)
            self._path("area", mark.role, f"M{places[0][1]} {self._base}L{line}L{places[-1][1]} {self._base}Z")

    def points(self, mark: Points) -> None:
        """A circle or a cross for each place, with its hint as title."""
        for i, x, y in self._defined(mark.x, mark.y):
            title = f"<title>{escape(mark.hints[i])}</title>" if mark.hints else ""
            if mark.symbol == "cross":
                left, top, size = _short(x - _CROSS), _short(y - _CROSS), 2 * _CROSS
                path = f"M{left} {top}l{size} {size}m0 {-size}l{-size} {size}"
                self._elements.append(f'<path class="cross {mark.role}" d="{path}">{title}</path>')
            else:
                self._elements.append(f'<circle class="dot {mark.role}" cx="{x}" cy="{y}" r="3.2">{title}</circle>')

    def bars(self, mark: Bars) -> None:
        """A rectangle for each height above 0."""
        for low, high, height in zip(mark.low, mark.high, mark.heights, strict=True):
            (left, top), right = self._place(low, height), self._place(high, height)[0]
            if self._base > top:
                size = f'width="{_short(right - left)}" height="{_short(self._base - top)}"'
                self._elements.append(f'<rect class="bar {mark.role}" x="{left}" y="{top}" {size}/>')

    def whiskers(self, mark: Whiskers) -> None:
        """An upright line for each interval."""
        for x, low, high in zip(mark.x, mark.low, mark.high, strict=True):
            (across, bottom), top = self._place(x, low), self._place(x, high)[1]
            self._path("line", mark.role, f"M{across} {bottom}V{top}")

    def vertical(self, mark: Vertical) -> None:
        """An upright line over the whole height."""
        if math.isfinite(mark.x) and self._x[0] <= mark.x <= self._x[1]:
            self.line(Line((mark.x, mark.x), self._y, role=mark.role))

    def horizontal(self, mark: Horizontal) -> None:
        """A level line over the whole width."""
        if math.isfinite(mark.y) and self._y[0] <= mark.y <= self._y[1]:
            self.line(Line(self._x, (mark.y, mark.y), role=mark.role))

    def _axes(self) -> Iterator[str]:
        (left, base), (right, top) = self._place(self._x[0], self._y[0]), self._place(self._x[1], self._y[1])
        for value in self._panel.y.ticks:
            y = self._place(self._x[0], value)[1]
            yield f'<path class="grid" d="M{left} {y}H{right}"/>'
            yield f'<text x="{left - 5}" y="{_short(y + 3.5)}" text-anchor="end">{self._panel.y.written(value)}</text>'
        for value in self._panel.x.ticks:
            x = self._place(value, self._y[0])[0]
            yield f'<text x="{x}" y="{base + 13}" text-anchor="middle">{self._panel.x.written(value)}</text>'
        yield f'<path class="axis" d="M{left} {base}H{right}"/>'
        beneath = f'x="{(left + right) / 2}" y="{HEIGHT - 6}" text-anchor="middle"'
        yield f'<text class="name" {beneath}>{escape(self._panel.x.label)}</text>'
        beside = f'x="{-(top + base) / 2}" y="11" transform="rotate(-90)" text-anchor="middle"'
        yield f'<text class="name" {beside}>{escape(self._panel.y.label)}</text>'

    @property
    def _base(self) -> float:
        return self._place(self._x[0], self._y[0])[1]

    def _path(self, kind: str, role: str, path: str) -> None:
        self._elements.append(f'<path class="{kind} {role}" d="{path}"/>')

    def _defined(self, xs: Iterable[float], ys: Iterable[float]) -> Iterator[tuple[int, float, float]]:
        """The number of each point that is defined, and where it stands."""
        for i, (x, y) in enumerate(zip(xs, ys, strict=True)):
            if math.isfinite(x) and math.isfinite(y):
                yield i, *self._place(x, y)

    def _place(self, x: float, y: float) -> tuple[float, float]:
        """Where a point stands, in the units of the SVG; what lies outside is moved to the frame."""
        across = (x - self._x[0]) / (self._x[1] - self._x[0])
        up = (y - self._y[0]) / (self._y[1] - self._y[0])
        from_left = _LEFT + min(1.0, max(0.0, across)) * (WIDTH - _LEFT - _RIGHT)
        from_top = HEIGHT - _BOTTOM - min(1.0, max(0.0, up)) * (HEIGHT - _TOP - _BOTTOM)
        return _short(from_left), _short(from_top)


def _short(value: float) -> float:
    rounded = round(float(value), 1)
    return int(rounded) if rounded == int(rounded) else rounded
