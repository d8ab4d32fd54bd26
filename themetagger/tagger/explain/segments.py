"""A text as segments that can be taken out: its words, and the signs of scripts without spaces between words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from themetagger.features import sign_pattern
from themetagger.features.preprocessing import clean

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class SegmentedText:
    """A text, and where its n segments are.

    Attributes
    ----------
    text : the text
    spans : where each segment is, (start, end), n of them
    words : what is between white space, after the text steps
    of_words : for each word its segments: (number, start, end), places in the word after the steps
    type_ids : (n,) equal segments have the same number, counted from 0, after the steps
    """

    text: str
    spans: tuple[tuple[int, int], ...]
    words: tuple[str, ...]
    of_words: tuple[tuple[tuple[int, int, int], ...], ...]
    type_ids: Ints

    @property
    def n_types(self) -> int:
        """How many different segments there are."""
        return int(self.type_ids.max(initial=-1)) + 1

    def without(self, left_out: npt.NDArray[np.bool_]) -> str:
        """The text without some of its segments, (n,)."""
        parts, place = [], 0
        for (start, end), out in zip(self.spans, left_out.tolist(), strict=True):
            parts.append(self.text[place : start if out else end])
            place = end
        return "".join([*parts, self.text[place:]])

    def of_term(self, parts: Sequence[tuple[int, int, int]]) -> tuple[int, ...]:
        """The segments in which a term occurs; ``parts`` has (word, start, end) of each of its parts."""
        if len(parts) == 1 and len(self.of_words[parts[0][0]]) == 1:  # most terms are in one word of one segment
            return (self.of_words[parts[0][0]][0][0],)
        return tuple(
            number
            for word, start, end in parts
            for number, first, last in self.of_words[word]
            if len(self.of_words[word]) == 1 or (first < end and start < last)
        )


def segmented(text: str, steps: Sequence[str]) -> SegmentedText:
    """The segments of a text: its words, and within them each sign of a script without spaces.

    Examples
    --------
    >>> segments = segmented("Pay 工资 pay", ("lower",))
    >>> [segments.text[start:end] for start, end in segments.spans], segments.type_ids.tolist()
    (['Pay', '工', '资', 'pay'], [0, 1, 2, 0])
    """
    word_spans = list(_word_spans(text))
    words = clean([text[start:end] for start, end in word_spans], steps)
    spans: list[tuple[int, int]] = []
    of_words, cleaned = [], []
    for (start, end), word in zip(word_spans, words, strict=True):
        originals, results = _segments(text[start:end], word, steps)
        place, place_in_word, of_word = start, 0, []
        for original, result in zip(originals, results, strict=True):
            of_word.append((len(spans), place_in_word, place_in_word + len(result)))
            spans.append((place, place + len(original)))
            place, place_in_word = place + len(original), place_in_word + len(result)
        of_words.append(tuple(of_word))
        cleaned += results
    numbers = {segment: number for number, segment in enumerate(dict.fromkeys(cleaned))}
    type_ids = np.array([numbers[segment] for segment in cleaned], dtype=np.int64)
    return SegmentedText(text, tuple(spans), tuple(words), tuple(of_words), type_ids)


def _segments(word: str, cleaned: str, steps: Sequence[str]) -> tuple[list[str], list[str]]:
    """The segments of a word before and after the steps; the whole word where a step looks beyond one of them."""
    if word.isascii():
        return [word], [cleaned]
    originals = sign_pattern().findall(word)
    results = clean(originals, steps)
    separable = len(originals) > 1 and "".join(results) == cleaned
    return (originals, results) if separable else ([word], [cleaned])


def _word_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where the words of a text are: what is between white space."""
    place = 0
    for word in text.split():
        start = text.index(word, place)
        place = start + len(word)
        yield start, place
