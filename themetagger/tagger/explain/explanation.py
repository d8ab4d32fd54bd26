"""Why a text has a theme: what each of its words contributes to the score, and which words it could not do without.

A linear model's score is a sum over terms. What a term adds is shared out to the words in which it occurs: a pair of
words to both, character n-grams to their word. So the contributions of all words and a base sum to the score. Where a
model is not linear, a word's contribution is what the score loses without it (occlusion). In scripts
without spaces between words, such as the Chinese or the Thai, each sign is a word of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
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
from themetagger.tagger.explain.segments import SegmentedText, segmented

if TYPE_CHECKING:
    import pandas as pd


Floats = npt.NDArray[np.float64]
ScoreOf = Callable[[Sequence[str]], Floats]

# About how many characters are scored for one explanation: a second or two. A text of 100,000 characters takes linear
# models 4 s and others 6 s, a book of 860,000 half a minute (models on words and character n-grams).
BUDGET = 1_500_000
FEWEST = 8  # variants of a text, however long it is
BLOCK = 8
ROUNDING = 1e-5  # of all contributions together: 3,000 terms of a text summed in float32


@dataclass(frozen=True)
class Word:
    """A word of a text, its place (``text[start:end]``), and what it contributes to the score."""

    text: str
    start: int
    end: int
    contribution: float


@dataclass(frozen=True)
class Explanation:
    """Why a theme's score of a text is what it is.

    Attributes
    ----------
    text, theme : what is explained
    score, threshold : of the theme; it is assigned from the threshold on
    words : every word in its order, with its contribution
    base : the score without any contribution: ``base`` and all contributions sum to the score
    exact : whether all models of the theme are linear in words, so that contributions are shares of the score.
        Otherwise they are found by occlusion, and in a text with very many words some neighbours share theirs
    needed : the fewest words, greatest contribution first, without which the theme would not be assigned; empty where
        it is not assigned, or would be without any word, or where a very long text would take too long
    text_contributions : what each text encoder contributes where linear models see its vectors beside words: they are
        of the whole text, and of no word; the score is the sum of these, the base and the words' contributions
    """

    text: str
    theme: str
    score: float
    threshold: float
    words: tuple[Word, ...]
    base: float
    exact: bool
    needed: tuple[str, ...] = ()
    text_contributions: Mapping[str, float] = field(default_factory=dict)

    @property
    def assigned(self) -> bool:
        """Whether the text has the theme."""
        return self.score >= self.threshold

    def table(self) -> pd.DataFrame:
        """A row for each different word: ``word``, ``times``, ``contribution`` of all its places; greatest first.

        A text encoder has a row of its own, "whole text: " and its name.
        """
        import pandas as pd

        rows: dict[str, list[float]] = defaultdict(list)
        for word in self.words:
            rows[word.text].append(word.contribution)
        records = [(word, len(parts), float(np.sum(parts))) for word, parts in rows.items()]
        records += [(f"whole text: {source}", 1, part) for source, part in self.text_contributions.items()]
        table = pd.DataFrame(records, columns=["word", "times", "contribution"])
        return table.sort_values("contribution", ascending=False, kind="stable", ignore_index=True)

    def _repr_html_(self) -> str:
        """The text with coloured words: the stronger, the more they contribute; orange against the theme."""
        most = max((abs(word.contribution) for word in self.words), default=0.0) or 1.0
        parts, place = [], 0
        for word in self.words:
            parts.append(escape(self.text[place : word.start]))
            hue, strength = (
                ("46,125,50" if word.contribution > 0 else "230,110,20"),
                0.55 * abs(word.contribution) / most,
            )
            style = f"background:rgba({hue},{strength:.2f});border-radius:3px"
            shown = escape(self.text[word.start : word.end])
            parts.append(f'<span style="{style}" title="{word.contribution:+.3f}">{shown}</span>')
            place = word.end
        parts.append(escape(self.text[place:]))
        verdict = "assigned" if self.assigned else "not assigned"
        needs = f"; without {escape(', '.join(self.needed))} it would not be" if self.needed else ""
        head = f"<b>{escape(self.theme)}</b>: {verdict}, score {self.score:.3f}, threshold {self.threshold:.3f}{needs}"
        return f'<p>{head}</p><p style="white-space:pre-wrap">{"".join(parts)}</p>'


class Explanations(list[Explanation]):
    """Explanations of one text, a theme each; shown one below the other in a notebook."""

    def _repr_html_(self) -> str:
        return "".join(explanation._repr_html_() for explanation in self) or "<p>No theme is assigned.</p>"


class Explainer:
    """Explains the scores of one tagger.

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
        segments = segmented(text, self._encoder.steps)
        score = float(score_of([text])[0])
        members = self._members[theme]
        linear = [weights for member in members if (weights := member.model.linear_weights) is not None]
        exact = len(linear) == len(members) and all(self._encoder.views[one.view, one.fold].n_terms for one in members)
        of_text: dict[str, float] = {}
        if exact:
            contributions, of_text, base = self._shares(segments, theme, linear)
            rest = score - base - sum(of_text.values()) - float(contributions.sum())
            contributions = _with_rounding(contributions, rest)
        else:
            contributions = _occluded(segments, score, score_of)
            base = score - float(contributions.sum())
        words = tuple(
            Word(text[start:end], start, end, float(contribution))
            for (start, end), contribution in zip(segments.spans, contributions, strict=True)
        )
        needed = _needed(segments, contributions, threshold, score_of) if score >= threshold else ()
        return Explanation(text, theme, score, threshold, words, base, exact, needed, of_text)

    def _shares(
        self, segments: SegmentedText, theme: str, linear: Sequence[LinearWeights]
    ) -> tuple[Floats, dict[str, float], float]:
        """What each segment adds to the score of linear models, (n,); each text encoder; and the score without any."""
        inputs = self._encoder.inputs([segments.text])
        shares = {name: self._term_shares(name, segments) for name in self._encoder.vocabulary}
        contributions, of_text, total = np.zeros(len(segments.spans)), dict[str, float](), 0.0
        for member, (weights, intercept) in zip(self._members[theme], linear, strict=True):
            key = (member.view, member.fold)
            row = self._encoder.rows(inputs, key)
            added = np.zeros(row.shape[1])
            added[row.indices] = member.weight * row.data * weights[row.indices].astype(np.float64)
            total += member.weight * intercept + float(added.sum())
            for part, columns in self._encoder.views[key].term_columns():
                of_terms = np.zeros(shares[part.analyser].shape[1])
                of_terms[part.columns] = added[columns]
                contributions += shares[part.analyser] @ of_terms
            for block, columns in self._encoder.views[key].dense_columns():
                of_text[block.source] = of_text.get(block.source, 0.0) + float(added[columns].sum())
        return contributions, of_text, total - float(contributions.sum()) - sum(of_text.values())

    def _term_shares(self, analyser: str, segments: SegmentedText) -> sp.csr_array:
        """The share of each term that belongs to each segment, CSR (n, terms); they sum to 1 where a term occurs."""
        known = self._columns[analyser]
        columns: list[int] = []
        owners: list[tuple[int, ...]] = []  # the segments of each occurrence
        for term, parts in ANALYSERS[analyser].occurrences(segments.words, signs=self._encoder.signs):
            column = known.get(term)
            if column is not None:
                columns.append(column)
                owners.append(segments.of_term(parts))
        lengths = np.fromiter(map(len, owners), np.int64, len(owners))
        times = np.bincount(columns, minlength=len(known))
        share = 1 / (times[columns] * lengths) if columns else np.zeros(0)
        places = np.fromiter(chain.from_iterable(owners), np.int64, int(lengths.sum()))
        cells = (np.repeat(share, lengths), (places, np.repeat(np.array(columns, dtype=np.int64), lengths)))
        return sp.csr_array(sp.coo_array(cells, shape=(len(segments.spans), len(known))))


def _with_rounding(contributions: Floats, rest: float) -> Floats:
    """Contributions that sum to the score, which is computed in float32; ``rest`` is what they lack.

    A rest beyond rounding errors is not shared out, so that the sum shows the mistake.
    """
    size = np.abs(contributions)
    return contributions + rest * size / size.sum() if 0 < abs(rest) <= ROUNDING * size.sum() else contributions


def _occluded(segments: SegmentedText, score: float, score_of: ScoreOf) -> Floats:
    """What the score loses without each different segment, shared by its places, (n,).

    Where a text has very many, neighbours are taken out together and share the loss; then the group with the greatest
    loss is halved, again and again, until ``BUDGET`` is spent.
    """
    types, variants = segments.n_types, max(FEWEST, BUDGET // max(1, len(segments.text)))
    if not types:
        return np.zeros(0)

    def losses(groups: Sequence[npt.NDArray[np.int64]]) -> list[float]:
        without = score_of([segments.without(np.isin(segments.type_ids, group)) for group in groups])
        return [score - float(remaining) for remaining in without]

    groups = np.array_split(np.arange(types), types if types <= variants else variants // 2)
    lost = losses(groups)
    splits = (variants - len(groups)) // 2
    while splits and max(map(len, groups)) > 1:
        most = max(range(len(groups)), key=lambda i: (len(groups[i]) > 1, abs(lost[i])))
        halves = np.array_split(groups[most], 2)
        groups[most : most + 1], lost[most : most + 1] = halves, losses(halves)
        splits -= 1
    each = np.concatenate([np.full(len(group), loss / len(group)) for group, loss in zip(groups, lost, strict=True)])
    return np.asarray((each / np.bincount(segments.type_ids))[segments.type_ids], dtype=np.float64)


def _needed(segments: SegmentedText, contributions: Floats, threshold: float, score_of: ScoreOf) -> tuple[str, ...]:
    """The fewest segments, greatest first, without which the score falls below the threshold; () beyond ``BUDGET``."""
    total = np.bincount(segments.type_ids, weights=contributions)
    order = [int(number) for number in np.argsort(-total, kind="stable") if total[number] > 0]
    order = order[: max(FEWEST, BUDGET // max(1, len(segments.text)))]
    for start in range(0, len(order), BLOCK):  # mostly, few are needed
        ends = range(start + 1, min(start + BLOCK, len(order)) + 1)
        below = score_of([segments.without(np.isin(segments.type_ids, order[:end])) for end in ends]) < threshold
        if below.any():
            needed = order[: ends[int(np.argmax(below))]]
            spans = [segments.spans[int(np.argmax(segments.type_ids == number))] for number in needed]
            return tuple(segments.text[first:last] for first, last in spans)
    return ()
