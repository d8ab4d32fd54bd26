"""A checked table as a Corpus: texts, 0/1 labels, themes, duplicate groups and notes."""

from __future__ import annotations

import difflib
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from themetagger._utils.faces import option
from themetagger._utils.wording import agreeing, number_of
from themetagger.corpus.duplicates import duplicate_groups
from themetagger.corpus.frame_columns import as_named, check_columns, check_header, one_header, spelled_notes
from themetagger.corpus.labels.columns import named_themes
from themetagger.corpus.labels.maps import map_of_frame, mapped
from themetagger.corpus.labels.matrix import label_matrix
from themetagger.corpus.labels.on_off import marked_themes
from themetagger.corpus.labels.spellings import alike_names, same_spelling, settle_spellings
from themetagger.corpus.odd_rows import odd_ends, repeated_header, rows_without_text, unread_columns
from themetagger.corpus.row_choice import Ints, first_answer, joined_repeats, judged_rows, repeats_note
from themetagger.corpus.table import TableError, is_missing, read_table, repaired, texts_of
from themetagger.corpus.table_format import DEFAULT_FORMAT, TableFormat

_SHOWN = 10  # pairs of names in one note


@dataclass(frozen=True, eq=False)
class Corpus:
    """Texts and their themes, n rows and T themes, ready to be split and searched.

    Attributes
    ----------
    texts : n strings
    labels : 0/1 ``scipy.sparse.csc_array`` of uint8, (n, T)
    themes : the T names, the most frequent first, equally frequent ones by name
    groups : the duplicate group of each row, int64 (n,)
    source : name of the file, for messages
    notes : sentences on what was counted or repaired, or looks odd
    original : each row's themes before a ``theme_map`` replaced them; None without a map
    rows : the row of the table that each text is from, counted from 0, int64 (n,); None without a table

    Examples
    --------
    >>> corpus = corpus_from_frame(pd.DataFrame({"Processed Text": ["good pay", "bad pay"],
    ...                                          "Themes": ["pay, praise", "pay"]}))
    >>> corpus.themes, corpus.column("praise").tolist(), len(corpus)
    (('pay', 'praise'), [1, 0], 2)
    """

    texts: tuple[str, ...]
    labels: Any
    themes: tuple[str, ...]
    groups: NDArray[np.int64]
    source: str
    notes: tuple[str, ...] = ()
    original: tuple[tuple[str, ...], ...] | None = None
    rows: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        """The number of rows, n."""
        return len(self.texts)

    def column(self, theme: str) -> NDArray[np.uint8]:
        """The 0/1 labels of one theme, uint8 (n,); KeyError, with the nearest name, when it is not there."""
        if theme not in self.themes:
            near = difflib.get_close_matches(theme, self.themes, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise KeyError(f"{self.source}: no row has the theme {theme!r}{hint}")
        return np.asarray(self.labels[:, [self.themes.index(theme)]].toarray().ravel(), dtype=np.uint8)

    def support(self) -> NDArray[np.int64]:
        """The number of positives of each theme, int64 (T,)."""
        return np.asarray(np.diff(self.labels.indptr), dtype=np.int64)

    def align(self, themes: Sequence[str]) -> Any:
        """The labels of ``themes``, csc_array (n, len(themes)); the column of an absent theme is all 0."""
        place = {theme: column for column, theme in enumerate(self.themes)}
        known = [column for column, theme in enumerate(themes) if theme in place]
        move = sp.csc_array(
            (np.ones(len(known), dtype=np.uint8), ([place[themes[column]] for column in known], known)),
            shape=(len(self.themes), len(themes)),
        )
        return sp.csc_array(self.labels @ move)

    def renamed(self, names: Mapping[str, str]) -> Corpus:
        """The same texts with some themes under another name; two of one name become one."""
        now = [names.get(theme, theme) for theme in self.themes]
        themes = tuple(dict.fromkeys(now))
        place = {theme: column for column, theme in enumerate(themes)}
        cells = (np.ones(len(now), dtype=np.uint8), (np.arange(len(now)), [place[theme] for theme in now]))
        labels = sp.csc_array(self.labels @ sp.csc_array(cells, shape=(len(now), len(themes))))
        labels.data = np.minimum(labels.data, 1).astype(np.uint8)
        return replace(self, labels=labels, themes=themes)

    def take(self, rows: ArrayLike) -> Corpus:
        """The given rows (indices or a mask), in that order; all themes stay, even those that lose all."""
        picked = np.asarray(rows)
        index = np.arange(len(self))[picked if picked.size else picked.astype(np.int64)]
        return Corpus(
            texts=tuple(self.texts[row] for row in index),
            labels=sp.csc_array(self.labels[index]),
            themes=self.themes,
            groups=self.groups[index],
            source=self.source,
            notes=self.notes,
            original=None if self.original is None else tuple(self.original[row] for row in index),
            rows=None if self.rows is None else self.rows[index],
        )


def read_corpus(path: str | os.PathLike[str], table_format: TableFormat = DEFAULT_FORMAT, **settings: Any) -> Corpus:
    """A table file as a Corpus; nothing is dropped, and its notes say what was odd.

    Parameters
    ----------
    path : table file, of a format of `read_table`
    table_format : which columns hold texts and themes, and how the file is read; a missing text counts as empty
    **settings : fields of `TableFormat`, which replace those of ``table_format``

    Returns
    -------
    The n texts with their themes; with a ``theme_map``, ``original`` keeps each row's own.

    Raises
    ------
    TableError
        Names file, line or column, value and remedy.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "a.csv")
    ...     _ = path.write_text('Processed Text,Themes\\nlow pay,"pay, praise"\\nNA,pay\\n')
    ...     corpus = read_corpus(path, theme_map={"praise": "mood"})
    >>> corpus.texts, corpus.themes, corpus.original
    (('low pay', 'NA'), ('pay', 'mood'), (('pay', 'praise'), ('pay',)))
    """
    form = replace(table_format, **settings)
    frame, notes = read_table(path, wanted=form.named_columns, **form.file_settings)
    return _corpus(frame, form, source=Path(path).name, notes=notes)


def corpus_from_frame(
    frame: pd.DataFrame, table_format: TableFormat = DEFAULT_FORMAT, *, source: str = "DataFrame", **settings: Any
) -> Corpus:
    """A DataFrame as a Corpus; ``source`` is its name in messages, all else as in `read_corpus`.

    >>> frame = pd.DataFrame({"text": ["low pay", "thanks"], "pay": [1, 0], "mood": [0, 0]})
    >>> corpus_from_frame(frame, text_columns=["text"], theme_columns=["pay", "mood"]).notes
    ("No row has 'mood'.", '1 of 2 rows has no theme; it is kept as a negative.')
    """
    form = replace(table_format, **settings)
    frame = one_header(frame)
    check_header(frame, source=source)
    frame, notes = repaired(frame)
    notes = [*notes, *spelled_notes(frame, form.named_columns, source=source)]
    return _corpus(frame, form, source=source, notes=notes)


def _corpus(frame: pd.DataFrame, form: TableFormat, *, source: str, notes: Sequence[str]) -> Corpus:
    if not len(frame):
        raise TableError(f"{source}: the table holds no rows; it needs a row for each text.")
    first, above = first_answer(frame)
    kept, more = judged_rows(frame.iloc[first:], form.judged, form.theme_columns or (), source=source)
    again, repeated = repeated_header(frame.iloc[kept + first], (*form.texts, *form.themes), source=source)
    kept, more = (kept + first)[~again], [*above, *more, *repeated]
    frame = as_named(frame.iloc[kept], form, source=source)
    texts = texts_of(frame, form.texts, source, taken=form.themes)
    themes = _theme_lists(frame, form, source=source)
    notes = [*notes, *more, *themes.notes, *_missing_notes(frame, form), *odd_ends(frame, texts, themes.rows)]
    notes += unread_columns(frame, form, sorted({name for names in themes.rows for name in names}))
    rows, more = settle_spellings(themes.rows, alike=form.alike, source=source)
    chosen, (rows, original), joining = _chosen(texts, rows, themes.original, form, source=source)
    texts = [texts[row] for row in chosen]
    labels, names = label_matrix(rows, also=themes.declared if form.alike == "keep" else ())
    return Corpus(
        texts=tuple(texts),
        labels=labels,
        themes=names,
        groups=duplicate_groups(texts),
        source=source,
        notes=(*notes, *more, *joining, *_count_notes(texts, rows, names)),
        original=None if themes.original is None else tuple(map(tuple, original)),
        rows=kept[chosen],
    )


@dataclass(frozen=True)
class _ThemeLists:
    """The themes of each row, those before a map replaced them, those that are there by name, and notes."""

    rows: list[list[str]]
    original: list[list[str]] | None
    declared: list[str]
    notes: list[str]


def _theme_lists(frame: pd.DataFrame, form: TableFormat, *, source: str) -> _ThemeLists:
    rows, notes = _theme_rows(frame, form, source=source)
    declared = [] if form.theme_columns is None else [name.strip() for name in form.theme_columns]
    if form.theme_map is None:
        return _ThemeLists(rows, None, declared, notes)
    themes, name = _theme_map(form.theme_map, rows)
    broad, more = mapped(rows, themes, name=name)
    return _ThemeLists(broad, rows, [themes.get(theme, theme) for theme in declared], [*notes, *more])


def _chosen(
    texts: Sequence[str],
    rows: list[list[str]],
    original: list[list[str]] | None,
    form: TableFormat,
    *,
    source: str,
) -> tuple[Ints, list[list[list[str]]], list[str]]:
    """The rows that become texts, their themes and their original ones, and notes."""
    chosen, labels, notes = np.arange(len(rows)), [rows, original or rows], list[str]()
    if form.repeats == "join":
        chosen, labels, notes = joined_repeats(texts, *labels)
    if form.rows_without_theme == "keep":
        return chosen, labels, notes
    have = [row for row, names in enumerate(labels[0]) if names]
    out = len(chosen) - len(have)
    if not have:
        raise TableError(f"{source}: no row has a theme, and {option('rows_without_theme', 'drop')} leaves out those.")
    if out:
        without = agreeing(out, "has no theme and is", "have no theme and are")
        notes = [*notes, f"{out} of {number_of(len(chosen), 'row')} {without} left out."]
    return chosen[have], [[names[row] for row in have] for names in labels], notes


def _missing_notes(frame: pd.DataFrame, form: TableFormat) -> list[str]:
    """For each column that has missing cells, how many; an empty one is not missing."""
    one = form.theme_columns is None and isinstance(form.theme_column, str)  # of several, most cells are empty
    columns = form.named_columns if one else form.texts
    counts = {column: sum(map(is_missing, frame[column].tolist())) for column in columns}
    return [
        f"Column {column!r}: {n} of {number_of(len(frame), 'cell')} {agreeing(n, 'is', 'are')} missing."
        for column, n in counts.items()
        if n
    ]


def _theme_rows(frame: pd.DataFrame, form: TableFormat, *, source: str) -> tuple[list[list[str]], list[str]]:
    setting = "theme_column" if form.theme_columns is None else "theme_columns"
    _check_listed(form.themes, source=source, setting=setting)
    check_columns(frame, form.themes, source=source, setting=setting, taken=form.texts)
    if form.theme_columns is None:
        return named_themes(frame, form.themes, separator=form.separator, source=source)
    rows, notes = marked_themes(frame, form.themes, empty_cells=form.empty_cells, source=source)
    seen = {theme for names in rows for theme in names}
    absent = [name for name in form.themes if name.strip() not in seen]
    return rows, notes + ([f"No row has {', '.join(map(repr, absent))}."] if absent else [])


def _check_listed(columns: Sequence[str], *, source: str, setting: str) -> None:
    """TableError where no column of themes is named, or one twice, which would count a row twice."""
    names = [name.strip() for name in columns]
    if not names:
        raise TableError(f"{source}: {option(setting)} names no column; name at least one.")
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        times = names.count(twice[0])
        raise TableError(f"{source}: {option(setting)} names {twice[0]!r} {times} times; name it once.")


def _theme_map(
    theme_map: str | os.PathLike[str] | Mapping[str, str], rows: list[list[str]]
) -> tuple[dict[str, str], str]:
    if isinstance(theme_map, Mapping):
        frame = pd.DataFrame(list(theme_map.items()), columns=["fine", "broad"], dtype=object)
        return map_of_frame(frame, source=option("theme_map")), option("theme_map")
    frame, _ = read_table(theme_map)
    name = Path(theme_map).name
    if any(frame.columns[0] in names for names in rows):  # else the first pair would be lost in silence
        raise TableError(
            f"{name}, line 1: {frame.columns[0]!r} is a theme in the rows, so the header seems to be missing; "
            "begin with a header line such as fine,broad."
        )
    return map_of_frame(frame, source=name), name


def _count_notes(texts: list[str], rows: list[list[str]], themes: Sequence[str]) -> list[str]:
    """Notes on empty texts, rows without a theme, repeated texts whose themes differ, and names that look alike."""
    n, empty, bare = len(texts), sum(not text.strip() for text in texts), sum(not names for names in rows)
    pairs = [pair for pair in alike_names(themes) if not same_spelling(*pair)]  # those have a note already
    shown = "; ".join(f"{one!r} and {other!r}" for one, other in pairs[:_SHOWN])
    more = f" and {number_of(len(pairs) - _SHOWN, 'more pair')}" if len(pairs) > _SHOWN else ""
    themeless = agreeing(bare, "has no theme; it is kept as a negative", "have no theme; they are kept as negatives")
    notes = [
        (empty, f"{empty} of {number_of(n, 'text')} {agreeing(empty, 'is empty; it is', 'are empty; they are')} kept."),
        (bare, f"{bare} of {number_of(n, 'row')} {themeless}."),
        (len(pairs), f"Themes that look alike: {shown}{more}."),
    ]
    told = [note for count, note in notes if count]
    torn = [*rows_without_text(texts, rows), *repeats_note(texts, rows)]
    return [*told[: len(told) - bool(pairs)], *torn, *told[len(told) - bool(pairs) :]]
