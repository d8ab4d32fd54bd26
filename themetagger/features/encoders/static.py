"""Static vectors: one vector a word piece, known before any text; a text has the sum of its pieces', of length 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from themetagger.features.encoders.wordpiece import WordPieces
from themetagger.features.ngrams.token_cache import Splitter, TokenCache

Singles = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

MIDDLE = 128  # the byte that stands for 0
FILE = "static_vectors.npz"
A_PIECE = 150  # bytes of memory for a piece's name and number


class StaticVectors:
    """Vectors of word pieces, a byte a number.

    A text's vector is the sum of those of its pieces, brought to length 1; 0 where it has none that is known. So a word
    that no training text has is near to the words there that mean about the same. The vectors that come with the
    package are English, distilled from all-MiniLM-L6-v2 (Apache-2.0) by scripts/distill_static_vectors.py.

    Parameters
    ----------
    pieces : UTF-8 bytes of the m pieces, line by line
    codes : (m, width) bytes, 128 for 0
    scales : (m,) float32, what a step of one byte is worth

    Examples
    --------
    >>> vectors = StaticVectors.load()
    >>> pay, salary, canteen = vectors.encode(["good pay", "fair salary", "lunch in the canteen"])
    >>> bool(pay @ salary > pay @ canteen)
    True
    """

    standardise: ClassVar[bool] = False
    texts_a_second: ClassVar[float] = 5_000.0

    def __init__(self, pieces: Bytes, codes: Bytes, scales: Singles) -> None:
        """Keep the arrays; a ValueError where they do not fit."""
        if pieces.dtype != np.uint8 or codes.dtype != np.uint8 or scales.dtype != np.float32 or pieces.ndim != 1:
            raise ValueError("pieces and codes of static vectors are no bytes, or their scales no float32 numbers")
        if codes.ndim != 2 or not codes.size or scales.shape != codes.shape[:1]:
            raise ValueError("codes and scales of static vectors do not fit")
        if not np.isfinite(scales).all() or (np.abs(scales) > 1).any():
            raise ValueError("a scale of static vectors is not a number from -1 to 1")
        if np.count_nonzero(pieces == ord("\n")) + 1 != len(codes):
            raise ValueError("the pieces of static vectors do not fit, or one is there twice")
        names = pieces.tobytes().decode().split("\n")
        if len(names) != len(codes) or len(set(names)) != len(names):
            raise ValueError("the pieces of static vectors do not fit, or one is there twice")
        self._pieces, self._codes, self._scales = pieces, codes, scales
        self.names = tuple(names)
        self._splitter = Splitter()

    @cached_property
    def _cut(self) -> TokenCache:
        """The pieces of each token, remembered."""
        return TokenCache(WordPieces(self.names).of_tokens)

    @cached_property
    def vectors(self) -> Singles:
        """The vector of each piece, float32 (m, width)."""
        return (self._codes.astype(np.float32) - np.float32(MIDDLE)) * self._scales[:, np.newaxis]

    @property
    def width(self) -> int:
        """Length of the vectors."""
        return int(self._codes.shape[1])

    @property
    def nbytes(self) -> int:
        """Memory of the vectors, as bytes and as numbers, in bytes."""
        return 5 * self._codes.nbytes + self._scales.nbytes + 10 * self._pieces.nbytes + A_PIECE * len(self._codes)

    def encode(self, texts: Sequence[str]) -> Singles:
        """The vectors of texts, float32 (n, width), of length 1 or 0."""
        rows, pieces = self._cut.of_texts(self._splitter.split(texts))
        held = np.searchsorted(rows, np.arange(len(texts) + 1)).astype(np.int64)
        counts = sp.csr_array(
            (np.ones(len(pieces), dtype=np.float32), pieces, held), shape=(len(texts), len(self.names))
        )
        sums = np.asarray(counts @ self.vectors)
        lengths = np.sqrt(np.square(sums).sum(axis=1, keepdims=True))
        return np.asarray(sums / np.where(lengths > 0, lengths, 1), dtype=np.float32)

    def to_arrays(self) -> Mapping[str, npt.NDArray[Any]]:
        """All arrays, by name: a tagger file needs nothing beside itself."""
        return {"pieces": self._pieces, "codes": self._codes, "scales": self._scales}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        """The vectors of these arrays; a ValueError where they do not fit."""
        if set(arrays) != {"pieces", "codes", "scales"}:
            raise ValueError("static vectors have other arrays than pieces, codes and scales")
        return cls(arrays["pieces"], arrays["codes"], arrays["scales"])

    @classmethod
    def load(cls) -> StaticVectors:
        """The vectors that come with the package."""
        return _own()


@cache
def _own() -> StaticVectors:
    with (
        (files("themetagger.features.encoders") / FILE).open("rb") as file,
        np.load(file, allow_pickle=False) as arrays,
    ):
        return StaticVectors.from_arrays(dict(arrays))
