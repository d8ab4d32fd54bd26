"""The fold models of a winner, fitted again: what is deployed is merged from them and hides how they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np
import numpy.typing as npt

from themetagger.committee import Member
from themetagger.corpus import Corpus
from themetagger.encoder import build_encoder
from themetagger.features import ANALYSERS, FoldFeatures, Recipe, count_terms
from themetagger.search.out_of_fold import companion_factor, out_of_fold_scores
from themetagger.search.proposal import COMPANION, MIN_DF, Companion, Proposal, beside
from themetagger.search.theme_study import theme_seed
from themetagger.textsteps import clean
from themetagger.winner import Winner
from themetagger.words.terms import FoldModels

Floats = npt.NDArray[np.float64]


def features_of(corpus: Corpus, folds: npt.NDArray[np.int64], steps: Sequence[str]) -> FoldFeatures:
    """The features that a run on these texts and folds had; one object serves all its themes."""
    texts = clean(corpus.texts, steps)
    counts = {analyser: count_terms(texts, analyser, min_df=min(MIN_DF)) for analyser in ANALYSERS}
    return FoldFeatures(counts, folds)


def fold_models(
    winner: Winner, truth: npt.NDArray[np.uint8], features: FoldFeatures, *, steps: Sequence[str], seed: int = 0
) -> FoldModels:
    """The models that a winner was found with, one committee a fold, fitted again from what the winner remembers.

    Parameters
    ----------
    winner : one that has a model
    truth : (n,) of 0 and 1, the theme's column
    features : ``features_of`` the texts and folds of the run
    steps, seed : of the run

    Raises
    ------
    ValueError
        If the winner has no model.
    """
    if not winner.assigned:
        raise ValueError(f"theme {winner.theme!r} has no model ({winner.status}): {winner.reason}.")
    proposal, mine = proposal_of(winner), theme_seed(seed, winner.theme)
    scores, models = out_of_fold_scores(proposal, features, truth, seed=mine)
    committees = [[Member(proposal.recipe, k, model)] for k, model in enumerate(models)]
    if proposal.companion is not None:
        added = beside(proposal.companion)
        beside_scores, others = out_of_fold_scores(added, features, truth, seed=mine)
        factor = companion_factor(scores, beside_scores, proposal.companion.weight)
        for k, (committee, model) in enumerate(zip(committees, others, strict=True)):
            committee.append(Member(added.recipe, k, model, factor))
    keys = [(member.recipe, member.fold) for committee in committees for member in committee]
    return FoldModels(build_encoder(keys, features.counts, features.folds, tuple(steps)), committees)


def proposal_of(winner: Winner) -> Proposal:
    """The configuration that a winner was found with.

    Examples
    --------
    >>> recipe = Recipe("words").to_json() | {"sparse_svm.C": 0.1, "sparse_svm.weight": 0.35}
    >>> winner = Winner("pay", "BEST_EFFORT", family="ridge + sparse_svm", params={"alpha": 1.0}, recipe=recipe)
    >>> proposal_of(winner).companion
    Companion(C=0.1, weight=0.35)
    """
    settings = dict(winner.recipe)
    recipe = Recipe(**{field.name: settings[field.name] for field in fields(Recipe)})
    family, _, companion = winner.family.partition(" + ")
    found = Proposal(
        family, winner.params, recipe, settings.get("negatives_per_positive", 0), settings.get("reduction", "")
    )
    if companion != COMPANION:
        return found
    return replace(found, companion=Companion(settings["sparse_svm.C"], settings["sparse_svm.weight"]))
