"""A key has its number, also in a copy."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from themetagger.features.ngrams import token_cache as room
from themetagger.features.ngrams.token_cache import GrowingIndex, Numbering

KEYS = np.array([7, 3, 2**62, 0])


@pytest.mark.parametrize("few", [2_000, -1], ids=["sorted", "table"])
@pytest.mark.parametrize(
    "again",
    [lambda one: one, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))],
    ids=["self", "copy", "pickle"],
)
def test_keys_have_their_numbers(again: Callable[[Any], Any], few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "FEW", few)
    numbering = again(Numbering(KEYS))
    assert len(numbering) == 4
    assert numbering.of(np.array([0, 1, 7, 2**62, 3, 3])).tolist() == [3, -1, 0, 2, 1, 1]
    assert numbering.of(KEYS[:0]).tolist() == []


def test_no_key_is_known_where_there_is_none() -> None:
    assert Numbering(KEYS[:0]).of(KEYS).tolist() == [-1] * 4


@pytest.mark.parametrize("late", [0, 7, 5_000])
def test_keys_are_numbered_as_they_come(late: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "LATE", late)
    arrivals, draw = GrowingIndex(), np.random.default_rng(0)
    numbers: dict[int, int] = {}
    for size in (0, 1, 30, 3, 60, 100):
        keys = np.unique(draw.integers(-50, 50, size))
        expected = [numbers.setdefault(key, len(numbers)) for key in keys.tolist()]
        assert arrivals.of(keys).tolist() == expected
        assert len(arrivals) == len(numbers)
