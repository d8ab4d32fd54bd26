"""Table, averages and figures -> one self-contained HTML page: no script, nothing fetched."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import pandas as pd

from themetagger.report.results import AVERAGED, HELD_OUT, status_counts
from themetagger.report.text import cell_text, heading

_TEMPLATE = "page.html.jinja"


def render_page(
    table: pd.DataFrame,
    averages: pd.DataFrame,
    *,
    title: str = "Results by theme",
    notes: Sequence[str] = (),
    figures: Mapping[str, bytes] | None = None,
) -> str:
    """One HTML page that holds everything: a summary in words, the tables, and the figures as data URIs.

    Whatever comes from the data (names of themes, reasons, notes) is escaped.

    Parameters
    ----------
    table, averages
        What `results_table` and `averages` of :mod:`themetagger.report.results` returned.
    title
        Heading of the page.
    notes
        Paragraphs beneath the summary: where the texts come from, say.
    figures
        PNG bytes by caption; a caption also serves as the alternative text. None (default) for no figure.

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
    from jinja2 import Environment, StrictUndefined

    source = files("themetagger.report").joinpath(_TEMPLATE).read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(source).render(
        title=title,
        summary=summary(table, averages),
        notes=notes,
        averages=_cells(averages),
        results=_cells(_figures_first(table)),
        figures={caption: _data_uri(caption, png) for caption, png in (figures or {}).items()},
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
        promised, found = 100 * table["certified_target"].min(), 100 * certified.mean()
        themes = "1 theme" if len(certified) == 1 else f"{len(certified)} themes"
        sentences.append(
            f"A precision of {promised:.0f} % or more is certified for {themes}; there the tags find {found:.0f} % of "
            "what is due."
        )
    return sentences


def _statuses(themes: int, counts: Mapping[str, int]) -> str:
    certified, effort, skipped = counts["CERTIFIED"], counts["BEST_EFFORT"], counts["SKIPPED"]
    return (
        f"Of {themes} {'theme' if themes == 1 else 'themes'} {certified} {'is' if certified == 1 else 'are'} "
        f"certified, {effort} {'has' if effort == 1 else 'have'} a model without a promise, "
        f"{skipped} {'was' if skipped == 1 else 'were'} skipped and {counts['FAILED']} failed."
    )


def _promise(words: str, precision: float, recall: float) -> str:
    right, found = (f"{100 * rate:.0f} %" for rate in (precision, recall))
    given = f"{right} of the tags given are right, and {found} of those due are given"
    return f"{words}, {given} (micro average over all themes)."


def _figures_first(table: pd.DataFrame) -> pd.DataFrame:
    # a reader looks for the figures; how they came about may scroll out of sight
    first = [
        "theme",
        "status",
        *AVERAGED,
        "support",
        "precision_bound",
        "recall_bound",
        *(HELD_OUT + name for name in (*AVERAGED, "support")),
    ]
    order = [name for name in first if name in table]
    return table[order + [name for name in table if name not in order]]


def _cells(table: pd.DataFrame) -> dict[str, Any]:
    # for the template: a heading or a cell is its text, and whether it is a number
    numeric = [pd.api.types.is_numeric_dtype(table[name]) for name in table]
    rows = [[cell_text(value) for value in row] for row in table.astype(object).to_numpy()]
    statuses = list(table["status"]) if "status" in table else [""] * len(table)
    marked = [list(zip(row, numeric, strict=True)) for row in rows]
    headings = list(zip(map(heading, map(str, table)), numeric, strict=True))
    return {"headings": headings, "lines": list(zip(statuses, marked, strict=True))}


def _data_uri(caption: str, png: bytes) -> str:
    if not png.startswith(b"\x89PNG\r\n\x1a\n"):
        raise ValueError(f"The figure {caption!r} is no PNG; pass the bytes of figure_png(figure).")
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")
