"""What a model family is: an estimator, its search space, and the way to plain arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from themetagger.models.scorers import Scorer

Params: TypeAlias = Mapping[str, Any]
Estimator: TypeAlias = Any  # scikit-learn, LightGBM and XGBoost ship no common type

CLASS_WEIGHTS = (None, "balanced")


class Suggests(Protocol):
    """The three questions that a search space asks; an Optuna trial answers them."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float: ...

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int: ...

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any: ...


@dataclass(frozen=True)
class Family:
    """An estimator and its search space, with what the search has to know to feed it.

    Parameters
    ----------
    name : str
        Also the prefix of its parameters in a study, as in ``"ridge.alpha"``.
    level : int
        1 for linear models, 2 for kernels and scikit-learn's trees, 3 for gradient boosting: a search that
        stops early tries lower levels first.
    space : callable
        ``space(trial)`` gives the parameters without prefix, as :func:`themetagger.models.families.fit` takes them.
    build : callable
        ``build(params, seed=seed)`` gives an unfitted estimator that is quiet and runs in one thread; a
        family that weighs rows gets no ``class_weight`` here.
    as_scorer : callable
        ``as_scorer(estimator)`` gives a fitted estimator as plain arrays.
    reduces : bool, default False
        Wants a dense block of at most 2,000 selected or reduced columns; the others take CSR rows.
    weighs_rows : bool, default False
        ``class_weight`` is given to ``fit`` as row weights, because the estimator has no such parameter.
    max_rows : int or None, default None
        Above this number of training rows the family is not tried.
    """

    name: str
    level: int
    space: Callable[[Suggests], dict[str, Any]]
    build: Callable[..., Estimator]
    as_scorer: Callable[[Estimator], Scorer]
    reduces: bool = False
    weighs_rows: bool = False
    max_rows: int | None = None
