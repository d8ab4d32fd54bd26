"""Texts -> counts once; weighed per fold from that fold's training rows; shared by all themes and trials."""

from themetagger.features.counting import ANALYSERS, Counts, count_known, count_terms
from themetagger.features.folds import FoldFeatures, Reduced
from themetagger.features.pieces import Splitter
from themetagger.features.recipe import VIEWS, EmptyVocabulary, Recipe
from themetagger.features.tally import places
from themetagger.features.turned import Turned
from themetagger.features.weighing import Weighing, learn_weighing, mean_weighing, weigh
from themetagger.features.word_grams import single_words

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
