"""Why a text has a theme: what each of its words pushed the score by, and which would have had to be missing.

A linear model's score is a sum over terms. What a term adds is shared out to the words in which it occurs: a pair of
words to both, character n-grams to their word. So the pushes of all words and a base sum to the score. Where a model is
not linear, a word's push is what the score loses without it (occlusion). Of Chinese and Japanese, which put no space
between words, each character is a word of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from themetagger.features import ANALYSERS
from themetagger.features.encoder import Encoder
from themetagger.models.ensemble import EnsembleMember
from themetagger.models.scorers import LinearWeights
from themetagger.tagger.explain.spans import Pieces, pieces_of

if TYPE_CHECKING:
    import pandas as pd


Floats = npt.NDArray[np.float64]
ScoreOf = Callable[[Sequence[str]], Floats]

# Characters that are scored for one explanation, about: a second or two. Of 100,000 characters linear models then take
# 4 s and others 6 s, of a book of 860,000 half a minute (models on words and character n-grams).
BUDGET = 1_500_000
FEWEST = 8  # variants of a text, however long it is
BLOCK = 8
ROUNDING = 1e-5  # of all pushes together: 3,000 terms of a text summed in float32


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
    exact : whether all models of the theme are linear, so that pushes are shares of the score, and no occlusion; of
        a text with very many words some neighbours then share a push
    needed : the fewest words, greatest push first, without which the theme would not be assigned; empty where it is not
        assigned, or would be without any words; empty too where a very long text would take too long to ask
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

    def __init__(self, encoder: Encoder, members: Mapping[str, Sequence[EnsembleMember]]) -> None:
        """Number the terms."""
        self._encoder, self._members = encoder, members
        self._columns = {name: {term: i for i, term in enumerate(terms)} for name, terms in encoder.vocabulary.items()}

    def explain(self, text: str, theme: str, *, threshold: float, score_of: ScoreOf) -> Explanation:
        """Why ``theme`` has its score of ``text``; ``score_of`` gives that score for each of a list of texts."""
        pieces = pieces_of(text, self._encoder.steps)
        score = float(score_of([text])[0])
        members = self._members[theme]
        linear = [weights for member in members if (weights := member.model.linear_weights) is not None]
        exact = len(linear) == len(members)
        if exact:
            pushes, base = self._shares(pieces, theme, linear)
            pushes = _with_rounding(pushes, score - base - float(pushes.sum()))
        else:
            pushes = _lost(pieces, score, score_of)
            base = score - float(pushes.sum())
        words = tuple(
            Word(text[start:end], start, end, float(push))
            for (start, end), push in zip(pieces.places, pushes, strict=True)
        )
        needed = _needed(pieces, pushes, threshold, score_of) if score >= threshold else ()
        return Explanation(text, theme, score, threshold, words, base, exact, needed)

    def _shares(self, pieces: Pieces, theme: str, linear: Sequence[LinearWeights]) -> tuple[Floats, float]:
        """What each piece adds to the score of linear models, (pieces,), and what they score without any."""
        counts = self._encoder.counts([pieces.text])
        owners = {name: self._owners(name, pieces) for name in self._encoder.vocabulary}
        pushes, total = np.zeros(len(pieces.places)), 0.0
        for member, (weights, intercept) in zip(self._members[theme], linear, strict=True):
            key = (member.recipe, member.fold)
            row = self._encoder.rows(counts, key)
            added = np.zeros(row.shape[1])
            added[row.indices] = member.weight * row.data * weights[row.indices].astype(np.float64)
            total += member.weight * intercept + float(added.sum())
            start = 0
            for part in self._encoder.weighings[key]:
                if len(part.columns):  # else the analyser may have no vocabulary
                    here = np.zeros(owners[part.analyser].shape[1])
                    here[part.columns] = added[start : start + len(part.columns)]
                    pushes += owners[part.analyser] @ here
                    start += len(part.columns)
        return pushes, total - float(pushes.sum())

    def _owners(self, analyser: str, pieces: Pieces) -> sp.csr_array:
        """What of each term of an analyser belongs to each piece, csr (pieces, terms); a term that occurs sums to 1."""
        known = self._columns[analyser]
        columns: list[int] = []
        owners: list[tuple[int, ...]] = []
        for term, spans in ANALYSERS[analyser].occurrences(pieces.words):
            column = known.get(term)
            if column is not None:
                columns.append(column)
                owners.append(pieces.owners(spans))
        lengths = np.fromiter(map(len, owners), np.int64, len(owners))
        times = np.bincount(columns, minlength=len(known))
        share = 1 / (times[columns] * lengths) if columns else np.zeros(0)
        places = np.fromiter(chain.from_iterable(owners), np.int64, int(lengths.sum()))
        cells = (np.repeat(share, lengths), (places, np.repeat(np.array(columns, dtype=np.int64), lengths)))
        return sp.csr_array(sp.coo_array(cells, shape=(len(pieces.places), len(known))))


def _with_rounding(pushes: Floats, rest: float) -> Floats:
    """Pushes that sum to the score in float32, which scores are taken in; ``rest`` is what they lack.

    More than rounding is not shared out: then the sum shall fail.
    """
    size = np.abs(pushes)
    return pushes + rest * size / size.sum() if 0 < abs(rest) <= ROUNDING * size.sum() else pushes


def _lost(pieces: Pieces, score: float, score_of: ScoreOf) -> Floats:
    """What the score loses without each different piece, shared by its places, (pieces,).

    Of a text with very many, neighbours are taken out together and share what that loses; then the group that loses
    most is halved, again and again, for as long as a text may be asked about.
    """
    kinds, asked = pieces.kinds, max(FEWEST, BUDGET // max(1, len(pieces.text)))
    if not kinds:
        return np.zeros(0)

    def losses(groups: Sequence[npt.NDArray[np.int64]]) -> list[float]:
        left = score_of([pieces.without(np.isin(pieces.kind, group)) for group in groups])
        return [score - float(without) for without in left]

    groups = np.array_split(np.arange(kinds), kinds if kinds <= asked else asked // 2)
    lost = losses(groups)
    splits = (asked - len(groups)) // 2
    while splits and max(map(len, groups)) > 1:
        most = max(range(len(groups)), key=lambda i: (len(groups[i]) > 1, abs(lost[i])))
        halves = np.array_split(groups[most], 2)
        groups[most : most + 1], lost[most : most + 1] = halves, losses(halves)
        splits -= 1
    each = np.concatenate([np.full(len(group), loss / len(group)) for group, loss in zip(groups, lost, strict=True)])
    return np.asarray((each / np.bincount(pieces.kind))[pieces.kind], dtype=np.float64)


def _needed(pieces: Pieces, pushes: Floats, threshold: float, score_of: ScoreOf) -> tuple[str, ...]:
    """The fewest pieces, greatest push first, without which the score falls below the threshold; () beyond a limit."""
    total = np.bincount(pieces.kind, weights=pushes)
    order = [int(number) for number in np.argsort(-total, kind="stable") if total[number] > 0]
    order = order[: max(FEWEST, BUDGET // max(1, len(pieces.text)))]
    for start in range(0, len(order), BLOCK):  # mostly few are needed
        ends = range(start + 1, min(start + BLOCK, len(order)) + 1)
        below = score_of([pieces.without(np.isin(pieces.kind, order[:end])) for end in ends]) < threshold
        if below.any():
            places = [pieces.places[int(np.argmax(pieces.kind == n))] for n in order[: ends[int(np.argmax(below))]]]
            return tuple(pieces.text[first:last] for first, last in places)
    return ()
