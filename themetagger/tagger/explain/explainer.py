"""Makes explanations: shares of n-grams exactly, the words' parts in dense shares and in other models by occlusion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from themetagger.features import ANALYSERS
from themetagger.features.encoder import Encoder
from themetagger.models.ensemble import EnsembleMember
from themetagger.tagger.explain.dense_shares import (
    QUICK,
    DenseShares,
    LinearModel,
    encoders_of,
    linear_models,
    texts_a_second,
)
from themetagger.tagger.explain.explanation import Explanation, Word
from themetagger.tagger.explain.occlusion import FEWEST, ScoreOf, losses, needed_segments, variants_of
from themetagger.tagger.explain.segments import SegmentedText, segmented

Floats = npt.NDArray[np.float64]
ROUNDING = 1e-5  # of all contributions together: 3,000 terms of a text summed in float32
ALONE, TOGETHER = "each word", "neighbours"  # how words are left out


@dataclass(frozen=True)
class _Parts:
    """What a score is made of, for a text of n segments.

    Attributes
    ----------
    of_segments : (n,) what they contribute: their n-grams, or what is lost without them
    base : the score without any of these
    dense : the share of each text encoder
    of_meaning : (n,) the segments' parts in it, for each text encoder; none where they were not looked for
    left_out : as in ``Explanation``
    """

    of_segments: Floats
    base: float
    dense: dict[str, float] = field(default_factory=dict)
    of_meaning: dict[str, Floats] = field(default_factory=dict)
    left_out: str = ""

    def words(self, segments: SegmentedText) -> tuple[Word, ...]:
        """The segments as words, with what they contribute."""
        of_meaning = sum(self.of_meaning.values(), start=np.zeros(len(segments.spans)))
        figures = zip(segments.spans, self.of_segments.tolist(), of_meaning.tolist(), strict=True)
        return tuple(Word(segments.text[a:b], a, b, own + meaning, meaning) for (a, b), own, meaning in figures)

    def beyond_words(self) -> dict[str, float]:
        """What the segments' parts leave of the share of each text encoder."""
        return {name: share - float(np.sum(self.of_meaning.get(name, 0))) for name, share in self.dense.items()}

    def with_rounding(self, score: float) -> _Parts:
        """The same, summing to the score, which is computed in float32.

        A rest beyond rounding errors is not shared out, so that the sum shows the mistake.
        """
        rest = score - self.base - float(self.of_segments.sum()) - sum(self.dense.values())
        sizes, dense = np.abs(self.of_segments), sum(map(abs, self.dense.values()))
        size = float(sizes.sum()) + dense
        if not 0 < abs(rest) <= ROUNDING * size:
            return self
        moved = {name: share + rest * abs(share) / size for name, share in self.dense.items()}
        return _Parts(self.of_segments + rest * sizes / size, self.base, moved, self.of_meaning, self.left_out)


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

    def explain(
        self, text: str, theme: str, *, threshold: float, score_of: ScoreOf, brief: bool = False
    ) -> Explanation:
        """Why ``theme`` has its score of ``text``; ``score_of`` gives that score for each of a list of texts.

        ``brief`` leaves out what takes many variants of the text: the words that are needed, and where a text encoder
        is slow the parts of words in its share.
        """
        segments, members = segmented(text, self._encoder.steps), self._members[theme]
        speed = texts_a_second(encoders_of(members, self._encoder))
        variants, hurried = variants_of(len(text), speed), brief and speed < QUICK
        score = float(score_of([text])[0])
        exact = len(linear := linear_models(members)) == len(members)
        if exact:
            parts = self._shares(segments, linear, 0 if hurried else variants).with_rounding(score)
        else:
            parts = _lost(segments, score, score_of, FEWEST if hurried else variants)
        words, needed = parts.words(segments), tuple[str, ...]()
        if score >= threshold and not brief:
            contributions = np.array([word.contribution for word in words])
            needed = needed_segments(segments, contributions, threshold, score_of, variants)
        return Explanation(
            *(text, theme, score, threshold, words, parts.base, exact, needed),
            text_contributions=parts.dense,
            beyond_words=parts.beyond_words(),
            left_out=parts.left_out,
        )

    def _shares(self, segments: SegmentedText, linear: Sequence[LinearModel], variants: int) -> _Parts:
        """What linear models add up; the segments' parts in dense shares come of at most so many variants, 0: none."""
        of_terms, base = self._of_terms(segments, linear)
        dense, of_meaning, alone = dict[str, float](), dict[str, Floats](), True
        shares = DenseShares.of(linear, self._encoder)
        for source in shares.weights:
            of_texts = partial(shares.of_texts, source)
            dense[source] = float(of_texts([segments.text])[0])
            if variants:
                lost = losses(segments, dense[source], of_texts, variants)
                of_meaning[source], alone = lost.of_segments, alone and lost.alone
        return _Parts(of_terms, base, dense, of_meaning, _left_out(alone) if of_meaning else "")

    def _of_terms(self, segments: SegmentedText, linear: Sequence[LinearModel]) -> tuple[Floats, float]:
        """What the n-grams of each segment add to the score, (n,), and what the models have without any."""
        counts = self._encoder.counts([segments.text])
        shares = {name: self._term_shares(name, segments) for name in self._encoder.vocabulary}
        of_segments, added, base = np.zeros(len(segments.spans)), 0.0, 0.0
        for member, (weights, intercept) in linear:
            base += member.weight * intercept
            for part, here in self._encoder.views[member.view, member.fold].term_columns():
                row = part.rows(counts[part.analyser])
                values = member.weight * row.data * weights[here][row.indices].astype(np.float64)
                of_terms = np.zeros(shares[part.analyser].shape[1])
                of_terms[part.columns[row.indices]] = values
                of_segments += shares[part.analyser] @ of_terms
                added += float(values.sum())
        return of_segments, base + added - float(of_segments.sum())

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


def _lost(segments: SegmentedText, score: float, score_of: ScoreOf, variants: int) -> _Parts:
    """What the score of models that are not linear loses without each segment."""
    lost = losses(segments, score, score_of, variants)
    return _Parts(lost.of_segments, score - float(lost.of_segments.sum()), left_out=_left_out(lost.alone))


def _left_out(alone: bool) -> str:
    return ALONE if alone else TOGETHER
