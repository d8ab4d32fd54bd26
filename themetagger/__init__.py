"""Tags texts with themes: tunes one model per theme on tagged texts, precision first, and tags the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from themetagger._utils.encoder_error import EncoderError
    from themetagger.corpus import TableError
    from themetagger.models.storage.container import BundleError
    from themetagger.runs.errors import RunError
    from themetagger.runs.plan import Plan
    from themetagger.runs.tune import tune
    from themetagger.selection.objectives import Costs, FBeta, PrecisionFirst, RecallFirst
    from themetagger.tagger.theme_tagger import ThemeTagger

__all__ = [
    "BundleError",
    "Costs",
    "EncoderError",
    "FBeta",
    "Plan",
    "PrecisionFirst",
    "RecallFirst",
    "RunError",
    "TableError",
    "ThemeTagger",
    "tune",
]

_HOMES = {
    "BundleError": "models.storage.container",
    "Costs": "selection.objectives",
    "EncoderError": "_utils.encoder_error",
    "FBeta": "selection.objectives",
    "Plan": "runs.plan",
    "PrecisionFirst": "selection.objectives",
    "RecallFirst": "selection.objectives",
    "RunError": "runs.errors",
    "TableError": "corpus",
    "ThemeTagger": "tagger.theme_tagger",
    "tune": "runs.tune",
}
_ROOMS = ("corpus", "features", "insights", "models", "report", "runs", "search", "selection", "tagger")


def __getattr__(name: str) -> Any:
    """Fetch a public name when it is first used, so that loading a tagger imports no search library."""
    if name == "__version__":
        from importlib.metadata import version

        return version("themetagger")
    if name in _ROOMS:
        from importlib import import_module

        return import_module(f"themetagger.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'themetagger' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"themetagger.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """The public names, also of what is imported when it is first used, for completion in a notebook."""
    return sorted({*globals(), *__all__, *_ROOMS, "__version__"} - {"TYPE_CHECKING", "Any", "annotations"})
