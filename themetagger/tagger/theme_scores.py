"""Raw texts -> the scores of all themes: what can be scored together is, the other models one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, cached_property, partial
from itertools import chain

import numpy as np
import numpy.typing as npt

from themetagger._utils.threads import in_threads
from themetagger.features import Rows, View
from themetagger.features.encoder import Encoder, Layouts
from themetagger.models.ensemble import EnsembleMember, ensemble_scores
from themetagger.models.linear_batch import LinearBatch, is_batched
from themetagger.models.storage.container import BundleError

Floats = npt.NDArray[np.float64]
CHUNK = 2_000  # texts at a time: memory stays level however long the list is
_UNCHECKED = partial(np.errstate, over="ignore", invalid="ignore")  # a file's weights may be finite, their sum not


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
            _ = self.batch, self.single, self._encoders  # made before threads ask for them
        chunks = in_threads(self._chunk, [checked[i : i + CHUNK] for i in range(0, len(checked), CHUNK)])
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
    def _encoders(self) -> set[str]:
        """The text encoders whose vectors one of the models sees: they may take long."""
        members = chain.from_iterable(self._members[theme] for theme in self.themes)
        views = (self._encoder.views[member.view, member.fold] for member in members)
        return {block.source for fitted in views for block in fitted.dense}

    def _chunk(self, texts: Sequence[str]) -> Floats:
        with _UNCHECKED():
            return self._sums(self._encoder.layouts(texts, self._encoders))

    def _sums(self, layouts: Layouts) -> Floats:
        scores, single = self.batch.scores(layouts), self.single
        for view in dict.fromkeys(member.view for members in single.values() for member in members):
            rows = cache(partial(self._rows, layouts))  # of one view at a time, so that memory stays level
            for j, members in single.items():
                mine = [member for member in members if member.view == view]
                if mine:
                    scores[:, j] += ensemble_scores(mine, rows)
        return scores

    def _rows(self, layouts: Layouts, view: View, fold: int | None) -> Rows:
        sources = self._encoder.views[view, fold].sources
        return self._encoder.rows({source: layouts[source].by_row for source in sources}, (view, fold))


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
