"""Raw texts -> the scores of all themes: what can be scored together is, the other models one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from themetagger._utils.threads import in_threads
from themetagger.features import Rows, View
from themetagger.features.encoder import Encoder, Layouts
from themetagger.models.ensemble import EnsembleMember, reduced_rows
from themetagger.models.linear_batch import LinearBatch, is_batched
from themetagger.models.scorers import scores as scores_of
from themetagger.models.storage.container import BundleError

Floats = npt.NDArray[np.float64]
CHUNK = 2_000  # texts at a time: memory stays level however long the list is
CELLS = 2**24  # numbers that their scores, or what their rows are reduced to, have at most
_UNCHECKED = partial(np.errstate, over="ignore", invalid="ignore")  # a file's weights may be finite, their sum not


class _Alone(NamedTuple):
    """The models on one view that score one by one.

    Attributes
    ----------
    by_theme : the number of each theme, and its models
    by_rows : for each fold of the view, groups of models whose rows are reduced in the same way
    """

    by_theme: dict[int, list[EnsembleMember]]
    by_rows: dict[int | None, list[list[EnsembleMember]]]


class ThemeScores:
    """Scores texts with the models of some themes.

    Parameters
    ----------
    themes : T names
    members : the models of each theme
    encoder : which makes the rows that they want
    """

    def __init__(
        self, themes: Sequence[str], members: Mapping[str, Sequence[EnsembleMember]], encoder: Encoder
    ) -> None:
        """Keep the arguments; nothing is put together before texts are scored."""
        self.themes = list(themes)
        self._members, self._encoder = members, encoder

    def of(self, texts: Sequence[str]) -> Floats:
        """Raw scores of the models, (n, T), each column on its own scale; a BundleError where one is not finite."""
        checked = checked_texts(texts)
        if not self.themes:
            return np.zeros((len(checked), 0))
        with _UNCHECKED():
            _ = self.batch, self._alone, self._encoders  # made before threads ask for them
        step = self._at_once
        chunks = in_threads(self._chunk, [checked[i : i + step] for i in range(0, len(checked), step)])
        scores = np.concatenate(chunks) if chunks else np.zeros((0, len(self.themes)))
        for row, j in np.argwhere(~np.isfinite(scores))[:1]:
            raise BundleError(
                f"theme {self.themes[j]!r} gets a score that is not finite ({scores[row, j]}), which no tuned model "
                "gives; its file is damaged; get a new copy."
            )
        return scores

    @cached_property
    def batch(self) -> LinearBatch:
        """Models that score together."""
        batched = [
            (j, member) for j, theme in enumerate(self.themes) for member in self._members[theme] if is_batched(member)
        ]
        return LinearBatch(batched, len(self.themes), self._encoder.views, self._encoder.sizes)

    @cached_property
    def single(self) -> dict[int, list[EnsembleMember]]:
        """Models that score one by one, by the number of their theme."""
        by_theme = {
            j: single
            for j, theme in enumerate(self.themes)
            if (single := [member for member in self._members[theme] if not is_batched(member)])
        }
        for member in chain.from_iterable(by_theme.values()):
            member.model.scorer.lay_out()
        return by_theme

    @cached_property
    def _alone(self) -> dict[View, _Alone]:
        """The same by what they share: the rows of a view without a fold, and what these are reduced to."""
        by_view: dict[View, dict[int, list[EnsembleMember]]] = {}
        for j, members in self.single.items():
            for member in members:
                by_view.setdefault(member.view, {}).setdefault(j, []).append(member)
        return {view: _Alone(by_theme, _by_rows(by_theme)) for view, by_theme in by_view.items()}

    @cached_property
    def _at_once(self) -> int:
        """How many texts are scored together: fewer where there are so many themes, or so wide rows, that it shows."""
        reductions = (member.model.reduction for members in self.single.values() for member in members)
        widest = max((reduction.shape[-1] for reduction in reductions if reduction is not None), default=1)
        return max(1, min(CHUNK, CELLS // max(widest, len(self.themes), 1)))

    @cached_property
    def _encoders(self) -> set[str]:
        """The text encoders whose vectors one of the models sees: they may take long."""
        members = chain.from_iterable(self._members[theme] for theme in self.themes)
        views = (self._encoder.views[member.view, member.fold] for member in members)
        return {block.source for fitted in views for block in fitted.dense}

    def _chunk(self, texts: Sequence[str]) -> Floats:
        with _UNCHECKED():
            return self._sums(self._encoder.layouts(texts, self._encoders))

    def _sums(self, layouts: Layouts) -> Floats:
        scores = self.batch.scores(layouts)
        for view, alone in self._alone.items():
            found = self._scores_alone(layouts, view, alone)
            for j, members in alone.by_theme.items():
                scores[:, j] += sum((found[id(member)] for member in members[1:]), start=found[id(members[0])])
        return scores

    def _scores_alone(self, layouts: Layouts, view: View, alone: _Alone) -> dict[int, Floats]:
        """The weighted scores of models, by their identity; rows are made, and reduced, once for all that share them.

        Those of one fold at a time, so that memory stays level.
        """
        found: dict[int, Floats] = {}
        for fold, groups in alone.by_rows.items():
            rows = self._rows(layouts, view, fold)
            for group in groups:
                reduced = reduced_rows(rows, group[0].model.reduction)
                found |= {id(one): one.weight * scores_of(one.model.scorer, reduced) for one in group}
        return found

    def _rows(self, layouts: Layouts, view: View, fold: int | None) -> Rows:
        sources = self._encoder.views[view, fold].sources
        return self._encoder.rows({source: layouts[source].by_row for source in sources}, (view, fold))


def _by_rows(by_theme: Mapping[int, Sequence[EnsembleMember]]) -> dict[int | None, list[list[EnsembleMember]]]:
    """The models of one view by fold, and in groups that share a reduction."""
    groups: dict[int | None, dict[int, list[EnsembleMember]]] = {}
    for member in chain.from_iterable(by_theme.values()):
        groups.setdefault(member.fold, {}).setdefault(id(member.model.reduction), []).append(member)
    return {fold: list(by_reduction.values()) for fold, by_reduction in groups.items()}


def checked_texts(texts: Sequence[str]) -> list[str]:
    """The texts as a list; a TypeError where they are one string, a table, or something else than strings.

    Examples
    --------
    >>> checked_texts(("good pay", ""))
    ['good pay', '']
    """
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
