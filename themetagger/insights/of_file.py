"""A table of tagged texts -> how many have each theme, over groups and time, and which themes go together."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from themetagger._utils.faces import option
from themetagger._utils.files import write_atomically
from themetagger.corpus import (
    DEFAULT_FORMAT,
    TableError,
    TableFormat,
    check_writable,
    exact_groups,
    read_table,
    texts_of,
    write_table,
)
from themetagger.corpus.frame_columns import check_columns, has_columns
from themetagger.corpus.joining import joining_of
from themetagger.corpus.kept_format import form_for
from themetagger.corpus.labels.columns import named_themes
from themetagger.corpus.workbook import workbook
from themetagger.insights.accuracy import Accuracy, accuracies
from themetagger.insights.levels import MOST, Period, levels
from themetagger.insights.prevalence import prevalence, together
from themetagger.report.plots import save_figure
from themetagger.report.prevalence_plots import share_by_figure, share_figure
from themetagger.tagger.predictions import REVIEW, TAGS
from themetagger.tagger.seen_texts import TrainingTexts, unseen
from themetagger.tagger.theme_tagger import ThemeTagger

Figures = Literal["out-of-fold", "held-out"]
FIGURES: tuple[Figures, ...] = get_args(Figures)
CHECKED = 200  # texts that are tagged again, to see whether a column holds this tagger's tags
AGREE = 0.98  # of those with a tag, at least; other libraries may change a few, and a person changes more than that
Tags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Analysis:
    """The results of an analysis; each a DataFrame.

    Attributes
    ----------
    shares : for all texts, as by `prevalence`
    by, over_time : the same by the values of a column, and by period; None where not asked for
    together : as by `prevalence.together`
    notes : sentences on the data
    """

    shares: pd.DataFrame
    together: pd.DataFrame
    by: pd.DataFrame | None = None
    over_time: pd.DataFrame | None = None
    notes: tuple[str, ...] = ()
    name: str = field(default="", compare=False)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables that there are, by the name of their file."""
        tables = {"shares": self.shares, "by": self.by, "over_time": self.over_time, "together": self.together}
        return {name: table for name, table in tables.items() if table is not None}


@dataclass(frozen=True)
class Grouping:
    """The groups and the periods whose texts are counted.

    Parameters
    ----------
    by : column of groups, default none
    time : column of dates, default none
    period : of ``time``: "day", "week", "month" (default), "quarter" or "year"
    date_format : of the dates, as of `datetime.strptime`, also of ``by`` where most of its cells are such dates;
        default None: found from the cells
    most : groups that are compared, default 12; the rarer ones are counted together
    """

    by: str | None = None
    time: str | None = None
    period: Period = "month"
    date_format: str | None = None
    most: int = MOST


def analyse(
    path: str | os.PathLike[str],
    tagger: ThemeTagger | str | os.PathLike[str],
    grouping: Grouping = Grouping(),
    *,
    tag_column: str | None = None,
    retag: bool = False,
    figures: Figures = "out-of-fold",
    table_format: TableFormat = DEFAULT_FORMAT,
    confidence: float = 0.95,
    seed: int = 0,
    training_texts: TrainingTexts = "leave-out",
) -> Analysis:
    """How many texts of a table have each theme, given how often the tagger errs.

    The tags are those of the column "Predicted Themes", else of "Themes" (what waits for review counts as tagged); they
    are compared with what the tagger gives to up to 200 of the texts. Without such a column the texts are tagged.

    The texts must be new to the tagger: those that it was tuned on are left out. Its models err less on them than its
    figures say, which come from models that had not seen the text, so that the intervals would be wrong.

    Parameters
    ----------
    path : the table, in any format of `read_table`
    tagger : or its file
    grouping : the columns whose values and periods are counted, default none
    tag_column : column of tags, as `tag_file` writes them; default: "Predicted Themes", else "Themes"
    retag : tag the texts, whatever columns there are
    figures : how the tagger errs: "out-of-fold" (default), or "held-out", counted on the texts it was tested on, which
        must not be those of the table
    table_format : how the table is read; its text columns are by default those that the tagger was tuned on
    confidence, seed : as of `prevalence`
    training_texts : "leave-out" (default) leaves out texts that the tagger was tuned on, and copies of them, where the
        table has its texts; "keep" counts them

    Raises
    ------
    TableError
        If the table cannot be read, a column is not there, tags are not this tagger's, a date is none, or
        the tagger was tuned on all texts.
    BundleError
        If the tagger file is damaged.
    ValueError
        If ``figures`` are held-out ones and the tagger has none.
    """
    tagger = tagger if isinstance(tagger, ThemeTagger) else ThemeTagger.load(tagger)
    known, source = _known(tagger, figures), Path(path).name
    form = form_for(path, table_format, tagger.table_format, texts_only=True)
    frame, notes = read_table(path, wanted=form.texts, **form.file_settings)
    frame, left_out = _new_texts(_Texts(frame, tagger, form.texts, form.separator, source), training_texts)
    by, time, date_format = grouping.by, grouping.time, grouping.date_format
    by, time, tag_column = (
        None if name is None else check_columns(frame, [name], source=source, setting=setting)[0]
        for name, setting in ((by, "by"), (time, "time"), (tag_column, "tag_column"))
    )
    reading: dict[str, Any] = {"source": source, "date_format": date_format}
    values = None if by is None else levels(frame[by], most=grouping.most, **reading)
    periods = None if time is None else levels(frame[time], period=grouping.period, **reading)
    texts = _Texts(frame, tagger, form.texts, form.separator, source)
    tags, more = _tags(texts, column=tag_column, retag=retag)
    settings: dict[str, Any] = {"confidence": confidence, "seed": seed}
    return Analysis(
        prevalence(tags, known, **settings),
        together(tags, known),
        None if values is None else prevalence(tags, known, values, column=str(by), **settings),
        None if periods is None else prevalence(tags, known, periods, column=str(time), **settings),
        (*left_out, *notes, *more, *_copies(texts)),
        source,
    )


def _new_texts(texts: _Texts, training_texts: TrainingTexts) -> tuple[pd.DataFrame, list[str]]:
    """The rows whose texts the tagger was not tuned on, and a note on the others."""
    if not texts.present:
        return texts.frame, []
    new, notes = unseen(texts.tagger.seen, texts.of(texts.frame), texts.source, training_texts=training_texts)
    if new is None:
        return texts.frame, notes
    kept = texts.frame[new]
    kept.attrs = texts.frame.attrs
    return kept, notes


def _known(tagger: ThemeTagger, figures: Figures) -> dict[str, Accuracy]:
    if figures not in FIGURES:
        raise ValueError(f"{option('figures')} must be one of {', '.join(FIGURES)} but is {figures!r}.")
    if figures == "out-of-fold":
        return accuracies(tagger.theme_results)
    if tagger.held_out is None:
        asked = option("figures")
        raise ValueError(
            f"{asked} is held-out, and the tagger has no such figures; tune with {option('test')}, or omit it."
        )
    return accuracies(tagger.theme_results, {theme: measured.counts for theme, measured in tagger.held_out.items()})


@dataclass(frozen=True)
class _Texts:
    """The table, the tagger that tagged it, and the columns that hold its texts."""

    frame: pd.DataFrame
    tagger: ThemeTagger
    columns: tuple[str, ...]
    separator: str
    source: str

    @property
    def present(self) -> bool:
        """Whether the table has its columns of text; where it has tags, it can do without."""
        return has_columns(self.frame, self.columns, source=self.source)

    def of(self, frame: pd.DataFrame) -> list[str]:
        """The texts of some of its rows."""
        return texts_of(frame, self.columns, self.source)


def _tags(texts: _Texts, *, column: str | None, retag: bool) -> tuple[Tags, list[str]]:
    """The tags of each text, (n, T), and a remark on where they come from."""
    frame, tagger, source = texts.frame, texts.tagger, texts.source
    column = None if retag else column or _column_of_tags(frame)
    if column is None:
        return tagger.predict(texts.of(frame)) > 0, ["The texts were tagged."]
    separator = joining_of(tagger.themes, separator=texts.separator, strict=False).separator or texts.separator
    names, read = named_themes(frame, [column], separator=separator, source=source)
    notes = [f"The tags are those of the column {column!r}.", *read]
    if REVIEW in frame.columns:
        waiting, read = named_themes(frame, [REVIEW], separator=separator, source=source)
        names = [[*one, *other] for one, other in zip(names, waiting, strict=True)]
        notes.append(f"Themes in {REVIEW!r} count as tagged, as they did when the tagger's errors were counted.")
        notes += read
    place = {theme: j for j, theme in enumerate(tagger.themes)}
    tags = np.zeros((len(frame), len(place)), dtype=bool)
    for row, themes in enumerate(names):
        tags[row, [place[theme] for theme in themes if theme in place]] = True
    _check_tags(texts, tags, column)
    return tags, notes


def _column_of_tags(frame: pd.DataFrame) -> str | None:
    """The last column that `ThemeTagger.tag` may have added."""
    predicted = [str(name) for name in frame.columns if re.fullmatch(r"Predicted Themes( [0-9]+)?", str(name))]
    return predicted[-1] if predicted else TAGS if TAGS in frame.columns else None


def _check_tags(texts: _Texts, tags: Tags, column: str) -> None:
    """TableError where the tags are not this tagger's: its errors say nothing about tags that a person gave."""
    frame, tagger, source = texts.frame, texts.tagger, texts.source
    if not texts.present:
        return
    rows = np.union1d(_spread(np.arange(len(frame))), _spread(np.flatnonzero(tags.any(axis=1))))
    predicted = tagger.predict_all(texts.of(frame.iloc[rows]), policy="all")
    given = predicted.assigned
    tagged = (given | tags[rows]).any(axis=1)  # that most texts have no tag says nothing of those that have one
    same = (given == tags[rows]).all(axis=1)
    if tagged.any() and same[tagged].mean() < AGREE:
        certified = predicted.with_policy("certified").assigned == tags[rows]
        first = int(rows[np.argmin(same)])
        raise TableError(
            f"{source}, {frame.index.name or 'row'} {frame.index[first]}, column {column!r}: "
            f"{str(frame[column].iloc[first])[:60]!r} is not what the tagger gives; {1 - same[tagged].mean():.0%} of "
            f"the {tagged.sum()} tagged texts that were checked differ. {_remedy(bool(certified.all()))}"
        )


def _spread(rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Half as many of some rows as are checked, evenly spread; all where there are no more."""
    if not len(rows):
        return rows
    return np.asarray(
        rows[np.unique(np.linspace(0, len(rows) - 1, min(CHECKED // 2, len(rows))).astype(int))], dtype=np.int64
    )


def _remedy(certified: bool) -> str:
    again = option("retag", True)
    if certified:
        certified_tags = f"They are the certified tags ({option('policy', 'certified')})"
        return f"{certified_tags} without the column {REVIEW!r}, which counts too: keep it, or pass {again}."
    return f"Name the column of its tags by {option('tag_column')}, or have the texts tagged again by {again}."


def _copies(texts: _Texts) -> list[str]:
    if not texts.present:
        return []
    n = len(texts.frame)
    copies = n - len(np.unique(exact_groups(texts.of(texts.frame))))
    those = "is a copy of another; it counts" if copies == 1 else "are copies of others; they count"
    return [f"{copies} of {n} texts {those}, and the intervals are too short for it."] if copies else []


def write_analysis(
    analysis: Analysis, out: str | os.PathLike[str], *, inputs: Sequence[str | os.PathLike[str]] = ()
) -> list[Path]:
    """Write tables as CSV, all of them as one workbook where openpyxl is installed, and pictures; returns the paths.

    A TableError where one of them would replace one of the ``inputs``, before anything is written.
    """
    folder, written = Path(out), []
    for name in (*(f"{name}.csv" for name in analysis.tables), "analysis.xlsx"):
        check_writable(folder / name, inputs=inputs)
    for name, table in analysis.tables.items():
        written.append(folder / f"{name}.csv")
        write_table(table, written[-1])
    try:
        book = workbook(analysis.tables)
    except ImportError:
        pass
    else:
        written.append(folder / "analysis.xlsx")
        write_atomically(written[-1], book)
    for name, figure in _pictures(analysis).items():
        written.append(folder / f"{name}.png")
        save_figure(figure, written[-1])
    return written


def _pictures(analysis: Analysis) -> Mapping[str, Any]:
    pictures = {"shares": share_figure(analysis.shares, title=f"How many texts have each theme: {analysis.name}")}
    parts: Sequence[tuple[str, pd.DataFrame | None]] = (("by", analysis.by), ("over_time", analysis.over_time))
    for name, table in parts:
        if table is not None and len(table):
            title = f"Share of texts with each theme, by {table['column'].iloc[0]}"
            pictures[name] = share_by_figure(table, title=title, over_time=name == "over_time")
    return pictures
