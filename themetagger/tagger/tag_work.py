"""What is written for each row of a table that is tagged: its themes in columns, or a record of an annotation tool."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from themetagger._utils.faces import option
from themetagger._utils.wording import agreeing, number_of
from themetagger.corpus import texts_of
from themetagger.corpus.annotations.items import Item
from themetagger.corpus.annotations.output import OutFormat
from themetagger.corpus.frame_columns import check_columns
from themetagger.corpus.joining import Joining
from themetagger.features.encoders.pretrained import notes_of
from themetagger.tagger.predictions import (
    REVIEW,
    Policy,
    Predictions,
    check_policy,
    check_pooled,
    free_column,
    not_usable,
)
from themetagger.tagger.theme_tagger import ThemeTagger

NAMED = 10  # themes that a note names
WORDS = "Words"
ROOM = 2**29  # bytes that what is written for the rows of a batch may take, were each theme given to each of them
A_THEME = 64  # bytes that a theme takes a row beside its name: scores, margin, probability, and lists
A_CHARACTER = 8  # bytes: of a cell, of the cell as it is written, and of the file


@dataclass(frozen=True)
class Wanted:
    """Which themes a tagged table names, and which columns it has besides.

    Parameters
    ----------
    policy : "usable" (default), "all", "certified" or "pooled", as of ``ThemeTagger.tag``
    probabilities : also a column ``p(theme)`` of each theme's calibrated probability, rounded to 4 digits; default
        False
    explain : also a column "Words" of the words that count most for each theme that is named, "pay: salary, bonus;
        food: soup"; takes some milliseconds a theme; default False
    out_format : a format of an annotation tool, which shows the tags as proposals; default None: a table

    Raises
    ------
    ValueError
        If the policy is unknown.
    """

    policy: Policy = "usable"
    probabilities: bool = False
    explain: bool = False
    out_format: OutFormat | None = None

    def __post_init__(self) -> None:
        """Refuse an unknown policy."""
        check_policy(self.policy)


@dataclass(frozen=True)
class Work:
    """What is done to each batch.

    Parameters
    ----------
    tagger, columns : which reads the texts in these columns
    wanted : what is to be written
    source : name of the table, for messages
    joining : makes cells of lists, None leaves them

    Raises
    ------
    ValueError
        If the policy is "pooled" and the tagger has no pooled certificate.
    """

    tagger: ThemeTagger
    columns: tuple[str, ...]
    wanted: Wanted
    source: str
    joining: Joining | None

    def __post_init__(self) -> None:
        """Refuse a policy that the tagger has nothing for, before anything is written."""
        check_pooled(self.wanted.policy, self.tagger.pooled)

    def tagged(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows of a batch as they are written."""
        texts = texts_of(frame, self.columns, self.source)
        predicted = self.tagger.predict_all(texts, policy=self.wanted.policy)
        if self.wanted.out_format is not None:
            return self._for_tool(self.wanted.out_format, frame, texts, predicted)
        more: dict[str, Any] = dict(predicted.to_columns(frame.columns))
        if self.joining is not None:
            more = {name: list(map(self.joining.cell, lists)) for name, lists in more.items()}
        if self.wanted.explain:
            more[free_column(frame.columns, WORDS)] = self._words(texts, predicted)
        if self.wanted.probabilities:
            rounded = predicted.probabilities.round(4)
            more |= {f"p({theme})": rounded[:, j] for j, theme in enumerate(predicted.themes)}
        others = frame.drop(columns=[name for name in more if name in frame.columns])
        return pd.concat([others, pd.DataFrame(more, index=frame.index)], axis=1)

    def _words(self, texts: Sequence[str], predicted: Predictions) -> list[str]:
        """The words that count most for the themes that are named, a cell for each text."""
        named = [[*tags, *review] for tags, review in zip(predicted.tags, predicted.review, strict=True)]
        explained = (self.tagger.explain(text, themes, brief=True) for text, themes in zip(texts, named, strict=True))
        return ["; ".join(f"{one.theme}: {', '.join(one.leading())}" for one in themes) for themes in explained]

    def _for_tool(
        self, tool: OutFormat, frame: pd.DataFrame, texts: Sequence[str], predicted: Predictions
    ) -> pd.DataFrame:
        """The texts of a table for an annotation tool; the parts of a text that is joined stay beside it."""
        shown = check_columns(frame, self.columns, source=self.source, setting="text_columns")
        beside = frame.drop(columns=shown if len(shown) == 1 else [])
        rows = (dict(zip(map(str, beside), row, strict=True)) for row in beside.itertuples(index=False, name=None))
        least = np.maximum(predicted.probabilities, 1 - predicted.probabilities).min(axis=1, initial=1.0)
        parts = zip(texts, predicted.tags, rows, least, strict=True)
        items = [Item(text, tags, row, certainty=float(certainty)) for text, tags, row, certainty in parts]
        return tool.asking(predicted.themes).records(items)

    @property
    def at_once(self) -> int:
        """How many rows are tagged together: fewer where there are so many themes, or so long names, that it shows."""
        a_row = sum(A_THEME + A_CHARACTER * len(theme) for theme in self.tagger.themes)
        return max(1, ROOM // max(1, a_row))

    @property
    def left_out(self) -> list[str]:
        """The themes that have a model and are not tagged by the policy, since they are not usable."""
        return not_usable(self.tagger.theme_results) if self.wanted.policy == "usable" else []

    @property
    def themes(self) -> int:
        """How many themes are tagged."""
        return len(self.tagger.themes) - len(self.left_out)

    def notes(self, existing: Iterable[str]) -> list[str]:
        """What encoders have to say, how themes are separated beside ``existing`` columns, and which are not tagged."""
        said = list(notes_of(self.tagger.encoder.encoders.values()))
        if self.wanted.out_format is not None:
            said += self.wanted.out_format.notes()
        elif self.joining is not None:
            said += self.joining.notes(
                list(self.tagger.predict_all([], policy=self.wanted.policy).to_columns(existing))
            )
        left_out = self.left_out
        if not left_out:
            return said
        named = ", ".join(map(repr, left_out[:NAMED])) + f" and {len(left_out) - NAMED} more" * (len(left_out) > NAMED)
        n, are = len(left_out), agreeing(len(left_out), "is", "are")
        listed = f" but listed in {REVIEW!r}" if self.wanted.out_format is None else ""
        return [
            *said,
            f"{number_of(n, 'theme')} {are} not usable (too many tags would be wrong) and {are} not tagged"
            f"{listed}: {named}. {option('policy', 'all')} tags {agreeing(n, 'it', 'them')} too.",
        ]
