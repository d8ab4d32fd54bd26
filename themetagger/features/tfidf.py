"""TF-IDF, the view of n-grams: which terms a model sees, and how they weigh."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Self

import numpy as np

from themetagger.features.inputs import TrainingRows
from themetagger.features.tfidf_weights import TermBlock, TfidfWeights
from themetagger.features.view import FittedView, Suggests

# view -> its parts: (analyser, longest n-gram); each part is normalised by itself, as in a FeatureUnion
NGRAM_VIEWS: dict[str, tuple[tuple[str, int], ...]] = {
    "words": (("word", 1),),
    "words_1_2": (("word", 2),),
    "chars_3_5": (("char_wb", 5),),
    "words+chars": (("word", 2), ("char_wb", 5)),
}
MIN_DF = (2, 3)  # terms of a single text teach nothing about another, and are most of the vocabulary
MAX_DF = (0.5, 1.0)
_TYPES: dict[str, tuple[type, ...]] = {
    "view": (str,),
    "min_df": (int,),
    "max_df": (int, float),
    "sublinear_tf": (bool,),
    "presence": (bool,),
}


class EmptyVocabulary(ValueError):
    """No term is left to learn from."""


@dataclass(frozen=True)
class TfidfConfig:
    """TF-IDF settings with the names and meaning of ``sklearn.feature_extraction.text.TfidfVectorizer``.

    Parameters
    ----------
    view : one of ``NGRAM_VIEWS``
    min_df : a term must occur in at least that many training texts, default 2
    max_df : and in at most this share of them, default 1.0
    sublinear_tf : weigh a count c as 1 + ln c, default True
    presence : 1 where a term occurs, neither weighted nor normalised (``binary=True, use_idf=False, norm=None``),
        default False; ``sublinear_tf`` then has no meaning

    Examples
    --------
    >>> TfidfConfig("words", min_df=3).to_json()
    {'view': 'words', 'min_df': 3, 'max_df': 1.0, 'sublinear_tf': True, 'presence': False}
    """

    nonnegative: ClassVar[bool] = True  # neither counts nor their weights are below zero

    view: str
    min_df: int = 2
    max_df: float = 1.0
    sublinear_tf: bool = True
    presence: bool = False

    def __post_init__(self) -> None:
        """Refuse an unknown view and limits that no term can meet."""
        if self.view not in NGRAM_VIEWS:
            raise ValueError(f"view {self.view!r} is unknown; choose from {', '.join(NGRAM_VIEWS)}.")
        if self.min_df < 1 or not 0 < self.max_df <= 1:
            raise ValueError(f"min_df must be >= 1 and max_df in (0, 1], but are {self.min_df} and {self.max_df}.")

    @property
    def name(self) -> str:
        """The name of the view, one of ``NGRAM_VIEWS``."""
        return self.view

    @property
    def parts(self) -> tuple[tuple[str, int], ...]:
        """The (analyser, longest n-gram) pairs whose columns stand side by side."""
        return NGRAM_VIEWS[self.view]

    @property
    def sources(self) -> tuple[str, ...]:
        """The analysers of its parts."""
        return tuple(analyser for analyser, _ in self.parts)

    @property
    def term_blocks(self) -> tuple[TermBlock, ...]:
        """How the terms of each part count."""
        return tuple(TermBlock(analyser, self.sublinear_tf, self.presence) for analyser in self.sources)

    def fit(self, training: TrainingRows) -> FittedView:
        """Terms and inverse document frequencies of the training rows, a block of columns for each part.

        The same numbers as ``TfidfVectorizer(smooth_idf=True)`` fitted on these rows.

        Raises
        ------
        EmptyVocabulary
            If no term meets ``min_df`` and ``max_df``.
        """
        n, parts = len(training), []
        for analyser, longest in self.parts:
            df = training.document_frequencies(analyser)
            allowed = (df >= self.min_df) & (df <= self.max_df * n) & (training.inputs[analyser].sizes <= longest)
            columns = np.flatnonzero(allowed).astype(np.int32)
            idf = np.ones(len(columns)) if self.presence else np.log((1 + n) / (1 + df[columns])) + 1
            parts.append(TfidfWeights(analyser, columns, idf, self.sublinear_tf, self.presence))
        if not sum(part.width for part in parts):
            raise EmptyVocabulary(
                f"no term occurs in at least {self.min_df} and at most {self.max_df:.0%} of the training texts "
                f"(view {self.view}); the texts may be empty or hold only stop words."
            )
        return FittedView(tuple(parts))

    def to_json(self) -> dict[str, Any]:
        """Plain values, to be given back as ``TfidfConfig(**values)``."""
        return asdict(self)

    @classmethod
    def from_json(cls, settings: Mapping[str, Any]) -> Self:
        """The view of these plain values, each of its own type: a 1 for true, or 2.5 texts, is a damaged file."""
        made = cls(**settings)
        for name, types in _TYPES.items():
            if type(getattr(made, name)) not in types:
                raise TypeError(f"{name} of a view is {getattr(made, name)!r}, expected {types[-1].__name__}")
        return made

    @classmethod
    def suggest(cls, name: str, trial: Suggests) -> Self:
        """Ask a trial for the settings of the view ``name``."""
        return cls(
            name,
            min_df=trial.suggest_categorical("min_df", MIN_DF),
            max_df=trial.suggest_categorical("max_df", MAX_DF),
            sublinear_tf=trial.suggest_categorical("sublinear_tf", (True, False)),
        )
