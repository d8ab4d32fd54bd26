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

from themetagger._utils.files import write_atomically
from themetagger.corpus import TableError, check_writable, exact_groups, read_table, texts_of, write_table
from themetagger.corpus.table import check_columns
from themetagger.corpus.themes import themes_of_column
from themetagger.corpus.workbook import workbook
from themetagger.insights.levels import MOST, Period, levels
from themetagger.insights.prevalence import Accuracy, accuracies, prevalence, together
from themetagger.report.plots import save_figure
from themetagger.report.prevalence_plots import share_by_figure, share_figure
from themetagger.tagger.predictions import REVIEW, TAGS
from themetagger.tagger.theme_tagger import ThemeTagger

Figures = Literal["out-of-fold", "held-out"]
FIGURES: tuple[Figures, ...] = get_args(Figures)
LOOKED_AT = 200  # texts that are tagged again, to see whether a column holds this tagger's tags
AGREE = 0.98  # of those with a tag, at least; other libraries may change a few, and a person changes more than that
Tags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Analysis:
    """What was found; each a DataFrame.

    Attributes
    ----------
    shares : as of `prevalence`, all texts
    by, over_time : the same by the values of a column, and by period; None where not asked for
    together : as of `prevalence.together`
    notes : remarks on the data
    """

    shares: pd.DataFrame
    together: pd.DataFrame
    by: pd.DataFrame | None = None
    over_time: pd.DataFrame | None = None
    notes: tuple[str, ...] = ()
    name: str = field(default="", compare=False)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Those that there are, by the name of their file."""
        found = {"shares": self.shares, "by": self.by, "over_time": self.over_time, "together": self.together}
        return {name: table for name, table in found.items() if table is not None}


def analyse(
    path: str | os.PathLike[str],
    tagger: ThemeTagger | str | os.PathLike[str],
    *,
    by: str | None = None,
    time: str | None = None,
    period: Period = "month",
    date_format: str | None = None,
    tag_column: str | None = None,
    retag: bool = False,
    figures: Figures = "out-of-fold",
    most: int = MOST,
    confidence: float = 0.95,
    seed: int = 0,
    delimiter: str | None = None,
    encoding: str | None = None,
) -> Analysis:
    """How many texts of a table have each theme, given how often the tagger errs.

    The tags are those of the column "Predicted Themes", else of "Themes" (what waits for review counts as tagged); they
    are compared with what the tagger gives to up to 200 of the texts. Without such a column the texts are tagged.

    The texts must be new to the tagger. On those that it was tuned on its models err less than its figures say, which
    are of models that had not seen the text, and the intervals are wrong.

    Parameters
    ----------
    path : the table, in any format of `read_table`
    tagger : or its file
    by : column of groups
    time : column of dates, with the ``period`` day, week, month (default), quarter or year
    date_format : of the dates, as of `datetime.strptime`, also in ``by`` where it reads most cells; default found
    tag_column : column of tags, separated by ", "
    retag : tag the texts, whatever columns there are
    figures : how the tagger errs: "out-of-fold" (default), or "held-out", counted on the texts it was tested on, which
        must not be those of the table
    most, confidence, seed : as of `levels` and `prevalence`

    Raises
    ------
    TableError
        If the table cannot be read, a column is not there, tags are not this tagger's, or a date is none.
    BundleError
        If the tagger file is damaged.
    ValueError
        If ``figures`` are held-out ones and the tagger has none.
    """
    tagger = tagger if isinstance(tagger, ThemeTagger) else ThemeTagger.load(tagger)
    known, source = _known(tagger, figures), Path(path).name
    frame, notes = read_table(path, delimiter=delimiter, encoding=encoding, wanted=tagger.text_columns)
    for name, option in ((by, "by"), (time, "time"), (tag_column, "tag_column")):
        told = f"one of them as {option} (--{option.replace('_', '-')})"
        check_columns(frame, [] if name is None else [name], source=source, option=told)
    values = None if by is None else levels(frame[by], source=source, most=most, date_format=date_format)
    periods = None if time is None else levels(frame[time], source=source, period=period, date_format=date_format)
    tags, more = _tags(frame, tagger, source=source, column=tag_column, retag=retag)
    settings: dict[str, Any] = {"confidence": confidence, "seed": seed}
    return Analysis(
        prevalence(tags, known, **settings),
        together(tags, known),
        None if values is None else prevalence(tags, known, values, column=str(by), **settings),
        None if periods is None else prevalence(tags, known, periods, column=str(time), **settings),
        (*notes, *more, *_copies(frame, tagger, source)),
        source,
    )


def _known(tagger: ThemeTagger, figures: Figures) -> dict[str, Accuracy]:
    if figures not in FIGURES:
        raise ValueError(f"figures must be one of {', '.join(FIGURES)} but is {figures!r}.")
    if figures == "out-of-fold":
        return accuracies(tagger.theme_results)
    if tagger.held_out is None:
        raise ValueError("figures are held-out ones, and the tagger has none; tune with --test, or leave figures out.")
    return accuracies(tagger.theme_results, {theme: found.counts for theme, found in tagger.held_out.items()})


def _tags(
    frame: pd.DataFrame, tagger: ThemeTagger, *, source: str, column: str | None, retag: bool
) -> tuple[Tags, list[str]]:
    """The tags of each text, (n, T), and a remark on where they come from."""
    column = None if retag else column or _column_of_tags(frame)
    if column is None:
        return tagger.predict(texts_of(frame, tagger.text_columns, source)) > 0, ["The texts were tagged."]
    names = themes_of_column(frame, column, separator=", ", source=source)
    notes = [f"The tags are those of the column {column!r}."]
    if REVIEW in frame.columns:
        waiting = themes_of_column(frame, REVIEW, separator=", ", source=source)
        names = [[*one, *other] for one, other in zip(names, waiting, strict=True)]
        notes.append(f"What stands in {REVIEW!r} counts as tagged, for so it did when errors were counted.")
    place = {theme: j for j, theme in enumerate(tagger.themes)}
    tags = np.zeros((len(frame), len(place)), dtype=bool)
    for row, themes in enumerate(names):
        tags[row, [place[theme] for theme in themes if theme in place]] = True
    _check_tags(frame, tagger, tags, column, source)
    return tags, notes


def _column_of_tags(frame: pd.DataFrame) -> str | None:
    """The last column that `ThemeTagger.tag` may have added."""
    predicted = [str(name) for name in frame.columns if re.fullmatch(r"Predicted Themes( [0-9]+)?", str(name))]
    return predicted[-1] if predicted else TAGS if TAGS in frame.columns else None


def _check_tags(frame: pd.DataFrame, tagger: ThemeTagger, tags: Tags, column: str, source: str) -> None:
    """TableError where the tags are not this tagger's: of those of a person its errors tell nothing."""
    if not set(tagger.text_columns) <= set(frame.columns):
        return
    rows = np.union1d(_spread(np.arange(len(frame))), _spread(np.flatnonzero(tags.any(axis=1))))
    predicted = tagger.predict_all(texts_of(frame.iloc[rows], tagger.text_columns, source))
    given = predicted.assigned
    told = (given | tags[rows]).any(axis=1)  # that most texts have no tag says nothing of those that have one
    alike = (given == tags[rows]).all(axis=1)
    if told.any() and alike[told].mean() < AGREE:
        certified = predicted.with_policy("certified").assigned == tags[rows]
        first = int(rows[np.argmin(alike)])
        raise TableError(
            f"{source}, {frame.index.name or 'row'} {frame.index[first]}, column {column!r}: "
            f"{str(frame[column].iloc[first])[:60]!r} is not what the tagger gives; {1 - alike[told].mean():.0%} of "
            f"{told.sum()} tagged texts looked at differ. {_remedy(bool(certified.all()))}"
        )


def _spread(rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Half as many of some rows as are looked at, evenly spread; all where there are no more."""
    if not len(rows):
        return rows
    return np.asarray(
        rows[np.unique(np.linspace(0, len(rows) - 1, min(LOOKED_AT // 2, len(rows))).astype(int))], dtype=np.int64
    )


def _remedy(certified: bool) -> str:
    if certified:
        told = f"They are the certified tags (--policy certified) without the column {REVIEW!r}, which counts, too: "
        return told + "keep it, or let the texts be tagged (--retag)."
    return "Pass the column of its tags (--tag-column), or let the texts be tagged (--retag)."


def _copies(frame: pd.DataFrame, tagger: ThemeTagger, source: str) -> list[str]:
    if not set(tagger.text_columns) <= set(frame.columns):
        return []
    copies = len(frame) - len(np.unique(exact_groups(texts_of(frame, tagger.text_columns, source))))
    told = f"{copies} of {len(frame)} texts are copies of others; they count, and make intervals too short."
    return [told] if copies else []


def write_analysis(
    found: Analysis, out: str | os.PathLike[str], *, inputs: Sequence[str | os.PathLike[str]] = ()
) -> list[Path]:
    """Write tables as CSV, all of them as one workbook where openpyxl is installed, and pictures; returns the paths.

    A TableError where one of them would replace one of the ``inputs``, before anything is written.
    """
    folder, written = Path(out), []
    for name in (*(f"{name}.csv" for name in found.tables), "analysis.xlsx"):
        check_writable(folder / name, inputs=inputs)
    for name, table in found.tables.items():
        written.append(folder / f"{name}.csv")
        write_table(table, written[-1])
    try:
        book = workbook(found.tables)
    except ImportError:
        pass
    else:
        written.append(folder / "analysis.xlsx")
        write_atomically(written[-1], book)
    for name, figure in _pictures(found).items():
        written.append(folder / f"{name}.png")
        save_figure(figure, written[-1])
    return written


def _pictures(found: Analysis) -> Mapping[str, Any]:
    pictures = {"shares": share_figure(found.shares, title=f"How many texts have each theme: {found.name}")}
    parts: Sequence[tuple[str, pd.DataFrame | None]] = (("by", found.by), ("over_time", found.over_time))
    for name, table in parts:
        if table is not None and len(table):
            title = f"Share of texts with each theme, by {table['column'].iloc[0]}"
            pictures[name] = share_by_figure(table, title=title, over_time=name == "over_time")
    return pictures
