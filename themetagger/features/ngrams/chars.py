"""Character 3- to 5-grams within words: the counts of ``CountVectorizer(analyzer="char_wb", ngram_range=(3, 5))``.

They depend on nothing but the word, and most words come again and again: each is split into n-grams once, and the
counts of a text are the sum over its words, which is one sparse product. New words are split together, in arrays: an
n-gram is looked up by the number of what it begins with and its last character.

In scripts without spaces (``scripts``) many a word has but one or two characters, and nobody knows where it begins. So
the 1- to 4-grams of a run of their characters are counted, and no space stands before or behind it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from themetagger.features.ngrams.ragged import Ragged, decoded, first_of_each, of_strings
from themetagger.features.ngrams.scripts import OTHER, classes, finder, has_signs, kinds
from themetagger.features.ngrams.sparse import Span, enough, sorted_terms, tally
from themetagger.features.ngrams.splitting import in_portions
from themetagger.features.ngrams.token_cache import Numbering, Numbers, TokenCache, Tokens

Ints = npt.NDArray[np.int64]

SHORT, SIZES = (1, 2), (3, 4, 5)  # those of scripts without spaces alone, and those of all
LONGEST_OF_SIGNS = 4
BITS = 21  # of a character's code
FEW = 1_000  # tokens of all texts, up to which n-grams are counted one by one rather than once for all texts

_part = re.compile(r"\S+").finditer

size = len


def learn(tokens: Tokens, min_df: int, *, signs: bool = True) -> tuple[sp.csr_array, tuple[str, ...]]:
    """Counts of every term that at least ``min_df`` texts have, float32 (n, terms), and the terms, sorted."""
    names: list[str] = []
    counts = _by_term(tokens, TokenCache(partial(_named, names, signs)))
    frequent = enough(counts, min_df)
    return sorted_terms(counts, frequent, [names[i] for i in frequent.tolist()])


def occurrences(words: Sequence[str], *, signs: bool = True) -> Iterator[tuple[str, tuple[Span, ...]]]:
    """Every term of a text as often as it occurs, and where it stands: word, and from which character to which.

    Examples
    --------
    >>> list(occurrences(["a", "be"]))
    [(' a ', ((0, 0, 1),)), (' be', ((1, 0, 2),)), ('be ', ((1, 0, 2),)), (' be ', ((1, 0, 2),))]
    >>> list(occurrences(["工资"]))
    [('工', ((0, 0, 1),)), ('资', ((0, 1, 2),)), ('工资', ((0, 0, 2),))]
    """
    known: dict[str, list[tuple[str, tuple[int, int]]]] = {}
    for number, word in enumerate(words):
        for part in _parts(word, signs):
            first, grams = part.start(), known.get(part[0])
            if grams is None:
                grams = known[part[0]] = _placed_grams(part[0], signs)
            for gram, (start, end) in grams:
                yield gram, ((number, first + start, first + end),)


def _parts(word: str, signs: bool) -> Iterator[re.Match[str]]:
    """What is between spaces; with ``signs`` also between a script without spaces and another."""
    return _runs()(word) if signs and finder().search(word) else _part(word)


@cache
def _runs() -> Callable[[str], Iterator[re.Match[str]]]:
    of_signs = "".join(classes())
    return re.compile(rf"[{of_signs}]+|[^\s{of_signs}]+").finditer


class Vocabulary:
    """Terms in column order, to be counted in new texts."""

    def __init__(self, terms: Sequence[str], *, signs: bool = True) -> None:
        """Number the terms, and what they begin with; ``signs``: scripts without spaces have n-grams of their own."""
        self.width, self._signs = len(terms), signs
        self._columns: dict[int, Numbers] = {}
        self._keys: dict[int, Numbering] = {}
        characters = of_strings(terms)
        codes, lengths = characters.flat.astype(np.int64), characters.lengths
        for size, which, number in _by_size(codes, characters.starts, lengths, self._learn, short=lengths < SIZES[0]):
            whole = lengths[which] == size
            self._columns[size] = np.full(len(self._keys[size]), -1, dtype=np.int32)
            self._columns[size][number[whole]] = which[whole]
        self._token_terms = TokenCache(self._taken)

    def count(self, tokens: Tokens) -> sp.csr_array | sp.csc_array:
        """How often each text has each term, float32 (n, terms): csr of few texts, csc of many."""
        if len(tokens.ids) <= FEW:
            return tally(*self._token_terms.of_texts(tokens), (tokens.n, self.width))
        return _by_term(tokens, self._token_terms, self.width)

    def _learn(self, size: int, keys: Ints) -> Ints:
        numbers, different = pd.factorize(keys)
        self._keys[size] = Numbering(different)
        return numbers

    def _number(self, size: int, keys: Ints) -> Ints:
        return self._keys[size].of(keys)

    def _taken(self, tokens: Ragged) -> Ragged:
        portions = [self._portion(tokens.part(start, end)) for start, end in in_portions(tokens.lengths)]
        columns, lengths = zip(*portions, strict=True)
        return Ragged(np.concatenate(columns), np.concatenate(lengths))

    def _portion(self, tokens: Ragged) -> Ragged:
        places = _places_of(tokens, self._signs)
        columns = np.full((len(places.owner), len(places.sizes)), -1, dtype=np.int32)
        for size, which, number in places.grams(self._number):
            columns[which, size - places.sizes[0]] = self._columns[size][number]
        return _by_owner(columns, places.owner, len(tokens.lengths))


def _named(names: list[str], signs: bool, tokens: Ragged) -> Ragged:
    """The n-grams of each token, by their numbers in ``names``, to which all are added."""
    places = _places_of(tokens, signs)
    joined = decoded(places.codes)
    numbers = np.full((len(places.owner), len(places.sizes)), -1, dtype=np.int32)
    for size, which, number in places.grams(lambda _, keys: pd.factorize(keys)[0]):
        numbers[which, size - places.sizes[0]] = len(names) + number
        names += [joined[start : start + size] for start in which[first_of_each(number)].tolist()]
    return _by_owner(numbers, places.owner, len(tokens.lengths))


class _Places(NamedTuple):
    """Tokens one after the other, a space before and behind each; of all places but the last:

    owner : whose it is
    room : how many characters an n-gram that begins there may have
    short : whether it may also have fewer than three; None where none may
    """

    codes: Ints
    owner: Ints
    room: Ints
    short: npt.NDArray[np.bool_] | None

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many characters the n-grams have."""
        return SIZES if self.short is None else SHORT + SIZES

    def grams(self, number: Callable[[int, Ints], Ints]) -> Iterator[tuple[int, Ints, Ints]]:
        """For each size: where an n-gram begins that is known, and its number."""
        return _by_size(self.codes, np.arange(len(self.owner)), self.room, number, self.short)


def _places_of(tokens: Ragged, signs: bool) -> _Places:
    """The n-grams of some tokens."""
    if not (signs and has_signs(tokens.flat)):
        return _Places(*_padded(tokens), None)
    of_signs, first = kinds()[tokens.flat] != OTHER, np.zeros(len(tokens.flat), dtype=bool)
    first[tokens.starts] = True
    first[1:] |= of_signs[1:] != of_signs[:-1]
    lengths = np.diff(np.append(np.flatnonzero(first), len(first)))
    codes, piece, room = _padded(Ragged(tokens.flat, lengths))
    short: npt.NDArray[np.bool_] = kinds()[codes[:-1]] != OTHER
    of_run = of_signs[first][piece]  # also of the space before a run, where nothing begins
    room = np.where(of_run, np.where(short, np.minimum(room - 1, LONGEST_OF_SIGNS), 0), room)
    return _Places(codes, tokens.owners[first][piece], room, short)


def _padded(tokens: Ragged) -> tuple[Ints, Ints, Ints]:
    """The tokens with a space before and behind each; of all places but the last: whose it is, characters to its end.

    Examples
    --------
    >>> codes, owner, room = _padded(of_strings(["be", "a"]))
    >>> decoded(codes), owner.tolist(), room.tolist()
    (' be a ', [0, 0, 0, 1, 1], [4, 3, 2, 3, 2])
    """
    sizes = tokens.lengths + 1
    codes = np.full(int(sizes.sum()) + 1, ord(" "), dtype=np.int64)
    codes[np.arange(1, len(tokens.flat) + 1) + tokens.owners] = tokens.flat
    room = np.repeat(np.cumsum(sizes), sizes) + 1 - np.arange(len(codes) - 1)
    return codes, np.repeat(np.arange(len(sizes)), sizes), room


def _by_size(
    codes: Ints,
    starts: Ints,
    room: Ints,
    number: Callable[[int, Ints], Ints],
    short: npt.NDArray[np.bool_] | None = None,
) -> Iterator[tuple[int, Ints, Ints]]:
    """For each size: at which of the ``starts``, with ``room`` for so many characters, an n-gram is known; its number.

    ``number`` gives the numbers of keys, -1 for an unknown one. A key is the number of what comes before the last
    character, and that character, which is never the same for two n-grams; up to 3 characters are a key as they are.
    Only ``short`` starts have n-grams of 1 and 2 characters, default none.
    """
    if short is not None:
        for size in SHORT:
            which = np.flatnonzero(short & (room >= size))
            numbers = number(size, _key(codes, starts[which], size))
            yield size, which[numbers >= 0], numbers[numbers >= 0]
    which = np.flatnonzero(room >= SIZES[0])
    keys = _key(codes, starts[which], SIZES[0])
    for size in SIZES:
        numbers = number(size, keys)
        which, numbers = which[numbers >= 0], numbers[numbers >= 0]
        yield size, which, numbers
        longer = room[which] > size
        which = which[longer]
        keys = (numbers[longer] << BITS) | codes[starts[which] + size]


def _key(codes: Ints, at: Ints, size: int) -> Ints:
    """Up to three characters as one number."""
    key = codes[at]
    for place in range(1, size):
        key = (key << BITS) | codes[at + place]
    return key


def _by_owner(numbers: Numbers, owner: Ints, count: int) -> Ragged:
    """The numbers (places, sizes) of the n-grams that begin at each place, -1 where there is none, owner by owner."""
    known = numbers >= 0
    held = np.bincount(owner, weights=known.sum(axis=1), minlength=count)
    return Ragged(numbers[known], held.astype(np.int64))


def _placed_grams(word: str, signs: bool) -> list[tuple[str, tuple[int, int]]]:
    """The n-grams of a word, or of a run of a script without spaces, and where they stand in it."""
    if signs and finder().match(word):
        spans = [(i, i + n) for n in range(1, LONGEST_OF_SIGNS + 1) for i in range(len(word) - n + 1)]
        return [(word[start:end], (start, end)) for start, end in spans]
    return list(zip(_grams(word), _places(len(word)), strict=True))


def _grams(word: str) -> list[str]:
    """The n-grams of a word between two spaces; a word shorter than n is one n-gram, once."""
    padded = f" {word} "
    grams = []
    for n in SIZES:
        last = len(padded) - n
        if last <= 0:
            grams.append(padded)
            break
        grams += [padded[i : i + n] for i in range(last + 1)]
    return grams


def _places(length: int) -> list[tuple[int, int]]:
    """Where in a word of so many characters its n-grams stand, in the order of `_grams`."""
    places = []
    for n in SIZES:
        last = length + 2 - n
        if last <= 0:
            places.append((0, length))
            break
        places += [(max(0, i - 1), min(length, i + n - 1)) for i in range(last + 1)]
    return places


def _by_term(tokens: Tokens, cache: TokenCache, width: int = 0) -> sp.csc_array:
    """How often each token has each term, times how often each text has each token: csc float32 (n, terms).

    Term by term, the sums of a product stay in the processor's cache. ``width`` is the number of terms, default as many
    as the tokens have.
    """
    numbers, different = pd.factorize(tokens.ids)
    grams, lengths = cache.of_tokens(tokens, different)
    once = (np.ones(len(grams), dtype=np.float32), grams, np.concatenate([[0], np.cumsum(lengths)]))
    of_tokens = sp.csr_array(once, shape=(len(different), width or int(grams.max(initial=-1)) + 1))
    ends = np.searchsorted(tokens.rows, np.arange(tokens.n + 1))
    of_texts = sp.csr_array((np.ones(len(numbers), dtype=np.float32), numbers, ends), shape=(tokens.n, len(different)))
    by_token = of_texts.tocsc()
    by_token.sum_duplicates()
    return (of_tokens.tocsc().T @ by_token.T).T
