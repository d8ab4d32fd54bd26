"""WordPiece: a word -> the longest pieces of it that a vocabulary has, as BERT's uncased models cut it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

import numpy as np

from themetagger._utils.unicode_forms import normal_form
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
        whole = self._numbers.get(word)
        if whole is not None and len(word) <= LONGEST:
            return [whole]
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


class _Signs(dict[int, str]):
    """What becomes of a character of lower-case, decomposed text, as ``str.translate`` asks; worked out once for each.

    Accents and control characters go, and a punctuation mark or an ideograph stands between spaces.
    """

    def __missing__(self, code: int) -> str:
        character = chr(code)
        kind = unicodedata.category(character)
        gone = kind == "Mn" or kind[0] == "C"
        self[code] = "" if gone else f" {character} " if _alone(code, kind) else character
        return self[code]


def _alone(code: int, kind: str) -> bool:
    if code < 128:
        return not chr(code).isalnum()
    return kind[0] == "P" or any(first <= code <= last for first, last in IDEOGRAPHS)


_SIGNS = _Signs()


def _words(token: str) -> list[str]:
    """Lower-case words without accents; each punctuation mark and each ideograph is one by itself."""
    return normal_form("NFD", token.lower()).translate(_SIGNS).split()
