"""A sentence-transformers model at work: texts -> tokens -> vectors of tokens -> one vector a text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from themetagger._utils.encoder_error import EncoderError
from themetagger.features.encoders.backends import Backend
from themetagger.features.encoders.model_folder import ACTIVATIONS, ModelFolder, Projection
from themetagger.features.encoders.pooling import pooled
from themetagger.features.encoders.tokens import Tokens

Singles = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
BATCH = 32  # texts
SAME = 1e-5  # of the length of a vector: how much the company of other texts may change it
PROBE = (
    "Good pay.",
    "The managers never listen to us, and nobody told the night shift that it would be moved. " * 4,
    "!",
)
SHORTEST = 1e-12  # length of a vector that is brought to length 1


class Splits(Protocol):
    """Texts -> tokens."""

    def tokens(self, texts: Sequence[str]) -> Tokens:
        """The tokens of texts."""


class SentenceModel:
    """Gives texts vectors of a fixed width.

    A model whose arithmetic depends on the whole batch, such as one with dynamically quantised activations, gets one
    text at a time: this is found out by a probe, once.

    Parameters
    ----------
    folder : what its folder says
    tokenizer, backend : read from it

    Raises
    ------
    EncoderError
        If it gives something else than finite vectors.
    """

    def __init__(self, folder: ModelFolder, tokenizer: Splits, backend: Backend) -> None:
        """Probe it."""
        self._folder, self._tokenizer, self._backend = folder, tokenizer, backend
        self._layers = [_Layer(one) for one in folder.projections]
        alone = np.concatenate([self._vectors([text]) for text in PROBE])
        apart = np.linalg.norm(self._vectors(PROBE) - alone, axis=1) / np.maximum(
            np.linalg.norm(alone, axis=1), SHORTEST
        )
        self.width = int(alone.shape[1])
        self.batch = 1 if apart.max() > SAME else BATCH

    def batches(self, texts: Sequence[str]) -> Iterator[tuple[Ints, Singles]]:
        """The numbers of some texts and their vectors, float32 (some, width), batch by batch until all are done.

        Texts of like length go together, and batches of short and of long ones take turns, so that what is done says
        how long the rest will take.
        """
        order = np.argsort([len(text) for text in texts], kind="stable")
        together = [order[i : i + self.batch] for i in range(0, len(order), self.batch)]
        for number in np.random.default_rng(0).permutation(len(together)):
            some = together[number]
            yield some, self._vectors([texts[i] for i in some])

    def _vectors(self, texts: Sequence[str]) -> Singles:
        prepared = [self._folder.prompt + text for text in texts]
        tokens = self._tokenizer.tokens([text.lower() for text in prepared] if self._folder.lower_case else prepared)
        found = self._backend.vectors(tokens)
        vectors = pooled(self._folder.pooling, found, tokens.mask) if found.ndim == 3 else found
        for layer in self._layers:
            vectors = layer(vectors)
        if self._folder.normalise:
            vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), SHORTEST)
        if vectors.ndim != 2 or len(vectors) != len(texts) or not np.isfinite(vectors).all():
            raise EncoderError(f"{self._folder.transformer} gives something else than a finite vector for each text.")
        return vectors.astype(np.float32, copy=False)


class _Layer:
    """A linear layer behind the pooling."""

    def __init__(self, projection: Projection) -> None:
        from safetensors.numpy import load_file

        try:
            held = load_file(projection.weights)
            self._weight = held["linear.weight"].astype(np.float32)
            self._bias = held.get("linear.bias", np.zeros(len(self._weight))).astype(np.float32)
        except Exception as error:  # the package raises a class of its own, or what the type of an array asks for
            raise EncoderError(f"{projection.weights} cannot be read ({error}); get a new copy.") from error
        self._activation = ACTIVATIONS[projection.activation]

    def __call__(self, vectors: Singles) -> Singles:
        done: Singles = self._activation(vectors @ self._weight.T + self._bias)
        return done
