"""A tagger's tags against the truth of held-out texts."""

from __future__ import annotations

import numpy as np

from themetagger.corpus import Corpus
from themetagger.selection.confusion import Confusion
from themetagger.selection.operating_points import operating_points
from themetagger.selection.results import HeldOut
from themetagger.tagger.theme_tagger import ThemeTagger


def evaluate(tagger: ThemeTagger, corpus: Corpus) -> dict[str, HeldOut]:
    """How well a tagger does on texts whose themes are known, and that it was not tuned on.

    Parameters
    ----------
    tagger : any tagger
    corpus : the texts and their themes; a theme that it does not name has no positive in it

    Returns
    -------
    Confusion counts and average precision by theme, for every theme of the tagger. A theme without a model is never
    assigned: its positives are false negatives.

    Examples
    --------
    >>> measured = evaluate(ThemeTagger.load("run/tagger.tagger"), read_corpus("later.csv"))  # doctest: +SKIP
    >>> measured["pay"].counts.precision  # doctest: +SKIP
    0.9
    """
    decisions = tagger.decision_function(corpus.texts)
    place = {theme: j for j, theme in enumerate(tagger.themes)}
    named = set(corpus.themes)
    measured = {}
    for theme_result in tagger.theme_results:
        truth = corpus.column(theme_result.theme) if theme_result.theme in named else np.zeros(len(corpus), np.uint8)
        if theme_result.theme in place:
            measured[theme_result.theme] = _measure(truth, decisions[:, place[theme_result.theme]])
        else:
            missed = int(truth.sum())
            measured[theme_result.theme] = HeldOut(Confusion(0, 0, missed, len(truth) - missed))
    return measured


def _measure(
    truth: np.ndarray[tuple[int], np.dtype[np.uint8]], decision: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> HeldOut:
    assigned, positive = decision >= 0, truth > 0
    tp, fp = int((assigned & positive).sum()), int((assigned & ~positive).sum())
    fn = int(positive.sum()) - tp
    counts = Confusion(tp, fp, fn, len(truth) - tp - fp - fn)
    return HeldOut(counts, operating_points(truth, decision).average_precision if positive.any() else float("nan"))
