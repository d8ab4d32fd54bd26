"""The dense share of a score: what the vectors of text encoders add to it where models are linear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from themetagger.features import row_products
from themetagger.features.dense import TextEncoder
from themetagger.features.encoder import Encoder
from themetagger.features.preprocessing import clean
from themetagger.models.ensemble import EnsembleMember
from themetagger.models.scorers import LinearWeights

Floats = npt.NDArray[np.float64]
LinearModel = tuple[EnsembleMember, LinearWeights]
QUICK = 1_000.0  # texts a second, from which an encoder takes hardly longer than n-grams


def whole_text(source: str) -> str:
    """What the share of a text encoder is called where people see it.

    Examples
    --------
    >>> whole_text("static")
    'meaning of the whole text (static vectors)'
    """
    return f"meaning of the whole text ({source.removesuffix('_vectors').replace('_', ' ')} vectors)"


def texts_a_second(encoders: Mapping[str, TextEncoder]) -> float:
    """How many texts of some 60 words all of these encode in a second, about; infinite without one.

    Examples
    --------
    >>> texts_a_second({})
    inf
    """
    seconds = sum(1 / encoder.texts_a_second for encoder in encoders.values())
    return 1 / seconds if seconds else float("inf")


def encoders_of(members: Sequence[EnsembleMember], encoder: Encoder) -> dict[str, TextEncoder]:
    """The text encoders of a tagger's ``encoder`` that some of its models see."""
    views = (encoder.views[member.view, member.fold] for member in members)
    return {block.source: encoder.encoders[block.source] for fitted in views for block in fitted.dense}


def linear_models(members: Sequence[EnsembleMember]) -> list[LinearModel]:
    """Those of some models that are linear, with their weights."""
    return [(member, weights) for member in members if (weights := member.model.linear_weights) is not None]


@dataclass(frozen=True)
class DenseShares:
    """Points of score that the vectors of each text encoder add in linear models, the weights of all models together.

    Attributes
    ----------
    encoder : of the tagger, or of its fold models
    weights : float64 (width,) by text encoder: of each number of its vectors, as they are
    base : by text encoder, what vectors of zeros have
    """

    encoder: Encoder
    weights: dict[str, Floats] = field(default_factory=dict)
    base: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, linear: Sequence[LinearModel], encoder: Encoder) -> Self:
        """Those of the linear models of a theme, as :func:`linear_models` gives them."""
        found = cls(encoder)
        for member, (weights, _) in linear:
            for block, here in encoder.views[member.view, member.fold].dense_columns():
                of_vectors = member.weight * weights[here].astype(np.float64) * block.scale
                found.weights[block.source] = found.weights.get(block.source, 0.0) + of_vectors
                found.base[block.source] = found.base.get(block.source, 0.0) - float(of_vectors @ block.center)
        return found

    @property
    def encoders(self) -> dict[str, TextEncoder]:
        """The text encoders that these models see."""
        return {source: self.encoder.encoders[source] for source in self.weights}

    def of_vectors(self, source: str, vectors: npt.NDArray[Any]) -> Floats:
        """The share of each of some vectors of one text encoder, (n, width) -> (n,)."""
        return np.asarray(row_products(vectors, self.weights[source]) + self.base[source], dtype=np.float64)

    def of_texts(self, source: str, texts: Sequence[str]) -> Floats:
        """The share of raw texts by one text encoder, (n,)."""
        return self.of_vectors(source, self.encoder.encoders[source].encode(clean(texts, self.encoder.steps)))
