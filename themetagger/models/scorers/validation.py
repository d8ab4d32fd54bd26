"""What the arrays of a model are checked for; each function raises a ValueError that names what does not fit."""

from __future__ import annotations

from typing import Any

import numpy as np

from themetagger.models.scorers.base import Indices


def need_few(name: str, count: int, most: int, what: str) -> None:
    """Refuse more than ``most``."""
    if count > most:
        raise ValueError(f"{name} has {count:,} {what}, expected at most {most:,}")


def need_array(name: str, array: Any, dtype: Any, length: int) -> None:
    """Refuse what is not a 1-d array of that type and length."""
    if not isinstance(array, np.ndarray) or array.ndim != 1 or array.dtype != dtype:
        actual = f"{array.ndim}-d {array.dtype}" if isinstance(array, np.ndarray) else type(array).__name__
        raise ValueError(f"{name} is {actual}, expected a 1-d array of {np.dtype(dtype).name}")
    if len(array) != length:
        raise ValueError(f"{name} has {len(array)} entries, expected {length}")


def need_finite(name: str, array: Any) -> None:
    """Refuse an array with a number that is not finite."""
    for i in np.flatnonzero(~np.isfinite(array))[:1]:
        raise ValueError(f"{name}[{i}] is {array[i]}, expected a finite number")


def need_number(name: str, number: Any) -> None:
    """Refuse what is not a finite number."""
    if not isinstance(number, (int, float)) or isinstance(number, bool) or not np.isfinite(number):
        raise ValueError(f"{name} is {number!r}, expected a finite number")


def need_between(name: str, array: Indices, low: Any, stop: int, *, where: Any = True) -> None:
    """Refuse an array with a number below ``low`` (one for all, or one each) or from ``stop`` on."""
    for i in np.flatnonzero(where & ((array < low) | (array >= stop)))[:1]:
        least = low if np.ndim(low) == 0 else low[i]
        raise ValueError(f"{name}[{i}] is {array[i]}, expected {least} or more and less than {stop}")
