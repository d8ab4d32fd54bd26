"""The parts of a tagger as manifest and arrays, and back, with every index and shape checked."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from themetagger.bundle import BundleError, pack_texts, read_bundle, unpack_texts, write_bundle
from themetagger.committee import Member
from themetagger.encoder import Encoder, Key
from themetagger.features import ANALYSERS, Recipe, Weighing
from themetagger.packing import Store, pack_model, unpack_model
from themetagger.report.results import HeldOut
from themetagger.shift import UnknownWords
from themetagger.textsteps import check_steps
from themetagger.winner import Winner

Parts = tuple[list[Winner], dict[str, tuple[Member, ...]], Encoder, dict[str, Any]]


def save_parts(
    path: str | os.PathLike[str],
    winners: Sequence[Winner],
    members: Mapping[str, Sequence[Member]],
    encoder: Encoder,
    extra: Mapping[str, Any],
) -> None:
    """Write the parts of a tagger, and ``extra`` JSON values, to one file."""
    store, keys = Store(), list(encoder.weighings)
    manifest = {
        "steps": list(encoder.steps),
        "vocabulary": {name: [store.put(a) for a in pack_texts(terms)] for name, terms in encoder.vocabulary.items()},
        "weighings": [_weighing_entry(key, encoder.weighings[key], store) for key in keys],
        "winners": [winner.to_json() for winner in winners],
        "members": {
            theme: [_member_entry(member, keys, store) for member in committee] for theme, committee in members.items()
        },
        "extra": dict(extra),
    }
    write_bundle(path, manifest, store.arrays)


def _weighing_entry(key: Key, parts: Sequence[Weighing], store: Store) -> dict[str, Any]:
    listed = [
        {"analyser": part.analyser, "columns": store.put(part.columns), "idf": store.put(part.idf)} for part in parts
    ]
    return {"recipe": key[0].to_json(), "fold": key[1], "parts": listed}


def _member_entry(member: Member, keys: Sequence[Key], store: Store) -> dict[str, Any]:
    place = {"weighing": keys.index((member.recipe, member.fold)), "weight": member.weight}
    return place | pack_model(member.model, store)


def load_parts(path: str | os.PathLike[str]) -> Parts:
    """Read what :func:`save_parts` wrote.

    Raises
    ------
    BundleError
        If anything in the file is missing, out of range or of the wrong kind.
    """
    manifest, arrays = read_bundle(path)
    try:
        return _parts(manifest, arrays)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise BundleError(f"{path} is damaged ({type(error).__name__}: {error}); get a new copy.") from error


def _parts(manifest: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> Parts:
    vocabulary = {
        _known(name, ANALYSERS): unpack_texts(arrays[data], arrays[offsets])
        for name, (data, offsets) in manifest["vocabulary"].items()
    }
    if any(len(set(terms)) < len(terms) for terms in vocabulary.values()):
        raise ValueError("a term occurs twice in a vocabulary")
    weighings: dict[Key, tuple[Weighing, ...]] = {}
    for entry in manifest["weighings"]:
        key, parts = _weighing(entry, arrays, vocabulary)
        if key in weighings:
            raise ValueError("a recipe is there twice")
        weighings[key] = parts
    winners = _winners(manifest["winners"])
    keys = list(weighings)
    members = {
        theme: tuple(_member(entry, keys, weighings, arrays, 1 / len(committee)) for entry in committee)
        for theme, committee in manifest["members"].items()
    }
    if set(members) != {winner.theme for winner in winners if winner.assigned} or not all(members.values()):
        raise ValueError("the themes with a model and the models do not fit")
    encoder = Encoder(check_steps(manifest["steps"]), vocabulary, weighings)
    return winners, members, encoder, _extra(manifest["extra"], winners)


def _winners(entries: Sequence[Mapping[str, Any]]) -> list[Winner]:
    winners = [Winner.from_json(entry) for entry in entries]
    if len({winner.theme for winner in winners}) < len(winners):
        raise ValueError("a theme is there twice")
    for winner in winners:
        if winner.assigned and not np.isfinite([winner.threshold, *winner.calibration]).all():
            raise ValueError(f"threshold or calibration of theme {winner.theme!r} is not finite")
        finite = np.isfinite(winner.certified_threshold) and winner.certified_threshold != -np.inf
        if finite != winner.certified or (not finite and winner.certified_threshold != np.inf):
            raise ValueError(f"the certified threshold and texts of theme {winner.theme!r} do not fit")
        if not 0 <= winner.certified_hits <= min(winner.certified_flagged, winner.certified_positives):
            raise ValueError(f"the certified counts of theme {winner.theme!r} do not fit")
    return winners


def _extra(entry: Mapping[str, Any], winners: Sequence[Winner]) -> dict[str, Any]:
    columns, measured = entry["text_columns"], entry["held_out"]
    if not isinstance(columns, list) or not all(isinstance(name, str) for name in columns):
        raise ValueError("the names of the text columns are no list of texts")
    if measured is not None:
        measured = {name: HeldOut.from_json(found) for name, found in measured.items()}
        if set(measured) != {winner.theme for winner in winners}:
            raise ValueError("the held-out figures and the themes do not fit")
    unknown = entry.get("unknown_words")  # older files have none
    words = None if unknown is None else UnknownWords.from_json(unknown)
    return {"text_columns": columns, "held_out": measured, "unknown_words": words}


def _known(name: str, names: Mapping[str, Any]) -> str:
    if name not in names:
        raise ValueError(f"{name!r} is none of {', '.join(names)}")
    return name


def _weighing(
    entry: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]], vocabulary: Mapping[str, tuple[str, ...]]
) -> tuple[Key, tuple[Weighing, ...]]:
    recipe, fold, parts = Recipe(**entry["recipe"]), entry["fold"], []
    if fold is not None and (not isinstance(fold, int) or fold < 0):
        raise ValueError(f"fold {fold!r} is no fold number")
    for part in entry["parts"]:
        columns, idf, terms = arrays[part["columns"]], arrays[part["idf"]], vocabulary.get(part["analyser"], ())
        if columns.dtype != np.int32 or idf.dtype != np.float64 or columns.ndim != 1 or columns.shape != idf.shape:
            raise ValueError("columns and weights of a recipe do not fit")
        if len(columns) and (columns[0] < 0 or columns[-1] >= len(terms) or (np.diff(columns) <= 0).any()):
            raise ValueError("a recipe names a term that the vocabulary does not have")
        if not np.isfinite(idf).all():
            raise ValueError("a weight of a recipe is not finite")
        parts.append(Weighing(part["analyser"], columns, idf, recipe.sublinear_tf, recipe.presence))
    if not any(len(part.columns) for part in parts):
        raise ValueError("a recipe has no term")
    if [part.analyser for part in parts] != [analyser for analyser, _ in recipe.parts]:
        raise ValueError("the parts of a recipe do not fit its view")
    return (recipe, fold), tuple(parts)


def _member(
    entry: Mapping[str, Any],
    keys: Sequence[Key],
    weighings: Mapping[Key, tuple[Weighing, ...]],
    arrays: Mapping[str, npt.NDArray[Any]],
    equal_weight: float,
) -> Member:
    place = entry["weighing"]
    if not isinstance(place, int) or not 0 <= place < len(keys):
        raise ValueError(f"{place!r} is no number of a recipe")
    recipe, fold = keys[place]
    width = sum(len(part.columns) for part in weighings[recipe, fold])
    model = unpack_model(entry, arrays, width)
    weight = entry.get("weight", equal_weight)  # files of version 1 have none: their members count the same
    if not isinstance(weight, float) or not np.isfinite(weight):
        raise ValueError(f"{weight!r} is no weight of a model")
    return Member(recipe, fold, model, weight)
