"""What a model family is: an estimator, its search space, and the way to plain arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, TypeAlias

from themetagger.features import NGRAM_VIEWS, Suggests, View, is_nonnegative
from themetagger.models.scorers import Scorer

Params: TypeAlias = Mapping[str, Any]
Estimator: TypeAlias = Any  # scikit-learn, LightGBM and XGBoost ship no common type

CLASS_WEIGHTS = (None, "balanced")
LEVELS = (1, 2, 3)
_BESIDE_DENSE = ("words+chars", "words_1_2", "words")
_DENSE = ("static", "sentence", "model2vec")  # a run has one of them
# add a view here to have it searched: "words+chars & NAME" puts NAME beside n-grams
SEARCHED_VIEWS = (*NGRAM_VIEWS, *(f"{ngrams} & {dense}" for dense in _DENSE for ngrams in _BESIDE_DENSE))
REDUCED_VIEWS = ("words_1_2", "words+chars")  # of which columns are selected, or a projection is learned
_VIEW_PARAMETER = {SEARCHED_VIEWS: "view", tuple(NGRAM_VIEWS): "ngram_view", REDUCED_VIEWS: "narrow_view"}


@dataclass(frozen=True)
class Family:
    """An estimator and its search space, with all that the search has to know to try it.

    Parameters
    ----------
    name : str
        Also the prefix of its parameters in a study, as in ``"ridge.alpha"``.
    level : {1, 2, 3}
        1 for linear models, 2 for kernels and scikit-learn's trees, 3 for gradient boosting: a search that
        stops early tries lower levels first.
    space : callable
        ``space(trial)`` gives the parameters without prefix, as :func:`themetagger.models.families.fit` takes them.
    build : callable
        ``build(params, seed=seed)`` gives an unfitted estimator that is quiet and runs in one thread; a
        family that weighs rows gets no ``class_weight`` here.
    as_scorer : callable
        ``as_scorer(estimator)`` gives a fitted estimator as plain arrays.
    first_trials : tuple of mappings
        Parameters of the trials that the family begins with, under the names that a study gives them
        (:mod:`themetagger.models.families.first_trials` has the usual ones); what they leave open is drawn. A level
        above the first ends when none of its first trials is better than what there was, so that a family without one
        is tried there only where a lucky draw falls on it. () leaves it to the draw.
    leads : bool, default False
        Whether its first trials come before those of the other families of its level.
    views : tuple of str, default ``SEARCHED_VIEWS``, or ``REDUCED_VIEWS`` for a family that reduces
        Names of views among which it chooses; ``" & "`` joins those of views side by side.
    view_parameter : str, default "view", "ngram_view" or "narrow_view" with the usual views, else "<name>.view"
        Name of that choice in a study; families that share it must have the same ``views``. Where ``first_trials``
        say "view", this name is meant.
    nonnegative : bool, default False
        Wants rows without a number below zero, and is given such views only.
    fixed_features : view or None, default None
        The only features it is given, so that a study chooses none.
    reduces : bool, default False
        Wants a dense block of at most 2,000 selected or reduced columns; the others take CSR rows.
    weighs_rows : bool, default False
        ``class_weight`` is given to ``fit`` as row weights, because the estimator has no such parameter.
    single_precision : bool, default False
        Is given float32 rows, which take less time where the library keeps them so.
    max_rows : int or None, default None
        Above this number of training rows the family is not tried.

    Raises
    ------
    ValueError
        If the level or a view is unknown.
    """

    name: str
    level: int
    space: Callable[[Suggests], dict[str, Any]]
    build: Callable[..., Estimator]
    as_scorer: Callable[[Estimator], Scorer]
    _: KW_ONLY
    first_trials: tuple[Params, ...]
    leads: bool = False
    views: tuple[str, ...] = ()
    view_parameter: str = ""
    nonnegative: bool = False
    fixed_features: View | None = None
    reduces: bool = False
    weighs_rows: bool = False
    single_precision: bool = False
    max_rows: int | None = None

    def __post_init__(self) -> None:
        """Fill in the views, and refuse what the search could not try."""
        if self.level not in LEVELS:
            raise ValueError(f"family {self.name!r}: level must be 1, 2 or 3 but is {self.level!r}.")
        views = self.views or (REDUCED_VIEWS if self.reduces else SEARCHED_VIEWS)
        try:
            suiting = tuple(view for view in views if is_nonnegative(view) or not self.nonnegative)
        except ValueError as error:
            raise ValueError(f"family {self.name!r}: {error}") from None
        parameter = self.view_parameter or _VIEW_PARAMETER.get(suiting, f"{self.name}.view")
        first = tuple({parameter if key == "view" else key: trial[key] for key in trial} for trial in self.first_trials)
        for name, value in {"views": suiting, "view_parameter": parameter, "first_trials": first}.items():
            object.__setattr__(self, name, value)

    @property
    def takes_vectors(self) -> bool:
        """Whether it can see the vectors of a text encoder beside n-grams."""
        return any(view.endswith(f" & {dense}") for view in self.views for dense in _DENSE)
