"""What the models of a file ask of memory and time, counted before it is taken: a small file cannot ask for much.

In a file, models may share arrays, and sparse weights name a size of their own. A tagger whose models have arrays of
their own asks for a small multiple of its file; one that lets thousands of models stand on one array does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from themetagger.features import TfidfWeights
from themetagger.models.ensemble import EnsembleMember
from themetagger.models.linear_batch import CELLS, SPARSE_BELOW, is_batched
from themetagger.models.scorers import LEAF, KernelScorer, LinearScorer, TreeScorer, depth
from themetagger.models.scorers.tree_traversal import KIND, REMEMBERED

# Bytes that a file may ask for: so many, and so many for each byte of its own. Dense weights, on a vocabulary that is
# ten times theirs, come to 11 for each byte in the file (bank and copy), boosted stumps to some 10; sparse weights to
# 100 and more, but there the first number stands for 1,300 themes on 100,000 terms beside any number of other models.
ANYWAY = 512 * 2**20
FOR_EACH_BYTE = 16

FEW = 10  # texts that are counted with; of more, a tagger asks no more at a time than the blocks it takes
# Time is counted as the bytes that are walked through meanwhile, about one a nanosecond.
CALL = 128 * 2**10  # scoring with one model, or weighing for it, however small it is
COLUMN = 16 * 2**10  # putting a model into the bank, where all score together
LEVEL = 16 * 2**10  # one level down all trees


def allowance(size: int) -> int:
    """Bytes that a file of ``size`` bytes may ask for.

    Examples
    --------
    >>> allowance(1_000_000) // 1_000_000
    552
    """
    return ANYWAY + FOR_EACH_BYTE * size


def of_weighing(parts: Sequence[TfidfWeights], terms: Mapping[str, int]) -> int:
    """Bytes that the parts of a recipe ask for, with ``terms`` in the vocabulary of each analyser."""
    return CALL + sum(part.columns.nbytes + part.idf.nbytes + 4 * terms[part.analyser] for part in parts)


def of_squares(parts: Sequence[TfidfWeights], terms: Mapping[str, int]) -> int:
    """Bytes for the squared weights of a recipe in the bank; rows that are not normalised need none."""
    return sum(4 * terms[part.analyser] for part in parts if not part.presence)


def of_member(member: EnsembleMember, terms: int) -> int:
    """Bytes that a model asks for, beside its recipe; ``terms`` are those of all analysers of the recipe."""
    scorer, narrow = member.model.scorer, member.model.narrow
    if isinstance(scorer, LinearScorer) and is_batched(member):
        return COLUMN + scorer.weights.nbytes + _in_bank(scorer, terms, member.recipe.presence)
    asked = CALL
    if narrow is not None:
        # the columns of a few texts, and the place of each among all; or a product with the few terms that they have
        asked += FEW * 4 * narrow.shape[-1] + (narrow.nbytes + 4 * terms if narrow.ndim == 1 else 0)
    if isinstance(scorer, LinearScorer):
        return asked + scorer.weights.nbytes
    return asked + (_of_kernel(scorer) if isinstance(scorer, KernelScorer) else _of_trees(scorer, member, terms))


def _in_bank(scorer: LinearScorer, terms: int, presence: bool) -> int:
    """A column of the bank is dense where enough of it is used, and otherwise index and value of what is used.

    Of the presence of terms it has those in use densely as well.
    """
    used = 4 * np.count_nonzero(scorer.weights)
    return int(min(used * (2 + CELLS if presence else 1 / SPARSE_BELOW), 4 * terms + 8 * used))


def _of_kernel(scorer: KernelScorer) -> int:
    support = scorer.support
    once = support.data.nbytes + support.indices.nbytes + support.indptr.nbytes + 8 * sum(support.shape)
    # support as float64 and turned; kernel and its distances; and the products of sparse arrays, slow however small
    return int(2 * once + FEW * 4 * 8 * support.shape[0] + 3 * CALL)


def _of_trees(scorer: TreeScorer, member: EnsembleMember, terms: int) -> int:
    nodes = sum(array.nbytes for array in (scorer.feature, scorer.threshold, scorer.left, scorer.right, scorer.value))
    trees, inner = len(scorer.roots), int(np.count_nonzero(scorer.feature != LEAF))
    laid_out = KIND * REMEMBERED + 2 * nodes + 8 * int(scorer.feature.max(initial=LEAF)) + inner * -(-trees // 8)
    asked = nodes + laid_out + LEVEL * depth(scorer) + FEW * 48 * trees
    return asked if member.model.narrow is not None else asked + FEW * 4 * terms  # dense rows of all terms
