"""What every kind of model can do: score rows, check itself, become plain arrays and come back from them.

A kind of model is one file beside this one, and one entry in ``themetagger.models.scorers.SCORERS``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from themetagger.features.view import ColumnMap

Floats: TypeAlias = NDArray[np.float64]
Singles: TypeAlias = NDArray[np.float32]
Indices: TypeAlias = NDArray[np.int32]
Ints: TypeAlias = NDArray[np.int64]
Matrix: TypeAlias = Any  # a SciPy CSR matrix or array, or a 2-d ndarray: SciPy's stubs have no common type

# Costs are counted in bytes. Time counts as the bytes that are read meanwhile, about one a nanosecond.
CALL = 128 * 2**10  # scoring with one model, however small it is
FEW = 10  # texts that costs are counted for; more texts are scored in blocks


class LinearWeights(NamedTuple):
    """A linear model: a row ``x`` scores ``x @ weights + intercept``; ``weights`` is (n_features,), of either float."""

    weights: Floats | Singles
    intercept: float


class Scorer(ABC):
    """A fitted model as plain arrays.

    The search and the tagger score with the same arrays, so that a threshold is never applied on another scale than the
    one on which it was chosen. A kind of model must define the abstract members; the others have defaults that are
    right for a model of which nothing more is known: it is explained by occlusion, and fold models score side by side.

    Attributes
    ----------
    kind : the name of the kind in files; never to be changed
    """

    kind: ClassVar[str]

    @property
    @abstractmethod
    def width(self) -> int:
        """The least number of columns that its rows have."""

    @abstractmethod
    def scores(self, X: Matrix) -> Floats:
        """Scores of the rows of ``X``, CSR or dense (n, n_features): (n,); the same for a row alone and in company."""

    @abstractmethod
    def check(self, n_features: int) -> None:
        """Refuse arrays with which scoring rows of ``n_features`` columns could crash, hang or answer nonsense.

        Raises
        ------
        ValueError
            Names the array, its first bad index where there is one, the value and what was expected.
        """

    @abstractmethod
    def to_arrays(self, *, exact: bool) -> dict[str, Any]:
        """What the model is made of, by name: arrays and numbers, never strings, which name arrays in a file.

        With ``exact``, as they are; otherwise weights may be rounded to float32, as in a tagger file.
        """

    @classmethod
    @abstractmethod
    def from_arrays(cls, entries: Mapping[str, Any], n_features: int, *, exact: bool) -> Self:
        """The model of what :meth:`to_arrays` gave, read from a file that may be damaged; :meth:`check` is called next.

        Check here what compiled code would trust unseen (SciPy's sparse arrays), and what would be as large as a number
        in the file says. ``n_features`` is the number of columns of its rows.

        Raises
        ------
        ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError
            If an array is missing or does not fit.
        """

    @abstractmethod
    def cost(self, sparse_columns: int) -> int:
        """Bytes that scoring ``FEW`` texts takes beside a ``CALL``: a small file must not be able to ask for much.

        ``sparse_columns`` are those of the sparse rows that it is given, 0 where its rows are dense.
        """

    @property
    def linear_weights(self) -> LinearWeights | None:
        """Its weights where it is linear: it is then scored in one batch with others, and explained exactly."""
        return None

    @property
    def split_counts(self) -> Ints | None:
        """How many of its splits are on each column, (width,), where it is made of splits."""
        return None

    @classmethod
    def mean_of(
        cls, scorers: Sequence[Self], maps: Sequence[ColumnMap], width: int
    ) -> tuple[Scorer, Indices | None] | None:
        """One model that stands for the mean of fold models, on rows of the mean weights; None where no model can.

        Parameters
        ----------
        scorers : one for each fold
        maps : for each fold, how its columns become columns of the mean rows
        width : number of columns of the mean rows

        Returns
        -------
        The model, and the columns of the mean rows that it takes, in ascending order (None: all of them).
        """
        return None

    def lay_out(self) -> None:  # noqa: B027
        """Make what scoring needs and keeps, before several threads ask for it."""


def scores(scorer: Scorer, X: Matrix) -> Floats:
    """Decision scores of the rows of ``X``, in the unit of the family: log-odds, margin, or share of votes.

    The one function that the search and the tagger score with.

    Parameters
    ----------
    scorer : of any kind
    X : CSR matrix or ndarray of shape (n, n_features), without NaN

    Returns
    -------
    ndarray of float64, shape (n,); larger means more likely the theme.

    Raises
    ------
    ValueError
        If the number of columns is not the one that the scorer was made for (trees: is too small).

    Examples
    --------
    >>> import numpy as np
    >>> from themetagger.models.scorers import LinearScorer, Tree, stack
    >>> scores(LinearScorer(weights=np.array([1.0, -2.0]), intercept=0.5), np.array([[3.0, 1.0], [0.0, 0.0]]))
    array([1.5, 0.5])
    >>> sides = {"left": [1, -1, -1], "right": [2, -1, -1]}
    >>> stump = Tree(feature=[0, -1, -1], threshold=[0.5, 0, 0], value=[0, -1, 1], **sides)
    >>> scores(stack([stump], base=10.0), np.array([[0.5], [0.6]]))
    array([ 9., 11.])
    """
    return scorer.scores(X)


def need_columns(X: Matrix, needed: int, *, exactly: bool) -> None:
    """Raise a ValueError where rows have too few columns for a scorer, or, with ``exactly``, too many."""
    if X.shape[1] < needed or (exactly and X.shape[1] != needed):
        wanted = needed if exactly else f"at least {needed}"
        raise ValueError(f"X has {X.shape[1]} columns, but the scorer needs {wanted}: use its own features")
