"""What the models of a file ask of memory and time, counted before it is taken: a small file cannot ask for much.

In a file, models may share arrays, and sparse weights name a size of their own. A tagger whose models have arrays of
their own asks for a small multiple of its file; one that lets thousands of models stand on one array does not. Costs
are bytes; time counts as the bytes that are read meanwhile, about one a nanosecond.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy.typing as npt

from themetagger.features import FittedView, TextEncoder
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


def of_encoder_arrays(arrays: Mapping[str, npt.NDArray[Any]]) -> int:
    """Bytes that the arrays of a text encoder may ask for once they are float32, however small they are in the file."""
    return CALL + sum(4 * array.size for array in arrays.values())


def of_encoder(encoder: TextEncoder) -> int:
    """Bytes that a text encoder asks for, with the vectors of a few texts."""
    return CALL + encoder.nbytes + FEW * 4 * encoder.width


def of_view(fitted: FittedView, sizes: Mapping[str, int]) -> int:
    """Bytes that what a view learned asks for; ``sizes`` are the columns of each source: terms, or numbers a vector."""
    terms = sum(part.nbytes + 4 * sizes[part.analyser] for part in fitted.terms)
    # of a few texts the rows as float32, and as float64 with their indices beside n-grams
    return CALL + terms + sum(part.nbytes + FEW * 16 * part.width for part in fitted.dense)


def of_squares(fitted: FittedView, sizes: Mapping[str, int]) -> int:
    """Bytes for the squared weights of a view in the batch; rows that are not normalised need none."""
    return sum(4 * sizes[part.analyser] for part in fitted.terms if not part.presence)


def of_member(member: EnsembleMember, fitted: FittedView, sizes: Mapping[str, int]) -> int:
    """Bytes that a model asks for, beside its view."""
    scorer, reduction, linear = member.model.scorer, member.model.reduction, member.model.linear_weights
    terms, dense = sum(sizes[part.analyser] for part in fitted.terms), fitted.width - fitted.n_terms
    if linear is not None and is_batched(member):
        presence = any(part.presence for part in fitted.terms)
        in_batch = column_bytes(linear.weights[: fitted.n_terms], terms, presence) + 8 * dense
        return int(COLUMN + linear.weights.nbytes + in_batch)
    columns = terms + dense
    if reduction is None:
        return CALL + scorer.cost(columns)
    # the columns of a few texts, and the place of each among all; or a product with the few terms that they have
    reduced = FEW * 4 * reduction.shape[-1] + (reduction.nbytes + 4 * columns if reduction.ndim == 1 else 0)
    return int(CALL + reduced + scorer.cost(0))
