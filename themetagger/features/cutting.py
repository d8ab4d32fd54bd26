"""Texts -> where the pieces between their spaces stand, and a key for each: arrays, no string for each piece."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

AT_ONCE = 1_000_000  # characters that are looked at together
LONG = 64  # characters of a piece, up to which each place has a multiplier
SPACES = np.array([chr(code).isspace() for code in range(0x3002)])  # those of str.split; none comes behind

# Other ones in each process, as in Python's own hash: who writes a text cannot make its words stand for others.
_multipliers: Keys = np.random.default_rng().integers(0, 2**64, LONG, dtype=np.uint64)


class Cut(NamedTuple):
    """The pieces of some texts: ``joined[starts[i] : ends[i]]`` with the key ``keys[i]``; ``held`` by each text."""

    joined: str
    starts: Ints
    ends: Ints
    keys: Keys
    held: Ints


def cut(texts: Sequence[str]) -> Iterator[Cut]:
    """What ``str.split`` gives, text after text, so many texts together that what is made meanwhile stays small.

    Equal pieces have equal keys. Others have different ones but with a chance of some 1 in a billion for 200,000 of
    them: a key is the sum of the characters' codes and 1, each times a random number of its place (multilinear hashing;
    Lemire and Kaser 2014, Strongly universal string hashing is fast); Python's own hash for pieces that are too long
    for that.

    Examples
    --------
    >>> (found,) = cut(["good pay,", "pay"])
    >>> [found.joined[start:end] for start, end in zip(found.starts, found.ends)], found.held.tolist()
    (['good', 'pay,', 'pay'], [2, 1])
    """
    return (_cut(texts[start:end]) for start, end in in_portions(texts))


def in_portions(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """First and last of so many texts together that they have some ``AT_ONCE`` characters; at least one portion.

    Examples
    --------
    >>> list(in_portions(["a" * AT_ONCE, "b", "c"]))
    [(0, 1), (1, 3)]
    """
    portion = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts))) // (AT_ONCE + 1)
    return pairwise([0, *(np.flatnonzero(np.diff(portion)) + 1).tolist(), len(texts)])


def _cut(texts: Sequence[str]) -> Cut:
    joined = "\n".join(["", *texts, ""])  # which begins and ends with a space
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), "<u4")
    spaces = SPACES.take(codes, mode="clip")
    turns = np.flatnonzero(spaces[1:] != spaces[:-1]) + 1
    starts, ends = turns[::2].copy(), turns[1::2].copy()
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    before = np.searchsorted(starts, np.cumsum(np.append(0, lengths + 1)))  # pieces in front of each text
    return Cut(joined, starts, ends, _keys(joined, codes, starts, ends), before[1:] - before[:-1])


def _keys(joined: str, codes: npt.NDArray[np.uint32], starts: Ints, ends: Ints) -> Keys:
    """Place after place, for all pieces that are so long: the longest come first, so that they stand together."""
    lengths = np.minimum(ends - starts, LONG + 1).astype(np.int8)
    order = np.argsort(-lengths, kind="stable")
    first, reaching = starts[order], np.cumsum(np.bincount(lengths, minlength=LONG + 2)[::-1])[::-1]
    keys = np.zeros(len(starts), dtype=np.uint64)
    for place in range(LONG):
        longer = reaching[place + 1]
        if not longer:
            break
        keys[:longer] += _multipliers[place] * (codes[first[:longer] + place] + np.uint64(1))
    for i in range(reaching[LONG + 1]):
        keys[i] = hash(joined[first[i] : ends[order[i]]]) % 2**64
    found = np.empty_like(keys)
    found[order] = keys
    return found
