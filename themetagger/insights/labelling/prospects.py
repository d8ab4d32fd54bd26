"""What a tagger, and the texts labelled so far, say of texts that may be labelled next."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from themetagger._utils.console import RowCount
from themetagger.corpus import Corpus
from themetagger.corpus.duplicates import normalised
from themetagger.features import FittedView
from themetagger.insights.labelling.batch_choice import gains, prior_of, uncertainty, unit_rows
from themetagger.tagger.theme_scores import CHUNK
from themetagger.tagger.theme_tagger import ThemeTagger

if TYPE_CHECKING:
    from themetagger.selection.theme_result import ThemeResult


Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CERTIFIED = 0.2  # what a theme whose promise holds is worth beside another: it needs no more labels, but may drift
USUAL_GAIN, LEAST, MOST = 0.05, 0.5, 2.0  # of labels doubled, in average precision; and how far a theme's own counts
SHARPNESS = 4  # power of a cosine that tells of a theme without a model


@dataclass(frozen=True)
class Asked:
    """The T themes that count: names, ``labels`` and ``weights`` (T,), and the column of each in the tagger, or -1.

    ``labels`` are the texts that have it, and its prior ones.
    """

    names: list[str]
    labels: Floats
    weights: Floats
    columns: Ints


def asked_of(tagger: ThemeTagger, labelled: Corpus | None, themes: Iterable[str] | None) -> Asked:
    """The themes of the tagger and of the labelled texts, or those named; a ValueError where one is of neither."""
    theme_results = {theme_result.theme: theme_result for theme_result in tagger.theme_results}
    known = list(dict.fromkeys([*theme_results, *(labelled.themes if labelled is not None else ())]))
    names = known if themes is None else list(dict.fromkeys([themes] if isinstance(themes, str) else themes))
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known[:10])}."
            raise ValueError(f"theme {name!r} is neither the tagger's nor that of a labelled text; {hint}")
    if not names:
        raise ValueError("themes names none; leave it out for all.")
    place = {theme: j for j, theme in enumerate(tagger.themes)}
    counted = [theme_results[name].support for name in names] if labelled is None else labelled.align(names).sum(axis=0)
    texts = (
        max((theme_result.counts.rows for theme_result in tagger.theme_results), default=0)
        if labelled is None
        else len(labelled)
    )
    return Asked(
        names,
        np.array(counted, dtype=np.float64) + prior_of(texts),
        np.array([weight(theme_results.get(name)) for name in names], dtype=np.float64),
        np.array([place.get(name, -1) for name in names], dtype=np.int64),
    )


def weight(theme_result: ThemeResult | None) -> float:
    """What a theme is worth beside others: much where labels still help, little where its promise holds.

    Examples
    --------
    >>> from themetagger.selection.theme_result import ThemeResult
    >>> weight(ThemeResult.skipped("pay", "12 positives, needs 30"))
    1.0
    """
    if theme_result is None:
        return 1.0
    gain = (
        1.0
        if math.isnan(theme_result.label_gain)
        else float(np.clip(theme_result.label_gain / USUAL_GAIN, LEAST, MOST))
    )
    return gain * (CERTIFIED if theme_result.status == "CERTIFIED" else 1.0)


@dataclass(frozen=True)
class Candidates:
    """Texts that are in play: their rows in the pool, the chances of the T themes (c, T), and the tags proposed."""

    rows: Ints
    chances: Floats
    tags: npt.NDArray[np.object_]

    def take(self, numbers: npt.ArrayLike) -> Candidates:
        """Those with these numbers, in that order."""
        index = np.asarray(numbers, dtype=np.int64)
        return Candidates(self.rows[index], self.chances[index], self.tags[index])

    def and_also(self, other: Candidates) -> Candidates:
        """These, and the others behind them."""
        return Candidates(
            np.concatenate([self.rows, other.rows]),
            np.concatenate([self.chances, other.chances]),
            np.concatenate([self.tags, other.tags]),
        )


class Likened:
    """Chances of themes that have no model, by how like a text is to those that have them (Rocchio 1971).

    A text that is ten times as like, to the power ``SHARPNESS``, as labelled texts without the theme are on average has
    it with ten times its frequency, at most evenly. It is no probability, but finds texts of a theme that has too few
    for a model.
    """

    def __init__(self, rows: sp.csr_array, truth: npt.NDArray[Any]) -> None:
        """Learn from ``rows`` of unit length, (n, terms), and ``truth`` of 0 and 1, (n, themes)."""
        self._centres, self._scale = np.zeros((rows.shape[1], truth.shape[1])), np.zeros(truth.shape[1])
        for j, has in enumerate(truth.T > 0):
            if 0 < has.sum() < len(has):
                self._centres[:, j] = rows[has].mean(axis=0)
                usual = float(np.mean(np.maximum(0, rows[~has] @ self._centres[:, j]) ** SHARPNESS))
                self._scale[j] = has.mean() / usual if usual > 0 else 0.0

    def chances(self, rows: sp.csr_array) -> Floats:
        """Of each theme, (n, themes)."""
        odds: Floats = np.maximum(0, rows @ self._centres) ** SHARPNESS * self._scale
        return odds / (1 + 2 * odds)  # rises for ever, towards an even chance


class Look:
    """What is predicted of any text: chances of the themes asked for, proposed tags, and a vector of its terms.

    Attributes
    ----------
    known : vectors of the labelled texts, csr (labelled, terms)
    mute : of which themes nothing is known, bool (T,)
    """

    def __init__(self, tagger: ThemeTagger, labelled: Corpus | None, asked: Asked) -> None:
        """Look with a tagger, and with the labelled texts where they are given."""
        self.tagger, self.asked, self._likened = tagger, asked, None
        # the mean of all folds before what one learned, and rows with a length before mere presence
        views = sorted(tagger.encoder.views.items(), key=lambda item: (item[0][1] is not None, _is_presence(item[1])))
        self._view = views[0][1] if views else None
        self.known = self.vectors(() if labelled is None else labelled.texts)
        self.mute = asked.columns < 0
        self._without_model = np.zeros(0, dtype=np.int64)
        if labelled is not None and self.known.shape[1]:
            truth = labelled.align(asked.names).toarray()
            self._without_model = np.flatnonzero(self.mute & truth.any(axis=0))
            self._likened = Likened(self.known, truth[:, self._without_model])
            self.mute[self._without_model] = False

    def vectors(self, texts: Sequence[str]) -> sp.csr_array:
        """Term vectors of length one, csr (n, terms), weighted as for one of the models; without any, of no term."""
        if self._view is None:
            return sp.csr_array((len(texts), 0), dtype=np.float64)
        starts, encoder = range(0, max(1, len(texts)), CHUNK), self.tagger.encoder
        rows = (self._view.rows(encoder.inputs(texts[i : i + CHUNK])) for i in starts)
        return sp.csr_array(sp.vstack([unit_rows(sp.csr_array(part)) for part in rows], format="csr"))

    def at(self, texts: Sequence[str], rows: Ints) -> Candidates:
        """What is predicted of these texts, which stand at ``rows`` of the pool."""
        predicted = self.tagger.predict_all(texts)
        chances, modelled = np.zeros((len(texts), len(self.asked.names))), self.asked.columns >= 0
        chances[:, modelled] = predicted.probabilities[:, self.asked.columns[modelled]]
        if self._likened is not None:
            chances[:, self._without_model] = self._likened.chances(self.vectors(texts))
        return Candidates(rows, chances, np.fromiter(predicted.tags, dtype=object, count=len(texts)))

    def worth(self, candidates: Candidates) -> Floats:
        """What each text is worth for each theme before any is chosen, (c, T)."""
        return gains(uncertainty(candidates.chances), self.asked.weights, self.asked.labels)


def _is_presence(fitted: FittedView) -> bool:
    return any(part.presence for part in fitted.terms)


def survivors(look: Look, texts: Sequence[str], most: int, *, show: bool = False) -> Candidates:
    """The ``most`` texts that are worth most, and for each theme some that are for it; best first.

    Empty texts are left out, and so are exact repeats, which might else fill all places. One chunk of texts is looked
    at after the other, so that memory hardly grows with their number.
    """
    best, seen = look.at([], np.zeros(0, dtype=np.int64)), {hash("")}
    with RowCount(len(texts), show=show) as counted:
        for start in range(0, len(texts), CHUNK):
            part = texts[start : start + CHUNK]
            new = [i for i, text in enumerate(part) if _is_new(text, seen)]
            best = best.and_also(look.at([part[i] for i in new], start + np.array(new, dtype=np.int64)))
            best = best.take(_best(look.worth(best), most))
            counted.add(len(part))
    return best.take(np.argsort(-look.worth(best).sum(axis=1), kind="stable"))


def _is_new(text: str, seen: set[int]) -> bool:
    """Whether no text of this kind was seen before; then it is now."""
    code = hash(normalised(text))
    is_new = code not in seen
    seen.add(code)
    return is_new


def _best(worth: Floats, most: int) -> Ints:
    """The rows of ``worth`` (n, T) with the ``most`` highest sums, and a share of as many for each theme; rising."""
    whole = np.argsort(-worth.sum(axis=1), kind="stable")[:most]
    each = max(1, most // worth.shape[1])
    return np.union1d(whole, np.argsort(-worth, axis=0, kind="stable")[:each].ravel())
