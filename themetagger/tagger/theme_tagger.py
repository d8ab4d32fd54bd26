"""The tagger: the winners of all themes as one estimator that tags raw texts."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property, partial
from itertools import chain
from typing import TYPE_CHECKING, Any, Self, overload

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from themetagger._utils.threads import in_threads
from themetagger.features import CountLayouts, TfidfConfig
from themetagger.features.encoder import Encoder
from themetagger.features.preprocessing import clean
from themetagger.models.ensemble import EnsembleMember, ensemble_scores
from themetagger.models.linear_batch import LinearBatch, is_batched
from themetagger.models.storage.container import BundleError
from themetagger.selection.results import HeldOut, results_table
from themetagger.selection.theme_result import ThemeResult
from themetagger.tagger.drift import Drift, UnknownWords, drift_of, unknown_shares
from themetagger.tagger.explain.explanation import Explainer, Explanation, Explanations
from themetagger.tagger.explain.odds_in_texts import Tagged
from themetagger.tagger.explain.terms import By, FoldModels, Parts, telling_terms
from themetagger.tagger.predictions import Policy, Predictions, check_policy
from themetagger.tagger.tagger_file import load_parts, save_parts

if TYPE_CHECKING:
    import pandas as pd

    from themetagger.corpus import Corpus


Floats = npt.NDArray[np.float64]
_UNCHECKED = partial(np.errstate, over="ignore", invalid="ignore")  # a file's weights may be finite, their sum not
CHUNK = 2_000  # texts at a time: memory stays level however long the list is


class ThemeTagger:
    """Tags raw texts with the themes whose decision function is zero or more.

    Made by ``themetagger.runs.tune.tune`` or ``ThemeTagger.load``. With n texts and T themes that have a model:

    Attributes
    ----------
    themes : list of T names
    thresholds : dict theme -> score from which it is assigned
    theme_results : what each study decided, also those of skipped and failed themes
    results : DataFrame, one row a theme of the input

    Examples
    --------
    >>> tagger = ThemeTagger.load("run/tagger.tagger")  # doctest: +SKIP
    >>> tagger.tag(["My manager listens, but the pay is poor."])  # doctest: +SKIP
    [['line management', 'pay and benefits']]
    """

    def __init__(
        self,
        theme_results: Sequence[ThemeResult],
        members: Mapping[str, Sequence[EnsembleMember]],
        encoder: Encoder,
        *,
        text_columns: Sequence[str] = ("Processed Text",),
        held_out: Mapping[str, HeldOut] | None = None,
        unknown_words: UnknownWords | None = None,
    ) -> None:
        """Keep the parts; ``members`` holds the committee of each theme that has a model."""
        self.theme_results = list(theme_results)
        self.members = {theme: tuple(ensemble) for theme, ensemble in members.items()}
        self.encoder = encoder
        self.text_columns = tuple(text_columns)
        self.held_out = held_out
        self.unknown_words = unknown_words
        self._assigned = [theme_result for theme_result in self.theme_results if theme_result.assigned]

    @property
    def themes(self) -> list[str]:
        """Names of the T themes that have a model."""
        return [theme_result.theme for theme_result in self._assigned]

    @property
    def thresholds(self) -> dict[str, float]:
        """The score from which each theme is assigned, on the scale of its own model."""
        return {theme_result.theme: theme_result.threshold for theme_result in self._assigned}

    @property
    def results(self) -> pd.DataFrame:
        """One row a theme of the input, also skipped and failed ones; held-out figures where they were measured."""
        return results_table(self.theme_results, self.held_out)

    def scores(self, texts: Sequence[str]) -> Floats:
        """Raw scores of the models, (n, T), each column on its own scale; a BundleError where one is not finite."""
        checked = _checked(texts)
        if not self._assigned:
            return np.zeros((len(checked), 0))
        with _UNCHECKED():
            _ = self._bank, self._apart  # made before threads ask for them
        chunks = in_threads(self._chunk_scores, [checked[i : i + CHUNK] for i in range(0, len(checked), CHUNK)])
        found = np.concatenate(chunks) if chunks else np.zeros((0, len(self._assigned)))
        for row, j in np.argwhere(~np.isfinite(found))[:1]:
            raise BundleError(
                f"theme {self.themes[j]!r} gets a score that is not finite ({found[row, j]}), which no tuned model "
                "gives; its file is damaged; get a new copy."
            )
        return found

    def decision_function(self, texts: Sequence[str]) -> Floats:
        """Score minus threshold, (n, T) float: zero or more exactly where the theme is assigned."""
        return self.predict_all(texts).margins

    def predict(self, texts: Sequence[str]) -> npt.NDArray[np.int8]:
        """1 where a theme is assigned, else 0, (n, T)."""
        return (self.decision_function(texts) >= 0).astype(np.int8)

    def predict_proba(self, texts: Sequence[str]) -> Floats:
        """Calibrated probability of each theme, (n, T); a theme is independent of the others."""
        return self.predict_all(texts).probabilities

    def predict_all(self, texts: Sequence[str], *, policy: Policy = "all") -> Predictions:
        """Tags, probabilities, scores and outcomes of each text, from one scoring.

        Parameters
        ----------
        texts : n raw texts
        policy : "all" (default) or "certified", as of `tag`

        Raises
        ------
        TypeError
            If ``texts`` is a single string, or one of them is no string.

        Examples
        --------
        >>> predicted = tagger.predict_all(["The pay is poor."], policy="certified")  # doctest: +SKIP
        >>> predicted.tags, predicted.probabilities.round(2)  # doctest: +SKIP
        ([['pay and benefits']], array([[0.97, 0.02]]))
        >>> predicted.to_frame().query("outcome != 'no'")  # doctest: +SKIP
           row             theme  score  probability outcome
        0    0  pay and benefits   0.81         0.97  assign
        """
        check_policy(policy)
        return Predictions(self._assigned, self.scores(texts), policy)

    @overload
    def tag(self, texts: Sequence[str], *, policy: Policy = "all") -> list[list[str]]: ...

    @overload
    def tag(self, texts: pd.DataFrame, *, policy: Policy = "all") -> pd.DataFrame: ...

    def tag(self, texts: Any, *, policy: Policy = "all") -> Any:
        """The themes of each text, a list of n lists in the order of ``themes``.

        With ``policy="certified"`` only tags whose promise of precision holds; ``review`` gives the others that reach
        their threshold, and a DataFrame gets a column "Themes to Review" for them.

        A DataFrame gives a copy with one more column of ", "-joined themes, named "Themes", or "Predicted Themes"
        (and 2, 3, ...) where it has one of that name already; its texts are read from ``text_columns``, joined,
        missing as empty.

        Raises
        ------
        TypeError
            If ``texts`` is a single string, or one of them is no string.
        TableError
            If a DataFrame lacks a text column.
        """
        if hasattr(texts, "columns"):
            return self._tag_frame(texts, policy)
        return self.predict_all(texts, policy=policy).tags

    def explain(self, text: str, themes: Iterable[str] | None = None) -> Explanations:
        """Why a text has its themes, or the ``themes`` named: what each word contributes for and against.

        For linear models this is exact: the contributions and a base sum to the score. For others it is what the score
        loses without the word (occlusion). Also the fewest words without which a theme would not be assigned.

        Raises
        ------
        KeyError
            If a theme has no model.

        Examples
        --------
        >>> tagger.explain("The pay is poor.")[0].table().head(2)  # doctest: +SKIP
           word  times  contribution
        0   pay      1         0.713
        1  poor      1         0.201
        """
        (checked,) = _checked([text])
        asked = self.tag([checked])[0] if themes is None else [themes] if isinstance(themes, str) else list(themes)
        for theme in asked:
            self._need_model(theme)
        return Explanations(self._explained(checked, theme) for theme in asked)

    def _explained(self, text: str, theme: str) -> Explanation:
        found = self._parts(theme)
        return self._explainer.explain(text, theme, threshold=found.theme_result.threshold, score_of=found.score_of)

    def terms(
        self,
        theme: str,
        top: int = 20,
        *,
        corpus: Corpus | None = None,
        folds: FoldModels | None = None,
        by: By = "word",
        counts: Mapping[str, sp.csr_array] | None = None,
    ) -> pd.DataFrame:
        """The ``top`` words that tell most for a theme, and as many that tell most against it; a row each.

        Parameters
        ----------
        theme : one that has a model
        top : of each side, default 20
        corpus : the training texts; with them values are those of these texts, and odds ratios are counted
        folds : the fold models (``themetagger.runs.review.fold_models``), for intervals of the model's odds ratios
        by : "word" (default): words and pairs of words, a word with the character n-grams that make it up (where a
            model knows character n-grams only and there are no texts: these); "term": each term by itself
        counts : ``tagger.encoder.counts(corpus.texts)``, where several themes are asked for; default it is counted

        Returns
        -------
        DataFrame with the columns ``themetagger.tagger.explain.terms.COLUMNS``, nan where something is not known:

        term, kind : "word", "pair" (of neighbouring words) or "characters" (an n-gram; a space is the edge of a word)
        side : "for" or "against" the theme; empty where it is not known
        measure : what ``weight`` is; "weights": points of score that the term adds to a text that has it, on average
            over the texts (without a corpus: to a text of some 60 words); "occlusion", of models that are not linear:
            points of score that up to 20 such texts lose without it; "splits", of trees without a corpus: share of
            the splits that ask for it
        weight, of_characters : so much, and what of it comes from character n-grams
        fold_spread : standard deviation of the weight between fold models
        texts, share_with, share_without : texts that have the term, one of each duplicate group; shares of those with,
            and of those without it, that have the theme
        odds_ratio, odds_low, odds_high : odds of the theme with the term against without, and its 95 % interval
        beyond_chance : whether that differs from 1 also with a Bonferroni correction for all terms looked at
        strength : "strong", "moderate", "weak" or "negligible" odds ratio (``tagger.explain.odds.strength``)
        model_odds_ratio, model_odds_low, model_odds_high : by what the term multiplies the odds that the tagger gives:
            exp(calibration slope * weight); the interval is a jackknife of the fold models, and knows nothing of the
            slope's error
        model_effect : what the term adds to the probability of a text that has the theme's base rate (marginal effect)

        Raises
        ------
        KeyError
            If the theme has no model.
        ValueError
            If its models have no weights of terms (kernels, projections) and no corpus is given.

        Examples
        --------
        >>> tagger.terms("pay", top=1, corpus=corpus)[["term", "weight", "odds_ratio"]]  # doctest: +SKIP
             term  weight  odds_ratio
        0  salary   0.512        21.3
        1    soup  -0.101         0.4
        """
        self._need_model(theme)
        tagged = None if corpus is None else Tagged(corpus.texts, corpus.column(theme), corpus.groups, counts)
        return telling_terms(self._parts(theme), top=top, tagged=tagged, folds=folds, by=by)

    def _need_model(self, theme: str) -> None:
        if theme not in self.members:
            raise KeyError(f"theme {theme!r} has no model; those that have: {', '.join(self.themes)}")

    def _parts(self, theme: str) -> Parts:
        """What the theme stands on."""
        theme_result = next(theme_result for theme_result in self._assigned if theme_result.theme == theme)
        alone = ThemeTagger([theme_result], {theme: self.members[theme]}, self.encoder)
        return Parts(theme_result, self.members[theme], self.encoder, lambda texts: alone.scores(texts)[:, 0])

    @cached_property
    def _explainer(self) -> Explainer:
        return Explainer(self.encoder, self.members)

    def review(self, texts: Sequence[str]) -> list[list[str]]:
        """The themes of each text that a person should look at where tags are assigned by the policy "certified"."""
        return self.predict_all(texts, policy="certified").review

    def check(self, texts: Sequence[str]) -> Drift:
        """Whether new texts look like those tuned on; what does not is told in ``warnings`` of what comes back.

        The share of words that are unknown, and the share of texts that each theme is given to, each beside the
        interval that training explains at 95 % for all of them together. Beyond it the promises of precision are not
        covered: label some of the new texts and tune again. A theme may become more frequent for good reasons too.

        Examples
        --------
        >>> tagger.check(["Der Lohn ist gut.", "Die Chefin hört zu."]).warnings  # doctest: +SKIP
        ["92.9% of a text's words are unknown, outside the 2.1% to 16.0% expected from training"]
        """
        checked = _checked(texts)
        tagged = (self.decision_function(checked) >= 0).sum(axis=0)
        common = () if self.unknown_words is None else self.unknown_words.common
        known = {*self.encoder.vocabulary.get("word", ()), *common}
        shares = unknown_shares(clean(checked, self.encoder.steps), known)
        return drift_of(self._assigned, tagged, len(checked), self.unknown_words, shares)

    def _tag_frame(self, frame: pd.DataFrame, policy: Policy) -> pd.DataFrame:
        from themetagger.corpus import texts_of

        tagged = frame.copy()
        predicted = self.predict_all(texts_of(frame, self.text_columns, "DataFrame"), policy=policy)
        for name, column in predicted.to_columns(frame.columns).items():
            tagged[name] = column
        return tagged

    def _chunk_scores(self, texts: Sequence[str]) -> Floats:
        with _UNCHECKED():
            return self._sums(self.encoder.turned(texts))

    def _sums(self, counts: Mapping[str, CountLayouts]) -> Floats:
        found, apart = self._bank.scores(counts), self._apart
        for recipe in dict.fromkeys(member.recipe for ensemble in apart.values() for member in ensemble):
            rows = cache(partial(self._rows, counts))  # of one recipe at a time, so that memory stays level
            for j, ensemble in apart.items():
                mine = [member for member in ensemble if member.recipe == recipe]
                if mine:
                    found[:, j] += ensemble_scores(mine, rows)
        return found

    @cached_property
    def _apart(self) -> dict[int, list[EnsembleMember]]:
        """Models that score one by one, by the number of their theme."""
        found = {
            j: apart
            for j, theme_result in enumerate(self._assigned)
            if (apart := [member for member in self.members[theme_result.theme] if not is_batched(member)])
        }
        for member in chain.from_iterable(found.values()):
            member.model.scorer.lay_out()
        return found

    @cached_property
    def _bank(self) -> LinearBatch:
        """Models that score together."""
        banked = [
            (j, member)
            for j, theme_result in enumerate(self._assigned)
            for member in self.members[theme_result.theme]
            if is_batched(member)
        ]
        terms = {analyser: len(words) for analyser, words in self.encoder.vocabulary.items()}
        return LinearBatch(banked, len(self._assigned), self.encoder.weighings, terms)

    def _rows(self, counts: Mapping[str, CountLayouts], recipe: TfidfConfig, fold: int | None) -> sp.csr_array:
        analysers = {part.analyser for part in self.encoder.weighings[recipe, fold] if len(part.columns)}
        return self.encoder.rows({analyser: counts[analyser].by_row for analyser in analysers}, (recipe, fold))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the tagger file: a JSON manifest and arrays, no code; replaced at once or not at all."""
        measured = None if self.held_out is None else {name: found.to_json() for name, found in self.held_out.items()}
        unknown = None if self.unknown_words is None else self.unknown_words.to_json()
        extra = {"text_columns": list(self.text_columns), "held_out": measured, "unknown_words": unknown}
        save_parts(path, self.theme_results, self.members, self.encoder, extra)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a tagger file; needs neither optuna nor lightgbm nor xgboost, and runs no code from the file.

        Raises
        ------
        BundleError
            If the file is missing, damaged, of another kind, or of a newer version.
        """
        theme_results, members, encoder, extra = load_parts(path)
        return cls(theme_results, members, encoder, **extra)

    def __repr__(self) -> str:
        """How many of the themes have a model."""
        return f"ThemeTagger({len(self._assigned)} of {len(self.theme_results)} themes have a model)"

    def _repr_html_(self) -> str:
        """The results table, for a notebook; pandas escapes it."""
        results = self.results
        shown = [name for name in _NOTEBOOK_COLUMNS if name in results.columns]
        table = results[shown].to_html(index=False, escape=True, float_format="{:.3f}".format, na_rep="")
        return f"<p>{self!r}</p>{table}"

    def __iter__(self) -> Iterator[str]:
        """The names of the themes that have a model."""
        return iter(self.themes)


_NOTEBOOK_COLUMNS = (
    *("theme", "status", "reason", "family", "view", "threshold", "precision", "recall", "f1", "support"),
    *("heldout_precision", "heldout_recall", "heldout_f1", "heldout_support"),
)


def _checked(texts: Sequence[str]) -> list[str]:
    if isinstance(texts, str):
        raise TypeError("texts must be a list of texts, but is one string; write [text].")
    if hasattr(texts, "columns"):  # whose names would be taken for texts
        raise TypeError("texts must be a list of texts, but is a table; write list(table[column]), or use tag.")
    checked = list(texts)
    for i, text in enumerate(checked):
        if not isinstance(text, str):
            kind = type(text).__name__
            raise TypeError(f"text {i} is {text!r} ({kind}), expected a string; fill missing texts with ''.")
    return checked
