"""The telling words of the themes of a run that has ended, with its texts and, where asked, its fold models."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from themetagger.features import FoldFeatures
from themetagger.runs.errors import RunError
from themetagger.runs.past_run import PastRun
from themetagger.runs.review.fold_models import features_of, fold_models
from themetagger.runs.review.mistakes import theme_result_of
from themetagger.tagger.explain.terms import By, FoldModels
from themetagger.tagger.explain.weights import TextCounts

if TYPE_CHECKING:
    import pandas as pd


def terms_of_run(
    run: PastRun, themes: Sequence[str], *, top: int = 20, by: By = "word", folds: bool = False
) -> dict[str, pd.DataFrame]:
    """A table for each theme, as ``ThemeTagger.terms`` gives it; odds ratios where the run's texts are there.

    Parameters
    ----------
    run : as ``open_run`` gives it
    themes : some that have a model
    top, by : as in ``ThemeTagger.terms``
    folds : whether the fold models of linear winners are fitted again (a second a theme or so), default False

    Raises
    ------
    KeyError
        If a theme has no model.
    RunError
        If the fold models are asked for, and the texts are not there.
    ValueError
        If a theme's models have no weights of terms, and the texts are not there.

    Examples
    --------
    >>> terms_of_run(open_run("run"), ["pay"])["pay"].head()  # doctest: +SKIP
    """
    again = _FoldsAgain(run)
    fold_models_by_theme = {theme: again.models(theme) if folds and _linear(run, theme) else None for theme in themes}
    counts = None if run.corpus is None else TextCounts(run.tagger.encoder.counts(run.corpus.texts))
    settings: dict[str, Any] = {"corpus": run.corpus, "by": by, "counts": counts}
    return {theme: run.tagger.terms(theme, top, folds=fold_models_by_theme[theme], **settings) for theme in themes}


def _linear(run: PastRun, theme: str) -> bool:
    return all(member.model.linear_weights is not None for member in run.tagger.members.get(theme, ()))


class _FoldsAgain:
    """Fits fold models of a run again, on features that are counted once."""

    def __init__(self, run: PastRun) -> None:
        self._run = run

    def models(self, theme: str) -> FoldModels:
        seed, theme_result = int(self._run.plan.get("seed", 0)), theme_result_of(self._run.tagger, theme)
        truth, encoders = self._run.texts.column(theme), self._run.tagger.encoder.encoders
        try:
            return fold_models(theme_result, truth, self._features, steps=self._steps, encoders=encoders, seed=seed)
        except ValueError as error:  # a theme without a model, or folds that no model can be fitted on
            raise RunError(f"{self._run.folder}: theme {theme!r} cannot be fitted again: {error}") from error

    @cached_property
    def _features(self) -> FoldFeatures:
        if self._run.folds is None:
            raise RunError(self._run.missing)
        return features_of(self._run.texts, self._run.folds, self._steps, self._run.tagger.encoder.encoders)

    @property
    def _steps(self) -> tuple[str, ...]:
        return self._run.tagger.encoder.steps
