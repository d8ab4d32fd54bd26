"""What the tests of the search share."""

from __future__ import annotations

import pytest


class Answering:
    """A trial with given answers, checked against what was asked; the first choice where none is given."""

    def __init__(self, given):
        self.given, self.asked = given, set()

    def _answer(self, name, first, allowed):
        assert name not in self.asked
        self.asked.add(name)
        value = self.given.get(name, first)
        assert allowed(value), f"{name} = {value!r}"
        return value

    def suggest_float(self, name, low, high, *, log=False):
        return self._answer(name, low, lambda value: low <= value <= high)

    suggest_int = suggest_float

    def suggest_categorical(self, name, choices):
        return self._answer(name, choices[0], lambda value: value in choices)


@pytest.fixture
def answering():
    """The class of trials with given answers."""
    return Answering
