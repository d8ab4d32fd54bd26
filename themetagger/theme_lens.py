"""One theme of a run under the lens: everything that its page and its notebook show, as tables."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from themetagger.calibration import probabilities
from themetagger.figures import (
    calibration_table,
    confusion_table,
    families_compared,
    precision_recall,
    score_distribution,
    study_history,
)
from themetagger.past_run import PastRun
from themetagger.report.theme_view import ThemeView
from themetagger.selection import Evidence
from themetagger.winner import Winner

Tables = dict[str, pd.DataFrame]


def look_at(run: PastRun, theme: str) -> ThemeView:
    """All that is known of a theme; without the texts of the run, what its study alone tells.

    Parameters
    ----------
    run : what `themetagger.past_run.open_run` opened
    theme : one of its themes

    Raises
    ------
    KeyError
        If the run has no such theme; it names those that there are.

    Examples
    --------
    >>> view = look_at(open_run("data/runs/workplace"), "workload")  # doctest: +SKIP
    >>> view.tables["precision_recall"].query("chosen")  # doctest: +SKIP
    """
    winner = run.winner(theme)
    row = run.results[run.results["theme"] == theme].iloc[0]
    evidence = run.evidence(theme) if run.corpus is not None and winner.assigned else None
    tables = _of_the_study(run, winner)
    if evidence is not None:
        tables |= _of_the_scores(winner, evidence)
    return ThemeView(theme, row, tuple(_sentences(winner)), tables)


def _of_the_study(run: PastRun, winner: Winner) -> Tables:
    trials = run.trials(winner.theme)
    found: Tables = {"confusion": confusion_table(winner.counts)} if winner.assigned else {}
    if trials.empty:
        return found
    texts = winner.counts.rows if winner.assigned else 0
    found |= {"history": study_history(trials), "families": families_compared(trials, texts=texts)}
    cost = {"seconds": trials["seconds"].sum(), "trials": len(trials), "peak_memory_mb": run.peak_memory(winner.theme)}
    return found | {"importances": run.importances(winner.theme), "cost": pd.DataFrame([cost])}


def _of_the_scores(winner: Winner, evidence: Evidence) -> Tables:
    truth, scores = evidence.truth, evidence.scores
    found = {
        "precision_recall": precision_recall(truth, scores, threshold=winner.threshold),
        "scores": score_distribution(truth, scores),
    }
    if np.isfinite(winner.calibration).all():
        found["calibration"] = calibration_table(truth, probabilities(scores, *winner.calibration))
    return found


def _sentences(winner: Winner) -> Iterator[str]:
    """What was decided, and what is promised of it, in words."""
    if winner.reason:
        yield winner.reason[:1].upper() + winner.reason[1:].rstrip(".") + "."
    if not winner.assigned:
        return
    if winner.certified:
        yield (
            f"A precision of {winner.certified_target:.0%} or more is certified from a score of "
            f"{winner.certified_threshold:.3g} on, where the tags find {winner.certified_recall:.0%} of what is due."
        )
    expected = [(winner.corrected_precision, winner.precision_bound), (winner.corrected_recall, winner.recall_bound)]
    if np.isfinite(expected).all():
        (precision, at_least), (recall, no_less) = expected
        yield (
            f"On new texts expect a precision of {precision:.2f} (hardly below {at_least:.2f}) and a recall of "
            f"{recall:.2f} (hardly below {no_less:.2f})."
        )
    yield f"The model is {winner.family} on {winner.view}, chosen in {winner.trials} trials; {_ended(winner)}."


def _ended(winner: Winner) -> str:
    return f"the search ended because: {winner.stopped}" if winner.stopped else "the search used all of them"
