"""Messages name settings as the face does that they are read on."""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from pathlib import Path

import pytest
from toys import toy

import themetagger
from themetagger._utils.faces import CommandLine, face, option, speaking
from themetagger.cli import main
from themetagger.cli.group import face_of
from themetagger.corpus import TableFormat, corpus_from_frame
from themetagger.runs.plan import Plan
from themetagger.search.workers.loky import LokyExecutor

PACKAGE = Path(themetagger.__file__).parent
SETTINGS = {field.name for kind in (Plan, TableFormat) for field in fields(kind)}
LONG = "|".join(name for name in SETTINGS if "_" in name)
SPELLED = re.compile(rf"\b({LONG})\b|\b({'|'.join(SETTINGS)})=['\"T]")
SAYS_OPTION = re.compile(r"(^|[\s(])--[a-z]")


PLAN_FILES = {"plan_draft.py", "plan_file.py", "plan_keys.py", "toml_places.py"}  # whose settings are the keys there


def _sentences(path: Path) -> list[str]:
    """The texts in a module that stand in no docstring and hold a space, as messages do."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = (n for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str))
    return [str(node.value) for node in texts if id(node) not in alone and " " in str(node.value)]


@pytest.mark.parametrize(
    "path",
    sorted(path for path in PACKAGE.rglob("*.py") if path.name not in PLAN_FILES),
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_no_message_spells_a_setting_by_itself(path: Path) -> None:
    for text in _sentences(path):
        assert "cli" in path.parts or "themetagger " in text or "pip " in text or not SAYS_OPTION.search(text), text
        assert not SPELLED.search(text), f"{text!r}: write it by option()"


def test_every_setting_that_is_an_option_has_its_name() -> None:
    spoken = face_of(main.commands.values())
    assert spoken.option("text_columns", ["a", "Free text"]) == "--text-column a --text-column 'Free text'"
    assert spoken.option("alike", "merge") == "--alike merge"
    assert spoken.option("promise.target", 0.8) == "--certify 0.8"
    known = {name for command in main.commands.values() for one in command.params for name in one.opts}
    assert {spoken.option(name, None) for name in SETTINGS & set(spoken.options)} <= known


def test_lists_are_repeated_or_joined_as_the_option_takes_them() -> None:
    spoken = CommandLine({"many": "--one"}, frozenset(["many"]))
    assert spoken.option("many", ["a b", "c"]) == "--one 'a b' --one c"
    assert spoken.option("listed", ["a", "c"]) == "--listed a,c"
    assert spoken.option("separator", "\n") == r"--separator '\n'"


def test_the_face_ends_with_its_block() -> None:
    with pytest.raises(KeyError), speaking(CommandLine()):
        raise KeyError(option("out"))
    assert (face(), option("out")) == (None, "out")


def test_the_same_error_in_both_languages() -> None:
    frame = toy(4)[["Processed Text"]].rename(columns={"Processed Text": "Free text"})
    with pytest.raises(ValueError, match=r"pass text_columns=\['Free text'\]\.$"):
        corpus_from_frame(frame)
    with (
        speaking(face_of(main.commands.values())),
        pytest.raises(ValueError, match=r"pass --text-column 'Free text'\.$"),
    ):
        corpus_from_frame(frame)


@pytest.mark.slow
def test_workers_speak_as_the_run_does() -> None:
    executor = LokyExecutor(2)
    with speaking(CommandLine()), executor.session():
        assert set(executor.submit_all([lambda _: option("resume", True)] * 2)) == {"--resume"}
