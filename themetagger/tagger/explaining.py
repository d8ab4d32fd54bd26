"""The half of a tagger that says why: explanations of texts, and the words that tell most of a theme."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import scipy.sparse as sp

from themetagger.features.encoder import Encoder
from themetagger.models.ensemble import EnsembleMember
from themetagger.selection.theme_result import ThemeResult
from themetagger.tagger.explain.explainer import Explainer
from themetagger.tagger.explain.explanation import Explanation, Explanations
from themetagger.tagger.explain.odds_in_texts import Tagged
from themetagger.tagger.explain.terms import By, FoldModels, ThemeModel, top_terms
from themetagger.tagger.theme_scores import ThemeScores, checked_texts

if TYPE_CHECKING:
    import pandas as pd

    from themetagger.corpus import Corpus


class Explaining:
    """What of a ``ThemeTagger`` explains; it has its parts, and tags."""

    theme_results: list[ThemeResult]
    members: dict[str, tuple[EnsembleMember, ...]]
    encoder: Encoder

    @property
    def themes(self) -> list[str]:
        """Names of the themes that have a model."""
        raise NotImplementedError

    def tag(self, texts: Sequence[str]) -> list[list[str]]:
        """The themes of each text."""
        raise NotImplementedError

    def explain(self, text: str, themes: Iterable[str] | None = None, *, brief: bool = False) -> Explanations:
        """Why a text has its themes, or the ``themes`` named: what each word contributes for and against.

        For linear models what n-grams contribute is exact. The vectors of a text encoder add a share of their own, the
        meaning of the whole text, and a word's part in it is what the share loses without the word (occlusion). All
        contributions, what they leave of that share, and a base sum to the score. For other models a contribution is
        what the score loses without the word. Also the fewest words without which a theme would not be assigned.

        Parameters
        ----------
        text : to be explained
        themes : default those that the text has
        brief : for many texts: the fewest words are not looked for, and where a text encoder is slow (sentence
            embeddings) neither are the words' parts in its share. Default False, which takes up to two seconds a theme
            longer then; in texts of many words neighbours share their part (``Explanation.left_out``)

        Raises
        ------
        KeyError
            If a theme has no model.

        Examples
        --------
        >>> tagger.explain("The pay is poor.")[0].table().head(2)  # doctest: +SKIP
           word  times  contribution  of_meaning
        0   pay      1         0.713       0.102
        1  poor      1         0.201       0.054
        """
        (checked,) = checked_texts([text])
        if themes is None:
            asked = self.tag([checked])[0]
        else:
            asked = [themes] if isinstance(themes, str) else list(themes)
        for theme in asked:
            self._need_model(theme)
        return Explanations(self._explained(checked, theme, brief) for theme in asked)

    def _explained(self, text: str, theme: str, brief: bool) -> Explanation:
        parts = self._parts(theme)
        threshold, score_of = parts.theme_result.threshold, parts.score_of
        return self._explainer.explain(text, theme, threshold=threshold, score_of=score_of, brief=brief)

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

        term, kind : "word", "pair" (of neighbouring words) or "characters" (an n-gram; a space is the edge of a word);
            "text" in the last rows, on what each text encoder adds to the scores
        side : "for" or "against" the theme; empty where it is not known
        measure : what ``weight`` is; "weights": points of score that the term adds to a text that has it, on average
            over the texts (without a corpus: to a text of some 60 words); "occlusion", of models that are not linear:
            points of score that up to 20 such texts lose without it; "splits", of trees without a corpus: share of
            the splits that ask for it; "share of variance", of linear models: how much of the variance of the scores
            of these texts is that of what a text encoder adds, nan without a corpus
        weight, of_characters : so much, and what of it comes from character n-grams
        of_meaning : what of it is the word's part in what text encoders add: what up to 10 texts that have the word
            lose of that without it. nan where that is not known, and the weight is that of n-grams alone: without a
            corpus, with a slow encoder (sentence embeddings), and with by="term"
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
        return top_terms(self._parts(theme), top=top, tagged=tagged, folds=folds, by=by)

    def _need_model(self, theme: str) -> None:
        if theme not in self.members:
            raise KeyError(f"theme {theme!r} has no model; those that have: {', '.join(self.themes)}")

    def _parts(self, theme: str) -> ThemeModel:
        """What the theme stands on."""
        theme_result = next(one for one in self.theme_results if one.assigned and one.theme == theme)
        if theme not in self._alone:
            self._alone[theme] = ThemeScores([theme], self.members, self.encoder)
        alone = self._alone[theme]
        return ThemeModel(theme_result, self.members[theme], self.encoder, lambda texts: alone.of(texts)[:, 0])

    @cached_property
    def _alone(self) -> dict[str, ThemeScores]:
        """What scores with the models of one theme, kept from one explanation to the next."""
        return {}

    @cached_property
    def _explainer(self) -> Explainer:
        return Explainer(self.encoder, self.members)
