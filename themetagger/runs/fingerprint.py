"""What a run is made from, plan and tables, as JSON values; and what has changed since."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from themetagger._utils.wording import number_of
from themetagger.corpus import Corpus
from themetagger.runs.plan import Plan
from themetagger.selection.guarantee import FORMER_FORMS

Numbers = npt.NDArray[np.uint64]

# settings that older runs did not have, as they held for them
_ADDED: dict[str, Any] = {"empty_cells": "error", "repeats": "keep", "rows_without_theme": "keep"}
# what has no influence on results, what the tables themselves show, and what a later call may change
_FREE = {"train", "test", "out", "n_jobs", "show_progress", "theme_map", "resume", "start_over", "storage", "log_level"}
_FREE |= {"trials", "time_budget", "theme_time_budget", "cut", "plan_file", "remarks"}
_FREE |= {"encoder", "static_vectors"}  # where they are; which ones they are is said by their SHA-256
_LIBRARIES = ("themetagger", "numpy", "scipy", "pandas", "scikit-learn", "lightgbm", "xgboost", "optuna")


def plan_json(plan: Plan) -> dict[str, Any]:
    """The settings of a plan that must stay as they are while its run goes on."""
    settings = {field.name: getattr(plan, field.name) for field in fields(plan) if field.name not in _FREE}
    settings |= {name: getattr(plan.table_format, name) for name in ("text_columns", "theme_column", "separator")}
    decisive = {
        theme: {name: value for name, value in own.items() if name not in _FREE}
        for theme, own in plan.overrides.items()
    }
    settings["overrides"] = {theme: own for theme, own in decisive.items() if own}
    settings["drop_themes"] = sorted(plan.drop_themes)
    if not plan.drop_themes:  # which older runs did not know
        del settings["drop_themes"]
    values: dict[str, Any] = described(settings)
    return values


def tables_json(plan: Plan) -> dict[str, Any]:
    """The absolute paths of the tables of a plan; None for one that is not a file."""
    given = {name: getattr(plan, name) for name in ("train", "test", "theme_map")}
    paths: dict[str, Any] = {
        name: os.path.abspath(value) if isinstance(value, str | os.PathLike) else None for name, value in given.items()
    }
    return paths | ({"theme_map": dict(plan.theme_map)} if isinstance(plan.theme_map, Mapping) else {})


def described(value: Any) -> Any:
    """A setting as JSON values: an object becomes its class and its attributes.

    Examples
    --------
    >>> from themetagger.selection.objectives import FBeta
    >>> described((1, FBeta(2.0)))
    [1, {'class': 'FBeta', 'beta': 2.0, 'target': 0.8}]
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return described(value.item())
    if isinstance(value, np.ndarray):
        return f"array {value.dtype} {value.shape} {hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()}"
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Mapping):
        return {str(name): described(inner) for name, inner in value.items()}
    if isinstance(value, Sequence):
        return [described(inner) for inner in value]
    if isinstance(value, set | frozenset):
        return sorted(str(described(inner)) for inner in value)
    if callable(value) and hasattr(value, "__code__"):
        return f"{value.__qualname__} {hashlib.sha256(value.__code__.co_code).hexdigest()[:16]}"
    names = [field.name for field in fields(value)] if is_dataclass(value) else getattr(value, "__dict__", {})
    attributes = {name: getattr(value, name) for name in names}
    if not attributes and " at 0x" not in repr(value):  # a number of another library, say
        return repr(value)
    return {"class": type(value).__qualname__, **{name: described(inner) for name, inner in attributes.items()}}


def row_numbers(corpus: Corpus) -> Numbers:
    """A number for each row, (n,), that depends on its text and its themes."""
    labels = corpus.labels.tocsr()
    numbers = np.empty(len(corpus), dtype=np.uint64)
    for row, text in enumerate(corpus.texts):
        columns = labels.indices[labels.indptr[row] : labels.indptr[row + 1]]
        names = "\0".join(sorted(corpus.themes[column] for column in columns))
        digest = hashlib.blake2b(f"{text}\0\0{names}".encode("utf-8", "surrogatepass"), digest_size=8)
        numbers[row] = int.from_bytes(digest.digest(), "little")
    return numbers


def fingerprint(corpus: Corpus, numbers: Numbers) -> dict[str, Any]:
    """What a table is recognised by: its size, and a SHA-256 of rows, themes and duplicate groups."""
    themes = "\0".join(corpus.themes).encode("utf-8", "surrogatepass")
    digest = hashlib.sha256(numbers.tobytes() + themes + corpus.groups.astype(np.int64).tobytes()).hexdigest()
    return {"source": corpus.source, "rows": len(corpus), "themes": len(corpus.themes), "sha256": digest}


def versions() -> dict[str, str]:
    """The versions of Python and of the libraries that have an influence on results."""
    return {"python": platform.python_version(), **{name: _version(name) for name in _LIBRARIES}}


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def other_versions(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """A remark on libraries that have other versions than when the run began; none where all are the same.

    Examples
    --------
    >>> other_versions({"numpy": "2.3.0"}, {"numpy": "2.4.0"})
    ('This run was begun with numpy 2.3.0 (now 2.4.0); another version may give other results.',)
    """
    changed = [f"{name} {before[name]} (now {now[name]})" for name in now if before.get(name) not in (None, now[name])]
    return (
        (f"This run was begun with {', '.join(changed)}; another version may give other results.",) if changed else ()
    )


def other_settings(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The settings that have changed, a clause for each.

    One that only had another name in older versions has not, nor one that they lacked and that has its default.

    Examples
    --------
    >>> other_settings({"seed": 0, "n_folds": 5}, {"seed": 1, "n_folds": 5})
    ['seed was 0 and is now 1']
    >>> before, now = ({"class": "Promise", "form": form} for form in ("walk", "fixed_sequence"))
    >>> other_settings({"promise": before}, {"promise": now})
    []
    """
    before = _ADDED | {name: _as_of_today(value) for name, value in before.items()}
    names = [name for name in {**before, **now} if before.get(name) != now.get(name, _ADDED.get(name))]
    return [f"{name} was {_short(before.get(name))} and is now {_short(now.get(name))}" for name in names]


def _short(setting: Any) -> str:
    shown = repr(setting)
    return shown if len(shown) <= 1_000 else f"{shown[:1_000]}..."


def _as_of_today(setting: Any) -> Any:
    """A setting of an older run.json, with the form of a promise as it is called today."""
    if not isinstance(setting, Mapping):
        return setting
    renamed = {name: _as_of_today(value) for name, value in setting.items()}
    if renamed.get("class") == "Promise" and "form" in renamed:
        renamed["form"] = FORMER_FORMS.get(renamed["form"], renamed["form"])
    return renamed


def other_table(before: Mapping[str, Any], now: Mapping[str, Any], first: int | None) -> str:
    """What has changed in a table, by its fingerprints; ``first`` is the first row that differs, from 0."""
    then, today = (
        f"{number_of(table['rows'], 'row')} and {number_of(table['themes'], 'theme')}" for table in (before, now)
    )
    sizes = f"{then} before, {today} now"
    where = "" if first is None else f"; row {first + 1:,} is the first that differs"
    return f"{now['source']} is not the same ({sizes}{where})"


def first_other(before: Numbers, now: Numbers) -> int | None:
    """The first row whose number differs, from 0; None where all are the same.

    Examples
    --------
    >>> one = np.array([1, 2, 3], dtype=np.uint64)
    >>> first_other(one, one), first_other(one, one[:2]), first_other(one, one[::-1])
    (None, 2, 0)
    """
    shared = min(len(before), len(now))
    others = np.flatnonzero(before[:shared] != now[:shared])
    if len(others):
        return int(others[0])
    return None if len(before) == len(now) else shared
