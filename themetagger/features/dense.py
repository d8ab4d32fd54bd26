"""Dense views: the vectors of a text encoder, which looks at each text by itself, as columns of a model's rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Protocol, Self

import numpy as np
import numpy.typing as npt

from themetagger.features.dense_columns import DenseColumns
from themetagger.features.inputs import TrainingRows
from themetagger.features.tfidf_weights import TermBlock
from themetagger.features.view import FittedView, Suggests

Singles = npt.NDArray[np.float32]

WEIGHTS = (0.8, 0.4, 1.2)  # of dense columns beside n-grams; the first is the usual one
MOST_COLUMNS = 8_192  # of the vectors of a text encoder; those of large language models have 4,096
TINY = 1e-6  # a standard deviation below it is that of a column that does not vary


class TextEncoder(Protocol):
    """Texts -> vectors.

    A text has the same vector alone and in company, bit by bit; several threads may ask at a time. Its class is what is
    registered: ``load()`` makes the encoder that a run tunes with, ``from_arrays`` the one of a tagger file.
    """

    @property
    def width(self) -> int:
        """Length of the vectors."""

    @property
    def standardise(self) -> bool:
        """Whether columns have units of their own, and are to be brought to mean 0 and standard deviation 1."""

    @property
    def texts_a_second(self) -> float:
        """How many texts of some 60 words it encodes in a second, about: explanations leave out words accordingly."""

    @property
    def nbytes(self) -> int:
        """Memory that it takes, with that for encoding a few texts, in bytes."""

    def encode(self, texts: Sequence[str]) -> Singles:
        """The vectors of texts, float32 (n, width), finite; the texts are those after the text steps."""

    def to_arrays(self) -> Mapping[str, npt.NDArray[Any]]:
        """What of it goes into the tagger file: arrays by name, of the types that the file holds; often none."""


class TextEncoderClass(Protocol):
    """What makes text encoders of one class."""

    def load(self) -> TextEncoder | None:
        """The encoder to tune with; None where it has to be opened from what a user names."""

    def from_arrays(self, arrays: Mapping[str, npt.NDArray[Any]]) -> TextEncoder:
        """The encoder of a tagger file; a ValueError where the arrays are not what ``to_arrays`` gives."""


@dataclass(frozen=True)
class DenseConfig:
    """The vectors of a text encoder as columns.

    Parameters
    ----------
    view : name of the text encoder, one of ``registry.ENCODERS``
    weight : what the columns are multiplied by, which says how much they count beside others, default 1.0

    Examples
    --------
    >>> DenseConfig("my_encoder", weight=0.3).to_json()
    {'view': 'my_encoder', 'weight': 0.3}
    """

    nonnegative: ClassVar[bool] = False  # vectors have numbers on both sides of zero

    view: str
    weight: float = 1.0

    def __post_init__(self) -> None:
        """Refuse a weight that is no number above 0."""
        if not (isinstance(self.weight, float) and 0 < self.weight < np.inf):
            raise ValueError(f"weight must be a number above 0, but is {self.weight!r}.")

    @property
    def name(self) -> str:
        """The name of the text encoder."""
        return self.view

    @property
    def sources(self) -> tuple[str, ...]:
        """The text encoder."""
        return (self.view,)

    @property
    def term_blocks(self) -> tuple[TermBlock, ...]:
        """None: it has no terms."""
        return ()

    def fit(self, training: TrainingRows) -> FittedView:
        """One block of columns, which is standardised first where its columns have units of their own."""
        known = training.inputs[self.view]
        center, scale = np.zeros(known.matrix.shape[1]), np.ones(known.matrix.shape[1])
        if known.standardise:
            vectors = training.vectors(self.view).astype(np.float64)
            center, spread = vectors.mean(axis=0), vectors.std(axis=0)
            scale = 1 / np.where(spread > TINY, spread, 1.0)
        weighted = (self.weight * scale).astype(np.float32)
        return FittedView(dense=(DenseColumns(self.view, center.astype(np.float32), weighted),))

    def to_json(self) -> dict[str, Any]:
        """Plain values, to be given back as ``DenseConfig(**values)``."""
        return asdict(self)

    @classmethod
    def from_json(cls, settings: Mapping[str, Any]) -> Self:
        """The view of these plain values."""
        return cls(**settings)

    @classmethod
    def suggest(cls, name: str, trial: Suggests) -> Self:
        """Ask a trial how much the vectors of the text encoder ``name`` count."""
        return cls(name, weight=trial.suggest_categorical(f"{name}.weight", WEIGHTS))
