"""Which rows of a pool to label together: uncertain of themes in need, and unlike one another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Labels that a theme is taken to have besides its own: one, so that none is worth infinitely much, or one for so many
# labelled texts, because a theme that so few have is far from a model whatever is labelled next.
PRIOR, ONE_IN = 1.0, 250
ROWS_AT_ONCE = 128  # compared at a time: with 20,000 others their products are some 30 MB


@dataclass(frozen=True)
class Chosen:
    """One row of a batch: its number in the pool, the theme it is for, and how like it its nearest text is (0 to 1)."""

    row: int
    theme: int
    likeness: float


def uncertainty(chances: npt.ArrayLike) -> Floats:
    """How little is known of each label: the entropy of a coin of that chance, in bits, 0 to 1.

    Examples
    --------
    >>> uncertainty([0.0, 0.1, 0.5, 1.0]).round(2).tolist()
    [0.0, 0.47, 1.0, 0.0]
    """
    p = np.clip(np.asarray(chances, dtype=np.float64), 1e-12, 1 - 1e-12)
    return -(p * np.log2(p) + (1 - p) * np.log2(1 - p))


def prior_of(texts: int) -> float:
    """The labels that a theme is taken to have besides its own where ``texts`` are labelled.

    Examples
    --------
    >>> prior_of(100), prior_of(1500)
    (1.0, 6.0)
    """
    return max(PRIOR, texts / ONE_IN)


def gains(uncertain: Floats, weights: Floats, labels: Floats) -> Floats:
    """What a row adds to a batch, for each theme: (n, T), from its uncertainty (n, T).

    A theme of weight w that has l labels, its prior ones among them, is worth ``w log(l)``, so that a row adds
    ``w u / l``: a tenth label is worth ten times a hundredth, and each row of a batch makes the next one for the same
    theme worth less.
    """
    return np.asarray(uncertain * (weights / labels))


def choose(
    uncertain: Floats,
    rows: sp.csr_array,
    *,
    count: int,
    weights: Floats,
    labels: Floats,
    near: Floats | None = None,
) -> list[Chosen]:
    """Choose rows one by one, the largest gain first, each with its theme and its likeness to those chosen before.

    Parameters
    ----------
    uncertain : (n, T) of each row's label of each theme, 0 where nothing is known or asked
    rows : csr (n, terms) of unit length
    count : how many, at most n
    weights, labels : (T,) how much each theme is worth, and how many labels it has, with its prior ones: above 0
    near : (n,) likeness of each row to the nearest text that is labelled, default 0

    Examples
    --------
    >>> rows = sp.csr_array(np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
    >>> batch = choose(np.array([[0.5], [0.5], [0.2]]), rows, count=2, weights=np.ones(1), labels=np.ones(1))
    >>> [(chosen.row, round(chosen.likeness, 2)) for chosen in batch]  # the second row repeats the first
    [(0, 0.0), (2, 0.0)]
    """
    likeness = np.zeros(len(uncertain)) if near is None else near.astype(np.float64)
    labels_so_far, left = labels.astype(np.float64), np.ones(len(uncertain), dtype=bool)
    batch: list[Chosen] = []
    for _ in range(min(count, len(uncertain))):
        worth = uncertain @ (weights / labels_so_far) * np.clip(1 - likeness, 0, 1)
        row = int(np.argmax(np.where(left, worth, -1.0)))
        theme = int(np.argmax(gains(uncertain[row], weights, labels_so_far)))
        batch.append(Chosen(row, theme, float(likeness[row])))
        left[row] = False
        labels_so_far += uncertain[row]
        np.maximum(likeness, rows @ rows[[row]].toarray().ravel(), out=likeness)  # dense: many times faster for one
    return batch


def likenesses(rows: sp.csr_array, others: sp.csr_array) -> Floats:
    """The cosine of each row to the nearest of ``others``, (n,); both of unit length, 0 for a row without a term."""
    nearest = np.zeros(rows.shape[0])
    if not others.shape[0]:
        return nearest
    across = sp.csr_array(others.T)
    for start in range(0, len(nearest), ROWS_AT_ONCE):
        products = rows[start : start + ROWS_AT_ONCE] @ across
        nearest[start : start + ROWS_AT_ONCE] = products.max(axis=1).toarray().ravel()
    return np.clip(nearest, 0.0, 1.0)


def unit_rows(rows: sp.csr_array) -> sp.csr_array:
    """The same rows, each of length one; one without a term stays as it is."""
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    lengths[lengths == 0] = 1
    return sp.csr_array(rows.multiply((1 / lengths)[:, np.newaxis]))


def first_rows_of_groups(groups: Iterable[int], taken: Iterable[int] = ()) -> list[int]:
    """The rows that are the first of their group, but for groups that are ``taken``.

    Examples
    --------
    >>> first_rows_of_groups([0, 1, 1, 2, 0], taken=[2])
    [0, 1]
    """
    seen, rows = set(taken), []
    for row, group in enumerate(groups):
        if group not in seen:
            seen.add(group)
            rows.append(row)
    return rows
