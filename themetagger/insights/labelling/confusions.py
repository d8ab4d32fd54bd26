"""Which themes are mistaken for which, over all themes at once, by tags of models that did not see the text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp
from scipy.stats import hypergeom

from themetagger._utils.wording import agreeing, number_of
from themetagger.corpus import Corpus
from themetagger.report.text import decimal
from themetagger.selection.advice import effect_of_more_labels
from themetagger.selection.evidence import Evidence
from themetagger.selection.operating_points import operating_points
from themetagger.selection.theme_result import ThemeResult

Ints = npt.NDArray[np.int64]
WRONG, MISSED = "wrong tag", "missed"
CHANCE = 0.05  # a pair is named where chance would give one of all pairs of the theme so many with less probability
WORTH = 0.1  # recall below which a higher threshold is no advice
PRECISE, COMPLETE = 0.9, 0.5  # below these a theme gets advice


@dataclass(frozen=True)
class ErrorAnalysis:
    """What goes wrong in a run: ``pairs`` as of :func:`confusions`, ``themes`` as of :func:`advice`."""

    pairs: pd.DataFrame
    themes: pd.DataFrame


def error_analysis(
    theme_results: Iterable[ThemeResult], corpus: Corpus, evidence: Mapping[str, Evidence]
) -> ErrorAnalysis:
    """The confusions of a run, and what to do about them; of the themes that have evidence.

    Parameters
    ----------
    theme_results : what the studies of the run decided
    corpus : the n texts that were tuned on
    evidence : theme -> what its decisions rest on: ``Run.evidence``, or ``PastRun.evidence_by_theme()``

    Examples
    --------
    >>> from themetagger.runs.past_run import open_run  # doctest: +SKIP
    >>> past = open_run("run")  # doctest: +SKIP
    >>> errors = error_analysis(past.tagger.theme_results, past.texts, past.evidence_by_theme())  # doctest: +SKIP
    >>> errors.pairs.head()  # doctest: +SKIP
    """
    theme_results = [theme_result for theme_result in theme_results if theme_result.theme in evidence]
    given = pd.DataFrame(corpus.labels.toarray() > 0, columns=list(corpus.themes))
    pairs = confusions(out_of_fold_tags(theme_results, evidence), given, groups=corpus.groups)
    return ErrorAnalysis(pairs, advice(theme_results, evidence, pairs, themes=len(corpus.themes)))


def out_of_fold_tags(theme_results: Iterable[ThemeResult], evidence: Mapping[str, Evidence]) -> pd.DataFrame:
    """What the models give to each text that they did not see: (n, themes that have a model) of bool.

    Parameters
    ----------
    theme_results : of a run; those without a model are passed over
    evidence : theme -> what was decided by, for each winner that has a model
    """
    modelled = [result for result in theme_results if result.assigned]
    tags = {result.theme: evidence[result.theme].scores >= result.threshold for result in modelled}
    return pd.DataFrame(tags, dtype=bool)


def confusions(tags: pd.DataFrame, given: pd.DataFrame, *, groups: npt.ArrayLike | None = None) -> pd.DataFrame:
    """For each theme that has a model, the other themes that its errors come with; the most telling first.

    Two kinds of errors: a ``wrong tag`` (the model gives the theme, the table does not), beside which stand the themes
    that the table gives to such texts; and a theme ``missed`` (the table gives it, the model does not), beside which
    stand the themes that models give to such texts.

    Parameters
    ----------
    tags : (n, M) of bool, as of :func:`out_of_fold_tags`
    given : (n, T) of bool, what the table says, a column for each theme in it, also those that have no model
    groups : (n,) duplicate group of each text; of each group the first text counts, as copies err together; default:
        each text is its own

    Returns
    -------
    DataFrame
        ``theme``, ``error``, ``other``; ``texts``: errors that come with the other theme, ``of`` how many, and their
        ``share``; ``expected``: how many it would be if the errors fell on any texts of their kind (those without the
        theme, those with it) alike; ``lift``: texts / expected; ``p_value``: the probability of as many or more by
        chance (hypergeometric; one pair at a time). In the order of ``tags``, then the kind, then the p-value, texts
        and names. Pairs with no text are left out.

    Raises
    ------
    ValueError
        If the tables or the groups differ in length, or a theme of ``tags`` is not in ``given``.

    Examples
    --------
    >>> given = pd.DataFrame({"pay": [1, 1, 0, 0, 0, 0], "perks": [0, 0, 1, 1, 0, 0]}, dtype=bool)
    >>> tags = pd.DataFrame({"pay": [1, 1, 1, 1, 0, 0]}, dtype=bool)
    >>> confusions(tags, given)[["theme", "error", "other", "texts", "of", "expected", "lift"]].to_dict("records")
    [{'theme': 'pay', 'error': 'wrong tag', 'other': 'perks', 'texts': 2, 'of': 2, 'expected': 1.0, 'lift': 2.0}]
    """
    _check(tags, given, groups)
    if not len(tags.columns):  # which leaves the number of texts open
        return _EMPTY.copy()
    if groups is not None:
        first = np.sort(np.unique(np.asarray(groups), return_index=True)[1])
        tags, given = tags.iloc[first], given.iloc[first]
    labelled, tagged, all_labels = (_matrix(table) for table in (given[list(tags.columns)], tags, given))
    wrong, missed = _without(tagged, labelled), _without(labelled, tagged)
    # of each other theme among the texts without this one
    negatives = all_labels.sum(axis=0) - _together(labelled, all_labels)
    kinds = (
        (WRONG, wrong, len(given) - labelled.sum(axis=0), given.columns, _together(wrong, all_labels), negatives),
        (MISSED, missed, labelled.sum(axis=0), tags.columns, _together(missed, tagged), _together(labelled, tagged)),
    )
    parts = [
        _pairs(theme, error, others, both[j], int(errors.sum(axis=0)[j]), kind[j], int(among[j]))
        for j, theme in enumerate(tags.columns)
        for error, errors, among, others, both, kind in kinds
    ]
    filled = [part for part in parts if len(part)]  # older pandas warn of empty ones
    return pd.concat(filled, ignore_index=True).astype(_TYPES) if filled else _EMPTY.copy()


def _matrix(table: pd.DataFrame) -> Any:
    return sp.csc_array(table.to_numpy(dtype=np.int64).reshape(table.shape))


def _without(one: Any, other: Any) -> Any:
    return one - one.multiply(other)


def _together(one: Any, other: Any) -> npt.NDArray[np.int64]:
    """How many rows have both, for each pair of columns."""
    return np.asarray((one.T @ other).toarray(), dtype=np.int64)


def _pairs(theme: str, error: str, others: pd.Index, both: Ints, of: int, kind: Ints, among: int) -> pd.DataFrame:
    """The themes that errors of one kind come with; ``kind`` of the ``among`` texts that could be such have them."""
    rows = np.flatnonzero(both)  # never the theme itself, as the errors are where one of the two lacks it
    texts, expected = both[rows], kind[rows] * (of / max(1, among))
    table = pd.DataFrame(
        {
            "theme": theme,
            "error": error,
            "other": np.asarray(others, dtype=object)[rows],
            "texts": texts,
            "of": of,
            "share": texts / max(1, of),
            "expected": expected,
            "lift": texts / expected,
            "p_value": hypergeom.sf(texts - 1, among, kind[rows], of),
        }
    )
    return table.sort_values(["p_value", "texts", "other"], ascending=[True, False, True], kind="stable")


_TYPES = {"theme": object, "error": object, "other": object, "texts": np.int64, "of": np.int64}
_EMPTY = pd.DataFrame(columns=[*_TYPES, "share", "expected", "lift", "p_value"], dtype=np.float64).astype(_TYPES)


def advice(
    theme_results: Sequence[ThemeResult], evidence: Mapping[str, Evidence], pairs: pd.DataFrame, *, themes: int
) -> pd.DataFrame:
    """What to do about the errors of each theme that has a model, in words.

    Parameters
    ----------
    theme_results, evidence : of a run
    pairs : of :func:`confusions`
    themes : T, how many themes the table has: so many pairs were looked at

    Returns
    -------
    DataFrame
        ``theme``, ``tagged``, ``wrong`` (of those tagged), ``given``, ``missed`` (of those given), ``advice``: a
        sentence or more, empty where at most a tenth of the tags is wrong and at most half of the theme missed.
    """
    rows = []
    for result in (theme_result for theme_result in theme_results if theme_result.assigned):
        own = evidence[result.theme]
        tagged, has = own.scores >= result.threshold, own.truth > 0
        errors = _Errors(
            tagged=int(tagged.sum()),
            wrong=int((tagged & ~has).sum()),
            given=int(has.sum()),
            missed=int((has & ~tagged).sum()),
        )
        sentences = _advice(result, own, errors, pairs[pairs["theme"] == result.theme], themes)
        rows.append({"theme": result.theme, **asdict(errors), "advice": " ".join(sentences)})
    return pd.DataFrame(rows, columns=["theme", "tagged", "wrong", "given", "missed", "advice"])


@dataclass(frozen=True)
class _Errors:
    """Texts that were tagged, and how many of them wrongly; texts that have the theme, and how many were missed."""

    tagged: int
    wrong: int
    given: int
    missed: int


def _advice(
    result: ThemeResult, evidence: Evidence, errors: _Errors, pairs: pd.DataFrame, themes: int
) -> Iterable[str]:
    wrong, tagged, missed, given = errors.wrong, errors.tagged, errors.missed, errors.given
    if wrong > (1 - PRECISE) * tagged:
        tags_are = f"{wrong} of {number_of(tagged, 'tag')} {agreeing(wrong, 'is', 'are')}"
        yield f"{tags_are} wrong: {_stricter(result, evidence)}."
        yield from _most_confused(pairs[pairs["error"] == WRONG], "wrong tag", themes)
    if missed > (1 - COMPLETE) * given:
        gain = effect_of_more_labels(result.label_gain) or "label more texts that have it"
        yield f"{missed} of {number_of(given, 'text')} {agreeing(missed, 'is', 'are')} missed: {gain}."
        yield from _most_confused(pairs[pairs["error"] == MISSED], "missed text", themes)


def _stricter(result: ThemeResult, evidence: Evidence) -> str:
    """From which score on the theme would be precise, and what that costs."""
    points = operating_points(evidence.truth, evidence.scores)
    enough = np.flatnonzero((points.precision >= PRECISE) & (points.thresholds > result.threshold))
    right = f"{100 * PRECISE:g} % of the tags right"
    if not len(enough):
        return f"no higher threshold makes {right}; check its labels"
    cut = enough[-1]
    if points.recall[cut] < WORTH:
        found = f"finds {100 * WORTH:g} % of the theme"
        return f"no higher threshold makes {right} and {found}; check its labels"
    threshold, recall = float(points.thresholds[cut]), float(points.recall[cut])
    return (
        f"raise the threshold from {result.threshold:.3g} to {threshold:.3g}, which makes {right} at a recall of "
        f"{decimal(recall)}"
    )


def _most_confused(pairs: pd.DataFrame, error: str, themes: int) -> Iterable[str]:
    """The theme that errors come with more often than chance would have it."""
    for row in pairs[pairs["p_value"] * max(1, themes - 1) < CHANCE].head(1).to_dict("records"):
        texts = f"{row['texts']} of the {number_of(row['of'], error)} {agreeing(row['texts'], 'is', 'are')}"
        where = f"on {agreeing(row['texts'], 'a text', 'texts')} labelled" if row["error"] == WRONG else "tagged"
        yield f"{texts} {where} {row['other']!r}, {decimal(row['lift'], 1)} times as many as by chance."


def _check(tags: pd.DataFrame, given: pd.DataFrame, groups: npt.ArrayLike | None) -> None:
    if len(tags) != len(given) and len(tags.columns):
        raise ValueError(f"tags have {len(tags)} rows and given {len(given)}; they must be about the same texts.")
    if groups is not None and len(np.asarray(groups)) != len(given):
        raise ValueError(f"groups are of {len(np.asarray(groups))} texts and given of {len(given)}; give one each.")
    unknown: list[Any] = [theme for theme in tags.columns if theme not in given.columns]
    if unknown:
        raise ValueError(f"tags have the theme {unknown[0]!r}, which given lacks; give all themes of the table.")
