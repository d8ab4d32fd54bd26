"""Static vectors of the user's own, as model2vec writes them: a text's vector is the mean of those of its tokens."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from themetagger._utils.console import printable
from themetagger._utils.encoder_error import EncoderError
from themetagger.features.encoders.model_folder import read_json, sha256_of
from themetagger.features.encoders.tokens import read_tokenizer, utf8

Singles = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
HUB_FILES = (
    ("*.json", "model.safetensors", "0_StaticEmbedding/model.safetensors", "0_StaticEmbedding/tokenizer.json"),
)
INNER = "0_StaticEmbedding"  # where sentence-transformers puts it
NAMES = ("embeddings", "embedding.weight")  # of the vectors in the file
BATCH = 1_024  # texts
USUAL_LENGTH = 512  # tokens of a text, where the model does not say
SHORTEST = 1e-32  # length of a vector that is brought to length 1


@dataclass(frozen=True)
class StaticFolder:
    """What a folder says of static vectors: its files, and how the mean is made.

    Parameters
    ----------
    weights, tokenizer : files
    normalise : whether vectors have length 1
    max_length : tokens of a text, at most; None takes all
    """

    weights: Path
    tokenizer: Path
    normalise: bool
    max_length: int | None
    pooling_name: str = "mean"

    def sha256(self) -> str:
        """The SHA-256 of all that decides the vectors."""
        settings = {
            "files": [sha256_of(self.weights), sha256_of(self.tokenizer)],
            "normalise": self.normalise,
            "max_length": self.max_length,
        }
        return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()

    def model(self) -> StaticModel:
        """The vectors, in memory."""
        return StaticModel(self)


def read_static_folder(folder: Path) -> StaticFolder:
    """Read what a folder says; an EncoderError where it holds no static vectors."""
    place = folder if (folder / "model.safetensors").is_file() else folder / INNER
    weights, tokenizer = place / "model.safetensors", place / "tokenizer.json"
    if not weights.is_file() or not tokenizer.is_file():
        raise EncoderError(f"{folder} holds no static vectors: they are a model.safetensors and a tokenizer.json.")
    config = read_json(folder / "config.json")
    modules = [str(entry.get("type", "")) for entry in read_json(folder / "modules.json", kind=list)]
    normalise = config.get("normalize", any(kind.endswith("Normalize") for kind in modules))
    length = config.get("max_length", USUAL_LENGTH)
    if not (length is None or (type(length) is int and length > 0)):
        raise EncoderError(f"{folder}/config.json: max_length must be a number of tokens, but is {length!r}.")
    return StaticFolder(weights, tokenizer, bool(normalise), length)


class StaticModel:
    """Gives texts the mean of the vectors of their tokens; a text has the same alone and in company, bit by bit.

    Parameters
    ----------
    folder : what its folder says

    Raises
    ------
    EncoderError
        If files are damaged, or do not fit.
    """

    def __init__(self, folder: StaticFolder) -> None:
        """Read the vectors and the tokenizer."""
        self._normalise, self._tokenizer = folder.normalise, read_tokenizer(folder.tokenizer)
        words = self._tokenizer.get_vocab(with_added_tokens=True)
        held = _arrays(folder.weights)
        self._vectors = np.ascontiguousarray(_vectors(held, folder.weights), dtype=np.float32)
        mapping = held.get("mapping")
        self._rows = np.arange(len(self._vectors)) if mapping is None else mapping.astype(np.int64)
        self._weights = held.get("weights", np.ones(len(self._rows))).astype(np.float32)
        last = max(words.values(), default=-1)
        fit = self._rows.ndim == self._weights.ndim == 1 and len(self._weights) >= len(self._rows) > last
        if not fit or self._rows.min(initial=0) < 0 or self._rows.max(initial=0) >= len(self._vectors):
            raise EncoderError(f"{folder.weights} and {folder.tokenizer.name} do not fit together; get a new copy.")
        self._unknown = _unknown(self._tokenizer)
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._longest = None  # signs
        if folder.max_length is not None:
            self._longest = folder.max_length * int(np.median([len(word) for word in words] or [1]))
            self._tokenizer.enable_truncation(folder.max_length)
        self.width = int(self._vectors.shape[1])

    def batches(self, texts: Sequence[str]) -> Iterator[tuple[Ints, Singles]]:
        """The numbers of some texts and their vectors, float32 (some, width), batch by batch until all are done."""
        for start in range(0, len(texts), BATCH):
            some = texts[start : start + BATCH]
            yield np.arange(start, start + len(some)), self._means(some)

    def _means(self, texts: Sequence[str]) -> Singles:
        cut = [utf8(text[: self._longest]) for text in texts]
        encodings = self._tokenizer.encode_batch_fast(cut, add_special_tokens=False)
        tokens = [np.array([i for i in one.ids if i != self._unknown], dtype=np.int64) for one in encodings]
        ends, all_tokens = np.cumsum([0, *map(len, tokens)]), np.concatenate(tokens)
        bags = sp.csr_array(
            (self._weights[all_tokens], self._rows[all_tokens], ends), shape=(len(texts), len(self._vectors))
        )
        means: Singles = (bags @ self._vectors) / np.maximum(np.diff(ends), 1)[:, None].astype(np.float32)
        if self._normalise:
            means = means / (np.linalg.norm(means, axis=1, keepdims=True) + np.float32(SHORTEST))
        return means


def _arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    from safetensors.numpy import load_file

    try:
        held: dict[str, npt.NDArray[Any]] = load_file(path)
    except Exception as error:  # the package raises a class of its own, or what the type of an array asks for
        raise EncoderError(f"{path} cannot be read ({printable(str(error))}); get a new copy.") from error
    return held


def _vectors(held: dict[str, npt.NDArray[Any]], path: Path) -> npt.NDArray[Any]:
    for name in NAMES:
        if name in held and held[name].ndim == 2 and held[name].size and np.isfinite(held[name]).all():
            return held[name]
    raise EncoderError(f"{path} holds no finite vectors under the name {' or '.join(NAMES)}; it is no model2vec model.")


def _unknown(tokenizer: Any) -> int | None:
    """The token for what the vocabulary does not have, which has no part in the mean."""
    said = json.loads(tokenizer.to_str())["model"]
    number, token = said.get("unk_id"), said.get("unk_token")
    found: int | None = number if token is None else tokenizer.token_to_id(token)
    return found
