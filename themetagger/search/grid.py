"""The search space as a grid: every combination, or as many of them as there are trials."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any

import numpy as np

from themetagger.search.space import Options, suggest

Choose = Callable[[int, int], int]  # (number of the question, number of options) -> option
Cell = dict[str, Any]


class _Answers:
    """Answers the questions of a search space by ``choose``, numbers at three inner points; remembers the answers."""

    def __init__(self, choose: Choose) -> None:
        self.choose = choose
        self.sizes: list[int] = []
        self.values: Cell = {}

    def _answer(self, name: str, options: Sequence[Any]) -> Any:
        if name not in self.values:
            self.sizes.append(len(options))
            self.values[name] = options[self.choose(len(self.sizes) - 1, len(options))]
        return self.values[name]

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        return self._answer(name, list(choices))

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        return float(self._answer(name, _inner(low, high, log=log)))

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        return int(self._answer(name, sorted({round(value) for value in _inner(low, high, log=log)})))


def _inner(low: float, high: float, *, log: bool) -> list[float]:
    points: list[float] = (np.geomspace if log else np.linspace)(low, high, 5).tolist()
    return points[1:4]


def grid(families: Sequence[str], *, level: int, options: Options) -> Iterator[Cell]:
    """Every combination of the search spaces, numbers at three inner points each; families in their order."""
    choices: list[int] = []
    while True:
        answers = _answers(partial(_given, tuple(choices)), families, level, options)
        yield answers.values
        choices += [0] * (len(answers.sizes) - len(choices))
        while choices and choices[-1] + 1 >= answers.sizes[len(choices) - 1]:
            choices.pop()
        if not choices:
            return
        choices[-1] += 1


def grid_cells(families: Sequence[str], *, level: int, options: Options, trials: int) -> list[Cell]:
    """The whole grid if it has at most ``trials`` cells, else as many distinct ones, drawn the same for all themes."""
    cells = list(islice(grid(families, level=level, options=options), trials + 1))
    if len(cells) <= trials:
        return cells
    draw, drawn = np.random.default_rng(0), dict[str, Cell]()
    while len(drawn) < trials:
        cell = _answers(lambda _, size: int(draw.integers(size)), families, level, options).values
        drawn[repr(cell)] = cell
    return list(drawn.values())


def _given(choices: tuple[int, ...], place: int, options: int) -> int:
    return choices[place] if place < len(choices) else 0


def _answers(choose: Choose, families: Sequence[str], level: int, options: Options) -> _Answers:
    answers = _Answers(choose)
    suggest(answers, families, level=level, options=options)
    return answers
