"""Occlusion: what a score, or a part of it, loses where words are left out of a text, within a bound of variants."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from themetagger.tagger.explain.segments import SegmentedText

Floats = npt.NDArray[np.float64]
ScoreOf = Callable[[Sequence[str]], Floats]

# About how many characters are scored for one explanation: a second or two. A text of 100,000 characters takes linear
# models 4 s and others 6 s, a book of 860,000 half a minute (models on words and character n-grams).
BUDGET = 1_500_000
FEWEST = 8  # variants of a text, however long it is
SECONDS = 2.0  # of a text encoder that takes longer than n-grams, for one explanation
USUAL = 350  # characters of the texts that a text encoder's speed is given for
BLOCK = 8
LONGEST = 20_000  # characters of each of the texts that words are left out of where a theme is explained


class Losses(NamedTuple):
    """What is lost without each segment, (n,), shared by the places of equal ones.

    ``alone``: whether each different segment was left out by itself. Otherwise some were left out together with their
    neighbours, and share the loss.
    """

    of_segments: Floats
    alone: bool


def variants_of(length: int, texts_a_second: float) -> int:
    """How many variants of a text of ``length`` characters are looked at for one explanation.

    Examples
    --------
    >>> variants_of(1_000, 4_000), variants_of(100, 35), variants_of(10**6, 4_000)
    (1500, 70, 8)
    """
    encoded = SECONDS * texts_a_second * USUAL / max(USUAL, length)
    return max(FEWEST, int(min(BUDGET // max(1, length), encoded)))


def losses(segments: SegmentedText, whole: float, measure: ScoreOf, variants: int) -> Losses:
    """What ``measure``, which is ``whole`` for the text as it is, loses without each different segment.

    Where a text has more than ``variants`` of them, neighbours are taken out together and share the loss; then the
    group with the greatest loss is halved, again and again, until that many variants were looked at.
    """
    types = segments.n_types
    if not types:
        return Losses(np.zeros(0), alone=True)

    def lost_without(groups: Sequence[npt.NDArray[np.int64]]) -> list[float]:
        without = measure([segments.without(np.isin(segments.type_ids, group)) for group in groups])
        return [whole - float(remaining) for remaining in without]

    groups = np.array_split(np.arange(types), types if types <= variants else variants // 2)
    lost = lost_without(groups)
    splits = (variants - len(groups)) // 2
    while splits and max(map(len, groups)) > 1:
        most = max(range(len(groups)), key=lambda i: (len(groups[i]) > 1, abs(lost[i])))
        halves = np.array_split(groups[most], 2)
        groups[most : most + 1], lost[most : most + 1] = halves, lost_without(halves)
        splits -= 1
    each = np.concatenate([np.full(len(group), loss / len(group)) for group, loss in zip(groups, lost, strict=True)])
    of_segments = (each / np.bincount(segments.type_ids))[segments.type_ids]
    return Losses(np.asarray(of_segments, dtype=np.float64), alone=len(groups) == types)


def needed_segments(
    segments: SegmentedText, contributions: Floats, threshold: float, score_of: ScoreOf, variants: int
) -> tuple[str, ...]:
    """The fewest segments, greatest first, without which the score falls below the threshold.

    () where no number of them does, or more than ``variants`` would have to be tried.
    """
    total = np.bincount(segments.type_ids, weights=contributions)
    order = [int(number) for number in np.argsort(-total, kind="stable") if total[number] > 0][:variants]
    for start in range(0, len(order), BLOCK):  # mostly, few are needed
        ends = range(start + 1, min(start + BLOCK, len(order)) + 1)
        below = score_of([segments.without(np.isin(segments.type_ids, order[:end])) for end in ends]) < threshold
        if below.any():
            needed = order[: ends[int(np.argmax(below))]]
            spans = [segments.spans[int(np.argmax(segments.type_ids == number))] for number in needed]
            return tuple(segments.text[first:last] for first, last in spans)
    return ()
