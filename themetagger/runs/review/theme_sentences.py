"""What the page says about one theme: why it has its status, what to expect of it, and what to do, as sentences."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from themetagger._utils.wording import number_of
from themetagger.insights.labelling.confusions import ErrorAnalysis
from themetagger.report.text import decimal, percent
from themetagger.selection.advice import counted_otherwise
from themetagger.selection.learning_curve import Growth
from themetagger.selection.learning_diagnosis import diagnose
from themetagger.selection.theme_result import ThemeResult
from themetagger.tagger.explain.meaning_of_words import meaning_sentences
from themetagger.tagger.explain.odds_in_texts import sentences as telling_sentences

TERMS_SAID = 3  # telling words that have a sentence of their own
ENDED = {  # why a search ended, as the results table has it -> a clause
    "patience": "the search stopped after several trials without improvement",
    "trials used up": "the search used all its trials",
    "target met": "the search stopped once the target was met",
    "certified": "the search stopped once the theme was certified",
    "time budget": "the search stopped when its time was up",
}
TARGET = 0.90  # precision that more labels are to reach, of a theme without a certified one


def of_result(result: ThemeResult) -> Iterator[str]:
    """Why a theme has its status, what is certified, what to expect on new texts, and how its model was chosen."""
    why = "; ".join(filter(None, (result.reason, counted_otherwise(result.counts.precision, result))))
    if why:
        yield why[:1].upper() + why[1:].rstrip(".") + "."
    if not result.assigned:
        return
    if result.certified:
        yield (
            f"At least {100 * result.certified_target:g} % of tags with a score of {result.certified_threshold:.3g} or "
            f"more are right (certified): of the {result.certified_flagged:,} distinct texts with such a score, "
            f"{result.certified_hits:,} have the theme, which is {percent(result.certified_recall)} % of those that do."
        )
    expected = (result.corrected_precision, result.precision_bound, result.corrected_recall, result.recall_bound)
    if np.isfinite(expected).all():
        precision, precision_bound, recall, recall_bound = map(decimal, expected)
        yield (
            f"On new texts expect precision of about {precision} (unlikely to be below {precision_bound}) and recall "
            f"of about {recall} (unlikely to be below {recall_bound})."
        )
    trials, ended = number_of(result.trials, "trial"), ENDED.get(result.stopped, result.stopped)
    yield f"The model is {result.family} on {result.view}, chosen from {trials}{ended and '; '}{ended}."


def of_errors(theme: str, errors: ErrorAnalysis | None) -> list[str]:
    """What to do about the errors of a theme; nothing where that is not known."""
    if errors is None:
        return []
    own = errors.themes["theme"] == theme
    return [advice for advice in errors.themes.loc[own, "advice"] if advice]


def of_learning_curve(curve: pd.DataFrame, result: ThemeResult, growth: Growth) -> list[str]:
    """What a learning curve says of a theme, beside how its run's themes grew together."""
    diagnosis = diagnose(curve, target=result.certified_target or TARGET, growth=growth, gained=result.label_gain)
    if diagnosis.sentence.startswith(diagnosis.kind):
        return [f"Learning curve: {diagnosis.sentence}"]
    return [f"Learning curve: {diagnosis.kind}. {diagnosis.sentence[:1].upper()}{diagnosis.sentence[1:]}"]


def of_terms(terms: pd.DataFrame) -> list[str]:
    """What of its scores no word shows; how much the most telling words of a theme raise its odds, or lower them."""
    return [*meaning_sentences(terms), *(f"{sentence}." for sentence in telling_sentences(terms)[:TERMS_SAID])]
