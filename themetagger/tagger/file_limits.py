"""What a tagger file asks of memory and time, counted before it is taken: a small file cannot ask for much.

In a file, models may share arrays, and sparse weights name a size of their own. A tagger whose models have arrays of
their own asks for a small multiple of its file; one that lets thousands of models stand on one array does not. Costs
are bytes; time counts as the bytes that are read meanwhile, about one a nanosecond. They are counted as they will be
spent: scorers say what they cost, a batch is planned as it will be laid out, and what models share is counted once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy.typing as npt

from themetagger.features import FittedView, TextEncoder
from themetagger.models.ensemble import EnsembleMember
from themetagger.models.linear_batch import BlockKey, BlockPlan, column_bytes, is_batched
from themetagger.models.scorers.base import CALL, FEW

# Bytes that a file may ask for: so many, and so many for each byte of its own. Dense weights, on a vocabulary that is
# ten times theirs, come to 11 for each byte in the file (batch and copy), boosted stumps to some 10; sparse weights to
# 100 and more, but there the first number stands for 1,300 themes on 100,000 terms beside any number of other models.
ANYWAY = 512 * 2**20
FOR_EACH_BYTE = 16

COLUMN = 64 * 2**10  # reading a linear model, and putting it into the batch, where all score together
BLOCK = 2 * CALL  # a block of the batch: its products, and the lengths of its rows
PART = 4 * CALL  # a block of a view's columns, for a text of 2,000 words
TERM = 400  # a term of a vocabulary: its text, its number, and what finds it


class Budget:
    """What a file has asked for so far.

    Parameters
    ----------
    size : bytes of the file

    Examples
    --------
    >>> budget = Budget(1_000_000)
    >>> budget.ask(1_000), budget.asked, budget.allowed // 1_000_000
    (None, 1000, 552)
    """

    def __init__(self, size: int) -> None:
        """Begin with nothing."""
        self.asked, self.allowed = 0, ANYWAY + FOR_EACH_BYTE * size
        self._plan, self._blocks = BlockPlan(), set[BlockKey]()
        self._squares, self._reduced = set[tuple[int, BlockKey]](), set[tuple[Any, ...]]()

    def ask(self, more: int) -> None:
        """Count what comes next; a ValueError where it is more than the file may ask for."""
        self.asked += int(more)
        if self.asked > self.allowed:
            raise ValueError(f"its models ask for more than {self.allowed:,} bytes, which is out of proportion")

    def ask_for_model(self, theme: str, member: EnsembleMember, fitted: FittedView, sizes: Mapping[str, int]) -> None:
        """Count a model, and what it is the first to need; ``fitted`` is its view, ``sizes`` the columns of sources."""
        self.ask(of_member(member, fitted, sizes))
        if is_batched(member):
            self._ask_for_blocks(theme, fitted, sizes)
            return
        shared = (member.view, member.fold, id(member.model.reduction))
        if shared not in self._reduced:
            self._reduced.add(shared)
            self.ask(of_reduction(member, fitted.width))

    def _ask_for_blocks(self, theme: str, fitted: FittedView, sizes: Mapping[str, int]) -> None:
        """The blocks of the batch that this model is the first in, and squared weights where its view is."""
        for block, part, _ in self._plan.blocks_of(theme, fitted):
            if block not in self._blocks:
                self._blocks.add(block)
                self.ask(BLOCK)
            if not part.presence and (id(part), block) not in self._squares:  # rows of presence are not normalised
                self._squares.add((id(part), block))
                self.ask(4 * sizes[part.analyser])


def of_vocabulary(terms: int) -> int:
    """Bytes that so many terms of an analyser ask for, before they are made."""
    return TERM * terms


def of_encoder_arrays(arrays: Mapping[str, npt.NDArray[Any]]) -> int:
    """Bytes that the arrays of a text encoder may ask for once they are float32, however small they are in the file."""
    return CALL + sum(4 * array.size for array in arrays.values())


def of_encoder(encoder: TextEncoder) -> int:
    """Bytes that a text encoder asks for, with the vectors of a few texts."""
    return CALL + encoder.nbytes + FEW * 4 * encoder.width


def of_view(fitted: FittedView, sizes: Mapping[str, int]) -> int:
    """Bytes that what a view learned asks for; ``sizes`` are the columns of each source: terms, or numbers a vector."""
    terms = sum(PART + part.nbytes + 4 * sizes[part.analyser] for part in fitted.terms)
    # of a few texts the rows as float32, and as float64 with their indices beside n-grams
    return CALL + terms + sum(CALL + part.nbytes + FEW * 16 * part.width for part in fitted.dense)


def of_member(member: EnsembleMember, fitted: FittedView, sizes: Mapping[str, int]) -> int:
    """Bytes that a model asks for, beside its view and what it shares with other models."""
    scorer, linear = member.model.scorer, member.model.linear_weights
    terms, dense = sum(sizes[part.analyser] for part in fitted.terms), fitted.width - fitted.n_terms
    if linear is not None and is_batched(member):
        presence = any(part.presence for part in fitted.terms)
        in_batch = column_bytes(linear.weights[: fitted.n_terms], terms, presence) + 8 * dense
        return int(COLUMN + linear.weights.nbytes + in_batch)
    return int(CALL + scorer.cost(fitted.width if member.model.reduction is None else 0))


def of_reduction(member: EnsembleMember, columns: int) -> int:
    """Bytes that reducing the rows of a view of so many columns asks for, once for all models that share it."""
    reduction = member.model.reduction
    if reduction is None:
        return 0
    reduced = FEW * 12 * reduction.shape[-1]
    if reduction.ndim == 1:  # the place of each column among all
        return int(CALL + reduced + reduction.nbytes + 4 * columns)
    return int(CALL + reduced + 5 * reduction.nbytes)  # of the terms that texts have, as float32 and float64; read once
