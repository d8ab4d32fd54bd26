"""A text in pieces that can be taken out: its words, and the characters of scripts that put no space between words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from themetagger.features.preprocessing import clean

Ints = npt.NDArray[np.int64]

# Japanese syllables and Chinese characters, which are written without spaces: a sentence would be one word
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_piece = re.compile(f"[{_UNSPACED}]|[^{_UNSPACED}]+").findall


@dataclass(frozen=True)
class Pieces:
    """The pieces of a text.

    Attributes
    ----------
    text : what is in pieces
    places : where each piece stands, (start, end)
    words : what is between white space, after the text steps
    within : for each word its pieces: (number, start, end), places in the word after the steps
    kind : (pieces,) number of the different piece that each is, after the steps
    """

    text: str
    places: tuple[tuple[int, int], ...]
    words: tuple[str, ...]
    within: tuple[tuple[tuple[int, int, int], ...], ...]
    kind: Ints

    @property
    def kinds(self) -> int:
        """How many different pieces there are."""
        return int(self.kind.max(initial=-1)) + 1

    def without(self, left_out: npt.NDArray[np.bool_]) -> str:
        """The text without some of its pieces, (pieces,)."""
        kept, place = [], 0
        for (start, end), out in zip(self.places, left_out.tolist(), strict=True):
            kept.append(self.text[place : start if out else end])
            place = end
        return "".join([*kept, self.text[place:]])

    def owners(self, spans: Sequence[tuple[int, int, int]]) -> tuple[int, ...]:
        """The pieces in which a term stands; ``spans`` has (word, start, end) of each of its parts."""
        if len(spans) == 1 and len(self.within[spans[0][0]]) == 1:  # most terms stand in one word of one piece
            return (self.within[spans[0][0]][0][0],)
        return tuple(
            number
            for word, start, end in spans
            for number, first, last in self.within[word]
            if len(self.within[word]) == 1 or (first < end and start < last)
        )


def pieces_of(text: str, steps: Sequence[str]) -> Pieces:
    """The pieces of a text: its words, and within them each Chinese character or Japanese syllable.

    Examples
    --------
    >>> found = pieces_of("Pay 工资 pay", ("lower",))
    >>> [found.text[start:end] for start, end in found.places], found.kind.tolist()
    (['Pay', '工', '资', 'pay'], [0, 1, 2, 0])
    """
    spans = list(_spans(text))
    words = clean([text[start:end] for start, end in spans], steps)
    places: list[tuple[int, int]] = []
    within, cleaned = [], []
    for (start, end), word in zip(spans, words, strict=True):
        parts, done = _parts(text[start:end], word, steps)
        at, inside, mine = start, 0, []
        for part, after in zip(parts, done, strict=True):
            mine.append((len(places), inside, inside + len(after)))
            places.append((at, at + len(part)))
            at, inside = at + len(part), inside + len(after)
        within.append(tuple(mine))
        cleaned += done
    kinds = {piece: number for number, piece in enumerate(dict.fromkeys(cleaned))}
    kind = np.array([kinds[piece] for piece in cleaned], dtype=np.int64)
    return Pieces(text, tuple(places), tuple(words), tuple(within), kind)


def _parts(word: str, cleaned: str, steps: Sequence[str]) -> tuple[list[str], list[str]]:
    """The pieces of a word before and after the steps; the whole word where a step does not keep them apart."""
    if word.isascii():
        return [word], [cleaned]
    parts = _piece(word)
    done = clean(parts, steps)
    return (parts, done) if len(parts) > 1 and "".join(done) == cleaned else ([word], [cleaned])


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Where the words of a text stand: what is between white space."""
    place = 0
    for word in text.split():
        start = text.index(word, place)
        place = start + len(word)
        yield start, place
