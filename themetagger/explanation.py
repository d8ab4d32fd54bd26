"""Why a text has a theme: what each of its words pushed the score by, and which would have had to be missing.

A linear model's score is a sum over terms. What a term adds is shared out to the words in which it occurs: a pair of
words to both, character n-grams to their word. So the pushes of all words and a base sum to the score. Where a model is
not linear, a word's push is what the score loses without it (occlusion).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from themetagger.committee import Member
from themetagger.encoder import Encoder
from themetagger.features import ANALYSERS
from themetagger.scorers import LinearScorer
from themetagger.textsteps import clean

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
ScoreOf = Callable[[Sequence[str]], Floats]


@dataclass(frozen=True)
class Word:
    """A word of a text, where it stands (``text[start:end]``), and what it pushed the score by."""

    text: str
    start: int
    end: int
    push: float


@dataclass(frozen=True)
class Explanation:
    """Why a theme's score of a text is what it is.

    Attributes
    ----------
    text, theme : what was asked
    score, threshold : of the theme; it is assigned from the threshold on
    words : every word in its order, with its push
    base : what the score would be if no word pushed; exact: ``base`` and all pushes sum to the score
    exact : whether all models of the theme are linear, so that pushes are shares of the score, and no occlusion
    needed : the fewest words, greatest push first, without which the theme would not be assigned; empty where it is not
        assigned, or would be without any words
    """

    text: str
    theme: str
    score: float
    threshold: float
    words: tuple[Word, ...]
    base: float
    exact: bool
    needed: tuple[str, ...] = ()

    @property
    def assigned(self) -> bool:
        """Whether the text has the theme."""
        return self.score >= self.threshold

    def table(self) -> pd.DataFrame:
        """A row a different word: ``word``, ``times``, ``push`` of all its places together; greatest push first."""
        import pandas as pd

        rows: dict[str, list[float]] = defaultdict(list)
        for word in self.words:
            rows[word.text].append(word.push)
        found = [(word, len(pushes), float(np.sum(pushes))) for word, pushes in rows.items()]
        table = pd.DataFrame(found, columns=["word", "times", "push"])
        return table.sort_values("push", ascending=False, kind="stable", ignore_index=True)

    def _repr_html_(self) -> str:
        """The text with its words on colours: the stronger, the more they pushed; orange against the theme."""
        most = max((abs(word.push) for word in self.words), default=0.0) or 1.0
        parts, place = [], 0
        for word in self.words:
            parts.append(escape(self.text[place : word.start]))
            hue, strength = ("46,125,50" if word.push > 0 else "230,110,20"), 0.55 * abs(word.push) / most
            style = f"background:rgba({hue},{strength:.2f});border-radius:3px"
            shown = escape(self.text[word.start : word.end])
            parts.append(f'<span style="{style}" title="{word.push:+.3f}">{shown}</span>')
            place = word.end
        parts.append(escape(self.text[place:]))
        verdict = "assigned" if self.assigned else "not assigned"
        needs = f"; without {escape(', '.join(self.needed))} it would not be" if self.needed else ""
        head = f"<b>{escape(self.theme)}</b>: {verdict}, score {self.score:.3f}, threshold {self.threshold:.3f}{needs}"
        return f'<p>{head}</p><p style="white-space:pre-wrap">{"".join(parts)}</p>'


class Explanations(list[Explanation]):
    """Explanations of one text, a theme each; shown one below the other in a notebook."""

    def _repr_html_(self) -> str:
        return "".join(found._repr_html_() for found in self) or "<p>No theme is assigned.</p>"


class Explainer:
    """Explains with the parts of one tagger.

    Parameters
    ----------
    encoder : of the tagger
    members : the models of each theme
    """

    def __init__(self, encoder: Encoder, members: Mapping[str, Sequence[Member]]) -> None:
        """Number the terms."""
        self._encoder, self._members = encoder, members
        self._columns = {name: {term: i for i, term in enumerate(terms)} for name, terms in encoder.vocabulary.items()}

    def explain(self, text: str, theme: str, *, threshold: float, score_of: ScoreOf) -> Explanation:
        """Why ``theme`` has its score of ``text``; ``score_of`` gives that score for each of a list of texts."""
        places = list(_places(text))
        cleaned = clean([text[start:end] for start, end in places], self._encoder.steps)
        score = float(score_of([text])[0])
        linear = [found for member in self._members[theme] if (found := _linear(member)) is not None]
        exact = len(linear) == len(self._members[theme])
        kinds = {word: number for number, word in enumerate(dict.fromkeys(cleaned))}
        kind = np.array([kinds[word] for word in cleaned], dtype=np.int64)
        if exact:
            pushes, base = self._shares(text, cleaned, theme, linear)
        else:
            lost = score - score_of([_without(text, places, kind == number) for number in range(len(kinds))])
            pushes = (lost / np.bincount(kind, minlength=len(kinds)))[kind] if len(kind) else np.zeros(0)
            base = score - float(pushes.sum())
        words = tuple(
            Word(text[start:end], start, end, float(push)) for (start, end), push in zip(places, pushes, strict=True)
        )
        needed = self._needed(text, places, kind, pushes, threshold, score_of) if score >= threshold else ()
        return Explanation(text, theme, score, threshold, words, base, exact, needed)

    def _shares(
        self, text: str, cleaned: Sequence[str], theme: str, linear: Sequence[tuple[Floats, float]]
    ) -> tuple[Floats, float]:
        """What each word adds to the score of linear models, (words,), and what they score without any."""
        counts = self._encoder.counts([text])
        owners = {name: self._owners(name, cleaned) for name in self._encoder.vocabulary}
        pushes, total = np.zeros(len(cleaned)), 0.0
        for member, (weights, intercept) in zip(self._members[theme], linear, strict=True):
            key = (member.recipe, member.fold)
            row = self._encoder.rows(counts, key)
            added = np.zeros(row.shape[1])
            added[row.indices] = member.weight * row.data * weights[row.indices]
            total += member.weight * intercept + float(added.sum())
            start = 0
            for part in self._encoder.weighings[key]:
                here = added[start : start + len(part.columns)]
                for place in np.flatnonzero(here):
                    for word, share in owners[part.analyser].get(int(part.columns[place]), ()):
                        pushes[word] += share * here[place]
                start += len(part.columns)
        return pushes, total - float(pushes.sum())

    def _owners(self, analyser: str, cleaned: Sequence[str]) -> dict[int, list[tuple[int, float]]]:
        """The words that share each term of an analyser, and their shares, by the term's column."""
        found: dict[int, list[tuple[int, ...]]] = defaultdict(list)
        columns = self._columns[analyser]
        for term, words in ANALYSERS[analyser].occurrences(cleaned):
            column = columns.get(term)
            if column is not None:
                found[column].append(words)
        return {
            column: [(word, 1 / (len(times) * len(words))) for words in times for word in words]
            for column, times in found.items()
        }

    def _needed(
        self,
        text: str,
        places: Sequence[tuple[int, int]],
        kind: npt.NDArray[np.int64],
        pushes: Floats,
        threshold: float,
        score_of: ScoreOf,
    ) -> tuple[str, ...]:
        """The fewest words, greatest push first, without which the score falls below the threshold."""
        total = np.bincount(kind, weights=pushes)
        order = [number for number in np.argsort(-total, kind="stable") if total[number] > 0]
        left = [_without(text, places, np.isin(kind, order[: n + 1])) for n in range(len(order))]
        below = np.flatnonzero(score_of(left) < threshold) if left else np.zeros(0, dtype=np.int64)
        if not len(below):
            return ()
        first = [int(np.argmax(kind == number)) for number in order[: below[0] + 1]]
        return tuple(text[places[place][0] : places[place][1]] for place in first)


def _places(text: str) -> Iterator[tuple[int, int]]:
    """Where the words of a text stand: what is between white space."""
    place = 0
    for word in text.split():
        start = text.index(word, place)
        place = start + len(word)
        yield start, place


def _without(text: str, places: Sequence[tuple[int, int]], left_out: npt.NDArray[np.bool_]) -> str:
    """The text without some of its words."""
    kept, place = [], 0
    for (start, end), out in zip(places, left_out.tolist(), strict=True):
        kept.append(text[place : start if out else end])
        place = end
    return "".join([*kept, text[place:]])


def _linear(member: Member) -> tuple[Floats, float] | None:
    """Weights on all columns of its features, and intercept, of a linear model; None of another."""
    scorer = member.model.scorer
    if not isinstance(scorer, LinearScorer) or member.model.narrow is not None:
        return None
    return np.asarray(scorer.weights, dtype=np.float64), scorer.intercept
