"""Table, averages, themes and figures -> one self-contained HTML page, which fetches nothing."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from themetagger._utils.wording import number_of
from themetagger.report.html_tables import grid, ordered, sortable
from themetagger.report.summary import summary, texts_counted
from themetagger.report.text import percent
from themetagger.report.theme_charts import theme_charts
from themetagger.report.theme_view import THEME_TABLES, ThemeView
from themetagger.selection.groups import GROUPS, groups_of
from themetagger.selection.results import AS_TAGGED, HELD_OUT
from themetagger.selection.theme_result import MODELLED

_EXPLAINED = (
    "Unless a heading says otherwise, figures are out of fold, over all {texts} labelled texts, copies included: each "
    "was scored by models that had not seen it. Certificates count distinct texts only. Corrected figures take back "
    "what choosing the model and the threshold on the same texts added; lower bounds say how low precision or recall "
    "may be on new texts; held-out figures come from texts that took no part in the search{held_out}."
)
_TOO_FEW = re.compile(r"[0-9][0-9,]* positives?, needs ([0-9,]+)")
_MEDIA = {
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Section:
    """A section of the page that is about all themes: title, sentences, and tables by caption."""

    title: str
    sentences: tuple[str, ...] = ()
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)


def render_page(
    table: pd.DataFrame,
    averages: pd.DataFrame,
    *,
    title: str = "Results by theme",
    notes: Sequence[str] = (),
    figures: Mapping[str, bytes] | None = None,
    themes: Sequence[ThemeView] = (),
    sections: Sequence[Section] = (),
    downloads: Mapping[str, bytes] | None = None,
) -> str:
    """One HTML page that holds everything: a summary in words, the tables, the themes, and the figures.

    Whatever comes from the data (names of themes, texts, reasons, notes) is escaped. A content security policy in the
    page keeps any other script from running, and anything from being fetched.

    Parameters
    ----------
    table, averages
        What `results_table` and `averages` of :mod:`themetagger.selection.results` returned.
    title
        Heading of the page.
    notes
        Paragraphs at the end: where the texts come from, say.
    figures
        PNG bytes by caption; a caption also serves as the alternative text. None (default) for no figure.
    themes
        What is shown of each theme, none by default.
    sections
        What is shown of all themes together, none by default.
    downloads
        Bytes of files by name, which the page offers for download; None (default) for none.

    Returns
    -------
    The page as one text; write it with UTF-8.

    Raises
    ------
    ValueError
        If a figure is not a PNG.

    Examples
    --------
    >>> from themetagger.selection.results import averages, results_table
    >>> from themetagger.selection.theme_result import ThemeResult
    >>> table = results_table([ThemeResult.skipped("<b>pay</b>", "one class", support=7)])
    >>> page = render_page(table, averages(table), title="Survey")
    >>> "<b>pay</b>" in page, "&lt;b&gt;pay&lt;/b&gt;" in page
    (False, True)
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("themetagger.report", "templates")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["kept"] = _kept
    style, script = (loader.get_source(environment, name)[0] for name in ("page.css", "page.js"))
    anchors = {view.theme: f"theme-{number}" for number, view in enumerate(themes, start=1)}
    return environment.get_template("page.html.jinja").render(
        title=title,
        summary=summary(table),
        uncertified=_uncertified(table),
        reasons_title=_REASONS[bool((table["status"] == "CERTIFIED").any())],
        statuses={group: groups_of(table).count(group) for group in GROUPS if group in groups_of(table)},
        notes=notes,
        explained=_explained(table),
        averages=grid(averages),
        as_tagged=bool((averages["over"] == AS_TAGGED).any()),
        results=sortable(ordered(table), anchors),
        themes=[_theme(view, anchors[view.theme]) for view in themes],
        without_model=sum(view.row["status"] not in MODELLED for view in themes),
        sections=[_section(section, number) for number, section in enumerate(sections, start=1)],
        figures={caption: _png_uri(caption, png) for caption, png in (figures or {}).items()},
        downloads={name: _uri(_media(name), data) for name, data in (downloads or {}).items()},
        style=style,
        script=script,
        script_hash=f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}",
    )


def _kept(sentence: str) -> str:
    """The sentence with no line that could end between a figure and its percent sign."""
    return sentence.replace(" %", "\u00a0%")


def _explained(table: pd.DataFrame) -> str:
    held_out = f" ({texts_counted(table, HELD_OUT):,} of them)" if HELD_OUT + "support" in table else ""
    return _EXPLAINED.format(texts=f"{texts_counted(table):,}", held_out=held_out)


def _uncertified(table: pd.DataFrame) -> list[dict[str, str]]:
    """Why themes are not certified, or what a certified one's figures are about; of those without a model, by kind."""
    reasoned = table[table["reason"] != ""]
    modelled = reasoned["status"].isin(MODELLED)
    rows = [{"theme": theme, "reason": reason} for theme, reason in reasoned.loc[modelled, _NAMED].to_numpy()]
    others = reasoned[~modelled]
    kinds = others["reason"].map(lambda reason: _TOO_FEW.sub(r"too few labelled texts (it takes \1)", reason))
    for kind in dict.fromkeys(kinds):
        own = others[kinds == kind]
        names = ", ".join(f"{theme} ({support:,})" for theme, support in own[["theme", "support"]].to_numpy())
        rows.append({"theme": number_of(len(own), "theme"), "reason": f"{kind}: {names}"})
    return rows


_NAMED = ["theme", "reason"]
_REASONS = {True: "Why the other themes are not certified", False: "Why no theme is certified"}


def _theme(view: ThemeView, anchor: str) -> dict[str, Any]:
    """A theme for the template."""
    row = view.row
    rates = [f"{name} {percent(row[name])} %" for name in ("precision", "recall") if pd.notna(row.get(name))]
    if rates and row["status"] == "CERTIFIED" and pd.notna(row.get("certified_precision")):
        rates[0] += f" over all rows, {percent(row['certified_precision'])} % over the distinct texts certified on"
    blocks = [
        {"title": shown.title, "caption": shown.caption, "long": shown.long, "table": grid(view.table(name))}
        for name, shown in THEME_TABLES.items()
        if not view.table(name).empty
    ]
    return {
        "anchor": anchor,
        "title": view.theme,
        "status": groups_of(pd.DataFrame([row]))[0],
        "modelled": row["status"] in MODELLED,
        "line": ", ".join([*rates, number_of(int(row["support"]), "text")]),
        "sentences": view.sentences,
        "charts": theme_charts(view),
        "tables": blocks,
    }


def _section(section: Section, number: int) -> dict[str, Any]:
    tables = [(caption, grid(table)) for caption, table in section.tables.items()]
    return {"anchor": f"section-{number}", "title": section.title, "sentences": section.sentences, "tables": tables}


def _png_uri(caption: str, png: bytes) -> str:
    if not png.startswith(b"\x89PNG\r\n\x1a\n"):
        raise ValueError(f"The figure {caption!r} is not a PNG; pass the bytes of figure_png(figure).")
    return _uri("image/png", png)


def _media(name: str) -> str:
    return next((media for suffix, media in _MEDIA.items() if name.endswith(suffix)), "application/octet-stream")


def _uri(media: str, data: bytes) -> str:
    return f"data:{media};base64," + base64.b64encode(data).decode("ascii")
