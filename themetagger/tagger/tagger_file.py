"""The parts of a tagger as manifest and arrays, and back, with every index and shape checked."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from themetagger._utils.console import printable
from themetagger._utils.limits import LONGEST_REASON, shortened
from themetagger._utils.run_paths import tagger_at
from themetagger.corpus.kept_format import format_json, format_of
from themetagger.corpus.table_format import TableFormat
from themetagger.features import ANALYSERS, FittedView, TextEncoder
from themetagger.features.encoder import Encoder, Key, sizes_of
from themetagger.models.ensemble import EnsembleMember
from themetagger.models.storage.container import (
    Bundle,
    BundleError,
    open_bundle,
    pack_texts,
    unpack_texts,
    write_bundle,
)
from themetagger.models.storage.model_arrays import Store, pack_model, unpack_model
from themetagger.selection.pooled import PooledCertificate
from themetagger.selection.theme_result import ThemeResult
from themetagger.tagger import file_limits, said
from themetagger.tagger.drift import UnknownWords
from themetagger.tagger.seen_texts import SeenTexts
from themetagger.tagger.spot_checks import read_checks
from themetagger.tagger.view_entries import (
    encoder_arrays,
    encoder_entry,
    encoder_of,
    fitted_view,
    upgraded,
    view_entry,
)

LONGEST = {"word": 2, "char_wb": 5}  # words or characters of a term, at most
MADE_BY = ("themetagger", "numpy", "scikit-learn")

Parts = tuple[list[ThemeResult], dict[str, tuple[EnsembleMember, ...]], Encoder, dict[str, Any]]


def save_parts(
    path: str | os.PathLike[str],
    theme_results: Sequence[ThemeResult],
    members: Mapping[str, Sequence[EnsembleMember]],
    encoder: Encoder,
    extra: Mapping[str, Any],
    seen: SeenTexts | None = None,
) -> None:
    """Write the parts of a tagger, ``extra`` JSON values and the texts tuned on, to one file.

    What decides the tags goes into it, and who made it. How long a study took does not: the same seed gives the same
    file, byte for byte.
    """
    store, keys = Store(), list(encoder.views)
    manifest = {
        "steps": list(encoder.steps),
        "signs": encoder.signs,
        "vocabulary": {name: [store.put(a) for a in pack_texts(terms)] for name, terms in encoder.vocabulary.items()},
        "encoders": {name: encoder_entry(encoder, store) for name, encoder in encoder.encoders.items()},
        "views": [view_entry(key, fitted, store) for key, fitted in encoder.views.items()],
        "winners": [_decided(theme_result) for theme_result in theme_results],
        "members": {
            theme: [_member_entry(member, keys, store) for member in ensemble] for theme, ensemble in members.items()
        },
        "extra": dict(extra),
        "made_by": _versions(),
    }
    if seen is not None:
        manifest["seen"] = {"bits": store.put(seen.bits), "salt": seen.salt}
    write_bundle(path, manifest, store.arrays)


def _decided(result: ThemeResult) -> dict[str, Any]:
    reason = shortened(result.reason, LONGEST_REASON)
    return replace(result, seconds=math.nan, reason=reason).to_json()


@cache
def _versions() -> dict[str, str]:
    """Versions of what a file is made with; none of what is not installed as a package."""
    versions = {}
    for name in MADE_BY:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return versions


def _member_entry(member: EnsembleMember, keys: Sequence[Key], store: Store) -> dict[str, Any]:
    place = {"view": keys.index((member.view, member.fold)), "weight": member.weight}
    return place | pack_model(member.model, store)


def load_parts(path: str | os.PathLike[str]) -> Parts:
    """Read what :func:`save_parts` wrote.

    Raises
    ------
    BundleError
        If anything in the file is missing, out of range or of the wrong kind.
    """
    return unpacked(open_bundle(tagger_at(path)))


def unpacked(bundle: Bundle) -> Parts:
    """The parts of a tagger from its opened file; a BundleError if any of them does not fit."""
    try:
        manifest = upgraded(bundle.manifest, bundle.version)
        return _parts(manifest, _Reading(bundle))
    except MemoryError:
        raise BundleError(f"{bundle.path} needs more memory than is free; close other programs.") from None
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
        cause = f"{type(error).__name__}: {printable(str(error))}"
        raise BundleError(f"{bundle.path} is damaged ({cause}); get a new copy.") from error


def _parts(manifest: Mapping[str, Any], reading: _Reading) -> Parts:
    said.made_by(manifest.get("made_by", {}))  # older files do not say
    vocabulary = {
        said.known(name, ANALYSERS): _terms(name, reading, data, offsets)
        for name, (data, offsets) in manifest["vocabulary"].items()
    }
    encoders = {name: _text_encoder(name, entry, reading) for name, entry in manifest["encoders"].items()}
    views = _views(manifest["views"], reading, sizes_of(vocabulary, encoders))
    encoder = Encoder(said.steps(manifest["steps"]), vocabulary, views, encoders, said.signs(manifest))
    theme_results = said.theme_results(manifest["winners"])
    modelled = {theme_result.theme for theme_result in theme_results if theme_result.assigned}
    if set(manifest["members"]) != modelled:  # so that the names of models have a length too
        raise ValueError("the themes with a model and the models do not fit")
    members = {theme: _ensemble(theme, entries, encoder, reading) for theme, entries in manifest["members"].items()}
    if not all(members.values()):
        raise ValueError("the themes with a model and the models do not fit")
    seen = SeenTexts.from_entry(manifest.get("seen"), reading.arrays)
    return theme_results, members, encoder, {**_extra(manifest["extra"], theme_results), "seen": seen}


class _Reading:
    """The arrays of a file, what it has asked for so far, and which projections were looked through."""

    def __init__(self, bundle: Bundle) -> None:
        self.arrays, self.budget = bundle.arrays, file_limits.Budget(bundle.size)
        self.finite: set[str] = set()


def _terms(analyser: str, reading: _Reading, data: str, offsets: str) -> tuple[str, ...]:
    reading.budget.ask(file_limits.of_vocabulary(reading.arrays[offsets].size))
    terms = unpack_texts(reading.arrays[data], reading.arrays[offsets])
    if len(set(terms)) < len(terms):
        raise ValueError("a term occurs twice in a vocabulary")
    if max(map(ANALYSERS[analyser].size, terms), default=0) > LONGEST[analyser]:
        raise ValueError("a term is longer than its analyser makes them")
    return terms


def kept_json(form: TableFormat) -> dict[str, Any]:
    """The reading settings of the training table as entries of ``extra``.

    >>> kept_json(TableFormat("Comment", separator="|"))
    {'text_columns': ['Comment'], 'table_format': {'separator': '|'}}
    """
    kept = format_json(form)
    kept.pop("text_columns", None)
    return {"text_columns": list(form.texts)} | ({"table_format": kept} if kept else {})


def _extra(entry: Mapping[str, Any], theme_results: Sequence[ThemeResult]) -> dict[str, Any]:
    columns, measured = entry["text_columns"], said.held_out(entry["held_out"], theme_results)
    unknown = entry.get("unknown_words")  # older files have none
    words = None if unknown is None else UnknownWords.from_json(unknown)
    kept = format_of({**entry.get("table_format", {}), "text_columns": columns})  # older files have no other settings
    pooled = PooledCertificate.from_json(entry["pooled"]) if "pooled" in entry else None  # where nothing is promised
    checks = read_checks(
        entry.get("spot_checks", []), {result.theme for result in theme_results}
    )  # nor have they these
    return {"table_format": kept, "held_out": measured, "unknown_words": words, "spot_checks": checks, "pooled": pooled}


def _views(entries: Any, reading: _Reading, sizes: Mapping[str, int]) -> dict[Key, FittedView]:
    views: dict[Key, FittedView] = {}
    for entry in entries:
        key, fitted = fitted_view(entry, reading.arrays, sizes)
        if key in views:
            raise ValueError("a view occurs twice")
        views[key] = fitted
        reading.budget.ask(file_limits.of_view(fitted, sizes))
    return views


def _text_encoder(name: str, entry: Mapping[str, Any], reading: _Reading) -> TextEncoder:
    own = encoder_arrays(name, entry, reading.arrays)
    reading.budget.ask(file_limits.of_encoder_arrays(own))  # before it is made of them
    encoder = encoder_of(name, own)
    reading.budget.ask(file_limits.of_encoder(encoder))
    return encoder


def _ensemble(theme: str, entries: Any, encoder: Encoder, reading: _Reading) -> tuple[EnsembleMember, ...]:
    if not isinstance(entries, list):
        raise TypeError("the models of a theme are no list")
    ensemble, keys, sizes = [], list(encoder.views), encoder.sizes
    for entry in entries:
        member, fitted = _member(entry, keys, encoder.views, reading, 1 / len(entries))
        reading.budget.ask_for_model(theme, member, fitted, sizes)
        ensemble.append(member)
    return tuple(ensemble)


def _member(
    entry: Mapping[str, Any],
    keys: Sequence[Key],
    views: Mapping[Key, FittedView],
    reading: _Reading,
    equal_weight: float,
) -> tuple[EnsembleMember, FittedView]:
    place = entry["view"]
    if type(place) is not int or not 0 <= place < len(keys):
        raise ValueError(f"{place!r} is no number of a view")
    (view, fold), fitted = keys[place], views[keys[place]]
    model = unpack_model(entry, reading.arrays, fitted.width, finite=reading.finite)
    weight = entry.get("weight", equal_weight)  # files of version 1 have none: their members count the same
    if not isinstance(weight, float) or not np.isfinite(weight):
        raise ValueError(f"{weight!r} is no weight of a model")
    return EnsembleMember(view, fold, model, weight), fitted
