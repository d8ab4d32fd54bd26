"""Texts -> counts once; weighed per fold from that fold's training rows; shared by all themes and trials."""

from themetagger.features.fold_cache import FoldFeatures, Reduced
from themetagger.features.ngrams.counting import ANALYSERS, TermCounts, count_known, count_terms
from themetagger.features.ngrams.sparse import CountLayouts, places
from themetagger.features.ngrams.token_cache import Splitter
from themetagger.features.ngrams.words import single_words
from themetagger.features.tfidf import (
    VIEWS,
    EmptyVocabulary,
    TfidfConfig,
    TfidfWeights,
    learn_weights,
    mean_weights,
    weigh,
)

__all__ = [
    "ANALYSERS",
    "VIEWS",
    "CountLayouts",
    "EmptyVocabulary",
    "FoldFeatures",
    "Reduced",
    "Splitter",
    "TermCounts",
    "TfidfConfig",
    "TfidfWeights",
    "count_known",
    "count_terms",
    "learn_weights",
    "mean_weights",
    "places",
    "single_words",
    "weigh",
]
