"""Texts -> the numbers of their tokens, by a tokenizer.json."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from themetagger._utils.console import printable
from themetagger._utils.encoder_error import EncoderError
from themetagger.features.encoders.packages import needed

Ints = npt.NDArray[np.int64]


class Tokens(NamedTuple):
    """The tokens of some texts, each int64 (texts, tokens): short texts are filled up at their end."""

    ids: Ints
    mask: Ints  # 1 where there is a token
    types: Ints


class Tokenizer:
    """Splits texts as a model wants them.

    Parameters
    ----------
    path : tokenizer.json
    max_length : tokens of a text, at most, with those that the tokenizer adds
    pad_id : what fills up short texts
    """

    def __init__(self, path: Path, *, max_length: int, pad_id: int) -> None:
        """Read the file; an EncoderError where it is damaged, or the package tokenizers is missing."""
        self._tokenizer, self._pad_id = read_tokenizer(path), pad_id
        self._tokenizer.enable_truncation(max_length)
        self._tokenizer.no_padding()

    def tokens(self, texts: Sequence[str]) -> Tokens:
        """The tokens of texts; one that has none gets one that is masked."""
        encodings = self._tokenizer.encode_batch([utf8(text) for text in texts])
        longest = max([1, *(len(one.ids) for one in encodings)])
        ids = np.full((len(texts), longest), self._pad_id, dtype=np.int64)
        mask, types = np.zeros_like(ids), np.zeros_like(ids)
        for row, one in enumerate(encodings):
            n = len(one.ids)
            ids[row, :n], mask[row, :n], types[row, :n] = one.ids, 1, one.type_ids
        return Tokens(ids, mask, types)


def read_tokenizer(path: Path) -> Any:
    """The tokenizer of a file; an EncoderError where it is damaged, or the package tokenizers is missing."""
    tokenizers = needed("tokenizers", f"The tokenizer in {path.parent}")
    try:
        return tokenizers.Tokenizer.from_file(str(path))
    except Exception as error:  # the package raises nothing narrower
        raise EncoderError(f"{path} is no tokenizer ({printable(str(error))}); get a new copy.") from error


def utf8(text: str) -> str:
    """The text with a question mark for each half of a surrogate pair, which no tokenizer reads.

    Examples
    --------
    >>> utf8("pay \\ud800")
    'pay ?'
    """
    return text.encode("utf-8", "replace").decode()
