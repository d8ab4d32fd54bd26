"""A key has its number, also in a copy."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from themetagger.features.numbering import Numbering

KEYS = np.array([7, 3, 2**62, 0])


@pytest.mark.parametrize(
    "again",
    [lambda one: one, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))],
    ids=["self", "copy", "pickle"],
)
def test_keys_have_their_numbers(again: Callable[[Any], Any]) -> None:
    numbering = again(Numbering(KEYS))
    assert len(numbering) == 4
    assert numbering.of(np.array([0, 1, 7, 2**62, 3, 3])).tolist() == [3, -1, 0, 2, 1, 1]
    assert numbering.of(KEYS[:0]).tolist() == []


def test_no_key_is_known_where_there_is_none() -> None:
    assert Numbering(KEYS[:0]).of(KEYS).tolist() == [-1] * 4
