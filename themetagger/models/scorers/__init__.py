"""A fitted model as plain arrays, and the one function that scores with it.

The search and the tagger score with the same arrays, so a threshold is never applied on another scale than
the one on which it was found; and a tagger is loaded without the library that fitted it.
"""

from themetagger.models.scorers.scoring import KernelScorer, LinearScorer, Matrix, Scorer, rbf_kernel, scores
from themetagger.models.scorers.tree_traversal import LEAF, Floats, TreeScorer
from themetagger.models.scorers.trees import DEEPEST, Tree, depth, just_below, mean_of_trees, not_above, stack
from themetagger.models.scorers.validation import MOST_SUPPORT, MOST_TREES, check

__all__ = [
    "DEEPEST",
    "LEAF",
    "MOST_SUPPORT",
    "MOST_TREES",
    "Floats",
    "KernelScorer",
    "LinearScorer",
    "Matrix",
    "Scorer",
    "Tree",
    "TreeScorer",
    "check",
    "depth",
    "just_below",
    "mean_of_trees",
    "not_above",
    "rbf_kernel",
    "scores",
    "stack",
]
