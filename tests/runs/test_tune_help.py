"""The help of ``tune`` lists the settings of a plan."""

from __future__ import annotations

import inspect
import pydoc
from dataclasses import fields

import themetagger
from themetagger.runs.plan import Plan


def test_help_lists_every_setting() -> None:
    shown = pydoc.render_doc(themetagger.tune, renderer=pydoc.plaintext)
    own = {"train"}
    names = {field.name for field in fields(Plan)} - own
    assert names <= set(inspect.signature(themetagger.tune).parameters)
    assert [
        name for name in ("test", "trials", "min_positives", "text_columns", "seed") if f"    {name} :" not in shown
    ] == []
    assert shown.count("    train :") == 1
    assert "Raises" in shown


def test_the_package_completes_its_names_and_rooms() -> None:
    listed = dir(themetagger)
    assert {"tune", "ThemeTagger", "corpus", "tagger", "__version__", "__file__"} <= set(listed)
    assert all(getattr(themetagger, name) is not None for name in listed if not name.startswith("_"))
