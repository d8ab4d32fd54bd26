"""Which texts a tagger was tuned on, as a filter that knows them again and does not tell them.

A Bloom filter (Bloom 1970): for each text some bits of a row are set, chosen by a keyed hash of its words. A text whose
bits are all set was probably tuned on; of new texts one in `ODDS` is taken for one by chance. No text can be read from
it; but who has a text can ask whether it was among them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, log
from typing import Any, Literal, Self, get_args

import numpy as np
import numpy.typing as npt

from themetagger._utils.faces import option
from themetagger._utils.wording import agreeing, number_of
from themetagger.corpus import TableError
from themetagger.corpus.duplicates import normalised

Bools = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
TrainingTexts = Literal["leave-out", "keep"]
TRAINING_TEXTS: tuple[TrainingTexts, ...] = get_args(TrainingTexts)
ODDS = 1_000  # of so many new texts one is taken for a training text
HASHES = 10  # bits a text: log2 of ODDS
MOST_BYTES = 64 * 2**20  # of a filter: 37 million texts
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, eq=False)
class SeenTexts:
    """The texts that a tagger was tuned on.

    Parameters
    ----------
    bits : uint8 (b,): 8 b bits
    salt : key of the hash, 16 hexadecimal digits, made of all texts

    Raises
    ------
    ValueError
        If one of them does not fit.

    Examples
    --------
    >>> seen = SeenTexts.of(["Low pay!", "Thanks"])
    >>> seen.mask(["low  PAY", "Other", ""]).tolist()
    [True, False, False]
    """

    bits: Bytes
    salt: str

    def __post_init__(self) -> None:
        """Refuse what no filter is."""
        if self.bits.dtype != np.uint8 or self.bits.ndim != 1 or not 0 < len(self.bits) <= MOST_BYTES:
            raise ValueError("the filter of training texts is no row of bytes, or too long")
        if not isinstance(self.salt, str) or not re.fullmatch("[0-9a-f]{16}", self.salt):
            raise ValueError("the key of the filter of training texts is none")

    @classmethod
    def of(cls, texts: Sequence[str]) -> Self:
        """The filter of some texts; the same whatever their order."""
        forms = sorted({form for text in texts if (form := words_of(text))})
        digest = hashlib.sha256()
        for form in forms:
            digest.update(hashlib.sha256(form.encode("utf-8", "replace")).digest())
        size = max(8, ceil(len(forms) * log(ODDS) / log(2) ** 2 / 8))
        bits = np.zeros(8 * min(size, MOST_BYTES), dtype=bool)
        salt = digest.hexdigest()[:16]
        if forms:
            bits[_places(forms, salt, len(bits))] = True
        return cls(np.packbits(bits), salt)

    def mask(self, texts: Sequence[str]) -> Bools:
        """Which of n texts were probably tuned on, (n,): equal but for case, white space, punctuation and Unicode form.

        An empty text never was.
        """
        forms = [words_of(text) for text in texts]
        held = np.array([bool(form) for form in forms], dtype=bool)
        if held.any():
            places = _places([form for form in forms if form], self.salt, 8 * len(self.bits))
            held[held] = ((self.bits[places >> 3] >> (7 - (places & 7)).astype(np.uint8)) & 1).all(axis=1)
        return held

    @classmethod
    def from_entry(cls, entry: Any, arrays: Mapping[str, npt.NDArray[Any]]) -> Self | None:
        """The filter of a file; None where an older file has none. A ValueError where it does not fit."""
        if entry is None:
            return None
        if not isinstance(entry, dict) or set(entry) != {"bits", "salt"}:
            raise ValueError("the entry of the training texts has other keys")
        return cls(arrays[entry["bits"]], entry["salt"])


def words_of(text: str) -> str:
    """A text in the form by which it is known again.

    >>> words_of("Low pay -- AGAIN!")
    'low pay again'
    """
    return " ".join(_WORD.findall(normalised(text)))


def _places(forms: Sequence[str], salt: str, size: int) -> npt.NDArray[np.int64]:
    """The bits of each text, (n, `HASHES`), by double hashing (Kirsch and Mitzenmacher 2008)."""
    key = bytes.fromhex(salt)
    data = b"".join(
        hashlib.blake2b(form.encode("utf-8", "replace"), digest_size=16, key=key).digest() for form in forms
    )
    pairs = np.frombuffer(data, dtype="<u8").reshape(len(forms), 2)
    first, step = pairs[:, :1] % size, pairs[:, 1:] % size
    return np.asarray((first + np.arange(HASHES, dtype=np.uint64) * step) % size, dtype=np.int64)


def unseen(
    seen: SeenTexts | None, texts: Sequence[str], source: str, *, training_texts: TrainingTexts = "leave-out"
) -> tuple[Bools | None, list[str]]:
    """Which texts of a table are to be counted, None for all, and a note where there are training texts among them.

    Parameters
    ----------
    seen : of the tagger; None where its file is from before: nothing is known then
    texts : of the table
    source : its name, for messages
    training_texts : "leave-out" (default) or "keep"

    Raises
    ------
    TableError
        If all texts (but for one in a hundred) were tuned on, and they are not to be kept.
    ValueError
        If ``training_texts`` is no such word.
    """
    if training_texts not in TRAINING_TEXTS:
        words = ", ".join(TRAINING_TEXTS)
        raise ValueError(f"{option('training_texts')} must be one of {words} but is {training_texts!r}.")
    known = None if seen is None else seen.mask(texts)
    n, every = 0 if known is None else int(known.sum()), len(texts)
    if known is None or not n:
        return None, []
    those = f"{n:,} of {number_of(every, 'text')} {agreeing(n, 'is one', 'are texts')} that the tagger was tuned on"
    if training_texts == "keep":
        return None, [f"{source}: {those}; they count all the same, and the figures are better than on new texts."]
    if n > 0.99 * every:
        kept = option("training_texts", "keep")
        raise TableError(
            f"{source}: {those}, so that the figures would say nothing of new texts; pass texts that it has not seen, "
            f"or {kept} to count them all the same."
        )
    return ~known, [f"{source}: {those} or copies, and left out; the figures are of the {every - n:,} others."]
