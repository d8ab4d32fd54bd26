"""The fold models of a winner, fitted again: what is deployed is merged from them and hides how they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from themetagger.corpus import Corpus
from themetagger.features import ANALYSERS, FoldFeatures, TextEncoder, inputs_of
from themetagger.features.encoder import build_encoder
from themetagger.models.ensemble import EnsembleMember
from themetagger.search.companion import blend_weight
from themetagger.search.cross_validation import out_of_fold_scores
from themetagger.search.space import companion_configuration, configuration_of
from themetagger.search.study import theme_seed
from themetagger.selection.theme_result import ThemeResult
from themetagger.tagger.explain.terms import FoldModels

Floats = npt.NDArray[np.float64]


def features_of(
    corpus: Corpus,
    folds: npt.NDArray[np.int64],
    steps: Sequence[str],
    encoders: Mapping[str, TextEncoder] | None = None,
) -> FoldFeatures:
    """The features that a run on these texts and folds had, with those of text ``encoders``; for all its themes."""
    encoders = encoders or {}
    return FoldFeatures(inputs_of(corpus.texts, steps, (*ANALYSERS, *encoders), encoders), folds)


def fold_models(
    theme_result: ThemeResult,
    truth: npt.NDArray[np.uint8],
    features: FoldFeatures,
    *,
    steps: Sequence[str],
    encoders: Mapping[str, TextEncoder] | None = None,
    seed: int = 0,
) -> FoldModels:
    """The models that a winner was found with, one committee a fold, fitted again from what the winner remembers.

    Parameters
    ----------
    theme_result : one that has a model
    truth : (n,) of 0 and 1, the theme's column
    features : ``features_of`` the texts and folds of the run
    steps, encoders, seed : of the run

    Raises
    ------
    ValueError
        If the winner has no model.
    """
    if not theme_result.assigned:
        raise ValueError(f"theme {theme_result.theme!r} has no model ({theme_result.status}): {theme_result.reason}.")
    configuration = configuration_of(theme_result.family, theme_result.params, theme_result.feature_settings)
    mine = theme_seed(seed, theme_result.theme)
    scores, models = out_of_fold_scores(configuration, features, truth, seed=mine)
    ensembles = [[EnsembleMember(configuration.view, k, model)] for k, model in enumerate(models)]
    if configuration.companion is not None:
        added = companion_configuration(configuration.companion, configuration.most_rows)
        beside_scores, others = out_of_fold_scores(added, features, truth, seed=mine)
        factor = blend_weight(scores, beside_scores, configuration.companion.weight)
        for k, (ensemble, model) in enumerate(zip(ensembles, others, strict=True)):
            ensemble.append(EnsembleMember(added.view, k, model, factor))
    keys = [(member.view, member.fold) for ensemble in ensembles for member in ensemble]
    return FoldModels(build_encoder(keys, features.inputs, features.folds, tuple(steps), encoders), ensembles)
