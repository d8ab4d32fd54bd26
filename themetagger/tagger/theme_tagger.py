"""The tagger: the winners of all themes as one estimator that tags raw texts."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self, overload

import numpy as np
import numpy.typing as npt

from themetagger._utils.wording import agreeing, number_of
from themetagger.corpus.table_format import DEFAULT_FORMAT, TableFormat
from themetagger.features.encoder import Encoder
from themetagger.features.encoders.pretrained import locate
from themetagger.features.preprocessing import clean
from themetagger.models.ensemble import EnsembleMember
from themetagger.selection.by_hand import did_you_mean, set_by_hand
from themetagger.selection.confusion import NOTHING_COUNTED
from themetagger.selection.pooled import PooledCertificate
from themetagger.selection.results import HeldOut, results_table
from themetagger.selection.theme_result import ThemeResult
from themetagger.tagger.drift import Drift, UnknownWords, drift_of, unknown_shares
from themetagger.tagger.explaining import Explaining
from themetagger.tagger.notebook import as_html
from themetagger.tagger.predictions import Policy, Predictions, blank, check_policy, check_pooled
from themetagger.tagger.seen_texts import SeenTexts, TrainingTexts, unseen
from themetagger.tagger.spot_checks import SpotCheckRecord
from themetagger.tagger.tagger_file import kept_json, load_parts, save_parts
from themetagger.tagger.theme_scores import ThemeScores, checked_texts

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]


class ThemeTagger(Explaining):
    """Tags raw texts with the usable themes whose decision function is zero or more.

    Made by ``themetagger.runs.tune.tune`` or ``ThemeTagger.load``. With n texts and T themes that have a model:

    Attributes
    ----------
    themes : list of T names
    thresholds : dict theme -> score from which it is assigned
    theme_results : what each study decided, also those of skipped and failed themes
    results : DataFrame, one row a theme of the input
    table_format : how the table was read that was tuned on; tables that come later are read so unless told otherwise
    pooled : what is promised of the tags of all themes together; None where nothing is
    spot_checks : what people who judged its tags have shown (``themetagger verify``)

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
        table_format: TableFormat = DEFAULT_FORMAT,
        held_out: Mapping[str, HeldOut] | None = None,
        unknown_words: UnknownWords | None = None,
        pooled: PooledCertificate | None = None,
        spot_checks: Sequence[SpotCheckRecord] = (),
        seen: SeenTexts | None = None,
    ) -> None:
        """Keep the parts.

        ``members`` holds the committee of each theme that has a model, and ``table_format`` says how the table was read
        that was tuned on.
        """
        self.theme_results = list(theme_results)
        self.members = {theme: tuple(ensemble) for theme, ensemble in members.items()}
        self.encoder = encoder
        self.table_format = table_format
        self.held_out = held_out
        self.unknown_words = unknown_words
        self.pooled = pooled
        self.spot_checks = tuple(spot_checks)
        self.seen = seen
        self._assigned = [theme_result for theme_result in self.theme_results if theme_result.assigned]

    @property
    def text_columns(self) -> tuple[str, ...]:
        """The columns of text of the table that was tuned on."""
        return self.table_format.texts

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
        return self._theme_scores.of(texts)

    @cached_property
    def _theme_scores(self) -> ThemeScores:
        return ThemeScores(self.themes, self.members, self.encoder)

    def decision_function(self, texts: Sequence[str]) -> Floats:
        """Score minus threshold, (n, T) float: zero or more exactly where the threshold is reached.

        Where it is, a theme is assigned unless it is not usable (`tag`). The lowest number of single precision for an
        empty text, which has no theme.
        """
        return self.predict_all(texts).margins

    def predict(self, texts: Sequence[str], *, policy: Policy = "usable") -> npt.NDArray[np.int8]:
        """1 where `tag` assigns a theme, else 0, (n, T); ``policy`` as there."""
        return self.predict_all(texts, policy=policy).assigned.astype(np.int8)

    def predict_proba(self, texts: Sequence[str]) -> Floats:
        """Calibrated probability of each theme, (n, T); a theme is independent of the others."""
        return self.predict_all(texts).probabilities

    def predict_all(self, texts: Sequence[str], *, policy: Policy = "usable") -> Predictions:
        """Tags, probabilities, scores and outcomes of each text, from one scoring.

        Parameters
        ----------
        texts : n raw texts
        policy : "usable" (default), "all", "certified" or "pooled", as of `tag`

        Raises
        ------
        ValueError
            If the policy is unknown, or "pooled" where `pooled` is None.
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
        check_pooled(policy, self.pooled)
        checked = checked_texts(texts)
        return Predictions(self._assigned, self.scores(checked), policy, blank(checked), self.pooled)

    @overload
    def tag(self, texts: Sequence[str], *, policy: Policy = "usable") -> list[list[str]]: ...

    @overload
    def tag(self, texts: pd.DataFrame, *, policy: Policy = "usable") -> pd.DataFrame: ...

    def tag(self, texts: Any, *, policy: Policy = "usable") -> Any:
        """The themes of each text, a list of n lists in the order of ``themes``.

        A theme that is not usable, since fewer than half of its tags would be right, is not assigned by default;
        ``policy="all"`` assigns it too. With ``policy="certified"`` only tags whose promise of precision holds, theme
        by theme; with ``policy="pooled"`` those that keep one all together (`pooled`).
        ``review`` gives the others that reach their threshold, and a DataFrame gets a column "Themes to Review" for
        them where there may be some. An empty text, nothing but white space, has no theme.

        A DataFrame gives a copy with one more column of ", "-joined themes, named "Themes", or "Predicted Themes"
        (and 2, 3, ...) where it has one of that name already; its texts are read from ``text_columns``, joined,
        missing as empty. Where the name of a theme holds ", ", the column holds lists.

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

    def review(self, texts: Sequence[str], *, policy: Policy = "certified") -> list[list[str]]:
        """The themes of each text that a person should look at where tags are assigned by a policy.

        With "certified" (default) those that are not certified; with "usable" those that are not usable; with "pooled"
        those below the probability of the pooled certificate.
        """
        return self.predict_all(texts, policy=policy).review

    def check(self, texts: Sequence[str]) -> Drift:
        """Whether new texts look like those tuned on; ``warnings`` of the result say what does not.

        The share of words that are unknown, and the share of texts that each theme is given to, each beside the
        interval that training explains at 95 % for all of them together. Beyond it the promises of precision are not
        covered: label some of the new texts and tune again. A theme may become more frequent for good reasons too.

        Examples
        --------
        >>> tagger.check(["Der Lohn ist gut.", "Die Chefin hört zu."]).warnings  # doctest: +SKIP
        ["92.9% of a text's words are unknown, outside the 2.1% to 16.0% expected from training"]
        """
        checked = checked_texts(texts)
        tagged = (self.decision_function(checked) >= 0).sum(axis=0)
        common = () if self.unknown_words is None else self.unknown_words.common
        known = {*self.encoder.vocabulary.get("word", ()), *common}
        shares = unknown_shares(clean(checked, self.encoder.steps), known, signs=self.encoder.signs)
        return drift_of(self._assigned, tagged, len(checked), self.unknown_words, shares)

    def _tag_frame(self, frame: pd.DataFrame, policy: Policy) -> pd.DataFrame:
        import pandas as pd

        from themetagger.corpus import texts_of
        from themetagger.corpus.joining import joining_of

        tagged = frame.copy()
        predicted = self.predict_all(texts_of(frame, self.text_columns, "DataFrame"), policy=policy)
        joining = joining_of(self.themes)
        for name, lists in predicted.to_columns(frame.columns).items():
            cells = lists if joining.because else [joining.cell(names) for names in lists]
            tagged[name] = pd.Series(cells, index=tagged.index, dtype=object)
        return tagged

    def set_threshold(self, theme: str, value: float) -> Self:
        """Assign a theme from another score on than the one that was chosen; changes the tagger, and returns it.

        It holds at once for `tag`, `predict`, `decision_function` and all the others, and is written by `save`. The
        results table says that the threshold was set by hand. A certificate is lost, and so are the figures of
        precision and recall, which were counted at the old threshold; ``themetagger evaluate`` counts them anew.

        Parameters
        ----------
        theme : one that has a model
        value : score from which it is assigned, on the scale of its own model, as in `thresholds` and in the report

        Raises
        ------
        ValueError
            If the theme has no model, or the value is not a finite number.

        Examples
        --------
        >>> tagger.set_threshold("pay and benefits", 0.35).thresholds["pay and benefits"]  # doctest: +SKIP
        0.35
        """
        if theme not in self.members:
            raise ValueError(f"theme {theme!r} has no model{did_you_mean(str(theme), self.themes)}")
        results = [set_by_hand(result, value) if result.theme == theme else result for result in self.theme_results]
        if self.held_out is not None:
            measured = HeldOut(NOTHING_COUNTED, self.held_out[theme].average_precision)
            self.held_out = {**self.held_out, theme: measured}
        self.spot_checks = tuple(check for check in self.spot_checks if theme not in check.themes)
        self.theme_results = results
        self._assigned = [theme_result for theme_result in results if theme_result.assigned]
        return self

    def evaluate(self, table: Any, *, training_texts: TrainingTexts = "leave-out", **settings: Any) -> pd.DataFrame:
        """The results table with the held-out figures of texts whose themes are known, and not those tuned on.

        Parameters
        ----------
        table : a table file, a DataFrame or a Corpus
        training_texts : texts that the tagger was tuned on and copies of them: "leave-out" (default) leaves them out,
            and ``attrs["notes"]`` of the result says how many; "keep" counts them
        **settings : how the table is read, fields of ``TableFormat``; default: as the table that was tuned on

        Raises
        ------
        TableError
            If the table cannot be read, its themes seem to be separated by something else, or the tagger was tuned
            on all of its texts.

        Examples
        --------
        >>> tagger.evaluate("later.csv")[["theme", "heldout_precision", "heldout_recall"]]  # doctest: +SKIP
        """
        from themetagger.tagger.evaluation import evaluate
        from themetagger.tagger.reading import read_labelled

        corpus = read_labelled(self, table, TableFormat.saying(**settings))
        new, notes = unseen(self.seen, corpus.texts, corpus.source, training_texts=training_texts)
        measured = results_table(self.theme_results, evaluate(self, corpus if new is None else corpus.take(new)))
        measured.attrs["notes"] = notes
        return measured

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the tagger file: a JSON manifest and arrays, no code; replaced at once or not at all."""
        measured = (
            None if self.held_out is None else {name: figures.to_json() for name, figures in self.held_out.items()}
        )
        unknown = None if self.unknown_words is None else self.unknown_words.to_json()
        extra = {**kept_json(self.table_format), "held_out": measured, "unknown_words": unknown}
        extra |= {} if self.pooled is None else {"pooled": self.pooled.to_json()}
        if self.spot_checks:
            extra["spot_checks"] = [check.to_json() for check in self.spot_checks]
        save_parts(path, self.theme_results, self.members, self.encoder, extra, self.seen)

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        *,
        encoder: str | os.PathLike[str] | None = None,
        show_progress: bool = False,
    ) -> Self:
        """Read a tagger file; needs neither optuna nor lightgbm nor xgboost, and runs no code from the file.

        A tagger that was tuned with a text encoder of the user's own names it by its SHA-256. The encoder is looked up
        when a text is first scored, and an EncoderError says when it is not there.

        Parameters
        ----------
        path : the file, or the folder of the run that has written it
        encoder : where that encoder is, a folder or a name on the Hugging Face hub; default None: the folder that it
            had when it was last opened on this machine; has no part in taggers that name no encoder
        show_progress : whether the progress of embedding texts is shown, default False

        Raises
        ------
        BundleError
            If the file is missing, damaged, of another kind, or of a newer version.
        """
        theme_results, members, named, extra = load_parts(path)
        locate(named.encoders.values(), encoder, show_progress=show_progress)
        return cls(theme_results, members, named, **extra)

    def __repr__(self) -> str:
        """How many of the themes have a model."""
        modelled, themes = len(self._assigned), number_of(len(self.theme_results), "theme")
        return f"ThemeTagger({modelled} of {themes} {agreeing(modelled, 'has', 'have')} a model)"

    def _repr_html_(self) -> str:
        """The results table, for a notebook; pandas escapes it."""
        return as_html(repr(self), self.results)

    def __iter__(self) -> Iterator[str]:
        """The names of the themes that have a model."""
        return iter(self.themes)
