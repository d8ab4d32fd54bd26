"""Parameters of a winner as a file has them: taken only by the names and within the ranges that its family searches.

A run folder may come from a stranger. What the search itself sets is in ``Family.build``; nothing else that a file says
may reach LightGBM, XGBoost or scikit-learn, where a parameter can open connections, write files, or ask for any amount
of work.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from themetagger._utils.json_shapes import fails, number
from themetagger.features import View, is_nonnegative, suggest_view
from themetagger.models.families import FAMILIES, Family

MOST_STEPS = 100  # of a first model
MOST_RATIO = 1_000_000  # negatives for each positive
MOST_COLUMNS = 2_000  # that a family which reduces is given
COMPANION_RANGE = (0.001, 1_000.0)  # of C
MOST_WEIGHT = 100.0
_REDUCTION = re.compile(r"(chi2|svd):([1-9][0-9]{0,3})")


def family_named(name: str) -> Family:
    """The family of that name, without a companion; a ValueError where there is none.

    Examples
    --------
    >>> family_named("ridge").level
    1
    >>> family_named("rigde")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: family 'rigde' is unknown; choose from naive_bayes_complement, ...
    """
    if name not in FAMILIES:
        raise ValueError(f"family {name!r:.80} is unknown; choose from {', '.join(FAMILIES)}.")
    return FAMILIES[name]


def searched_params(family: Family, params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a winner, if the search of its family could have chosen them.

    Raises
    ------
    ValueError
        If one is unknown, missing, or out of range.

    Examples
    --------
    >>> searched_params(FAMILIES["ridge"], {"alpha": 1.0, "class_weight": None})
    {'alpha': 1.0, 'class_weight': None}
    >>> searched_params(FAMILIES["ridge"], {"alpha": 1e9, "class_weight": None})
    Traceback (most recent call last):
    ValueError: params of family 'ridge': alpha must lie between 0.05 and 20.0 but is 1000000000.0.
    """
    given = _Given(f"params of family {family.name!r}", family.name, params)
    made = family.space(given) | _steps_of_first_model(given)
    for name in params:
        if name not in made:
            raise ValueError(f"{given.what}: {name!r:.80} is none of {', '.join(made)}.")
    for name, value in made.items():
        if name not in given.asked and not _same(params.get(name), value):  # what it always sets
            raise ValueError(f"{given.what}: {name} is always {value!r}.")
    return made


def _steps_of_first_model(given: _Given) -> dict[str, Any]:
    """The steps of a theme's first model, which is ridge (`themetagger.search.first_models`); else nothing."""
    if given.prefix != "ridge" or "steps" not in given.params:
        return {}
    return {"steps": given.suggest_int("ridge.steps", 1, MOST_STEPS)}


def searched_view(family: Family, view: View) -> View:
    """The view of a winner, if the search could have chosen it; a ValueError where it could not.

    Examples
    --------
    >>> from themetagger.features import TfidfConfig
    >>> searched_view(FAMILIES["ridge"], TfidfConfig("words", min_df=3)).name
    'words'
    >>> searched_view(FAMILIES["ridge"], TfidfConfig("words", min_df=1_000_000))
    Traceback (most recent call last):
    ValueError: feature_settings of view 'words': min_df must be one of 2, 3 but is 1000000.
    """
    if family.fixed_features is not None:
        if view != family.fixed_features:
            raise ValueError(f"feature_settings: those of family {family.name!r} are always the same.")
        return view
    if family.nonnegative and not is_nonnegative(view.name):
        raise ValueError(f"feature_settings: family {family.name!r} has no view {view.name!r}.")
    for part in getattr(view, "views", (view,)):
        given = _Given(f"feature_settings of view {part.name!r}", part.name, part.to_json())
        if suggest_view(part.name, given) != part:
            raise ValueError(f"{given.what}: no search chooses {part.to_json()!r:.200}.")
    return view


def _same(one: Any, other: Any) -> bool:
    """Whether both are one value, and not only equal, as 1 and true are."""
    return type(one) is type(other) and bool(one == other)


@dataclass(frozen=True)
class _Given:
    """Stands for a trial that suggests what is given, and refuses what no trial could."""

    what: str  # is given, for messages
    prefix: str  # of the names that a study gives its parameters
    params: Mapping[str, Any]
    asked: set[str] = field(default_factory=set)

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """A number within the range."""
        return self._within(name, low, high, (int, float))

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        """A whole number within the range."""
        return int(self._within(name, low, high, (int,)))

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        """One of the choices, and not what only equals it."""
        value = self._value(name)
        for choice in choices:
            if _same(choice, value):
                return choice
        listed = ", ".join(map(repr, choices))
        raise self._error(name, f"must be one of {listed}")

    def _within(self, name: str, low: float, high: float, kinds: tuple[type, ...]) -> float:
        value = self._value(name)
        whole = "" if float in kinds else "whole "
        if type(value) not in kinds:
            raise self._error(name, f"must be a {whole}number")
        if not low <= value <= high:
            raise self._error(name, f"must lie between {low} and {high}")
        return cast(float, value)

    def _value(self, name: str) -> Any:
        own = self._own(name)
        self.asked.add(own)
        if own not in self.params:
            raise ValueError(f"{self.what}: {own} is missing.")
        return self.params[own]

    def _own(self, name: str) -> str:
        return name.removeprefix(f"{self.prefix}.")

    def _error(self, name: str, must: str) -> ValueError:
        own = self._own(name)
        return ValueError(f"{self.what}: {own} {must} but is {self.params[own]!r:.80}.")


def searched_settings(family: Family, settings: Mapping[str, Any], companion: Sequence[str]) -> None:
    """Refuse settings beside those of the view that no search has.

    Parameters
    ----------
    family : of the winner
    settings : of its features
    companion : the names of C and weight of its companion, empty where it has none

    Raises
    ------
    ValueError
        If one is out of range, or there although it has no meaning.
    """
    for name, most in (("negatives_per_positive", MOST_RATIO), ("most_rows", 2**53)):
        value = settings.get(name, 0)
        if type(value) is not int or not 0 <= value <= most:
            raise _setting(name, f"must be a whole number from 0 to {most}", value)
    reduction = settings.get("reduction", "")
    found = _REDUCTION.fullmatch(reduction) if isinstance(reduction, str) else None
    if family.reduces and (found is None or int(found[2]) > MOST_COLUMNS):
        raise _setting("reduction", f"must be as chi2:200, with at most {MOST_COLUMNS} columns,", reduction)
    if not family.reduces and reduction != "":
        raise _setting("reduction", f"has no meaning for family {family.name!r}", reduction)
    for name, (low, high) in zip(companion, (COMPANION_RANGE, (0.0, MOST_WEIGHT)), strict=False):
        wrong = fails(number(low, high), settings.get(name), name)
        if wrong:
            raise ValueError(f"feature_settings: {wrong}.")


def affordable(family: Family, rows: int) -> None:
    """A ValueError where no search would try the family on so many training rows."""
    if family.max_rows is not None and rows > family.max_rows:
        raise ValueError(f"family {family.name!r} is tried on at most {family.max_rows:,} rows, and not on {rows:,}.")


def _setting(name: str, must: str, value: Any) -> ValueError:
    return ValueError(f"feature_settings: {name} {must} but is {value!r:.80}.")
