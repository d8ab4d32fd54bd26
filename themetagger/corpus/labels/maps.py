"""Fine themes replaced by broader ones, and the table that says which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from themetagger._utils.wording import agreeing, number_of
from themetagger.corpus.errors import TableError
from themetagger.corpus.labels.cells import Names
from themetagger.corpus.table import is_missing, place_of

_SHOWN = 10  # names listed in one note


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


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(map(repr, names[:_SHOWN])) + more
