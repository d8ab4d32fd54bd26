"""What is inside a tagger file, from the file alone: who made it, what it knows, what each theme promises."""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import starmap

import pandas as pd

from themetagger._utils.console import printable
from themetagger._utils.faces import options_of
from themetagger._utils.run_paths import tagger_at
from themetagger.corpus.table_format import TableFormat
from themetagger.features import TextEncoder
from themetagger.models.storage.container import open_bundle
from themetagger.selection.groups import GROUPS
from themetagger.selection.results import results_table
from themetagger.tagger.predictions import not_usable
from themetagger.tagger.tagger_file import unpacked

ANALYSERS = {"word": "words and pairs of words", "char_wb": "character n-grams"}
SHOWN = ("theme", "status", "group", "family", "view", "threshold", "precision", "recall")


@dataclass(frozen=True)
class TaggerDescription:
    """What :func:`describe_tagger` says.

    Attributes
    ----------
    facts : DataFrame of ``what`` and ``value``, texts: of the file, its arrays, texts and vocabulary
    themes : DataFrame, one row a theme: status, group, family, view, threshold, precision and recall (out of fold), and
        the number of ``models``
    """

    facts: pd.DataFrame
    themes: pd.DataFrame


def describe_tagger(path: str | os.PathLike[str]) -> TaggerDescription:
    """Read a tagger file as :meth:`ThemeTagger.load` does, and tell what is in it; nothing of it is run.

    Raises
    ------
    BundleError
        If the file is missing, damaged, of another kind, or of a newer version: nothing is shown of such a file.
    """
    bundle = open_bundle(tagger_at(path))
    theme_results, members, encoder, extra = unpacked(bundle)
    made_by = bundle.manifest.get("made_by") or {}
    held = [array.nbytes for array in bundle.arrays.values()]
    table = results_table(theme_results)
    groups = table["group"].tolist()
    counted = ", ".join(f"{groups.count(group):,} {group}" for group in GROUPS if group in groups)
    kept: TableFormat = extra["table_format"]
    facts = {
        "format version": str(bundle.version),
        "made by": ", ".join(f"{name} {version}" for name, version in made_by.items()) or "unknown, an older version",
        "checksums": f"right: manifest and {len(held):,} arrays",
        "size": f"{bundle.size:,} bytes",
        "arrays": f"{len(held):,} of {sum(held):,} bytes",
        "reads tables by": options_of(kept.needed_settings) or "the defaults",
        "text steps": ", ".join(encoder.steps) or "none",
        **{f"known {terms}": f"{len(encoder.vocabulary.get(name, ())):,}" for name, terms in ANALYSERS.items()},
        "text encoders": "; ".join(starmap(_encoder, encoder.encoders.items())) or "none",
        "themes": f"{len(theme_results):,}: {counted}" if theme_results else "0",
        "pooled certificate": "none" if extra["pooled"] is None else extra["pooled"].said,
        "not usable": ", ".join(not_usable(theme_results)) or "none",
        "thresholds set by hand": ", ".join(one.theme for one in theme_results if one.threshold_set) or "none",
        "models": f"{sum(map(len, members.values())):,}",
        "held-out figures": "none" if extra["held_out"] is None else "for each theme",
        "spot checks": "; ".join(map(str, extra["spot_checks"])) or "none",
    }
    themes = table[list(SHOWN)].assign(**{name: table[name].map(printable) for name in ("theme", "family", "view")})
    models = [len(members.get(theme_result.theme, ())) for theme_result in theme_results]
    listed = [(printable(what), printable(value)) for what, value in facts.items()]
    return TaggerDescription(pd.DataFrame(listed, columns=["what", "value"]), themes.assign(models=models))


def _encoder(name: str, encoder: TextEncoder) -> str:
    """The name of a text encoder, and of the model that the file names where it does not hold it."""
    record = getattr(encoder, "record", None)
    return name if record is None else f"{name}: {record}"
