"""A table of labelled texts, read as the table was that a tagger was tuned on."""

from __future__ import annotations

from typing import Any

from themetagger._utils.faces import option
from themetagger._utils.wording import agreeing, number_of
from themetagger.corpus import DEFAULT_FORMAT, Corpus, TableError, TableFormat, corpus_from_frame, read_corpus
from themetagger.corpus.kept_format import form_for
from themetagger.corpus.labels.other_separators import other_separator
from themetagger.tagger.theme_tagger import ThemeTagger


def read_labelled(tagger: ThemeTagger, table: Any, given: TableFormat = DEFAULT_FORMAT) -> Corpus:
    """A table whose themes are to be compared with those of a tagger.

    Parameters
    ----------
    tagger : its reading settings hold where nothing else is given
    table : a table file, a DataFrame, or a Corpus, which is returned as it is
    given : what the user says of the table

    Raises
    ------
    TableError
        If the table cannot be read, or if its themes seem to be separated by something else than it was read with:
        themes that the tagger does not know fall into themes that it knows. Whoever names the separator is believed.

    Examples
    --------
    >>> corpus = read_labelled(ThemeTagger.load("run/tagger.tagger"), "later.csv")  # doctest: +SKIP
    """
    if isinstance(table, Corpus):
        return table
    form = form_for(table, given, tagger.table_format)
    corpus = (corpus_from_frame if hasattr(table, "columns") else read_corpus)(table, form)
    if "separator" not in given.said and form.theme_columns is None:
        _check_separator(tagger, corpus, form.separator)
    return corpus


def _check_separator(tagger: ThemeTagger, corpus: Corpus, separator: str) -> None:
    known = {theme_result.theme for theme_result in tagger.theme_results}
    unknown = [theme for theme in corpus.themes if theme not in known]
    other = other_separator(unknown, known, separator)
    if other is None:
        return
    held = [theme for theme in unknown if other_separator([theme], known, separator) == other]
    holds, parts = agreeing(len(held), "holds", "hold"), agreeing(len(held), "its parts are", "their parts are")
    these = f"{len(held):,} of {number_of(len(corpus.themes), 'theme')} {holds} {other!r}, such as {held[0]!r}"
    raise TableError(
        f"{corpus.source}: {these}, and {parts} themes that the tagger knows; pass {option('separator', other)} to "
        f"divide them, or {option('separator', separator)} if that is the name of a theme."
    )
