"""Views side by side: the columns of each, one view after the other, n-grams first."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import Any

from themetagger.features.inputs import TrainingRows
from themetagger.features.tfidf_weights import TermBlock
from themetagger.features.view import FittedView, View

BESIDE = " & "  # between the names of views


@dataclass(frozen=True)
class SideBySide:
    """Two views or more, whose columns a model sees side by side.

    Examples
    --------
    >>> from themetagger.features import DenseConfig, TfidfConfig
    >>> SideBySide((TfidfConfig("words"), DenseConfig("my_encoder", weight=0.3))).name
    'words & my_encoder'
    """

    views: tuple[View, ...]

    def __post_init__(self) -> None:
        """Refuse a single view, and one within another."""
        if len(self.views) < 2 or any(isinstance(view, SideBySide) for view in self.views):
            raise ValueError("two views or more stand side by side, and none within another.")

    @property
    def name(self) -> str:
        """The names of the views, one after the other."""
        return BESIDE.join(view.name for view in self.views)

    @property
    def sources(self) -> tuple[str, ...]:
        """The analysers and text encoders of all views."""
        return tuple(chain.from_iterable(view.sources for view in self.views))

    @property
    def term_blocks(self) -> tuple[TermBlock, ...]:
        """How the terms of each part of each view count."""
        return tuple(chain.from_iterable(view.term_blocks for view in self.views))

    def fit(self, training: TrainingRows) -> FittedView:
        """What each view learns, side by side."""
        fitted = [view.fit(training) for view in self.views]
        return FittedView(
            tuple(chain.from_iterable(one.terms for one in fitted)),
            tuple(chain.from_iterable(one.dense for one in fitted)),
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values: the name, and those of each view."""
        return {"view": self.name, "views": [view.to_json() for view in self.views]}
