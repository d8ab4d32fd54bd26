"""The cells of a column as a few values to compare: names, bins of numbers, periods of time."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal, NoReturn, get_args

import numpy as np
import pandas as pd

from themetagger._utils.faces import option
from themetagger.corpus import TableError
from themetagger.corpus.table import is_missing

Period = Literal["day", "week", "month", "quarter", "year"]
PERIODS: tuple[Period, ...] = get_args(Period)
OTHER, MISSING = "(other)", "(missing)"
MOST = 12  # values of one column that are compared; the rarer ones are put together
BINS = 4  # of numbers, as many texts in each as can be
MOST_PERIODS = 1_000  # a typing error in a year is more likely than so many
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_ISO = re.compile(r"([0-9]{4}-[0-9]{1,2}-[0-9]{1,2})(?:[T ].*)?", re.DOTALL)
# the first that reads every cell is taken; where two read every cell, and differently, that is an error
_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%d %b %Y", "%d %B %Y")


def levels(
    cells: pd.Series[Any],
    *,
    source: str = "table",
    period: Period | None = None,
    most: int = MOST,
    date_format: str | None = None,
) -> pd.Categorical[Any]:
    """The value of each row, (n,), as one of a few, in an order that makes sense.

    Dates become periods: with ``period``, or where every cell is a date; the period is then the shortest that gives at
    most ``most``. Of more than ``most`` different numbers quartiles are made. Any other value stays, the most frequent
    first, and what is rarer than the ``most`` most frequent becomes "(other)". Empty cells are "(missing)".

    Parameters
    ----------
    cells : a column, its index naming the rows as of `read_table` ("line 7"), its name that of the column
    source : the file, for messages
    period : day, week, month, quarter or year; all between the first and the last are categories
    most : values compared, default 12
    date_format : as of `datetime.strptime`, default found from the cells; without ``period`` only where it reads most
        of them, so that it may be given for columns of all kinds

    Raises
    ------
    TableError
        If ``period`` is given and a cell is no date, or dates can be read in two ways, or lie too far apart.

    Examples
    --------
    >>> levels(pd.Series(["a", "b", "a", ""])).tolist()
    ['a', 'b', 'a', '(missing)']
    >>> levels(pd.Series(["2024-01-31", "2024-03-01"], name="Date"), period="month").categories.tolist()
    ['2024-01', '2024-02', '2024-03']
    >>> levels(pd.Series([str(n) for n in range(100)])).categories.tolist()
    ['0 to 24', '25 to 49', '50 to 74', '75 to 99']
    """
    texts = [_text(cell) for cell in cells.tolist()]
    form = date_format if period is not None or date_format is None or reads(cells, date_format) else None
    if period is not None or form or _all_dates(texts):
        days = dates_of(cells, source=source, date_format=form)
        return _periods(cells, days, period or _fitting(days, most), source=source, chosen=period is not None)
    if (numbers := _numbers(texts)) is not None and len(np.unique(numbers[np.isfinite(numbers)])) > most:
        return _bins(numbers)
    return _names(texts, most)


def reads(cells: pd.Series[Any], date_format: str) -> bool:
    """Whether most cells that are not empty are dates of a format.

    >>> reads(pd.Series(["31/01/2024", "1/2/2024", "soon"]), "%d/%m/%Y"), reads(pd.Series(["north"]), "%d/%m/%Y")
    (True, False)
    """
    filled = [text for text in map(_text, cells.tolist()) if text]
    return 2 * sum(_day(text, date_format) is not None for text in filled) > len(filled)


def _text(cell: Any) -> str:
    """The cell as a text on one line; empty where it is missing."""
    if is_missing(cell):
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat()
    return " ".join(str(cell).split())


def _names(texts: Sequence[str], most: int) -> pd.Categorical[Any]:
    counts = Counter(text for text in texts if text)
    ranked = sorted(counts, key=lambda name: (-counts[name], name))
    frequent = ranked if len(ranked) <= most else ranked[: most - 1]  # one place is for the others
    shown = {name: f"{name} (value)" if name in (OTHER, MISSING) else name for name in frequent}
    values = [(shown.get(text, OTHER)) if text else MISSING for text in texts]
    ends = [name for name in (OTHER, MISSING) if name in values]
    return pd.Categorical(values, categories=[*shown.values(), *ends])


def _numbers(texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float64]] | None:
    """The numbers, nan where a cell is missing; None where a cell is no number."""
    if not any(texts) or any(text and _NUMBER.fullmatch(text) is None for text in texts):
        return None
    return np.array([float(text) if text else math.nan for text in texts])


def _bins(numbers: np.ndarray[Any, np.dtype[np.float64]]) -> pd.Categorical[Any]:
    """Quartiles, each named by the least and the greatest number in it."""
    known = np.isfinite(numbers)
    edges = np.unique(np.quantile(numbers[known], np.arange(1, BINS) / BINS, method="inverted_cdf"))
    place = np.searchsorted(edges, numbers)  # a number at an edge stays with the smaller ones
    names = {k: _span(numbers[known & (place == k)]) for k in range(len(edges) + 1) if (known & (place == k)).any()}
    values = [names[k] if is_known else MISSING for k, is_known in zip(place.tolist(), known.tolist(), strict=True)]
    return pd.Categorical(values, categories=[*dict.fromkeys(names.values()), *([] if known.all() else [MISSING])])


def _span(numbers: np.ndarray[Any, np.dtype[np.float64]]) -> str:
    low, high = (f"{edge:.12g}" for edge in (numbers.min(), numbers.max()))
    return low if low == high else f"{low} to {high}"


def _all_dates(texts: Sequence[str]) -> bool:
    """Whether every cell that is not empty is a date of one format; a plain number is none, as it may be a year."""
    filled = [text for text in texts if text]
    return (
        bool(filled)
        and not any(_NUMBER.fullmatch(text) for text in filled)
        and any(all(_day(text, form) for text in filled) for form in _FORMATS)
    )


def dates_of(cells: pd.Series[Any], *, source: str, date_format: str | None = None) -> list[date | None]:
    """The day of each cell, None where it is missing; a TableError names the line, and the value, that is no date.

    Of a time the day is taken as it is written, whatever its time zone.

    Examples
    --------
    >>> dates_of(pd.Series(["2024-01-31T23:50:00+02:00", "31/12/2024"], name="Date"), source="a.csv")
    Traceback (most recent call last):
    ...
    themetagger.corpus.errors.TableError: a.csv, row 1, column 'Date': '31/12/2024' is no date in the format \
%Y-%m-%d, which the other dates have; correct it, or pass date_format.
    """
    texts = [_text(cell) for cell in cells.tolist()]
    filled = [text for text in texts if text]
    read = {form: sum(_day(text, form) is not None for text in filled) for form in _FORMATS}
    whole = [form for form in _FORMATS if read[form] == len(filled)]
    form = date_format or (whole[0] if whole else max(_FORMATS, key=lambda name: read[name]))
    where = f"{source}, {{}}, column {cells.name!r}"
    if date_format is None:
        _check_one_way(texts, whole, where, cells)
    days = [_day(text, form) for text in texts]
    for row, (text, day) in enumerate(zip(texts, days, strict=True)):
        if text and day is None:
            problem = (
                f"is no date in the format {form}" if date_format or read[form] else "is no date of a known format"
            )
            others = ", which the other dates have" if not date_format and read[form] else ""
            raise TableError(
                f"{where.format(_place(cells, row))}: {text[:60]!r} {problem}{others}; correct it, or pass "
                f"{option('date_format')}."
            )
    return days


def _check_one_way(texts: Sequence[str], forms: Sequence[str], where: str, cells: pd.Series[Any]) -> None:
    """TableError where 03/04/2024 may be in March or in April, and no other cell tells."""
    for row, text in enumerate(texts):
        days = {_day(text, form): form for form in forms} if text else {}
        if len(days) > 1:
            first, second = list(days.values())[:2]
            raise TableError(
                f"{where.format(_place(cells, row))}: {text[:60]!r} may be {first} or {second}, and no other cell "
                f"tells; pass {option('date_format')}."
            )


def _place(cells: pd.Series[Any], row: int) -> str:
    return f"{cells.index.name or 'row'} {cells.index[row]}"


def _day(text: str, form: str) -> date | None:
    if form == "%Y-%m-%d" and (match := _ISO.fullmatch(text)):
        text = match[1]
    try:
        return datetime.strptime(text, form).date()
    except ValueError:
        return None


def _fitting(days: Sequence[date | None], most: int) -> Period:
    """The shortest period of which filled are at most ``most`` from the first day to the last, else the longest."""
    filled = [day for day in days if day is not None]
    fits = [period for period in PERIODS if _number(max(filled), period) - _number(min(filled), period) < most]
    return fits[0] if fits else "year"


def _periods(
    cells: pd.Series[Any], days: Sequence[date | None], period: Period, *, source: str, chosen: bool
) -> pd.Categorical[Any]:
    """The period of each day; ``chosen`` says that somebody chose it, and may choose another."""
    filled = [day for day in days if day is not None]
    if filled and _number(max(filled), period) - _number(min(filled), period) >= MOST_PERIODS:
        _too_far_apart(cells, days, period, source=source, chosen=chosen)
    names = _between(min(filled), max(filled), period) if filled else []
    values = [MISSING if day is None else _named(day, period) for day in days]
    return pd.Categorical(values, categories=[*names, *([MISSING] if len(filled) < len(days) else [])])


def _too_far_apart(
    cells: pd.Series[Any], days: Sequence[date | None], period: Period, *, source: str, chosen: bool
) -> NoReturn:
    """TableError that names the day farthest from the one in the middle, which is wrong most probably."""
    filled = sorted(day for day in days if day is not None)
    middle, ends = filled[len(filled) // 2], (filled[0], filled[-1])
    odd = max(ends, key=lambda day: abs(day.toordinal() - middle.toordinal()))
    row = days.index(odd)
    remedy = f" or choose a longer {option('period')}" * (chosen and period != "year")
    raise TableError(
        f"{source}, {_place(cells, row)}, column {cells.name!r}: {_text(cells.iloc[row])[:60]!r} makes more than "
        f"{MOST_PERIODS:,} periods of a {period}, from {ends[0]} to {ends[1]}; correct it{',' * bool(remedy)}{remedy}."
    )


def _between(first: date, last: date, period: Period) -> list[str]:
    """All periods from the first day's to the last's."""
    days = range(first.toordinal(), last.toordinal() + 1)
    return list(dict.fromkeys(_named(date.fromordinal(day), period) for day in days))


def _number(day: date, period: Period) -> int:
    """Periods are numbered one after the other."""
    return {
        "day": day.toordinal(),
        "week": (day.toordinal() - 1) // 7,  # the first day of all was a Monday
        "month": 12 * day.year + day.month,
        "quarter": 4 * day.year + (day.month - 1) // 3,
        "year": day.year,
    }[period]


def _named(day: date, period: Period) -> str:
    year, week, _ = day.isocalendar()
    return {
        "day": day.isoformat(),
        "week": f"{year:04d}-W{week:02d}",
        "month": f"{day.year:04d}-{day.month:02d}",
        "quarter": f"{day.year:04d}-Q{(day.month + 2) // 3}",
        "year": f"{day.year:04d}",
    }[period]
