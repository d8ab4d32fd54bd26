"""Texts -> inputs, once; rows of a view per fold, learned from that fold's training rows; shared by all themes."""

from themetagger.features.dense import WEIGHTS, DenseConfig, TextEncoder
from themetagger.features.dense_columns import DenseColumns, row_products
from themetagger.features.fold_cache import Fold, FoldFeatures, Reduced
from themetagger.features.inputs import Inputs, TrainingRows, Vectors
from themetagger.features.ngrams.counting import ANALYSERS, TermCounts, count_known, count_terms
from themetagger.features.ngrams.scripts import sign_pattern
from themetagger.features.ngrams.sparse import CountLayouts, places
from themetagger.features.ngrams.token_cache import Splitter
from themetagger.features.ngrams.words import single_words, without_word
from themetagger.features.registry import (
    ENCODERS,
    encoders_of_run,
    inputs_of,
    is_nonnegative,
    sources_of,
    suggest_view,
    view_of,
)
from themetagger.features.side_by_side import BESIDE, SideBySide
from themetagger.features.tfidf import NGRAM_VIEWS, EmptyVocabulary, TfidfConfig
from themetagger.features.tfidf_weights import TfidfWeights
from themetagger.features.view import ColumnMap, FittedView, Rows, Suggests, View

__all__ = [
    "ANALYSERS",
    "BESIDE",
    "ENCODERS",
    "NGRAM_VIEWS",
    "WEIGHTS",
    "ColumnMap",
    "CountLayouts",
    "DenseColumns",
    "DenseConfig",
    "EmptyVocabulary",
    "FittedView",
    "Fold",
    "FoldFeatures",
    "Inputs",
    "Reduced",
    "Rows",
    "SideBySide",
    "Splitter",
    "Suggests",
    "TermCounts",
    "TextEncoder",
    "TfidfConfig",
    "TfidfWeights",
    "TrainingRows",
    "Vectors",
    "View",
    "count_known",
    "count_terms",
    "encoders_of_run",
    "inputs_of",
    "is_nonnegative",
    "places",
    "row_products",
    "sign_pattern",
    "single_words",
    "sources_of",
    "suggest_view",
    "view_of",
    "without_word",
]
