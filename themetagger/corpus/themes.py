"""Theme cells as lists of names: separated, mapped to broader ones, compared by spelling, and as 0/1 columns."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from themetagger._utils.faces import option
from themetagger._utils.wording import agreeing, number_of
from themetagger.corpus.errors import TableError
from themetagger.corpus.table import is_missing, place_of
from themetagger.corpus.table_format import Alike

Names = list[str]

_ON_OFF = {"0": 0, "1": 1, "true": 1, "false": 0}
_SHOWN = 10  # names listed in one note
_LONGEST = 60  # characters up to which a name's spellings with one letter left out are tried


def split_cell(cell: Any, *, separator: str = ", ") -> Names | None:
    """The themes in one cell, stripped, each once, in order; None when the cell is of another kind.

    A string is split at ``separator`` without its outer spaces (where it is more than space), so ", " also
    splits "a,b": a theme that itself contains a comma needs another separator. A missing cell holds no theme.

    >>> split_cell("pay , staff,, pay"), split_cell(["pay", " staff "]), split_cell(None)
    (['pay', 'staff'], ['pay', 'staff'], [])
    """
    if is_missing(cell):
        return []
    if isinstance(cell, str):
        parts: Sequence[Any] = cell.split(separator.strip() or separator)
    elif isinstance(cell, list | tuple | set | frozenset | np.ndarray):
        parts = [part for part in (sorted(cell) if isinstance(cell, set | frozenset) else cell) if not is_missing(part)]
    else:
        return None
    names = [str(part).strip() for part in parts]
    return list(dict.fromkeys(name for name in names if name))


def themes_of_column(frame: pd.DataFrame, column: str, *, separator: str, source: str) -> list[Names]:
    """The themes of each row from one column of separated strings or lists; else a TableError."""
    if not separator:
        raise TableError(f'{source}: {option("separator")} must be a text such as ", ", but got {separator!r}.')
    rows = []
    for row, cell in enumerate(frame[column].tolist()):
        names = split_cell(cell, separator=separator)
        if isinstance(cell, str) and _is_python_list(cell):
            raise TableError(
                f"{source}, {place_of(frame, row)}, column {column!r}: {cell[:60]!r} is a Python list written as text; "
                f"write the themes separated by {separator!r}, or save the table as JSON or Parquet."
            )
        if names is None:
            raise TableError(
                f"{source}, {place_of(frame, row)}, column {column!r}: {str(cell)[:60]!r} is no "
                "list of themes; it must be a separated string or a list "
                f"(for 0/1 columns, one per theme, pass {option('theme_columns')})."
            )
        rows.append(names)
    return rows


def _is_python_list(cell: str) -> bool:
    """Whether a cell reads like ['pay', 'staff'], as pandas writes a list to CSV."""
    text = cell.strip()
    return len(text) > 3 and text[0] == "[" and text[-1] == "]" and text[1] in "'\"" and text[-2] in "'\""


def themes_of_columns(frame: pd.DataFrame, columns: Sequence[str], *, source: str) -> list[Names]:
    """The themes of each row from 0/1 columns, one per theme; a TableError for any other value."""
    rows: list[Names] = [[] for _ in range(len(frame))]
    for column in columns:
        for row, cell in enumerate(frame[column].tolist()):
            if _on_off(cell, frame, row, column, source=source):
                rows[row].append(column.strip())
    return rows


def _on_off(cell: Any, frame: pd.DataFrame, row: int, column: str, *, source: str) -> int:
    value = _ON_OFF.get(cell.strip().casefold()) if isinstance(cell, str) else None
    if not isinstance(cell, str) and not is_missing(cell) and cell in (0, 1):
        value = int(cell)
    if value is None:
        raise TableError(
            f"{source}, {place_of(frame, row)}, column {column!r}: {cell!r} is neither 0 nor 1 "
            f"(nor true nor false); correct it or leave the column out of {option('theme_columns')}."
        )
    return value


def mapped(rows: list[Names], themes: Mapping[str, str], *, name: str) -> tuple[list[Names], list[str]]:
    """Rows with fine themes replaced by broader ones, and notes on it; themes that are not in the map stay.

    >>> mapped([["low pay", "staff"]], {"low pay": "pay"}, name="map.csv")[0]
    [['pay', 'staff']]
    """
    seen = {theme for names in rows for theme in names}
    broad = [list(dict.fromkeys(themes.get(theme, theme) for theme in names)) for names in rows]
    touched = sum(any(theme in themes for theme in names) for names in rows)
    replaced, others = len(seen & set(themes)), len(seen - set(themes))
    notes = [
        f"{name}: {replaced} of its {number_of(len(themes), 'theme')} {agreeing(replaced, 'was', 'were')} replaced in "
        f"{number_of(touched, 'row')}; {number_of(others, 'theme')} that it does not list "
        f"{agreeing(others, 'was', 'were')} kept."
    ]
    absent = [theme for theme in themes if theme not in seen]
    return broad, notes + ([f"{name}: no row has {_listed(absent)}; check the spelling."] if absent else [])


def map_of_frame(frame: pd.DataFrame, *, source: str) -> dict[str, str]:
    """A table of two columns, fine and broad, as a dict; TableError for a width, a gap or a contradiction."""
    if frame.shape[1] != 2:
        raise TableError(
            f"{source}: a theme map has two columns, fine and broad, but this has {frame.shape[1]} "
            f"({', '.join(map(repr, frame.columns))}); take out the others."
        )
    themes: dict[str, str] = {}
    for row, (fine, broad) in enumerate(frame.itertuples(index=False)):
        fine, broad = ("" if is_missing(cell) else str(cell).strip() for cell in (fine, broad))
        if not fine or not broad or themes.get(fine, broad) != broad:
            raise TableError(
                f"{source}, {place_of(frame, row)}: {fine!r} maps to {broad!r}"
                f"{f', and in an earlier line to {themes[fine]!r}' if fine in themes else ''}; "
                "each line needs one fine and one broad theme."
            )
        themes[fine] = broad
    return themes


def settle_spellings(rows: list[Names], *, alike: Alike, source: str) -> tuple[list[Names], list[str]]:
    """Rows after themes that differ only by case, inner spaces or Unicode form were kept, merged or refused.

    >>> settle_spellings([["Staff"], ["staff"], ["Staff"]], alike="merge", source="a.csv")[0]
    [['Staff'], ['Staff'], ['Staff']]
    """
    counts = Counter(theme for names in rows for theme in names)
    clashes = _clashes(counts)
    if not clashes:
        return rows, []
    note = f"Themes differ only by case, spaces or Unicode form: {_listed_clashes(clashes, counts)}"
    if alike == "error":
        remedy = f"correct them, or pass {option('alike', 'merge')} or {option('alike', 'keep')}"
        raise TableError(f"{source}: {note}; {remedy}.")
    if alike == "keep":
        return rows, [f"{note}. They stay separate themes; {option('alike', 'merge')} makes them one."]
    chosen = {theme: themes[0] for themes in clashes for theme in themes}
    merged = [list(dict.fromkeys(chosen.get(theme, theme) for theme in names)) for names in rows]
    return merged, [f"{note}. They were merged into the first of each."]


def _clashes(counts: Mapping[str, int]) -> list[Names]:
    """Themes of one spelling, the most frequent first, where there are several."""
    spelled: dict[str, Names] = defaultdict(list)
    for theme in sorted(counts, key=lambda theme: (-counts[theme], theme)):
        spelled[spelling(theme)].append(theme)
    return [themes for themes in spelled.values() if len(themes) > 1]


def _listed_clashes(clashes: list[Names], counts: Mapping[str, int]) -> str:
    each = [" and ".join(f"{theme!r} ({counts[theme]})" for theme in themes) for themes in clashes]
    more = f" and {len(each) - _SHOWN} more" if len(each) > _SHOWN else ""
    return "; ".join(each[:_SHOWN]) + more


def spelling(theme: str) -> str:
    """A name by which spellings of one theme are equal: no case, single spaces, one Unicode form."""
    return " ".join(unicodedata.normalize("NFKC", theme).casefold().split())


def same_spelling(one: str, other: str) -> bool:
    """Whether two names differ at most by case, spaces or Unicode form."""
    return spelling(one) == spelling(other)


def label_matrix(rows: list[Names], also: Sequence[str] = ()) -> tuple[Any, tuple[str, ...]]:
    """(0/1 uint8 csc_array (n, T), the T themes by frequency, then name); ``also`` names themes that no row need have.

    >>> labels, themes = label_matrix([["b"], ["a", "b"], []])
    >>> themes, labels.toarray().tolist()
    (('b', 'a'), [[1, 0], [1, 1], [0, 0]])
    """
    counts: Counter[str] = Counter(dict.fromkeys(also, 0))
    counts.update(theme for names in rows for theme in names)
    themes = sorted(counts, key=lambda theme: (-counts[theme], theme))
    place = {theme: column for column, theme in enumerate(themes)}
    columns = [place[theme] for names in rows for theme in names]
    index = np.repeat(np.arange(len(rows)), [len(names) for names in rows])
    shape = (len(rows), len(themes))
    return sp.csc_array((np.ones(len(columns), dtype=np.uint8), (index, columns)), shape=shape), tuple(themes)


def alike_names(themes: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of names that look alike: equal but for case, punctuation, a plural or a letter of a longer word.

    Names whose digits differ ("phase 1", "phase 2") are not alike. The work grows linearly with the themes.

    >>> alike_names(["work process", "staff", "work processes", "Staff", "phase 1", "phase 2"])
    [('work process', 'work processes'), ('staff', 'Staff')]
    """
    buckets: dict[str, list[int]] = defaultdict(list)
    for number, theme in enumerate(themes):
        for spelling in _spellings(_bare(theme)):
            buckets[spelling].append(number)
    pairs = {pair for numbers in buckets.values() for pair in combinations(numbers, 2)}
    bare = [_bare(theme) for theme in themes]
    return [(themes[a], themes[b]) for a, b in sorted(pairs) if _look_alike(bare[a], bare[b])]


def _bare(theme: str) -> str:
    """A name without case, plural endings and punctuation (C++ and C# are not C), one space between words."""
    return " ".join(_singular(word) for word in re.findall(r"[\w+#]+", spelling(theme)))


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    plural = len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return word[:-1] if plural else word


def _spellings(bare: str) -> set[str]:
    """A name, and it with any one letter (no digit) left out: names one letter apart share one of these."""
    joined = bare.replace(" ", "")
    places = [i for i, letter in enumerate(joined) if not letter.isdigit()] if len(joined) <= _LONGEST else []
    return {joined, *(joined[:i] + joined[i + 1 :] for i in places)} - {""}


def _look_alike(one: str, other: str) -> bool:
    if one.replace(" ", "") == other.replace(" ", ""):
        return True
    unequal = [pair for pair in zip(one.split(), other.split(), strict=False) if pair[0] != pair[1]]
    return len(unequal) == 1 and one.count(" ") == other.count(" ") and min(map(len, unequal[0])) >= 5


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(map(repr, names[:_SHOWN])) + more
