"""Texts -> where the tokens between their spaces stand, and a key for each: arrays, no string for each token."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from themetagger.features.ngrams.ragged import encoded, ranges

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]
Codes = npt.NDArray[np.uint32]

AT_ONCE = 1_000_000  # characters that are looked at together
LONG = 64  # characters of a string, up to which each place has a multiplier
FEW = 20_000  # strings whose characters are looked at all at once, for place after place is only then the faster way
SPACES = np.array([chr(code).isspace() for code in range(0x3002)])  # those of str.split; none comes behind

# Other ones in each process, as in Python's own hash: who writes a text cannot make its words stand for others.
_multipliers: Keys = np.random.default_rng().integers(0, 2**64, LONG, dtype=np.uint64)


class TokenSpans(NamedTuple):
    """The tokens of some texts: characters ``codes[starts[i] : ends[i]]``, key ``keys[i]``; ``held`` by each text."""

    codes: Codes
    starts: Ints
    ends: Ints
    keys: Ints
    held: Ints


def cut(texts: Sequence[str]) -> Iterator[TokenSpans]:
    """What ``str.split`` gives, text after text, so many texts together that what is made meanwhile stays small.

    Examples
    --------
    >>> from themetagger.features.ngrams.ragged import decoded
    >>> (spans,) = cut(["good pay,", "pay"])
    >>> [decoded(spans.codes[start:end]) for start, end in zip(spans.starts, spans.ends)], spans.held.tolist()
    (['good', 'pay,', 'pay'], [2, 1])
    """
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    return (_cut(texts[start:end], lengths[start:end]) for start, end in in_portions(lengths))


def in_portions(lengths: Ints) -> Iterator[tuple[int, int]]:
    """First and last of so many strings together that they have some ``AT_ONCE`` characters; at least one portion.

    Examples
    --------
    >>> list(in_portions(np.array([AT_ONCE, 1, 1])))
    [(0, 1), (1, 3)]
    """
    portion = np.cumsum(lengths) // (AT_ONCE + 1)
    return pairwise([0, *(np.flatnonzero(np.diff(portion)) + 1).tolist(), len(lengths)])


def _cut(texts: Sequence[str], lengths: Ints) -> TokenSpans:
    codes = encoded("\n".join(["", *texts, ""]))  # which begins and ends with a space
    spaces = SPACES.take(codes, mode="clip")
    turns = np.flatnonzero(spaces[1:] != spaces[:-1]) + 1
    starts, ends = turns[::2].copy(), turns[1::2].copy()
    preceding = np.searchsorted(starts, np.cumsum(np.append(0, lengths + 1)))  # tokens in front of each text
    return TokenSpans(codes, starts, ends, keys_of(codes, starts, ends), preceding[1:] - preceding[:-1])


def keys_of(codes: Codes, starts: Ints, ends: Ints) -> Ints:
    """A key for each string of characters ``codes[starts[i] : ends[i]]``.

    Equal strings have equal keys. Others have different ones but with a chance of some 1 in a billion for 200,000 of
    them: a key is the sum of the characters' codes and 1, each times a random number of its place (multilinear hashing;
    Lemire and Kaser 2014, Strongly universal string hashing is fast); Python's own hash for strings that are too long
    for that. In another process they have other keys.

    Examples
    --------
    >>> keys = keys_of(encoded("pay day pay"), np.array([0, 4, 8]), np.array([3, 7, 11]))
    >>> bool(keys[0] == keys[2] != keys[1])
    True
    """
    lengths = ends - starts
    long = np.flatnonzero(lengths > LONG)
    sums = _sums_of_few if len(starts) <= FEW else _sums_of_many
    keys = sums(codes, starts, np.minimum(lengths, LONG))
    for i in long.tolist():
        keys[i] = hash(codes[starts[i] : ends[i]].tobytes()) % 2**64
    return keys.view(np.int64)


def _sums_of_few(codes: Codes, starts: Ints, lengths: Ints) -> Keys:
    """All characters at once, and their sums string by string."""
    at, first = ranges(starts, lengths), np.cumsum(lengths) - lengths
    products = _multipliers[at - np.repeat(starts, lengths)] * (codes[at] + np.uint64(1))
    sums = np.zeros(len(starts), dtype=np.uint64)
    held = np.flatnonzero(lengths)
    sums[held] = np.add.reduceat(products, first[held]) if len(held) else 0
    return sums


def _sums_of_many(codes: Codes, starts: Ints, whole: Ints) -> Keys:
    """Place after place, for all strings that are so long: the longest come first, so that they stand together."""
    lengths = whole.astype(np.int8)
    order = np.argsort(-lengths, kind="stable")
    first, reaching = starts[order], np.cumsum(np.bincount(lengths, minlength=LONG + 1)[::-1])[::-1]
    keys = np.zeros(len(starts), dtype=np.uint64)
    for place, longer in enumerate(reaching[1:].tolist()):
        keys[:longer] += _multipliers[place] * (codes[first[:longer] + place] + np.uint64(1))
    in_order = np.empty_like(keys)
    in_order[order] = keys
    return in_order
