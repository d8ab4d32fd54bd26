"""A fitted model as plain arrays, and the one function that scores with it.

The search and the tagger score with the same arrays, so a threshold is never applied on another scale than
the one on which it was found; and a tagger is loaded without the library that fitted it.
"""

from themetagger.models.scorers.base import Floats, LinearWeights, Matrix, Scorer, scores
from themetagger.models.scorers.kernel import KernelScorer, rbf_kernel
from themetagger.models.scorers.linear import LinearScorer
from themetagger.models.scorers.tree_traversal import LEAF
from themetagger.models.scorers.trees import Tree, TreeScorer, just_below, not_above, stack

__all__ = [
    "LEAF",
    "SCORERS",
    "Floats",
    "KernelScorer",
    "LinearScorer",
    "LinearWeights",
    "Matrix",
    "Scorer",
    "Tree",
    "TreeScorer",
    "just_below",
    "not_above",
    "rbf_kernel",
    "scores",
    "stack",
]

SCORERS: dict[str, type[Scorer]] = {scorer.kind: scorer for scorer in (LinearScorer, KernelScorer, TreeScorer)}
