"""Tunes one model a theme on tagged texts, precision first, and tags the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from themetagger.bundle import BundleError
    from themetagger.corpus import TableError
    from themetagger.objectives import Costs, FBeta, PrecisionFirst, RecallFirst
    from themetagger.plan import Plan
    from themetagger.tagger import ThemeTagger

__all__ = [
    "BundleError",
    "Costs",
    "FBeta",
    "Plan",
    "PrecisionFirst",
    "RecallFirst",
    "TableError",
    "ThemeTagger",
]

_HOMES = {
    "BundleError": "bundle",
    "Costs": "objectives",
    "FBeta": "objectives",
    "Plan": "plan",
    "PrecisionFirst": "objectives",
    "RecallFirst": "objectives",
    "TableError": "corpus",
    "ThemeTagger": "tagger",
}


def __getattr__(name: str) -> Any:
    """Fetch a public name when it is first used, so that loading a tagger imports no search library.

    ``tune`` is not among them: it is the name of a module, ``from themetagger.tune import tune``.
    """
    if name not in _HOMES:
        raise AttributeError(f"module 'themetagger' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"themetagger.{_HOMES[name]}"), name)
