"""Many ridge problems on the same rows at once: conjugate gradients, all penalties for the price of one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

Singles = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Product = Callable[[Singles], Singles]

TOLERANCE = 1e-3  # of the length of the residuals; as RidgeClassifier has it in this package
MOST_STEPS = 40


def solve_shifted(product: Product, targets: Singles, alphas: Sequence[float]) -> list[Singles]:
    """``(K + alpha I) x = targets`` for each penalty, with one product by K a step for all of them.

    The residuals of shifted systems are multiples of each other's, so that one Krylov space serves all.

    Parameters
    ----------
    product : ``K @ x`` for x float32 (n, T); K symmetric, with no negative eigenvalue
    targets : float32 (n, T)
    alphas : the penalties, above 0

    Returns
    -------
    float32 (n, T) for each penalty

    References
    ----------
    Jegerlehner 1996, Krylov space solvers for shifted linear systems, arXiv hep-lat/9612014.

    Examples
    --------
    >>> K = np.diag([1.0, 3.0]).astype(np.float32)
    >>> one, other = solve_shifted(lambda x: K @ x, np.ones((2, 1), dtype=np.float32), [1.0, 3.0])
    >>> one.ravel().astype(float).round(4).tolist(), other.ravel().astype(float).round(4).tolist()
    ([0.5, 0.25], [0.25, 0.1667])
    """
    base, n_themes = min(alphas), targets.shape[1]
    shifts = [_Shifted(alpha - base, targets) for alpha in alphas]
    residual, direction = targets.copy(), targets.copy()
    squared = begun = _squares(residual)
    step, turned = np.ones(n_themes), np.zeros(n_themes)
    for _ in range(MOST_STEPS):
        towards = product(direction) + np.float32(base) * direction
        before, step = step, _ratio(squared, np.einsum("ij,ij->j", direction, towards, dtype=np.float64))
        residual -= step.astype(np.float32) * towards
        for one in shifts:
            one.forward(before, step, turned)
        new = _squares(residual)
        turned, squared = _ratio(new, squared), new
        direction = residual + turned.astype(np.float32) * direction
        for one in shifts:
            one.turn(residual, turned)
        if (squared <= TOLERANCE**2 * begun).all():
            break
    return [one.solution for one in shifts]


class _Shifted:
    """The solution for one shift of the base system, step by step."""

    def __init__(self, shift: float, targets: Singles) -> None:
        self.shift = shift
        self.solution, self._direction = np.zeros_like(targets), targets.copy()
        self._before = self._now = self._next = np.ones(targets.shape[1])

    def forward(self, before: Floats, step: Floats, turned: Floats) -> None:
        """Take a step of the base system: ``before`` is the length of its last one, ``step`` of this one."""
        rest = before * self._before * (1 + self.shift * step) + step * turned * (self._before - self._now)
        self._next = _ratio(self._now * self._before * before, rest)
        self.solution += (step * _ratio(self._next, self._now)).astype(np.float32) * self._direction

    def turn(self, residual: Singles, turned: Floats) -> None:
        """Turn as the base system does."""
        own = turned * _ratio(self._next, self._now) ** 2
        self._direction = self._next.astype(np.float32) * residual + own.astype(np.float32) * self._direction
        self._before, self._now = self._now, self._next


def _squares(rows: Singles) -> Floats:
    return np.asarray(np.einsum("ij,ij->j", rows, rows, dtype=np.float64))


def _ratio(above: Floats, below: Floats) -> Floats:
    """The quotient, 0 where a theme is solved and there is nothing left to divide by."""
    return np.divide(above, below, out=np.zeros_like(above), where=below != 0)
