"""Imports point down: the floors of the package, low to high, and who may know whom."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from themetagger.features.encoder import build_encoder
from themetagger.features.preprocessing import DEFAULT_STEPS
from themetagger.search.settings import StudySettings
from themetagger.search.study import study_theme
from themetagger.selection.objectives import PrecisionFirst
from themetagger.tagger.theme_tagger import ThemeTagger

PACKAGE = Path(__file__).parents[1] / "themetagger"
FLOORS = [  # a room imports from floors below its own, and within itself
    {"_utils"},
    {"features", "selection"},
    {"corpus", "models"},
    {"report", "search", "tagger"},
    {"insights"},
    {"runs"},
    {"cli"},
]
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")
every_module = pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))


def _imports(path):
    """Dotted names that a module imports, at its top or inside a function: of `from a import b`, "a.b"."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports by full names only"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _room(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@every_module
def test_a_module_a_function_and_its_signature_can_be_read_in_one_sitting(path):
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 350
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            assert not body or node.end_lineno - body[0].lineno < 40, f"{path}: {node.name} is too long"
            assert _parameters(node.args) <= 10, f"{path}: {node.name} has too many parameters"


def _parameters(arguments):
    """How many parameters a function has, without ``self`` and ``cls``."""
    names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    stars = [star for star in (arguments.vararg, arguments.kwarg) if star is not None]
    return len(names) + len(stars) - (names[:1] in (["self"], ["cls"]))


@every_module
def test_only_the_search_knows_optuna(path):
    assert _room(path) == "search" or not any(name.split(".")[0] == "optuna" for name in _imports(path))


@every_module
def test_an_import_points_down(path):
    ours = {name.split(".")[1] for name in _imports(path) if name.startswith("themetagger.")} - {_room(path)}
    assert [room for room in sorted(ours) if FLOOR[room] >= FLOOR[_room(path)]] == []


def test_the_house_stays_small_enough_to_be_known():
    arrows = {
        (_room(path), name.split(".")[1])
        for path in MODULES
        for name in _imports(path)
        if name.startswith("themetagger.") and name.split(".")[1] != _room(path)
    }
    rooms = {_room(path) for path in MODULES}
    assert rooms == set(FLOOR)
    assert len(rooms) <= 12
    assert len(arrows) <= 60


@every_module
def test_nothing_is_unpickled(path):
    banned = ("pickle", "cloudpickle", "dill", "shelve", "marshal", "joblib.load", "joblib.dump", "pandas.read_pickle")
    assert not [name for name in _imports(path) if name in banned or name.split(".")[0] in banned]
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    calls = {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)}
    assert not calls & {"joblib.load", "joblib.dump", "pd.read_pickle", "eval", "exec", "__import__"}


def _imported(code):
    """Which of the search's libraries a fresh interpreter has imported after ``code``."""
    heavy = ("optuna", "lightgbm", "xgboost", "themetagger.search")
    script = f"{code}\nimport sys; print([name for name in {heavy} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return found.stdout.splitlines()[-1]


@pytest.mark.slow
def test_importing_the_package_imports_no_search_library():
    assert _imported("import themetagger") == "[]"
    assert _imported("import themetagger.search.study") == "['optuna', 'themetagger.search']"


@pytest.mark.slow
@pytest.mark.parametrize("family", ["ridge", "xgboost"])
def test_loading_a_tagger_imports_no_search_library_and_gives_the_same_tags(corpus, features, tmp_path, family):
    found = study_theme("pay", corpus.column("pay"), features, StudySettings(PrecisionFirst(), [family], trials=1))
    keys = [(member.view, member.fold) for member in found.members]
    encoder = build_encoder(keys, features.inputs, features.folds, DEFAULT_STEPS)
    tagger, path = ThemeTagger([found.theme_result], {"pay": found.members}, encoder), tmp_path / "tagger.tagger"
    tagger.save(path)
    texts = list(corpus.texts[:40])
    assert 0 < np.sum(tagger.predict(texts)) < 40
    code = f"from themetagger import ThemeTagger; tags = ThemeTagger.load({str(path)!r}).tag({texts!r})"
    assert _imported(f"{code}\nassert tags == {tagger.tag(texts)!r}") == "[]"
