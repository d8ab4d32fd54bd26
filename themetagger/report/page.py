"""Table, averages, themes and figures -> one self-contained HTML page, which fetches nothing."""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from themetagger.report.results import AVERAGED, HELD_OUT, status_counts
from themetagger.report.text import cell_text, heading, percent
from themetagger.report.theme_charts import charts_of
from themetagger.report.theme_view import SHOWN, Part, ThemeView
from themetagger.winner import MODELLED

LONG = 60  # characters from which a text takes room
_EXPLAINED = (
    "Out-of-fold figures come from models that had not seen the text; corrected ones take back what choosing model and "
    "cut flatters, bounds say how low they may be, and held-out ones come from texts that had no say at all."
)
_MEDIA = {
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def render_page(
    table: pd.DataFrame,
    averages: pd.DataFrame,
    *,
    title: str = "Results by theme",
    notes: Sequence[str] = (),
    figures: Mapping[str, bytes] | None = None,
    themes: Sequence[ThemeView] = (),
    parts: Sequence[Part] = (),
    downloads: Mapping[str, bytes] | None = None,
) -> str:
    """One HTML page that holds everything: a summary in words, the tables, the themes, and the figures.

    Whatever comes from the data (names of themes, texts, reasons, notes) is escaped, and a policy in the page lets no
    other script run and nothing be fetched.

    Parameters
    ----------
    table, averages
        What `results_table` and `averages` of :mod:`themetagger.report.results` returned.
    title
        Heading of the page.
    notes
        Paragraphs at the end: where the texts come from, say.
    figures
        PNG bytes by caption; a caption also serves as the alternative text. None (default) for no figure.
    themes
        What is shown of each theme, none by default.
    parts
        What is shown of all themes together, none by default.
    downloads
        Bytes of files by name, which the page hands out; None (default) for none.

    Returns
    -------
    The page as one text; write it with UTF-8.

    Raises
    ------
    ValueError
        If a figure is not a PNG.

    Examples
    --------
    >>> from themetagger.report.results import averages, results_table
    >>> from themetagger.winner import Winner
    >>> table = results_table([Winner.skipped("<b>pay</b>", "one class", support=7)])
    >>> page = render_page(table, averages(table), title="Survey")
    >>> "<b>pay</b>" in page, "&lt;b&gt;pay&lt;/b&gt;" in page
    (False, True)
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("themetagger.report", "templates")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    style, script = (loader.get_source(environment, name)[0] for name in ("page.css", "page.js"))
    anchors = {view.theme: f"theme-{number}" for number, view in enumerate(themes, start=1)}
    return environment.get_template("page.html.jinja").render(
        title=title,
        summary=summary(table, averages),
        lacking=_lacking(table),
        statuses={status: number for status, number in status_counts(table).items() if number},
        notes=notes,
        explained=_EXPLAINED,
        averages=_grid(averages),
        results=_sortable(_figures_first(table), anchors),
        themes=[_theme(view, anchors[view.theme]) for view in themes],
        parts=[_part(part, number) for number, part in enumerate(parts, start=1)],
        figures={caption: _png_uri(caption, png) for caption, png in (figures or {}).items()},
        downloads={name: _uri(_media(name), data) for name, data in (downloads or {}).items()},
        style=style,
        script=script,
        script_hash=f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}",
    )


def summary(table: pd.DataFrame, averages: pd.DataFrame) -> list[str]:
    """What the table says, in sentences: how many themes are certified, and what to expect of them.

    Parameters
    ----------
    table, averages
        What `results_table` and `averages` of :mod:`themetagger.report.results` returned.

    Examples
    --------
    >>> from themetagger.report.results import averages, results_table
    >>> from themetagger.winner import Counts, Winner
    >>> pay = Winner("pay", "BEST_EFFORT", family="ridge", view="words", support=10, counts=Counts(8, 2, 2, 88))
    >>> table = results_table([pay, Winner.skipped("canteen", "10 positives, needs 30", support=10)])
    >>> summary(table, averages(table))[0]
    'Of 2 themes 0 are certified, 1 has a model without a promise, 1 was skipped and 0 failed.'
    >>> summary(table, averages(table))[1][:46]
    'Out of fold, 80 % of the tags given are right,'
    """
    sentences = [_statuses(len(table), status_counts(table))]
    micro = averages[(averages["average"] == "micro") & (averages["over"] == "all themes")].iloc[0]
    for prefix, words in (("", "Out of fold"), (HELD_OUT, "On held-out texts")):
        if pd.notna(micro.get(prefix + "precision")):
            sentences.append(_promise(words, micro[prefix + "precision"], micro[prefix + "recall"]))
    certified = table.loc[table["status"] == "CERTIFIED", "certified_recall"].dropna()
    if len(certified):
        promised, found = f"{100 * table['certified_target'].min():g}", percent(float(certified.mean()))
        themes = "1 theme" if len(certified) == 1 else f"{len(certified)} themes"
        sentences.append(
            f"{themes} can be applied unseen: a precision of {promised} % or more is certified, and the tags find "
            f"{found} % of what is due."
        )
    elif len(table):
        sentences.append("No theme can be applied unseen: look at the tags before you rely on them.")
    return sentences


def _statuses(themes: int, counts: Mapping[str, int]) -> str:
    certified, effort, skipped = counts["CERTIFIED"], counts["BEST_EFFORT"], counts["SKIPPED"]
    return (
        f"Of {themes} {'theme' if themes == 1 else 'themes'} {certified} {'is' if certified == 1 else 'are'} "
        f"certified, {effort} {'has' if effort == 1 else 'have'} a model without a promise, "
        f"{skipped} {'was' if skipped == 1 else 'were'} skipped and {counts['FAILED']} failed."
    )


def _promise(words: str, precision: float, recall: float) -> str:
    right, found = (f"{percent(rate)} %" for rate in (precision, recall))
    given = f"{right} of the tags given are right, and {found} of those due are given"
    return f"{words}, {given} (micro average over all themes)."


@dataclass(frozen=True)
class _Cell:
    """A cell: its text, whether it is a number, its value to sort by, and whether its column is shown on demand."""

    text: str
    number: bool
    value: str = ""
    more: bool = False

    @property
    def wide(self) -> bool:
        """Whether the text takes room: a narrow column would make a tower of it."""
        return len(self.text) > LONG


_FIRST = (
    *("theme", "status", *AVERAGED, "support", "precision_bound"),
    *(HELD_OUT + name for name in ("precision", "recall", "f1")),
    *("family", "seconds"),
)


def _lacking(table: pd.DataFrame) -> list[dict[str, str]]:
    """The themes that are not certified, and why."""
    rows = table[(table["status"] != "CERTIFIED") & (table["reason"] != "")]
    return [{"theme": theme, "reason": reason} for theme, reason in rows[["theme", "reason"]].to_numpy()]


def _figures_first(table: pd.DataFrame) -> pd.DataFrame:
    # a reader looks for the figures; how they came about is shown when it is asked for
    order = [name for name in _FIRST if name in table]
    return table[order + [name for name in table if name not in order]]


def _sortable(table: pd.DataFrame, anchors: Mapping[str, str]) -> dict[str, Any]:
    """The results table for the template: headings, and rows with a link to their theme."""
    kinds = [(str(name), pd.api.types.is_numeric_dtype(table[name]), name not in _FIRST) for name in table]
    rows = []
    for values in table.astype(object).to_numpy():
        cells = [_cell(value, number, more) for value, (_, number, more) in zip(values, kinds, strict=True)]
        theme, status = values[0], values[1]
        row = {"cells": cells, "status": status, "modelled": status in MODELLED, "find": _findable(table, values)}
        rows.append(row | {"anchor": anchors.get(theme, ""), "linked": theme in anchors})
    headings = [{"text": heading(name), "number": number, "more": more} for name, number, more in kinds]
    return {"headings": headings, "rows": rows}


def _findable(table: pd.DataFrame, values: Any) -> str:
    """What the search of the page looks through: the theme, why it is as it is, and its model."""
    wanted = ("theme", "status", "reason", "family", "view")
    return " ".join(str(values[place]) for place, name in enumerate(table) if name in wanted)


def _grid(table: pd.DataFrame) -> dict[str, Any]:
    """Any table for the template."""
    numeric = [pd.api.types.is_numeric_dtype(table[name]) and table[name].dtype != bool for name in table]
    rows = [[_cell(value, n) for value, n in zip(row, numeric, strict=True)] for row in table.astype(object).to_numpy()]
    return {"headings": list(zip(map(heading, map(str, table)), numeric, strict=True)), "rows": rows}


def _cell(value: Any, number: bool, more: bool = False) -> _Cell:
    if not number:
        return _Cell(cell_text(value), False, more=more)
    plain = "" if pd.isna(value) or (isinstance(value, float) and math.isinf(value)) else repr(float(value))
    return _Cell(cell_text(value), True, plain, more)


def _theme(view: ThemeView, anchor: str) -> dict[str, Any]:
    """A theme for the template."""
    row = view.row
    figures = [f"{name} {row[name]:.2f}" for name in ("precision", "recall") if pd.notna(row.get(name))]
    blocks = [
        {"title": shown.title, "caption": shown.caption, "tall": shown.tall, "table": _grid(_shown(view, name))}
        for name, shown in SHOWN.items()
        if not view.table(name).empty
    ]
    return {
        "anchor": anchor,
        "title": view.theme,
        "status": row["status"],
        "line": ", ".join([*figures, f"{int(row['support'])} texts have it"]),
        "sentences": view.sentences,
        "charts": charts_of(view),
        "tables": blocks,
    }


def _shown(view: ThemeView, name: str) -> pd.DataFrame:
    table, columns = view.table(name), SHOWN[name].columns
    return table[[column for column in columns if column in table]] if columns else table


def _part(part: Part, number: int) -> dict[str, Any]:
    tables = [(caption, _grid(table)) for caption, table in part.tables.items()]
    return {"anchor": f"part-{number}", "title": part.title, "sentences": part.sentences, "tables": tables}


def _png_uri(caption: str, png: bytes) -> str:
    if not png.startswith(b"\x89PNG\r\n\x1a\n"):
        raise ValueError(f"The figure {caption!r} is no PNG; pass the bytes of figure_png(figure).")
    return _uri("image/png", png)


def _media(name: str) -> str:
    return next((media for suffix, media in _MEDIA.items() if name.endswith(suffix)), "application/octet-stream")


def _uri(media: str, data: bytes) -> str:
    return f"data:{media};base64," + base64.b64encode(data).decode("ascii")
