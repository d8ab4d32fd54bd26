"""The mistakes of a theme: texts tagged wrongly by models that had not seen them, and the words that led there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from themetagger._utils.faces import option
from themetagger.corpus import Corpus
from themetagger.report.text import decimal
from themetagger.selection.calibration import probabilities
from themetagger.selection.evidence import Evidence
from themetagger.selection.theme_result import ThemeResult
from themetagger.tagger.explain.dense_shares import whole_text
from themetagger.tagger.explain.explanation import Explanation
from themetagger.tagger.theme_tagger import ThemeTagger

if TYPE_CHECKING:
    import pandas as pd


FALSE_POSITIVE, FALSE_NEGATIVE = "false positive", "false negative"
COLUMNS = ("kind", "line", "row", "text", "copies", "margin", "probability", "words_for", "words_against")
WORDS = 3  # of each side, for a mistake
EXPLAINED = 20_000  # characters of a text that is explained; of a longer one the words are left out


def mistakes(
    theme: str,
    corpus: Corpus,
    evidence: Evidence,
    tagger: ThemeTagger,
    top: int = 10,
    *,
    words: bool = True,
    lines: npt.ArrayLike | None = None,
) -> pd.DataFrame:
    """The texts that a theme was wrongly given to, and wrongly withheld from, the most serious first.

    Scores are out of fold: of models that had not seen the text, at the deployed threshold. The words are those that
    push the *deployed* model, which has seen the text in training, so that they may tell less of a mistake than of what
    the model has learned of it since. Where a label looks wrong, it may be: the list is a way to find such labels too.

    Parameters
    ----------
    theme : one that has a model
    corpus : the texts that the run was tuned on, n
    evidence : of the theme, as the run left it (``run.evidence[theme]``)
    tagger : of the run
    top : mistakes of each kind, default 10
    words : whether to say which words contributed, default True; takes some 50 ms a text
    lines : (n,) where each text stands in its file (``PastRun.lines``), default the rows that the corpus was read from

    Returns
    -------
    DataFrame, false positives first, with the columns

    kind : "false positive" or "false negative"
    line : of the file, from 1, or the record or row where it has no lines; without ``lines`` the row of its table
    row : of the corpus, from 0, which is without the rows held out
    text : as it stands there; of a duplicate group the most serious one
    copies : texts of the group that are wrong in the same way
    margin : out-of-fold score minus threshold: 0 or more for false positives; the further from 0, the more serious
    probability : the calibrated one of that score
    words_for, words_against : the words that contribute most for and against the theme, as "word (+0.12), ..."; behind
        them what the meaning of the whole text adds where models see the vectors of a text encoder

    Raises
    ------
    KeyError
        If the theme has no model.
    ValueError
        If the corpus is not the one that the evidence is of, or ``top`` is not above 0.

    Examples
    --------
    >>> mistakes("pay", corpus, run.evidence["pay"], run.tagger, top=1)  # doctest: +SKIP
    """
    import pandas as pd

    theme_result = theme_result_of(tagger, theme)
    if top < 1:
        raise ValueError(f"{option('top')} must be at least 1, but is {top}.")
    if len(corpus) != len(evidence.truth) or not np.array_equal(corpus.column(theme), evidence.truth):
        raise ValueError(
            f"{corpus.source}: these are not the {len(evidence.truth)} texts that theme {theme!r} was tuned on; give "
            "the training table of the run."
        )
    margins = evidence.scores - theme_result.threshold
    chosen = [row for wrong in _wrong(evidence, margins) for row in _first_of_groups(wrong, evidence.groups, top)]
    wrong_texts = [_mistake(row, copies, corpus, margins, evidence, theme_result) for row, copies in chosen]
    table = pd.DataFrame(wrong_texts, columns=list(COLUMNS))
    rows = table["row"].to_numpy(dtype=np.int64)
    table["line"] = (_rows_of(corpus) + 1 if lines is None else np.asarray(lines))[rows]
    contributions = [_contributions(tagger, theme, text) if words else ("", "") for text in table["text"]]
    return table.assign(
        words_for=[one for one, _ in contributions], words_against=[other for _, other in contributions]
    )


def _rows_of(corpus: Corpus) -> npt.NDArray[np.int64]:
    """The row of its table that each text stands in, from 0."""
    return np.arange(len(corpus)) if corpus.rows is None else corpus.rows


def theme_result_of(tagger: ThemeTagger, theme: str) -> ThemeResult:
    """What was decided on a theme that has a model; KeyError, naming those that have, where it has none."""
    if theme not in tagger.members:
        raise KeyError(f"theme {theme!r} has no model; those that have: {', '.join(tagger.themes)}")
    return next(theme_result for theme_result in tagger.theme_results if theme_result.theme == theme)


def _wrong(evidence: Evidence, margins: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.int64], ...]:
    """Rows of false positives and of false negatives, the most serious first."""
    tagged, true, order = margins >= 0, evidence.truth > 0, np.argsort(margins, kind="stable")
    falling = np.argsort(-margins, kind="stable")  # of equal ones the first row is the first either way
    return falling[(tagged & ~true)[falling]], order[(~tagged & true)[order]]


def _first_of_groups(rows: npt.NDArray[np.int64], groups: npt.NDArray[np.int64], top: int) -> list[tuple[int, int]]:
    """The first row of each duplicate group and how many rows of it there are, for the first ``top`` groups."""
    _, first, counts = np.unique(groups[rows], return_index=True, return_counts=True)
    order = np.argsort(first)[:top]
    return [(int(rows[first[i]]), int(counts[i])) for i in order]


def _mistake(
    row: int,
    copies: int,
    corpus: Corpus,
    margins: npt.NDArray[np.float64],
    evidence: Evidence,
    theme_result: ThemeResult,
) -> dict[str, object]:
    return {
        "kind": FALSE_NEGATIVE if evidence.truth[row] else FALSE_POSITIVE,
        "row": row,
        "text": corpus.texts[row],
        "copies": copies,
        "margin": float(margins[row]),
        "probability": float(probabilities(evidence.scores[[row]], *theme_result.calibration)[0]),
    }


def _contributions(tagger: ThemeTagger, theme: str, text: str) -> tuple[str, str]:
    """The words of a text that contribute most for and against a theme, in words; empty for a very long text."""
    if len(text) > EXPLAINED:
        return "", ""
    (explanation,) = tagger.explain(text, [theme], brief=True)
    return _listed(explanation, 1), _listed(explanation, -1)


def _listed(explanation: Explanation, sign: int) -> str:
    import pandas as pd

    table = explanation.table().sort_values("contribution", ascending=sign < 0, kind="stable")
    table = table[table["contribution"] * sign > 0]
    of_texts = table["word"].isin([whole_text(source) for source in explanation.beyond_words])
    table = pd.concat([table[~of_texts].head(WORDS), table[of_texts]])
    points = [decimal(contribution, 3, sign="+") for contribution in table["contribution"]]
    return ", ".join(f"{word} ({point})" for word, point in zip(table["word"], points, strict=True))
