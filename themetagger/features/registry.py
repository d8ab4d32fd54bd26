"""All views by name: those of n-grams, and one for each text encoder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from themetagger.features.dense import DenseConfig, TextEncoder, TextEncoderClass
from themetagger.features.encoders.opening import SENTENCE, STATIC_VECTORS
from themetagger.features.encoders.static import StaticVectors
from themetagger.features.inputs import Inputs, Vectors
from themetagger.features.ngrams.counting import ANALYSERS, TermCounts, count_terms
from themetagger.features.preprocessing import clean
from themetagger.features.side_by_side import BESIDE, SideBySide
from themetagger.features.tfidf import MIN_DF, NGRAM_VIEWS, TfidfConfig
from themetagger.features.view import Suggests, View, ViewClass

STATIC = "static"  # the dense view of a run whose user names no other
ENCODERS: dict[str, TextEncoderClass] = {  # add a dense view here: its name, and the class of its text encoder
    STATIC: StaticVectors,
    SENTENCE.view: SENTENCE,
    STATIC_VECTORS.view: STATIC_VECTORS,
}
MOST_BESIDE = 8  # views side by side


def class_of(name: str) -> ViewClass:
    """The class of the view ``name``; a ValueError for an unknown name.

    Examples
    --------
    >>> class_of("words").__name__
    'TfidfConfig'
    """
    if name in NGRAM_VIEWS:
        return TfidfConfig
    if name in ENCODERS:
        return DenseConfig
    raise ValueError(f"view {name!r} is unknown; choose from {', '.join([*NGRAM_VIEWS, *ENCODERS])}.")


def view_of(settings: Mapping[str, Any]) -> View:
    """The view of the plain values that its ``to_json`` gave.

    Raises
    ------
    ValueError, TypeError, KeyError
        If the view is unknown, or a setting is unknown or of another type.

    Examples
    --------
    >>> view_of({"view": "words", "min_df": 3}) == TfidfConfig("words", min_df=3)
    True
    """
    if "views" not in settings:
        return class_of(settings["view"]).from_json(settings)
    beside = settings["views"]
    if not isinstance(beside, list) or len(beside) > MOST_BESIDE or any("views" in one for one in beside):
        raise TypeError(f"the views side by side are no list of at most {MOST_BESIDE}")
    view = SideBySide(tuple(map(view_of, beside)))
    if set(settings) != {"view", "views"} or settings["view"] != view.name:
        raise ValueError(f"the settings of view {view.name!r} do not fit")
    return view


def is_nonnegative(name: str) -> bool:
    """Whether a view, or all views whose names ``" & "`` joins, give no number below zero; a ValueError if unknown.

    Examples
    --------
    >>> is_nonnegative("words+chars")
    True
    """
    classes = [class_of(part) for part in name.split(BESIDE)]
    return all(one.nonnegative for one in classes)


def sources_of(names: Iterable[str]) -> tuple[str, ...]:
    """The analysers and text encoders that the views ``names`` need; ``" & "`` joins names of views side by side.

    Examples
    --------
    >>> sources_of(["words", "words+chars & static"])
    ('word', 'char_wb', 'static')
    """
    parts = (part for name in names for part in name.split(BESIDE))
    analysers = {part: tuple(analyser for analyser, _ in NGRAM_VIEWS.get(part, ())) for part in dict.fromkeys(parts)}
    return tuple(dict.fromkeys(source for part, known in analysers.items() for source in known or (part,)))


def suggest_view(name: str, trial: Suggests) -> View:
    """Ask a trial for the settings of a view, or of the views whose names ``" & "`` joins."""
    views = tuple(class_of(one).suggest(one, trial) for one in name.split(BESIDE))
    return views[0] if len(views) == 1 else SideBySide(views)


def encoders_of_run(opened: Mapping[str, TextEncoder] | None = None) -> dict[str, TextEncoder]:
    """The text encoders that a run may use by name: those that a user ``opened``, in place of the bundled one.

    Examples
    --------
    >>> list(encoders_of_run())
    ['static']
    """
    loaded = {name: one.load() for name, one in ENCODERS.items() if not (opened and name == STATIC)}
    return {**(opened or {}), **{name: encoder for name, encoder in loaded.items() if encoder is not None}}


def inputs_of(
    texts: Sequence[str],
    steps: Sequence[str],
    sources: Iterable[str] = tuple(ANALYSERS),
    encoders: Mapping[str, TextEncoder] | None = None,
) -> Inputs:
    """What each source gives of some texts, which go through the text steps first.

    Parameters
    ----------
    sources : analysers and text encoders, default all analysers
    encoders : the text encoders by name, default those that need no name of a user's

    Raises
    ------
    ValueError
        If a text encoder gives no finite float32 vectors of its width.

    Examples
    --------
    >>> inputs_of(["Good pay", "PAY"], ("lower",), ["word"])["word"].terms
    ('pay',)
    """
    cleaned, wanted = clean(texts, steps), tuple(sources)
    counts = {name: _counts(cleaned, name) for name in wanted if name in ANALYSERS}
    dense = [name for name in wanted if name not in ANALYSERS]
    known = (encoders_of_run() if encoders is None else encoders) if dense else {}
    return counts | {name: _vectors(cleaned, name, known[name]) for name in dense}


def _counts(texts: Sequence[str], analyser: str) -> TermCounts:
    return count_terms(texts, analyser, min_df=min(MIN_DF))


def _vectors(texts: Sequence[str], source: str, encoder: TextEncoder) -> Vectors:
    vectors = encoder.encode(texts)
    if vectors.dtype != np.float32 or vectors.shape != (len(texts), encoder.width) or not np.isfinite(vectors).all():
        raise ValueError(f"text encoder {source!r} gives no finite float32 vectors of {encoder.width} numbers a text.")
    return Vectors(np.ascontiguousarray(vectors), encoder.standardise)
