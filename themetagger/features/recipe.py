"""A recipe: which terms a model sees and how they are weighed, as plain data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

# view -> its parts: (analyser, longest n-gram); each part is normalised by itself, as in a FeatureUnion
VIEWS: dict[str, tuple[tuple[str, int], ...]] = {
    "words": (("word", 1),),
    "words_1_2": (("word", 2),),
    "chars_3_5": (("char_wb", 5),),
    "words+chars": (("word", 2), ("char_wb", 5)),
}


class EmptyVocabulary(ValueError):
    """No term is left to learn from."""


@dataclass(frozen=True)
class Recipe:
    """TF-IDF settings with the names and meaning of ``sklearn.feature_extraction.text.TfidfVectorizer``.

    Parameters
    ----------
    view : one of ``VIEWS``
    min_df : a term must occur in at least that many training texts, default 2
    max_df : and in at most this share of them, default 1.0
    sublinear_tf : weigh a count c as 1 + ln c, default True
    presence : 1 where a term occurs, neither weighed nor normalised (``binary=True, use_idf=False, norm=None``),
        default False; ``sublinear_tf`` then has no meaning

    Examples
    --------
    >>> Recipe("words", min_df=3).to_json()
    {'view': 'words', 'min_df': 3, 'max_df': 1.0, 'sublinear_tf': True, 'presence': False}
    """

    view: str
    min_df: int = 2
    max_df: float = 1.0
    sublinear_tf: bool = True
    presence: bool = False

    def __post_init__(self) -> None:
        """Refuse an unknown view and limits that no term can meet."""
        if self.view not in VIEWS:
            raise ValueError(f"view {self.view!r} is unknown; choose from {', '.join(VIEWS)}.")
        if self.min_df < 1 or not 0 < self.max_df <= 1:
            raise ValueError(f"min_df must be >= 1 and max_df in (0, 1], but are {self.min_df} and {self.max_df}.")

    @property
    def parts(self) -> tuple[tuple[str, int], ...]:
        """The (analyser, longest n-gram) pairs whose columns stand side by side."""
        return VIEWS[self.view]

    def to_json(self) -> dict[str, Any]:
        """Plain values, to be given back as ``Recipe(**values)``."""
        return asdict(self)
