"""One theme of a run in all its details, as tables and sentences: what its part of the page and its notebook show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from themetagger.insights.labelling.confusions import ErrorAnalysis, error_analysis
from themetagger.insights.labelling.label_errors import suspects
from themetagger.report.curve_tables import calibration_table, confusion_table, precision_recall, score_distribution
from themetagger.report.study_tables import families_compared, study_history
from themetagger.report.text import shorten
from themetagger.report.theme_view import ThemeView
from themetagger.runs.past_run import PastRun
from themetagger.runs.review import theme_sentences as sentences
from themetagger.runs.review.mistakes import mistakes
from themetagger.selection.calibration import probabilities
from themetagger.selection.evidence import Evidence
from themetagger.selection.learning_curve import USUAL, Growth, pooled_growth
from themetagger.selection.theme_result import ThemeResult
from themetagger.tagger.explain.meaning_of_words import OF_TEXT
from themetagger.tagger.explain.weights import TextCounts

Tables = dict[str, pd.DataFrame]
SUSPECTS, MISTAKES, TERMS, PAIRS = 8, 6, 10, 8  # rows of each that are shown of a theme
SNIPPET = 400  # characters of a text that are shown


@dataclass(frozen=True)
class RunFindings:
    """What is found out once for all themes of a run, so that each theme need not do it again.

    Parameters
    ----------
    suspects : labels to check, of all themes, as `themetagger.insights.labelling.label_errors.suspects` returns them
    errors : which themes are confused with which, and what to do; None where the texts are not there
    curves : learning curves by theme; empty where they were not asked for
    growth : what more labels gave the themes of the run together
    thorough : whether to look for telling words, mistakes and which settings mattered, half a second per theme
    counts : what the tagger counts in the texts, where telling words are looked for
    """

    suspects: pd.DataFrame = field(default_factory=pd.DataFrame)
    errors: ErrorAnalysis | None = None
    curves: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    growth: Growth = USUAL
    thorough: bool = True
    counts: Mapping[str, Any] | None = None


def run_findings(
    run: PastRun, *, curves: Mapping[str, pd.DataFrame] | None = None, thorough: bool = True
) -> RunFindings:
    """Find out what concerns all themes of a run.

    Parameters
    ----------
    run : an open run
    curves : learning curves by theme, as `themetagger.runs.review.learning_curves` returns them; default none
    thorough : whether telling words, mistakes and which settings mattered are looked for, default True
    """
    curves = curves or {}
    growth = pooled_growth(curves.values()) if curves else USUAL
    if run.corpus is None:
        return RunFindings(curves=curves, growth=growth, thorough=thorough)
    evidence = run.evidence_by_theme()
    most_suspect = suspects(evidence, top=None, per_theme=SUSPECTS)
    errors = error_analysis(run.tagger.theme_results, run.corpus, evidence)
    counts = TextCounts(run.tagger.encoder.counts(run.corpus.texts)) if thorough else None
    return RunFindings(most_suspect, errors, curves, growth, thorough, counts)


def theme_details(run: PastRun, theme: str, *, findings: RunFindings | None = None) -> ThemeView:
    """Gather all that is known of a theme; without the texts of the run, only what its trials tell.

    Parameters
    ----------
    run : what `themetagger.runs.past_run.open_run` opened
    theme : one of its themes
    findings : what `run_findings` returned; by default it is called, without learning curves

    Returns
    -------
    ThemeView: those of its tables that there are, by name: confusion, mistakes, terms, suspects, confused_with,
    families, importances, cost; precision_recall, scores, calibration, learning_curve, history.

    Raises
    ------
    KeyError
        If the run has no such theme; it names those that there are.

    Examples
    --------
    >>> view = theme_details(open_run("data/runs/workplace"), "workload")  # doctest: +SKIP
    >>> view.tables["precision_recall"].query("chosen")  # doctest: +SKIP
    """
    result = run.theme_result(theme)
    findings = run_findings(run) if findings is None else findings
    row = run.results[run.results["theme"] == theme].iloc[0]
    evidence = run.evidence(theme) if run.corpus is not None and result.assigned else None
    tables, said = _of_trials(run, result, findings.thorough), [*sentences.of_result(result)]
    if evidence is not None:
        tables |= _of_scores(result, evidence) | _of_labels(run, theme, findings)
        tables |= _of_words(run, theme, evidence, findings) if findings.thorough else {}
        said += sentences.of_errors(theme, findings.errors)
    if theme in findings.curves:
        tables["learning_curve"] = findings.curves[theme]
        said += sentences.of_learning_curve(findings.curves[theme], result, findings.growth)
    if len(tables.get("terms", ())):
        said += sentences.of_terms(tables["terms"])
        words = tables["terms"]["kind"] != OF_TEXT  # of which a sentence speaks
        tables["terms"] = tables["terms"].loc[words, _TERM_COLUMNS]
    return ThemeView(theme, row, tuple(said), tables)


# the columns of telling words that a reader looks at
_TERM_COLUMNS = [
    "term",
    "side",
    "weight",
    "texts",
    "share_with",
    "share_without",
    "odds_ratio",
    "odds_low",
    "odds_high",
]
_TERM_COLUMNS += ["strength"]


def _of_trials(run: PastRun, result: ThemeResult, thorough: bool) -> Tables:
    """How the search went, what it cost, and the confusion matrix that it ended with."""
    trials = run.trials(result.theme)
    tables: Tables = {"confusion": confusion_table(result.counts)} if result.assigned else {}
    if trials.empty:
        return tables
    texts = result.counts.rows if result.assigned else 0
    tables |= {"history": study_history(trials), "families": families_compared(trials, texts=texts)}
    tables |= {"importances": run.importances(result.theme)} if thorough else {}
    cost = {"seconds": trials["seconds"].sum(), "trials": len(trials), "peak_memory_mb": run.peak_memory(result.theme)}
    return tables | {"cost": pd.DataFrame([cost])}


def _of_scores(result: ThemeResult, evidence: Evidence) -> Tables:
    """What lies behind the curves of a theme."""
    truth, scores = evidence.truth, evidence.scores
    tables = {
        "precision_recall": precision_recall(truth, scores, threshold=result.threshold),
        "scores": score_distribution(truth, scores),
    }
    if np.isfinite(result.calibration).all():
        rows = evidence.representatives  # copies of a text are no evidence of their own
        tables["calibration"] = calibration_table(truth[rows], probabilities(scores[rows], *result.calibration))
    return tables


def _of_labels(run: PastRun, theme: str, findings: RunFindings) -> Tables:
    """Labels that look wrong, and the themes that the errors come with."""
    tables: Tables = {}
    if len(findings.suspects):
        own = findings.suspects[findings.suspects["theme"] == theme]
        texts = [shorten(run.texts.texts[row], SNIPPET) for row in own["row"]]
        words = {True: "has it", False: "lacks it"}
        columns = {"text": texts, "label": own["given"].map(words), "suggested": own["suggested"].map(words)}
        tables["suspects"] = pd.DataFrame(columns | {"probability_of_label": own["probability"]})
    if findings.errors is not None:
        pairs = findings.errors.pairs
        own = pairs[(pairs["theme"] == theme) & (pairs["texts"] > 1)].head(PAIRS)
        tables["confused_with"] = own[["error", "other", "texts", "of", "lift", "p_value"]]
    return tables


def _of_words(run: PastRun, theme: str, evidence: Evidence, findings: RunFindings) -> Tables:
    """The words that tell a theme, and those that led its models astray."""
    wrong = mistakes(theme, run.texts, evidence, run.tagger, top=MISTAKES, lines=run.lines)
    wrong = wrong.assign(text=[shorten(text, SNIPPET) for text in wrong["text"]])
    columns = ["kind", "line", "text", "probability", "words_for", "words_against"]
    telling = run.tagger.terms(theme, top=TERMS, corpus=run.corpus, counts=findings.counts)
    return {"mistakes": wrong[columns], "terms": telling}
