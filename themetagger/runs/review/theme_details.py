"""One theme of a run under the lens: everything that its page and its notebook show, as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from themetagger.insights.labelling.confusions import ErrorAnalysis, error_analysis
from themetagger.insights.labelling.label_errors import suspects
from themetagger.report.curve_tables import calibration_table, confusion_table, precision_recall, score_distribution
from themetagger.report.study_tables import families_compared, study_history
from themetagger.report.text import percent, shorten
from themetagger.report.theme_view import ThemeView
from themetagger.runs.past_run import PastRun
from themetagger.runs.review.mistakes import mistakes
from themetagger.selection.calibration import probabilities
from themetagger.selection.evidence import Evidence
from themetagger.selection.learning_curve import USUAL, Growth, pooled_growth
from themetagger.selection.learning_diagnosis import diagnose
from themetagger.selection.theme_result import ThemeResult
from themetagger.tagger.explain.odds_in_texts import sentences as telling_sentences
from themetagger.tagger.explain.weights import TextCounts

Tables = dict[str, pd.DataFrame]
SUSPECTS, MISTAKES, TERMS, PAIRS, INSIGHTS = 8, 6, 10, 8, 3  # rows of each that are shown of a theme
SNIPPET = 400  # characters of a text that are shown
TARGET = 0.90


@dataclass(frozen=True)
class Shared:
    """What is found for all themes at once, so that each need not ask again.

    Parameters
    ----------
    suspects : labels to check, of all themes, as `themetagger.insights.labelling.label_errors.suspects` gives them
    errors : which themes are mistaken for which, and what to do; None where the texts are not there
    curves : learning curves by theme; empty where they were not asked for
    growth : what more labels gave the themes of the run together
    thorough : whether to look for telling words, mistakes and which settings mattered, half a second a theme
    counts : what the tagger counts in the texts, where words are looked for
    """

    suspects: pd.DataFrame = field(default_factory=pd.DataFrame)
    errors: ErrorAnalysis | None = None
    curves: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    growth: Growth = USUAL
    thorough: bool = True
    counts: Mapping[str, Any] | None = None


def shared_by_all(run: PastRun, *, curves: Mapping[str, pd.DataFrame] | None = None, thorough: bool = True) -> Shared:
    """Find what all themes of a run share.

    Parameters
    ----------
    run : a run that is open
    curves : learning curves by theme, as `themetagger.runs.review.learning_curves` gives them; default none
    thorough : whether telling words, mistakes and which settings mattered are looked for, default True
    """
    curves = curves or {}
    growth = pooled_growth(curves.values()) if curves else USUAL
    if run.corpus is None:
        return Shared(curves=curves, growth=growth, thorough=thorough)
    evidence = run.evidence_by_theme()
    found = suspects(evidence, top=None, per_theme=SUSPECTS)
    errors = error_analysis(run.tagger.theme_results, run.corpus, evidence)
    counts = TextCounts(run.tagger.encoder.counts(run.corpus.texts)) if thorough else None
    return Shared(found, errors, curves, growth, thorough, counts)


def theme_details(run: PastRun, theme: str, *, shared: Shared | None = None) -> ThemeView:
    """All that is known of a theme; without the texts of the run, what its study alone tells.

    Parameters
    ----------
    run : what `themetagger.runs.past_run.open_run` opened
    theme : one of its themes
    shared : what `shared_by_all` found; default it is looked for, without learning curves

    Returns
    -------
    ThemeView: its tables, those that there are, by name: confusion, mistakes, terms, suspects, confused_with, families,
    importances, cost; precision_recall, scores, calibration, learning_curve, history.

    Raises
    ------
    KeyError
        If the run has no such theme; it names those that there are.

    Examples
    --------
    >>> view = theme_details(open_run("data/runs/workplace"), "workload")  # doctest: +SKIP
    >>> view.tables["precision_recall"].query("chosen")  # doctest: +SKIP
    """
    theme_result = run.theme_result(theme)
    shared = shared_by_all(run) if shared is None else shared
    row = run.results[run.results["theme"] == theme].iloc[0]
    evidence = run.evidence(theme) if run.corpus is not None and theme_result.assigned else None
    tables, told = _of_the_study(run, theme_result, shared.thorough), [*_sentences(theme_result)]
    if evidence is not None:
        tables |= _of_the_scores(theme_result, evidence) | _of_the_labels(run, theme, shared)
        tables |= _of_the_words(run, theme, evidence, shared) if shared.thorough else {}
        told += _advised(theme, shared)
    if theme in shared.curves:
        tables["learning_curve"] = shared.curves[theme]
        told.append(_diagnosed(shared, theme, theme_result))
    if len(tables.get("terms", ())):
        told += [f"{text}." for text in telling_sentences(tables["terms"])[:INSIGHTS]]
        tables["terms"] = _terms_shown(tables["terms"])
    return ThemeView(theme, row, tuple(told), tables)


def _of_the_labels(run: PastRun, theme: str, shared: Shared) -> Tables:
    """What of the labels looks wrong, and which other themes the errors come with."""
    found: Tables = {}
    if len(shared.suspects):
        own = shared.suspects[shared.suspects["theme"] == theme]
        texts = [shorten(run.texts.texts[row], SNIPPET) for row in own["row"]]
        named = {True: "has it", False: "lacks it"}
        columns = {"text": texts, "label": own["given"].map(named), "suggested": own["suggested"].map(named)}
        found["suspects"] = pd.DataFrame(columns | {"probability_of_label": own["probability"]})
    if shared.errors is not None:
        pairs = shared.errors.pairs
        own = pairs[(pairs["theme"] == theme) & (pairs["texts"] > 1)].head(PAIRS)
        found["confused_with"] = own[["error", "other", "texts", "of", "lift", "p_value"]]
    return found


def _of_the_words(run: PastRun, theme: str, evidence: Evidence, shared: Shared) -> Tables:
    """The words that tell a theme, and those that led its models astray."""
    wrong = mistakes(theme, run.texts, evidence, run.tagger, top=MISTAKES, lines=run.lines)
    wrong = wrong.assign(text=[shorten(text, SNIPPET) for text in wrong["text"]])
    shown = ["kind", "line", "text", "probability", "words_for", "words_against"]
    telling = run.tagger.terms(theme, top=TERMS, corpus=run.corpus, counts=shared.counts)
    return {"mistakes": wrong[shown], "terms": telling}


def _terms_shown(table: pd.DataFrame) -> pd.DataFrame:
    """The columns of telling words that a reader looks at."""
    shown = ["term", "side", "weight", "texts", "share_with", "share_without", "odds_ratio", "odds_low", "odds_high"]
    return table[[*shown, "strength"]]


def _advised(theme: str, shared: Shared) -> Iterator[str]:
    """What to do about its errors."""
    if shared.errors is not None:
        told = shared.errors.themes
        yield from (text for text in told.loc[told["theme"] == theme, "advice"] if text)


def _diagnosed(shared: Shared, theme: str, theme_result: ThemeResult) -> str:
    target = theme_result.certified_target or TARGET
    found = diagnose(shared.curves[theme], target=target, growth=shared.growth)
    return f"Learning curve: {found.kind}. {found.sentence[:1].upper()}{found.sentence[1:]}"


def _of_the_study(run: PastRun, theme_result: ThemeResult, thorough: bool) -> Tables:
    trials = run.trials(theme_result.theme)
    found: Tables = {"confusion": confusion_table(theme_result.counts)} if theme_result.assigned else {}
    if trials.empty:
        return found
    texts = theme_result.counts.rows if theme_result.assigned else 0
    found |= {"history": study_history(trials), "families": families_compared(trials, texts=texts)}
    cost = {
        "seconds": trials["seconds"].sum(),
        "trials": len(trials),
        "peak_memory_mb": run.peak_memory(theme_result.theme),
    }
    found |= {"importances": run.importances(theme_result.theme)} if thorough else {}
    return found | {"cost": pd.DataFrame([cost])}


def _of_the_scores(theme_result: ThemeResult, evidence: Evidence) -> Tables:
    truth, scores = evidence.truth, evidence.scores
    found = {
        "precision_recall": precision_recall(truth, scores, threshold=theme_result.threshold),
        "scores": score_distribution(truth, scores),
    }
    if np.isfinite(theme_result.calibration).all():
        apart = evidence.apart  # copies of a text are no evidence of their own
        found["calibration"] = calibration_table(truth[apart], probabilities(scores[apart], *theme_result.calibration))
    return found


def _sentences(theme_result: ThemeResult) -> Iterator[str]:
    """What was decided, and what is promised of it, in words."""
    if theme_result.reason:
        yield theme_result.reason[:1].upper() + theme_result.reason[1:].rstrip(".") + "."
    if not theme_result.assigned:
        return
    if theme_result.certified:
        yield (
            f"A precision of {100 * theme_result.certified_target:g} % or more is certified from a score of "
            f"{theme_result.certified_threshold:.3g} on, where the tags find {percent(theme_result.certified_recall)} "
            "% of what is due."
        )
    expected = [
        (theme_result.corrected_precision, theme_result.precision_bound),
        (theme_result.corrected_recall, theme_result.recall_bound),
    ]
    if np.isfinite(expected).all():
        (precision, at_least), (recall, no_less) = expected
        yield (
            f"On new texts expect a precision of {precision:.2f} (hardly below {at_least:.2f}) and a recall of "
            f"{recall:.2f} (hardly below {no_less:.2f})."
        )
    model = f"{theme_result.family} on {theme_result.view}"
    yield f"The model is {model}, chosen in {theme_result.trials} trials; {_ended(theme_result)}."


def _ended(theme_result: ThemeResult) -> str:
    return (
        f"the search ended because: {theme_result.stopped}" if theme_result.stopped else "the search used all of them"
    )
