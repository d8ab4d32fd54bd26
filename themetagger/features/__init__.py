"""Texts -> counts once; weighed per fold from that fold's training rows; shared by all themes and trials."""

from themetagger.features.fold_cache import FoldFeatures, Reduced
from themetagger.features.ngrams.counting import ANALYSERS, Counts, count_known, count_terms
from themetagger.features.ngrams.sparse import Turned, places
from themetagger.features.ngrams.token_cache import Splitter
from themetagger.features.ngrams.words import single_words
from themetagger.features.tfidf import VIEWS, EmptyVocabulary, Recipe, Weighing, learn_weighing, mean_weighing, weigh

__all__ = [
    "ANALYSERS",
    "VIEWS",
    "Counts",
    "EmptyVocabulary",
    "FoldFeatures",
    "Recipe",
    "Reduced",
    "Splitter",
    "Turned",
    "Weighing",
    "count_known",
    "count_terms",
    "learn_weighing",
    "mean_weighing",
    "places",
    "single_words",
    "weigh",
]
