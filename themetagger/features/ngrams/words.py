"""Words and pairs of neighbouring words: the counts of ``CountVectorizer(ngram_range=(1, 2), lowercase=False)``.

Words are numbered once, and a pair is a pair of numbers, so that no text is joined only to be looked up.

In scripts without spaces (``scripts``) each sign is a word, and so are two signs side by side: 工, 资 and 工资. They
make no pairs.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from functools import cache, partial
from itertools import chain, pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from themetagger.features.ngrams.ragged import CODE, Ragged, decoded, first_of_each, of_strings
from themetagger.features.ngrams.scripts import OTHER, SIGN, classes, finder, has_signs, kinds
from themetagger.features.ngrams.sparse import Span, enough, sorted_terms, tally
from themetagger.features.ngrams.splitting import in_portions, keys_of
from themetagger.features.ngrams.token_cache import Numbering, TokenCache, Tokens

Ints = npt.NDArray[np.int64]

# scikit-learn's default, which passes over words of one character. Counting them helped a fixed ridge and not the whole
# search: held-out 30 % of three train sets (hallmarks_of_cancer, nhs_phase1_multi, leetcode_topics), average precision
# .809 .390 .495 with, .815 .395 .495 without them.
_spaced = re.compile(r"\b\w\w+\b")
SHORTEST = 2  # characters of a word, by the same pattern


def single_words(text: str, *, signs: bool = True) -> list[str]:
    """The words of a text, as many times as they occur; ``signs``: in scripts without spaces one and two signs.

    Examples
    --------
    >>> single_words("a fair wage, a fair day"), single_words("工资")
    (['fair', 'wage', 'fair', 'day'], ['工', '资', '工资'])
    """
    pattern = _pattern(text, signs)
    if pattern is _spaced:
        return pattern.findall(text)
    return [term for term, parts in occurrences([text]) if len(parts) == 1]


def without_word(text: str, word: str) -> str:
    """The text with a space in the place of a word, wherever it stands as a word.

    Examples
    --------
    >>> without_word("pay day, payday", "pay"), without_word("的工资", "工资")
    ('  day, payday', '的 ')
    """
    if finder().match(word):
        return text.replace(word, " ")
    letter = rf"[^\W{''.join(classes())}]" if finder().search(text) else r"\w"
    return re.sub(rf"(?<!{letter}){re.escape(word)}(?!{letter})", " ", text)


def size(term: str) -> int:
    """Words of a term."""
    return term.count(" ") + 1


def _pattern(text: str, signs: bool) -> re.Pattern[str]:
    """What finds the words of a text."""
    return _with_signs() if signs and not text.isascii() and finder().search(text) else _spaced


@cache
def _with_signs() -> re.Pattern[str]:
    signs, marks = classes()
    return re.compile(rf"[{signs}][{marks}]*|[{marks}]+|[^\W{signs}{marks}]{{2,}}")


def learn(tokens: Tokens, min_df: int, *, signs: bool = True) -> tuple[sp.csr_array, tuple[str, ...]]:
    """Counts of every term that at least ``min_df`` texts have, float32 (n, terms), and the terms, sorted."""
    names: list[str] = []
    rows, ids = TokenCache(partial(_named, names, signs)).of_texts(tokens)
    pairs, pair_rows = _pairs(ids, rows, len(names), _without_pairs(names, tokens) if signs else None)
    keys, pair_ids = np.unique(pairs, return_inverse=True)
    counts = tally(
        np.concatenate([rows, pair_rows]),
        np.concatenate([ids, len(names) + pair_ids.ravel()]),
        (tokens.n, len(names) + len(keys)),
    ).tocsc()
    frequent = enough(counts, min_df)
    left, right = np.divmod(keys, max(1, len(names)))
    terms = [
        names[i] if i < len(names) else f"{names[left[i - len(names)]]} {names[right[i - len(names)]]}"
        for i in frequent.tolist()
    ]
    return sorted_terms(counts, frequent, terms)


def _without_pairs(names: Sequence[str], tokens: Tokens) -> npt.NDArray[np.bool_] | None:
    """Which words make no pairs, because they are signs; None where the tokens have no signs."""
    if not has_signs(tokens.known.since(0).flat):
        return None
    return np.array([not name.isascii() and finder().match(name) is not None for name in names], dtype=bool)


def occurrences(words: Sequence[str], *, signs: bool = True) -> Iterator[tuple[str, tuple[Span, ...]]]:
    """Every term of a text as often as it occurs, and where it stands: word, and from which character to which.

    Examples
    --------
    >>> list(occurrences(["low", "well-paid"]))[:3]
    [('low', ((0, 0, 3),)), ('well', ((1, 0, 4),)), ('paid', ((1, 5, 9),))]
    >>> list(occurrences(["工资"]))
    [('工', ((0, 0, 1),)), ('资', ((0, 1, 2),)), ('工资', ((0, 0, 2),))]
    """
    placed = [
        (part[0], (number, *part.span()))
        for number, word in enumerate(words)
        for part in _pattern(word, signs).finditer(word)
    ]
    yield from ((part, (span,)) for part, span in placed)
    for (one, i), (other, j) in pairwise(placed):
        of_signs = [signs and kinds()[ord(part[0])] != OTHER for part in (one, other)]
        if not any(of_signs):
            yield f"{one} {other}", (i, j)
        elif all(of_signs) and i[0] == j[0] and i[2] == j[1]:
            yield one + other, ((i[0], i[1], j[2]),)


class Vocabulary:
    """Terms in column order, to be counted in new texts."""

    def __init__(self, terms: Sequence[str], *, signs: bool = True) -> None:
        """Number the words of all terms; ``signs``: signs of scripts without spaces are words."""
        self.width, self._terms, self._signs = len(terms), terms, signs
        spaced = {column: term.split(" ") for column, term in enumerate(terms) if " " in term}
        pairs_of = {column: parts for column, parts in spaced.items() if len(parts) == 2}  # of more, no text has any
        words = list(dict.fromkeys(chain((term for term in terms if " " not in term), *pairs_of.values())))
        characters = of_strings(words)
        numbers, keys = pd.factorize(
            keys_of(characters.flat, characters.starts, characters.starts + characters.lengths)
        )
        number = dict(zip(words, numbers.tolist(), strict=True))
        unpaired = [column for column in range(len(terms)) if column not in spaced]
        self._words, self._unknown = Numbering(keys), len(keys)
        self._column = np.full(len(keys) + 1, -1)  # of a single word; the last place is that of unknown ones
        self._column[np.array([number[terms[column]] for column in unpaired], dtype=np.int64)] = unpaired
        pairs = [number[left] * (self._unknown + 1) + number[right] for left, right in pairs_of.values()]
        self._pairs = Numbering(np.array(pairs, dtype=np.int64))
        self._pair_columns = np.array(list(pairs_of), dtype=np.int64)
        self._token_terms = TokenCache(self._taken)

    def __reduce__(self) -> tuple[partial[Vocabulary], tuple[Sequence[str]]]:
        """A copy may be in another process, where words have other keys."""
        return partial(Vocabulary, signs=self._signs), (self._terms,)

    def count(self, tokens: Tokens) -> sp.csr_array:
        """How often each text has each term, csr float32 (n, terms)."""
        rows, ids = self._token_terms.of_texts(tokens)
        columns = self._column[ids]
        known = columns >= 0
        rows_found, columns_found = [rows[known]], [columns[known]]
        pairs, pair_rows = _pairs(ids, rows, self._unknown + 1)
        place = self._pairs.of(pairs)
        known = place >= 0
        rows_found.append(pair_rows[known])
        columns_found.append(self._pair_columns[place[known]])
        return tally(np.concatenate(rows_found), np.concatenate(columns_found), (tokens.n, self.width))

    def _taken(self, tokens: Ragged) -> Ragged:
        portions = [self._portion(tokens.part(start, end)) for start, end in in_portions(tokens.lengths)]
        words, held = zip(*portions, strict=True)
        return Ragged(np.concatenate(words), np.concatenate(held))

    def _portion(self, tokens: Ragged) -> Ragged:
        held, starts, ends = _words(tokens, self._signs)
        numbers = self._words.of(keys_of(tokens.flat, starts, ends))
        return Ragged(np.where(numbers < 0, self._unknown, numbers).astype(np.int32), held)


def _named(names: list[str], signs: bool, tokens: Ragged) -> Ragged:
    """The words of each token, by their numbers in ``names``, to which all are added."""
    held, starts, ends = _words(tokens, signs)
    numbers = pd.factorize(keys_of(tokens.flat, starts, ends))[0]
    joined, first = decoded(tokens.flat), first_of_each(numbers)
    named = Ragged((len(names) + numbers).astype(np.int32), held)
    names += [joined[start:end] for start, end in zip(starts[first].tolist(), ends[first].tolist(), strict=True)]
    return named


def _words(tokens: Ragged, signs: bool) -> tuple[Ints, Ints, Ints]:
    """How many words each token has, and where in all characters each of these begins and ends.

    Examples
    --------
    >>> held, starts, ends = _words(of_strings(["well-paid,", "a", "工资"]), signs=True)
    >>> held.tolist(), starts.tolist(), ends.tolist()
    ([2, 0, 3], [0, 5, 11, 11, 12], [4, 9, 12, 13, 13])
    """
    token_ends = np.cumsum(tokens.lengths)
    find = _words_and_signs if signs and has_signs(tokens.flat) else _spaced_words
    starts, ends = find(tokens.flat, token_ends)
    preceding = np.searchsorted(starts, np.append(0, token_ends))  # words in front of each token, and of the end
    return np.diff(preceding), starts, ends


def _spaced_words(codes: npt.NDArray[np.uint32], token_ends: Ints) -> tuple[Ints, Ints]:
    """First and last of the words of at least ``SHORTEST`` characters."""
    of_words = _word_characters()[codes]
    changes = np.ones(len(of_words) + 1, dtype=bool)
    changes[1:-1] = of_words[1:] != of_words[:-1]
    changes[token_ends] = True
    bounds = np.flatnonzero(changes)
    runs = np.flatnonzero(of_words[bounds[:-1]] & (np.diff(bounds) >= SHORTEST))
    return bounds[runs], bounds[runs + 1]


def _words_and_signs(codes: npt.NDArray[np.uint32], token_ends: Ints) -> tuple[Ints, Ints]:
    """First and last of these words, of all signs, and of two signs side by side, in the order in which they begin."""
    kind = kinds()[codes]
    of_signs = kind != OTHER
    belongs = np.where(of_signs, 2, _word_characters()[codes])
    changes = np.ones(len(codes) + 1, dtype=bool)
    changes[1:-1] = (belongs[1:] != belongs[:-1]) | (kind[1:] == SIGN)
    changes[token_ends] = True
    bounds = np.flatnonzero(changes)
    belongs, first_of_token = belongs[bounds[:-1]], np.isin(bounds[:-1], token_ends)
    runs = np.flatnonzero((belongs == 2) | (belongs == 1) & (np.diff(bounds) >= SHORTEST))
    side_by_side = np.flatnonzero((belongs[:-1] == 2) & (belongs[1:] == 2) & ~first_of_token[1:])
    starts = np.concatenate([bounds[runs], bounds[side_by_side]])
    ends = np.concatenate([bounds[runs + 1], bounds[side_by_side + 2]])
    order = np.argsort(starts, kind="stable")
    return starts[order], ends[order]


@cache
def _word_characters() -> npt.NDArray[np.bool_]:
    """Whether a character belongs to words, by its code."""
    table = np.char.isalnum(np.arange(sys.maxunicode + 1, dtype=CODE).view("<U1"))
    table[ord("_")] = True
    return np.asarray(table, dtype=bool)


def _pairs(
    ids: npt.NDArray[np.int32], rows: Ints, words: int, without: npt.NDArray[np.bool_] | None = None
) -> tuple[Ints, Ints]:
    """Neighbours within a row as one number each, and the row; none of the words ``without`` pairs."""
    together = rows[1:] == rows[:-1]
    if without is not None:
        together &= ~(without[ids[1:]] | without[ids[:-1]])
    return ids[:-1][together].astype(np.int64) * words + ids[1:][together], rows[1:][together]
