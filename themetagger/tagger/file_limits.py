"""What the models of a file ask of memory and time, counted before it is taken: a small file cannot ask for much.

In a file, models may share arrays, and sparse weights name a size of their own. A tagger whose models have arrays of
their own asks for a small multiple of its file; one that lets thousands of models stand on one array does not. Costs
are bytes; time counts as the bytes that are read meanwhile, about one a nanosecond.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from themetagger.features import TfidfWeights
from themetagger.models.ensemble import EnsembleMember
from themetagger.models.linear_batch import column_bytes, is_batched
from themetagger.models.scorers.base import CALL, FEW

# Bytes that a file may ask for: so many, and so many for each byte of its own. Dense weights, on a vocabulary that is
# ten times theirs, come to 11 for each byte in the file (batch and copy), boosted stumps to some 10; sparse weights to
# 100 and more, but there the first number stands for 1,300 themes on 100,000 terms beside any number of other models.
ANYWAY = 512 * 2**20
FOR_EACH_BYTE = 16

COLUMN = 16 * 2**10  # putting a linear model into the batch, where all score together


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
    """Bytes for the squared weights of a recipe in the batch; rows that are not normalised need none."""
    return sum(4 * terms[part.analyser] for part in parts if not part.presence)


def of_member(member: EnsembleMember, terms: int) -> int:
    """Bytes that a model asks for, beside its recipe; ``terms`` are those of all analysers of the recipe."""
    scorer, narrow, linear = member.model.scorer, member.model.narrow, member.model.linear_weights
    if linear is not None and is_batched(member):
        return COLUMN + linear.weights.nbytes + column_bytes(linear.weights, terms, member.recipe.presence)
    if narrow is None:
        return CALL + scorer.cost(terms)
    # the columns of a few texts, and the place of each among all; or a product with the few terms that they have
    reduced = FEW * 4 * narrow.shape[-1] + (narrow.nbytes + 4 * terms if narrow.ndim == 1 else 0)
    return int(CALL + reduced + scorer.cost(0))
