"""Every study is a plan that holds; the debtags are read as they are written; a study runs from end to end."""

from __future__ import annotations

import csv
import importlib
import itertools
import runpy
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from toys import SMALL, toy

import themetagger.runs.tune
from themetagger.corpus import read_corpus
from themetagger.runs.plan import Plan
from themetagger.search.storage.database import Database, DatabaseError
from themetagger.tagger.theme_tagger import ThemeTagger

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "studies"
ROOMS = ("_run", "apt_packages")  # what studies share; everything else in the folder is a study
STUDIES = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in ROOMS)
ON_A_FOLDER = ["hallmarks_of_cancer", "leetcode_topics", "nhs_phase1_multi", "reuters21578"]


@pytest.fixture(autouse=True)
def _studies_on_the_path(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As when a study is run as a script: its folder comes first."""
    monkeypatch.setattr(sys, "path", [str(FOLDER), *sys.path])
    yield
    for name in (*ROOMS, *STUDIES):
        sys.modules.pop(name, None)


@pytest.fixture
def apt() -> Any:
    return importlib.import_module("apt_packages")


@pytest.fixture
def run_script(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """Run a study as a script with the given arguments."""

    def run(name: str, *arguments: object) -> dict[str, Any]:
        path = str(FOLDER / f"{name}.py")
        monkeypatch.setattr(sys, "argv", [path, *map(str, arguments)])
        return runpy.run_path(path, run_name="__main__")

    return run


def _plan(name: str) -> Plan:
    study = importlib.import_module(name)
    made = study.plan(Path("folder")) if name in ON_A_FOLDER else study.PLAN
    assert isinstance(made, Plan)
    return made


def test_there_is_a_study_for_each_data_set() -> None:
    assert sorted([*ON_A_FOLDER, "debtags", "workplace"]) == STUDIES


@pytest.mark.parametrize("name", STUDIES)
def test_a_study_is_short_and_says_what_it_is_and_how_to_run_it(name: str) -> None:
    lines = (FOLDER / f"{name}.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) < 40
    assert f"python studies/{name}.py" in lines[0]


@pytest.mark.parametrize("name", STUDIES)
def test_a_study_gives_the_reason_beside_its_values(name: str) -> None:
    lines = (FOLDER / f"{name}.py").read_text(encoding="utf-8").splitlines()
    values = [line for line in lines if line.startswith("    ") and line.rstrip().split("  #")[0].endswith(",")]
    assert sum("  # " in line for line in values) >= len(values) - 2  # two paths may speak for themselves


@pytest.mark.parametrize("name", STUDIES)
def test_a_plan_keeps_its_run_in_a_folder_of_its_own_that_git_ignores(name: str) -> None:
    plan = _plan(name)
    assert plan.out == ROOT / "data" / "runs" / name
    assert "data/runs/" in (ROOT / ".gitignore").read_text(encoding="utf-8").split()


@pytest.mark.parametrize("name", STUDIES)
def test_a_plan_has_held_out_texts(name: str) -> None:
    plan = _plan(name)
    assert (plan.test is not None) != (plan.hold_out > 0)
    assert plan.test != plan.train


@pytest.mark.parametrize("name", ON_A_FOLDER)
def test_a_plan_reads_the_two_tables_of_its_folder(name: str) -> None:
    assert (_plan(name).train, _plan(name).test) == (Path("folder/train.csv"), Path("folder/test.csv"))


def test_the_sample_of_the_workplace_study_is_where_the_plan_says() -> None:
    plan = _plan("workplace")
    assert [Path(str(table)).is_file() for table in (plan.train, plan.test)] == [True, True]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "arguments are required: FOLDER"),
        (["no/such/folder"], "has no train.csv; name a folder that holds train.csv and test.csv"),
        (["no/such/folder", "--trials", "many"], "--trials: invalid int value: 'many'"),
    ],
)
@pytest.mark.parametrize("name", ON_A_FOLDER)
def test_a_study_without_its_folder_ends_with_its_usage(
    name: str,
    arguments: list[str],
    message: str,
    run_script: Callable[..., dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit, match="2"):
        run_script(name, *arguments)
    printed = capsys.readouterr().err
    assert printed.startswith(f"usage: {name}.py")
    assert message in printed


# --- running: the sample, cut down to one theme that can be tuned ---


def _sample(name: str, folder: Path, *, rows: int) -> None:
    """A table of the first rows of the sample with and without the theme "pay and benefits"."""
    with open(ROOT / "data" / "workplace" / name, encoding="utf-8", newline="") as file:
        texts = [(row["Processed Text"], "pay" if "pay" in row["Themes"] else "") for row in csv.DictReader(file)]
    chosen = [
        row for has in (True, False) for row in itertools.islice((t for t in texts if bool(t[1]) is has), rows // 2)
    ]
    with open(folder / name, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("Processed Text", "Themes"), *chosen])


@pytest.mark.slow
def test_a_study_leaves_table_picture_and_tagger_and_prints_what_it_cost(
    tmp_path: Path, run_script: Callable[..., dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    _sample("train.csv", tmp_path, rows=80)
    _sample("test.csv", tmp_path, rows=20)
    run_script("leetcode_topics", tmp_path, "--out", tmp_path / "run", "--trials", 1, "--n-jobs", 1)
    printed = capsys.readouterr().out
    for part in ("\npay ", "on held-out texts", "Averages", "Next:", "wall time", "peak memory", str(tmp_path / "run")):
        assert part in printed
    for name in ("results.csv", "results.md", "results.png"):
        assert (tmp_path / "run" / name).is_file()
    assert ThemeTagger.load(tmp_path / "run" / "tagger.tagger").themes == ["pay"]


@pytest.mark.slow
def test_the_workplace_study_prints_its_table(
    tmp_path: Path,
    run_script: Callable[..., dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real, small = themetagger.runs.tune.tune, {"min_positives": 125, "families": ("ridge",), "show_progress": False}
    monkeypatch.setattr("themetagger.runs.tune.tune", lambda plan, **given: real(plan, **(small | given)))
    options = ("--out", tmp_path, "--trials", 1, "--n-jobs", 1)
    tables = []
    for _ in ("the first time", "when everything has been done"):
        run_script("workplace", *options)
        printed = capsys.readouterr().out
        assert "\nmacro " in printed
        tables.append(printed.split("wall time")[0])
    assert tables[0] == tables[1]
    assert "\npay and benefits " in tables[0]
    assert (tmp_path / "tagger.tagger").is_file()


@pytest.mark.slow
def test_the_workplace_study_goes_on_after_an_interruption(
    tmp_path: Path,
    run_script: Callable[..., dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real, small = themetagger.runs.tune.tune, {"min_positives": 125, "families": ("ridge",), "show_progress": False}
    monkeypatch.setattr("themetagger.runs.tune.tune", lambda plan, **given: real(plan, **(small | given)))
    options = ("--out", tmp_path, "--trials", 1, "--n-jobs", 1)
    with monkeypatch.context() as patch:
        patch.setattr("themetagger.search.one_vs_rest.save_study", _interrupted)
        with pytest.raises(SystemExit) as ended:
            run_script("workplace", *options)
    assert ended.value.code == 130
    sys.modules.pop("_run")
    run_script("workplace", *options)
    assert "\npay and benefits " in capsys.readouterr().out


# --- debtags: records written for these tests, in the form that apt prints ---

PACKAGES = """\
Package: harp
Version: 2.0-1
Description: plucks strings
Homepage: https://harp.example/
Description-md5: aaa
Tag: role::program, implemented-in::{c,perl}, special::not-yet-tagged,
 sound::TODO,
 use::playing
Section: sound

Package: harp
Version: 1.0-1
Description: plucked strings
Tag: role::old

Package: anvil
Description: hammers
 A long description that came along,
 over two lines.
 .
 And a paragraph.
Description-md5: bbb
Tag: role::program

Package: untagged
Description: unlabelled
Description-md5: ccc

Package: placeholder
Description: only remarks
Tag: special::not-yet-tagged, suite::TODO
"""

TRANSLATIONS = """\
Package: harp
Description-md5: aaa
Description-en: plucks strings
 It has forty-seven of them.
 .
  * and pedals

Package: anvil
Description-md5: bbb
Description-en: hammers
 Another long description.
"""


@pytest.mark.parametrize(
    ("field", "themes"),
    [
        ("role::program", ("role::program",)),
        ("role::program, use::editing", ("role::program", "use::editing")),
        ("role::program,use::editing", ("role::program", "use::editing")),
        ("interface::{x11,3d}", ("interface::x11", "interface::3d")),
        ("interface::{x11, 3d}, role::program", ("interface::x11", "interface::3d", "role::program")),
        ("devel::{lang:c,\n lang:perl}", ("devel::lang:c", "devel::lang:perl")),
        ("devel::lang:{c,perl}", ("devel::lang:c", "devel::lang:perl")),
        ("interface::{x11}", ("interface::x11",)),
        ("interface::{}", ()),
        ("role::program,\n use::editing,\n", ("role::program", "use::editing")),
        ("role::program, role::program", ("role::program",)),
        ("implemented-in::c++, devel::lang:c++", ("implemented-in::c++", "devel::lang:c++")),
        ("special::not-yet-tagged", ()),
        ("special::not-yet-tagged::a, role::program", ("role::program",)),
        ("special::{auto-inst-parts,unreviewed}", ()),
        ("suite::TODO, devel::lang:TODO", ()),
        ("works-with::{text,TODO}", ("works-with::text",)),
        ("no-facet, ::tag, facet::", ()),
        ("", ()),
    ],
)
def test_a_tag_field_gives_the_themes_of_a_package(field: str, themes: tuple[str, ...], apt: Any) -> None:
    assert apt.themes_of(field) == themes


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("Package: a\nTag: x::y\n", [{"Package": "a", "Tag": "x::y"}]),
        ("Package: a\n\n\nPackage: b\n\n", [{"Package": "a"}, {"Package": "b"}]),
        ("Package: a\nDepends: b,\n c\nTag: x::y\n", [{"Package": "a", "Tag": "x::y"}]),
        ("Package: a\nTag: x::y,\n x::z\n", [{"Package": "a", "Tag": "x::y,\n x::z"}]),
        ("Package: a\r\nTag: x::y\r\n", [{"Package": "a", "Tag": "x::y"}]),
        ("Package: a\nTag:\n x::y\n", [{"Package": "a", "Tag": "\n x::y"}]),
        ("Package: a\nDescription: b: c\n", [{"Package": "a", "Description": "b: c"}]),
        (" a stray continuation\nPackage: a\n", [{"Package": "a"}]),
        ("", []),
    ],
)
def test_records_are_read_field_by_field(lines: str, expected: list[dict[str, str]], apt: Any) -> None:
    assert list(apt.records(lines.splitlines(keepends=True))) == expected


def test_records_come_out_while_the_list_is_still_being_read(apt: Any) -> None:
    endless = (line for number in itertools.count() for line in (f"Package: p{number}\n", "\n"))
    first = list(itertools.islice(apt.records(endless), 2))
    assert first == [{"Package": "p0"}, {"Package": "p1"}]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("short", ("short", "")),
        ("short\n long", ("short", "long")),
        ("short\n one\n .\n two", ("short", "one\n\ntwo")),
        ("short\n one\n  * item", ("short", "one\n* item")),
        ("", ("", "")),
    ],
)
def test_a_description_has_a_short_and_a_long_part(field: str, expected: tuple[str, str], apt: Any) -> None:
    assert apt.description(field) == expected


def test_only_tagged_packages_are_kept_and_one_version_of_each(apt: Any) -> None:
    packages = apt.tagged_packages(PACKAGES.splitlines(keepends=True))
    assert [package.name for package in packages] == ["anvil", "harp"]
    assert packages[1].themes == ("role::program", "implemented-in::c", "implemented-in::perl", "use::playing")


def test_long_descriptions_are_joined_by_md5_and_do_not_replace_those_that_came_along(apt: Any) -> None:
    packages = apt.with_long_descriptions(
        apt.tagged_packages(PACKAGES.splitlines(keepends=True)), TRANSLATIONS.splitlines(keepends=True)
    )
    assert [package.text for package in packages] == [
        "anvil: hammers. A long description that came along, over two lines. And a paragraph.",
        "harp: plucks strings. It has forty-seven of them. * and pedals",
    ]


@pytest.mark.parametrize(
    ("translations", "text", "said"),
    [
        (TRANSLATIONS, "harp: plucks strings. It has forty-seven of them. * and pedals", "1 without a long"),
        ("", "harp: plucks strings.", "fetches them"),
    ],
)
def test_the_lists_become_a_table_that_a_run_can_read(
    translations: str,
    text: str,
    said: str,
    apt: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    packages = PACKAGES.replace("Package: anvil", "Package: untold").replace(
        "\n A long description that came along,\n over two lines.\n .\n And a paragraph.\nDescription-md5: bbb", ""
    )
    lists = {"Packages": packages, "Translations": translations}
    monkeypatch.setattr(apt, "_read", lambda kind: iter(lists[kind].splitlines(keepends=True)))
    corpus = read_corpus(apt.write_packages(tmp_path / "new" / "packages.csv"))
    assert corpus.texts == (text, "untold: hammers.")
    assert corpus.column("role::program").tolist() == [1, 1]
    assert corpus.column("use::playing").tolist() == [1, 0]
    assert corpus.notes == ()
    assert said in capsys.readouterr().out


def test_empty_lists_say_what_to_run(apt: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apt, "_read", lambda kind: iter(()))
    with pytest.raises(SystemExit, match=r"apt-get .* update"):
        apt.write_packages(tmp_path / "packages.csv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["no-such-apt-get"], "There is no no-such-apt-get here"),
        ([sys.executable, "-c", "raise SystemExit(1)"], r"could not read the package lists; .*\n    apt-get"),
    ],
)
def test_a_machine_on_which_apt_does_not_answer_says_so(command: list[str], message: str, apt: Any) -> None:
    with pytest.raises(SystemExit, match=message):
        list(apt._lines(command))


def test_what_a_command_prints_is_read_line_by_line(apt: Any) -> None:
    assert list(apt._lines([sys.executable, "-c", "print('a\\nb')"])) == ["a\n", "b\n"]


@pytest.fixture
def small(tmp_path: Path) -> tuple[Plan, Callable[..., Any]]:
    """A small plan, and what runs it as a study does."""
    shared = importlib.import_module("_run")
    plan = Plan(toy(), out=tmp_path / "run", **SMALL)

    def run(plan: Plan, *argv: str) -> Any:
        return shared.run_study(plan, shared.read_options("", folder=False, argv=argv))

    return plan, run


@pytest.mark.slow
def test_a_study_that_was_interrupted_goes_on(
    small: tuple[Plan, Callable[..., Any]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plan, run = small
    with monkeypatch.context() as patch:
        patch.setattr("themetagger.search.one_vs_rest.save_study", _interrupted)
        with pytest.raises(SystemExit) as ended:
            run(plan)
    assert ended.value.code == 130
    assert capsys.readouterr().err.strip().endswith("The same command resumes it.")
    kept = {path: path.read_bytes() for path in Path(str(plan.out)).glob("themes/*/trials.jsonl")}
    assert len(kept) == 1
    assert run(plan).results["trials"].tolist() == [2, 2, 2]
    assert {path: path.read_bytes() for path in kept} == kept


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.slow
def test_a_study_of_another_plan_is_refused_unless_it_starts_over(
    small: tuple[Plan, Callable[..., Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    plan, run = small
    run(plan)
    other = replace(plan, seed=1)
    with pytest.raises(SystemExit) as ended:
        run(other)
    assert ended.value.code == 2
    assert "Error: " in (told := capsys.readouterr().err)
    assert "seed was 0 and is now 1" in told
    assert run(other, "--start-over").results["trials"].tolist() == [2, 2, 2]


@pytest.mark.slow
def test_a_study_whose_database_was_lost_says_so_at_its_end(
    small: tuple[Plan, Callable[..., Any]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plan, run = small

    def lost(*_: object) -> None:
        raise DatabaseError("it is gone.")

    monkeypatch.setattr(Database, "add", lost)
    with pytest.raises(SystemExit) as ended:
        run(plan)
    assert ended.value.code == 2
    told = capsys.readouterr()
    assert "\npay " in told.out
    assert told.err.startswith("Error: it is gone. Nothing else is lost: all trials are in ")
