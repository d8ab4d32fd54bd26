"""What a tagger says of some texts, all from one scoring: tags, probabilities, scores and outcomes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, count
from typing import TYPE_CHECKING, Literal, Self, get_args

import numpy as np
import numpy.typing as npt

from themetagger._utils.faces import option
from themetagger.selection.calibration import probabilities
from themetagger.selection.groups import is_usable
from themetagger.selection.pooled import PooledCertificate
from themetagger.selection.theme_result import ThemeResult

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Policy = Literal["usable", "all", "certified", "pooled"]
POLICIES: tuple[Policy, ...] = get_args(Policy)
OUTCOMES = ("no", "review", "assign")  # from the least to the most sure
TAGS, REVIEW = "Themes", "Themes to Review"
NEVER = float(np.finfo(np.float32).min)  # the margin of an empty text, below that of any other
_BLANK = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]*")


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a tagger says of n texts and its T themes that have a model; made by ``ThemeTagger.predict_all``.

    Everything follows from ``scores``, which are computed once; the rest is worked out when it is first asked for.

    Parameters
    ----------
    results : T results of the themes that have a model: thresholds and calibration
    scores : (n, T) raw scores of the models, each column on its own scale
    policy : "usable" (default): a theme is assigned from its threshold on, unless it is not usable
        (``themetagger.selection.groups.is_usable``): then a person should review. "all": from its threshold on,
        whatever the theme. "certified": where its promise of precision holds, and a person should review where only
        the threshold is reached. "pooled": from the probability on from which the tags of all themes together keep a
        promise of precision, and a person should review where only the threshold is reached
    pooled : the pooled certificate; None (default) where there is none
    empty : (n,) which texts are empty, so that no theme is assigned to them; default none

    Raises
    ------
    ValueError
        If the policy is unknown, or "pooled" where there is no pooled certificate.

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
    policy: Policy = "usable"
    empty: Bools | None = field(default=None, repr=False)
    pooled: PooledCertificate | None = None

    def __post_init__(self) -> None:
        """Refuse an unknown policy, and one that these themes have nothing for."""
        check_policy(self.policy)
        check_pooled(self.policy, self.pooled)

    def __len__(self) -> int:
        """Number of texts."""
        return len(self.scores)

    @cached_property
    def themes(self) -> list[str]:
        """Names of the T themes, in the order of the columns."""
        return [result.theme for result in self.results]

    @cached_property
    def margins(self) -> Floats:
        """Score minus threshold, (n, T): zero or more exactly where the threshold is reached; `NEVER` if empty."""
        return self._above([result.threshold for result in self.results])

    @cached_property
    def probabilities(self) -> Floats:
        """Calibrated probability of each theme, (n, T); a theme is independent of the others."""
        columns = [probabilities(self.scores[:, j], *result.calibration) for j, result in enumerate(self.results)]
        calibrated = np.column_stack(columns) if columns else self.scores
        return calibrated if self.empty is None else np.where(self.empty[:, None], 0.0, calibrated)

    @cached_property
    def assigned(self) -> Bools:
        """Which themes are assigned, (n, T)."""
        if self.policy == "certified":
            return self._above([result.certified_threshold for result in self.results]) >= 0
        if self.policy == "pooled" and self.pooled is not None:
            return self.probabilities >= self.pooled.probability
        given = self.margins >= 0
        if self.policy == "usable":
            given = given & np.array([is_usable(result) for result in self.results], dtype=np.bool_)
        return given

    @cached_property
    def for_review(self) -> Bools:
        """Which themes a person should look at, (n, T): those that reach a threshold and are not assigned."""
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

    @property
    def reviews(self) -> bool:
        """Whether the policy leaves some themes to a person; "usable" does where one is not usable, "all" never."""
        return self.policy in ("certified", "pooled") or bool(self.policy == "usable" and not_usable(self.results))

    def to_columns(self, existing: Iterable[str] = ()) -> dict[str, list[list[str]]]:
        """The columns of themes, n lists each, that a table of the texts gets, by names that it does not have yet.

        One of the themes assigned, and one of those to review where the policy leaves some to a person.

        Examples
        --------
        >>> pay = ThemeResult("pay", "BEST_EFFORT", family="ridge", threshold=0.0)
        >>> Predictions((pay,), np.array([[0.3], [-0.2]])).to_columns(["Comment", "Themes"])
        {'Predicted Themes': [['pay'], []]}
        """
        columns = {TAGS: self.tags, REVIEW: self.review} if self.reviews else {TAGS: self.tags}
        taken = set(existing)
        return {free_column(taken, name): lists for name, lists in columns.items()}

    def _above(self, thresholds: Sequence[float]) -> Floats:
        """By how much each score is above a threshold of its theme, (n, T)."""
        margins = np.asarray(self.scores - np.asarray(thresholds, dtype=np.float64), dtype=np.float64)
        return margins if self.empty is None else np.where(self.empty[:, None], NEVER, margins)

    def _named(self, chosen: Bools) -> list[list[str]]:
        return [[self.themes[j] for j in np.flatnonzero(row)] for row in chosen]


def blank(texts: Sequence[str]) -> Bools:
    """Which texts are empty, (n,): nothing but white space and characters of no width.

    Examples
    --------
    >>> blank(["", " \\n", "\\u200b", "no"]).tolist()
    [True, True, True, False]
    """
    return np.array([_BLANK.fullmatch(text) is not None for text in texts], dtype=np.bool_)


def not_usable(results: Iterable[ThemeResult]) -> list[str]:
    """The themes that have a model and are not tagged by default, because too many of the tags would be wrong.

    Examples
    --------
    >>> not_usable([ThemeResult("pay", "BEST_EFFORT", family="ridge", usable_precision=0.5, corrected_precision=0.2)])
    ['pay']
    """
    return [result.theme for result in results if result.assigned and not is_usable(result)]


def check_policy(policy: str) -> None:
    """Refuse a policy that there is not; a ValueError."""
    if policy not in POLICIES:
        raise ValueError(f"{option('policy')} must be one of {', '.join(POLICIES)} but is {policy!r}.")


def check_pooled(policy: str, pooled: PooledCertificate | None) -> None:
    """Refuse the policy "pooled" without a pooled certificate; a ValueError."""
    if policy == "pooled" and pooled is None:
        raise ValueError(
            f"{option('policy', 'pooled')} needs a pooled certificate, and this tagger has none: no precision could be "
            f"shown for all tags together. Choose {option('policy', 'usable')} or {option('policy', 'certified')}."
        )


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
