"""WordPiece: a word -> the longest pieces of it that a vocabulary has, as BERT's uncased models cut it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from themetagger.features.ngrams.ragged import Ragged, strings_of

CONTINUES = "##"  # in front of a piece that does not begin a word
LONGEST = 100  # characters of a word that is cut; a longer one is unknown
IDEOGRAPHS = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2FA1F))  # each a word of its own


class WordPieces:
    """Cuts words into the pieces of a vocabulary.

    Parameters
    ----------
    pieces : all different; one that continues a word begins with ``##``

    References
    ----------
    Schuster and Nakajima 2012, Japanese and Korean voice search; Devlin et al. 2019, BERT.

    Examples
    --------
    >>> pieces = WordPieces(["pay", "##ment", "late", "!"])
    >>> [pieces.names[i] for i in pieces.of_token("Payment!")]
    ['pay', '##ment', '!']
    """

    def __init__(self, pieces: Sequence[str]) -> None:
        """Number the pieces."""
        self.names = tuple(pieces)
        self._numbers: Mapping[str, int] = {piece: i for i, piece in enumerate(self.names)}
        self._longest = max(map(len, self.names), default=0)

    def of_tokens(self, characters: Ragged) -> Ragged:
        """The numbers of the pieces of each token, given as rows of characters."""
        cut = [self.of_token(token) for token in strings_of(characters)]
        flat = np.fromiter((number for row in cut for number in row), np.int32)
        return Ragged(flat, np.fromiter(map(len, cut), np.int64, len(cut)))

    def of_token(self, token: str) -> list[int]:
        """The numbers of the pieces of what stands between two spaces; a word of unknown pieces has none."""
        return [number for word in _words(token) for number in self._cut(word)]

    def _cut(self, word: str) -> list[int]:
        """Piece after piece, each the longest that the vocabulary has; none where one of them is missing."""
        numbers: list[int] = []
        start = 0
        while start < len(word) <= LONGEST:
            mark = CONTINUES if start else ""
            for end in range(min(len(word), start + self._longest), start, -1):
                number = self._numbers.get(mark + word[start:end])
                if number is not None:
                    break
            else:
                return []
            numbers.append(number)
            start = end
        return numbers


def _words(token: str) -> Iterator[str]:
    """Lower-case words without accents; each punctuation mark and each ideograph is one by itself."""
    word = ""
    for character in unicodedata.normalize("NFD", token.lower()):
        kind = unicodedata.category(character)
        if kind == "Mn" or kind[0] == "C":
            continue
        if _alone(character, kind):
            if word:
                yield word
            yield character
            word = ""
        else:
            word += character
    if word:
        yield word


def _alone(character: str, kind: str) -> bool:
    code = ord(character)
    if code < 128:
        return not character.isalnum()
    return kind[0] == "P" or (code >= IDEOGRAPHS[0][0] and any(first <= code <= last for first, last in IDEOGRAPHS))
