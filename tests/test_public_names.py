"""The names that people import: small lists, sorted, and all of them there."""

from __future__ import annotations

import ast
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pytest

import themetagger

PACKAGE = Path(themetagger.__file__).parent
FACE = {
    "BundleError": "themetagger.models.storage.container",
    "Costs": "themetagger.selection.objectives",
    "EncoderError": "themetagger._utils.encoder_error",
    "FBeta": "themetagger.selection.objectives",
    "Plan": "themetagger.runs.plan",
    "PrecisionFirst": "themetagger.selection.objectives",
    "RecallFirst": "themetagger.selection.objectives",
    "RunError": "themetagger.runs.errors",
    "TableError": "themetagger.corpus",
    "ThemeTagger": "themetagger.tagger.theme_tagger",
    "tune": "themetagger.runs.tune",
}
LISTING = [
    ".".join(["themetagger", *path.parent.relative_to(PACKAGE).parts]) for path in sorted(PACKAGE.rglob("__init__.py"))
]


def test_the_face_of_the_package_is_this():
    assert list(themetagger.__all__) == list(FACE)
    assert set(FACE) <= set(dir(themetagger))
    assert themetagger.__version__ == version("themetagger")


@pytest.mark.parametrize(("name", "home"), FACE.items())
def test_a_public_name_is_the_one_of_its_home(name, home):
    assert getattr(themetagger, name) is getattr(import_module(home), name)


@pytest.mark.parametrize("module", LISTING)
def test_what_a_package_lists_is_sorted_and_there(module):
    listed = getattr(import_module(module), "__all__", [])
    order = {name: (not name.isupper(), name[0].islower(), name) for name in listed}  # constants, classes, functions
    assert list(listed) == sorted(order, key=order.__getitem__)
    assert [name for name in listed if not hasattr(import_module(module), name)] == []


def test_a_name_that_is_not_there_is_said():
    with pytest.raises(AttributeError, match="no attribute 'tuner'"):
        themetagger.tuner  # noqa: B018


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_says_in_its_first_line_what_it_is(path):
    sentence = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").splitlines()[:1]
    assert sentence
    assert sentence[0].endswith((".", "!", ","))
