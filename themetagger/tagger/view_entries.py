"""What a tagger's views learned, and its text encoders, as manifest entries and arrays, and back, all of it checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from themetagger.features import ANALYSERS, ENCODERS, DenseColumns, FittedView, TextEncoder, TfidfWeights, view_of
from themetagger.features.dense import MOST_COLUMNS
from themetagger.features.encoder import Key
from themetagger.features.tfidf_weights import TermBlock
from themetagger.models.storage.model_arrays import Store

MOST_ARRAYS = 1_000  # of a text encoder, each checked by itself though they may be one array in the file
MOST_FOLDS = 1_000_000
Arrays = Mapping[str, npt.NDArray[Any]]
Entry = Mapping[str, Any]


def view_entry(key: Key, fitted: FittedView, store: Store) -> dict[str, Any]:
    """The manifest entry of what a view learned, whose arrays go to the store."""
    view, fold = key
    terms = [
        {"analyser": part.analyser, "columns": store.put(part.columns), "idf": store.put(part.idf)}
        for part in fitted.terms
    ]
    dense = [
        {"source": part.source, "center": store.put(part.center), "scale": store.put(part.scale)}
        for part in fitted.dense
    ]
    return {"view": view.to_json(), "fold": fold, "terms": terms, "dense": dense}


def encoder_entry(encoder: TextEncoder, store: Store) -> dict[str, str]:
    """The manifest entry of a text encoder: the name of each of its arrays in the store."""
    return {name: store.put(array) for name, array in encoder.to_arrays().items()}


def encoder_arrays(name: str, entry: Entry, arrays: Arrays) -> dict[str, npt.NDArray[Any]]:
    """The arrays of a text encoder, whose name must be known, and whose numbers finite."""
    if name not in ENCODERS:
        raise ValueError(f"the text encoder {name!r} is none of {', '.join(ENCODERS) or '(no encoder is known)'}")
    if len(entry) > MOST_ARRAYS:
        raise ValueError(f"the text encoder {name!r} has {len(entry):,} arrays, expected at most {MOST_ARRAYS}")
    own = {part: arrays[place] for part, place in entry.items()}
    if not all(np.isfinite(array).all() for array in own.values()):
        raise ValueError(f"a number of the text encoder {name!r} is not finite")
    return own


def encoder_of(name: str, own: Arrays) -> TextEncoder:
    """The text encoder of these arrays."""
    encoder = ENCODERS[name].from_arrays(own)
    if type(encoder.width) is not int or not 0 < encoder.width <= MOST_COLUMNS:
        raise ValueError(f"the text encoder {name!r} gives vectors of {encoder.width!r} numbers")
    return encoder


def fitted_view(entry: Entry, arrays: Arrays, sizes: Mapping[str, int]) -> tuple[Key, FittedView]:
    """What :func:`view_entry` wrote; ``sizes`` are the columns of each source: terms, or length of the vectors.

    Raises
    ------
    ValueError, TypeError, KeyError
        If an array is missing, of another type or shape, not finite, or points outside its source.
    """
    view, fold = view_of(entry["view"]), entry["fold"]
    if fold is not None and (type(fold) is not int or not 0 <= fold < MOST_FOLDS):
        raise ValueError(f"fold {fold!r} is no fold number")
    blocks, encoders = view.term_blocks, [source for source in view.sources if source not in ANALYSERS]
    # compared before anything is checked, which would take long for many parts that share a large array
    if _named("analyser", entry["terms"]) != [block.analyser for block in blocks]:
        raise ValueError("the terms of a view do not fit it")
    if _named("source", entry["dense"]) != encoders:
        raise ValueError("the dense columns of a view do not fit it")
    fitted = FittedView(
        tuple(_terms(part, block, arrays, sizes) for part, block in zip(entry["terms"], blocks, strict=True)),
        tuple(_dense(part, arrays, sizes) for part in entry["dense"]),
    )
    if not fitted.width:
        raise ValueError("a view has no column")
    return (view, fold), fitted


def _named(name: str, parts: Any) -> list[Any]:
    """What each part of a view calls ``name``; a TypeError where the parts are no list."""
    if not isinstance(parts, list):
        raise TypeError("the parts of a view are no list")
    return [part[name] for part in parts]


def _terms(entry: Entry, block: TermBlock, arrays: Arrays, sizes: Mapping[str, int]) -> TfidfWeights:
    columns, idf, width = arrays[entry["columns"]], arrays[entry["idf"]], sizes[block.analyser]
    if columns.dtype != np.int32 or idf.dtype != np.float64 or columns.ndim != 1 or columns.shape != idf.shape:
        raise ValueError("columns and weights of a view do not fit")
    # compared, not subtracted: a difference can be too large for its type, and then be positive
    if len(columns) and (columns[0] < 0 or columns[-1] >= width or (columns[1:] <= columns[:-1]).any()):
        raise ValueError("a view names a term that the vocabulary does not have")
    if not np.isfinite(idf).all():
        raise ValueError("a weight of a view is not finite")
    return TfidfWeights(block.analyser, columns, idf, block.sublinear_tf, block.presence)


def _dense(entry: Entry, arrays: Arrays, sizes: Mapping[str, int]) -> DenseColumns:
    center, scale, shape = arrays[entry["center"]], arrays[entry["scale"]], (sizes[entry["source"]],)
    if center.dtype != np.float32 or scale.dtype != np.float32 or center.shape != shape or scale.shape != shape:
        raise ValueError(f"center and scale of a view are no float32 numbers for the {shape[0]} columns")
    if not np.isfinite(center).all() or not np.isfinite(scale).all() or not (scale > 0).all():
        raise ValueError("a center or scale of a view is not finite, or a scale is not above 0")
    return DenseColumns(entry["source"], center, scale)


def upgraded(manifest: Entry, version: int) -> Entry:
    """A manifest as version 5 has it: older ones call a view a recipe, what it learned a weighing, its blocks parts."""
    if version >= 5:
        return manifest
    views = [
        {"view": entry["recipe"], "fold": entry["fold"], "terms": entry["parts"], "dense": []}
        for entry in manifest["weighings"]
    ]
    members = {
        theme: [{**entry, "view": entry["weighing"]} for entry in entries]
        for theme, entries in manifest["members"].items()
    }
    return {**manifest, "views": views, "members": members, "encoders": {}}
