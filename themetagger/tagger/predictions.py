"""What a tagger says of some texts, all from one scoring: tags, probabilities, scores and outcomes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, count
from typing import TYPE_CHECKING, Literal, Self, get_args

import numpy as np
import numpy.typing as npt

from themetagger._utils.faces import option
from themetagger.selection.calibration import probabilities
from themetagger.selection.theme_result import ThemeResult

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Policy = Literal["all", "certified"]
POLICIES: tuple[Policy, ...] = get_args(Policy)
OUTCOMES = ("no", "review", "assign")  # from the least to the most sure
TAGS, REVIEW = "Themes", "Themes to Review"


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a tagger says of n texts and its T themes that have a model; made by ``ThemeTagger.predict_all``.

    Everything follows from ``scores``, which are computed once; the rest is worked out when it is first asked for.

    Parameters
    ----------
    results : T results of the themes that have a model: thresholds and calibration
    scores : (n, T) raw scores of the models, each column on its own scale
    policy : "all" (default): a theme is assigned from its threshold on. "certified": it is assigned where its promise
        of precision holds, and a person should review where only the threshold is reached

    Raises
    ------
    ValueError
        If the policy is unknown.

    Examples
    --------
    >>> pay = ThemeResult("pay", "BEST_EFFORT", family="ridge", threshold=0.0, calibration=(2.0, 0.0))
    >>> training = ThemeResult(
    ...     "training", "BEST_EFFORT", family="ridge", threshold=0.0, calibration=(2.0, 0.0),
    ...     certified_threshold=0.4, certified_flagged=40, certified_hits=39, certified_positives=60,
    ... )
    >>> predicted = Predictions((pay, training), np.array([[0.3, 0.5], [-0.2, 0.1]]))
    >>> predicted.tags
    [['pay', 'training'], ['training']]
    >>> predicted.with_policy("certified").tags, predicted.with_policy("certified").review
    ([['training'], []], [['pay'], ['training']])
    >>> predicted.with_policy("certified").to_frame().round(2)
       row     theme  score  probability outcome
    0    0       pay    0.3         0.65  review
    1    0  training    0.5         0.73  assign
    2    1       pay   -0.2         0.40      no
    3    1  training    0.1         0.55  review
    """

    results: Sequence[ThemeResult] = field(repr=False)
    scores: Floats = field(repr=False)
    policy: Policy = "all"

    def __post_init__(self) -> None:
        """Refuse an unknown policy."""
        check_policy(self.policy)

    def __len__(self) -> int:
        """Number of texts."""
        return len(self.scores)

    @cached_property
    def themes(self) -> list[str]:
        """Names of the T themes, in the order of the columns."""
        return [result.theme for result in self.results]

    @cached_property
    def margins(self) -> Floats:
        """Score minus threshold, (n, T): zero or more exactly where the threshold is reached."""
        return np.asarray(self.scores - [result.threshold for result in self.results], dtype=np.float64)

    @cached_property
    def probabilities(self) -> Floats:
        """Calibrated probability of each theme, (n, T); a theme is independent of the others."""
        columns = [probabilities(self.scores[:, j], *result.calibration) for j, result in enumerate(self.results)]
        return np.column_stack(columns) if columns else self.scores

    @cached_property
    def assigned(self) -> Bools:
        """Which themes are assigned, (n, T)."""
        if self.policy == "all":
            return self.margins >= 0
        return self.scores - [result.certified_threshold for result in self.results] >= 0

    @cached_property
    def for_review(self) -> Bools:
        """Which themes a person should look at, (n, T); none with the policy "all"."""
        return ~self.assigned & (self.margins >= 0)

    @cached_property
    def outcomes(self) -> npt.NDArray[np.str_]:
        """What becomes of each theme, (n, T) of "assign", "review" and "no"."""
        return np.where(self.assigned, "assign", np.where(self.for_review, "review", "no"))

    @cached_property
    def tags(self) -> list[list[str]]:
        """The themes that are assigned to each text, n lists in the order of ``themes``."""
        return self._named(self.assigned)

    @cached_property
    def review(self) -> list[list[str]]:
        """The themes of each text that a person should look at, n lists in the order of ``themes``."""
        return self._named(self.for_review)

    def with_policy(self, policy: Policy) -> Self:
        """The same scores under another policy."""
        return replace(self, policy=policy)

    def to_frame(self) -> pd.DataFrame:
        """A row for each text and theme, n * T rows, text by text.

        Long, so that one line picks what a service stores (``frame[frame["outcome"] != "no"]``) or what an analyst
        compares (``frame.pivot(index="row", columns="theme", values="probability")``).

        Returns
        -------
        DataFrame with the columns ``row`` (number of the text, from 0), ``theme`` (categorical, in the order of
        ``themes``), ``score``, ``probability``, ``outcome`` (ordered categorical: no < review < assign).
        """
        import pandas as pd

        texts, themes = self.scores.shape
        codes = np.where(self.assigned, 2, np.where(self.for_review, 1, 0)).ravel()
        return pd.DataFrame(
            {
                "row": np.repeat(np.arange(texts), themes),
                "theme": pd.Categorical.from_codes(np.tile(np.arange(themes), texts), pd.Index(self.themes)),
                "score": self.scores.ravel(),
                "probability": self.probabilities.ravel(),
                "outcome": pd.Categorical.from_codes(codes, pd.Index(OUTCOMES), ordered=True),
            }
        )

    def to_columns(self, existing: Iterable[str] = ()) -> dict[str, list[str]]:
        """The columns of ", "-joined themes that a table of the texts gets, by names that do not ``exist`` in it yet.

        Examples
        --------
        >>> pay = ThemeResult("pay", "BEST_EFFORT", family="ridge", threshold=0.0)
        >>> Predictions((pay,), np.array([[0.3], [-0.2]])).to_columns(["Comment", "Themes"])
        {'Predicted Themes': ['pay', '']}
        """
        columns = {TAGS: self.tags} if self.policy == "all" else {TAGS: self.tags, REVIEW: self.review}
        return {free_column(existing, name): [", ".join(themes) for themes in lists] for name, lists in columns.items()}

    def _named(self, chosen: Bools) -> list[list[str]]:
        return [[self.themes[j] for j in np.flatnonzero(row)] for row in chosen]


def check_policy(policy: str) -> None:
    """Refuse a policy that there is not; a ValueError."""
    if policy not in POLICIES:
        raise ValueError(f"{option('policy')} must be one of {', '.join(POLICIES)} but is {policy!r}.")


def free_column(existing: Iterable[str], name: str = TAGS) -> str:
    """A name for a column of tags that a table does not have yet.

    Examples
    --------
    >>> free_column(["text"]), free_column(["Themes"]), free_column(["Themes", "Predicted Themes"])
    ('Themes', 'Predicted Themes', 'Predicted Themes 2')
    """
    names = chain((name, f"Predicted {name}"), (f"Predicted {name} {n}" for n in count(2)))
    taken = set(existing)
    return next(candidate for candidate in names if candidate not in taken)
