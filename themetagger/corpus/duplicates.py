"""Texts that repeat one another, exactly or nearly, as groups that no split may divide.

Near duplicates share most of their word shingles. Pairs worth comparing are found by MinHash with banding
(Broder 1997; Leskovec, Rajaraman & Ullman, Mining of Massive Datasets, chapter 3) and then compared exactly.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from themetagger._utils.unicode_forms import normal_forms

Ints = NDArray[np.int64]

_SHINGLE = 3  # words: one changed word costs three shingles, a shared turn of phrase little
_HASHES = 128  # minima a text, shared out among the bands
_MISSED = 1e-3  # share of true pairs at the bar that the bands may overlook
_CROWD = 32  # texts in one bucket up to which all pairs are compared; beyond it neighbours only, so work is linear
_GIANT = 0.05  # share of all texts above which a group is held to be a chain of look-alikes, not one text
_SMALL = 200  # texts below which no group counts as giant
_BLOCK = 2_000_000  # shingles compared at once
_WORDS = re.compile(r"\w+")


def normalised(text: str) -> str:
    """A text in the form by which exact duplicates are equal: NFKC, case folded, white space collapsed.

    >>> normalised("  Good\\u00a0PAY ")
    'good pay'
    """
    return _normalised([text])[0]


def _normalised(texts: Sequence[str]) -> list[str]:
    return [" ".join(form.casefold().split()) for form in normal_forms("NFKC", texts)]


def duplicate_groups(texts: Sequence[str], *, similarity: float = 0.8) -> Ints:
    """The duplicate group of each text, int64 (n,), numbered from 0 in order of first appearance.

    Texts share a group when they are equal but for case, white space and Unicode form, or when their sets of
    three-word shingles are similar, or through a chain of such pairs. Empty texts are never duplicates. A chain that
    takes in more than 5 % of the texts is cut at a bar half way to 1, again and again. The groups do not depend on the
    order of the texts. Memory and, at a given similarity, time grow linearly with the text.

    Parameters
    ----------
    texts : n texts
    similarity : smallest Jaccard similarity of near duplicates, above 0 and at most 1, default 0.8

    Raises
    ------
    ValueError
        If the similarity is out of its range.

    Examples
    --------
    >>> duplicate_groups(["Good pay", "good  PAY", "", ""]).tolist()
    [0, 0, 1, 2]
    """
    if not 0 < similarity <= 1:
        raise ValueError(f"similarity must be above 0 and at most 1, but got {similarity}.")
    if not len(texts):
        return np.zeros(0, dtype=np.int64)
    keys = np.array(_normalised(texts), dtype=object)
    distinct, inverse = np.unique(keys, return_inverse=True)
    groups = _near_groups(list(distinct), similarity=similarity)[inverse]
    empty = keys == ""
    groups[empty] = groups.max() + 1 + np.arange(empty.sum())
    return _numbered_by_appearance(groups)


def exact_groups(texts: Sequence[str]) -> Ints:
    """As `duplicate_groups`, for texts that are equal but for case, white space and Unicode form only.

    >>> exact_groups(["Good pay", "bad pay", "good  PAY", "", ""]).tolist()
    [0, 1, 0, 2, 3]
    """
    place: dict[str | int, int] = {}
    keys = (text or row for row, text in enumerate(_normalised(texts)))  # an empty text is known by its row
    return np.array([place.setdefault(key, len(place)) for key in keys], dtype=np.int64)


def _numbered_by_appearance(groups: Ints) -> Ints:
    _, first, inverse = np.unique(groups, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]


def _near_groups(texts: list[str], *, similarity: float) -> Ints:
    shingles = _shingle_matrix(texts)
    left, right, alike = _alike_pairs(shingles, similarity=similarity)
    groups = _components(left, right, len(texts))
    bar, most = similarity, max(_SMALL, int(_GIANT * len(texts)))
    while (giant := np.bincount(groups)).max() > most and bar < 0.99:
        bar = (1 + bar) / 2
        in_giant = giant[groups[left]] > most
        keep = ~in_giant | (alike >= bar)
        left, right, alike = left[keep], right[keep], alike[keep]
        groups = _components(left, right, len(texts))
    return groups


def _components(left: Ints, right: Ints, n: int) -> Ints:
    links = sp.coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(n, n))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)


def _shingle_matrix(texts: list[str]) -> Any:
    """Which text holds which shingle, 0/1 int32 csr_array (n, shingles)."""
    words = [_WORDS.findall(text) for text in texts]
    words = [line + [""] * (_SHINGLE - len(line)) if line else [] for line in words]  # a short text: one shingle
    lengths = np.array([len(line) for line in words], dtype=np.int64)
    counts = np.maximum(lengths - _SHINGLE + 1, 0)
    skipped = np.cumsum(lengths - counts) - (lengths - counts)  # last words of earlier texts begin no shingle
    starts = np.arange(counts.sum()) + np.repeat(skipped, counts)
    codes, columns = np.unique(_shingle_codes(words)[starts], return_inverse=True)
    rows = np.repeat(np.arange(len(texts)), counts)
    matrix = sp.csr_array((np.ones(len(rows), dtype=np.int32), (rows, columns)), shape=(len(texts), len(codes)))
    matrix.sum_duplicates()
    matrix.data[:] = 1
    return matrix


def _shingle_codes(words: list[list[str]]) -> NDArray[np.uint64]:
    """A 64-bit code of the shingle that begins at each word; unlike shingles agree about once in 2**64."""
    place: dict[str, int] = {}
    tokens = [place.setdefault(word, len(place)) for word in chain.from_iterable(words)]
    padded = np.array([*tokens, *[0] * _SHINGLE], dtype=np.uint64)
    odd = _odd_numbers(_SHINGLE)
    codes = np.zeros(len(tokens), dtype=np.uint64)
    for offset in range(_SHINGLE):
        codes += padded[offset : offset + len(tokens)] * odd[offset]
    return codes


def _odd_numbers(size: int) -> NDArray[np.uint64]:
    return np.random.default_rng(size).integers(0, 2**63, size=size, dtype=np.uint64) * np.uint64(2) + np.uint64(1)


def _alike_pairs(shingles: Any, *, similarity: float) -> tuple[Ints, Ints, NDArray[np.float64]]:
    """Pairs of rows at or above the bar: (left, right, Jaccard similarity)."""
    left, right = _candidates(shingles, similarity=similarity)
    alike = _jaccard(shingles, left, right)
    keep = alike >= similarity - 1e-12
    return left[keep], right[keep], alike[keep]


def _candidates(shingles: Any, *, similarity: float) -> tuple[Ints, Ints]:
    """Pairs of rows that agree in all minima of a band, each pair once."""
    held = np.flatnonzero(np.diff(shingles.indptr))
    depth = _band_depth(similarity)
    scattered = np.random.default_rng(0).integers(0, 2**63, size=shingles.shape[1], dtype=np.uint64)
    values, starts = scattered[shingles.indices], shingles.indptr[held]
    odd = _odd_numbers(_HASHES)
    codes = np.zeros(0, dtype=np.int64)
    for band in range(_HASHES // depth):
        keys = np.zeros(len(held), dtype=np.uint64)
        for number in odd[band * depth : (band + 1) * depth]:
            keys = keys * odd[0] + _minima(values, starts, number)
        codes = np.union1d(codes, _pairs_in_buckets(keys))
    return held[codes // max(len(held), 1)], held[codes % max(len(held), 1)]


def _minima(values: NDArray[np.uint64], starts: Ints, odd: np.uint64) -> NDArray[np.uint64]:
    """Each row's least value under one multiply-shift hash."""
    if not len(starts):
        return np.zeros(0, dtype=np.uint64)
    hashed = (values * odd) >> np.uint64(32)
    return np.minimum.reduceat(hashed, starts)


def _band_depth(similarity: float) -> int:
    """The most minima a band may hold (fewer idle pairs) with at most `_MISSED` true pairs overlooked."""
    fits = [d for d in range(1, 17) if (1 - similarity**d) ** (_HASHES // d) <= _MISSED]
    return max(fits, default=1)


def _pairs_in_buckets(keys: NDArray[np.uint64]) -> Ints:
    """Pairs of equal keys, each as the one number left * n + right."""
    order = np.argsort(keys, kind="stable")
    ranked, n = keys[order], len(keys)
    pairs = [np.zeros(0, dtype=np.int64)]
    for distance in range(1, min(_CROWD, n)):
        same = np.flatnonzero(ranked[:-distance] == ranked[distance:])
        if not len(same):
            break
        pairs.append(order[same] * n + order[same + distance])
    return np.concatenate(pairs)


def _jaccard(shingles: Any, left: Ints, right: Ints) -> NDArray[np.float64]:
    sizes = np.diff(shingles.indptr)
    shared = np.zeros(len(left), dtype=np.int64)
    block = np.cumsum(sizes[left]) // _BLOCK  # compared block by block, so that memory stays flat
    for part in np.split(np.arange(len(left)), np.flatnonzero(np.diff(block)) + 1):
        shared[part] = shingles[left[part]].multiply(shingles[right[part]]).sum(axis=1)
    return np.asarray(shared / np.maximum(sizes[left] + sizes[right] - shared, 1))
