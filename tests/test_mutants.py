"""Some hundreds of damaged and forged tagger files come to nothing; tests/benchmarks/mutants.py makes 100,000."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from benchmarks import mutants

from themetagger.tagger.theme_tagger import ThemeTagger

pytestmark = pytest.mark.slow

GOLDEN = Path(__file__).parent / "golden"
WHOLE = {path.stem: path.read_bytes() for path in sorted(GOLDEN.glob("*.tagger"))}
KINDS = [kind for kinds in mutants.KINDS.values() for kind in kinds]


@pytest.fixture(scope="module")
def report() -> mutants.Report:
    return mutants.run(400, seed=1, jobs=1)


def test_no_mutant_does_what_none_may_do(report: mutants.Report) -> None:
    assert report.bad == 0, str(report)
    total: Counter[str] = sum(report.counts.values(), Counter())
    assert total.total() == 400
    assert total["refused"] > 300
    assert report.slowest[0] < mutants.SECONDS
    assert 0 < report.largest[0] < mutants.MEMORY


def test_the_table_has_a_row_for_each_kind(report: mutants.Report) -> None:
    lines = str(report).splitlines()
    assert [line.split()[0] for line in lines if line.startswith("  ")][1:] == [kind.__name__ for kind in KINDS]
    assert "400" in next(line for line in lines if line.startswith("all"))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_kind_makes_another_file_of_every_version(kind: Any) -> None:
    for stem, data in WHOLE.items():
        made = [kind(data, mutants.taken_apart(data), mutants.Random(f"{stem} {i}")) for i in range(3)]
        assert any(one != data for one in made)


def test_a_file_that_is_only_sealed_again_is_a_good_one(tmp_path: Path) -> None:
    """What is refused of the forged ones is refused for the lie, not for the seal."""
    for stem, data in WHOLE.items():
        (tmp_path / "a.tagger").write_bytes(mutants.sealed(mutants.taken_apart(data)))
        parts = mutants.taken_apart(data)
        parts.put("a0", parts.array("a0"))
        (tmp_path / "b.tagger").write_bytes(mutants.sealed(parts))
        tags = ThemeTagger.load(GOLDEN / f"{stem}.tagger").tag(mutants.TEXTS)
        assert [ThemeTagger.load(tmp_path / name).tag(mutants.TEXTS) for name in ("a.tagger", "b.tagger")] == [tags] * 2


DONE = {
    "import": "import wave",
    "write": "open('made', 'w')",
    "network": "import socket; socket.socket().bind(('127.0.0.1', 0))",
    "process": "import subprocess; subprocess.run(['true'])",
    "code": "compile('1', 'x', 'eval')",
    "": "open('/dev/null').read(); import os; os.listdir('.')",
}


@pytest.mark.parametrize("what", list(DONE))
def test_the_hook_sees_what_is_done(tmp_path: Path, what: str) -> None:
    code = f"""
import json, sys, socket, subprocess, os
sys.path.insert(0, {str(Path(mutants.__file__).parent)!r})
from mutants import what_is_done
seen, armed = set(), False
def hook(event, arguments):
    if armed:
        seen.add(what_is_done(event, arguments))
sys.addaudithook(hook)
todo = compile({DONE[what]!r}, "todo", "exec")
def do():
    exec(todo)
import types
run = types.FunctionType(todo, globals())
armed = True
run()
armed = False
print(json.dumps(sorted(seen - {{""}})))
"""
    command = [sys.executable, "-c", code]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    seen = json.loads(found)
    assert what in seen if what else seen == []


def stub(tmp_path: Path, body: str) -> mutants.Worker:
    """A worker whose process does something else."""
    hand = object.__new__(mutants.Worker)
    hand.process = subprocess.Popen(
        [sys.executable, "-c", body], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path, env=dict(os.environ)
    )
    return hand


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ("import time; time.sleep(60)", "hang"),
        ("import os; input(); os.abort()", "crash"),
        ('input(); print(\'["tagged", "x", 0.1, 5, []]\', flush=True); input()', "tagged"),
    ],
)
def test_a_worker_that_hangs_or_dies_is_told_from_one_that_answers(tmp_path: Path, body: str, outcome: str) -> None:
    hand = stub(tmp_path, body)
    try:
        assert hand.answer(tmp_path / "a", 1.0 if outcome == "hang" else 30.0)[0] == outcome
    finally:
        hand.close()


@pytest.mark.parametrize(
    ("kind", "found", "outcome"),
    [
        (mutants.flipped, ("refused", "no", 0.1, 5, []), "refused"),
        (mutants.flipped, ("tagged", "same", 0.1, 5, []), "same tags"),
        (mutants.flipped, ("tagged", "others", 0.1, 5, []), "other tags"),
        (mutants.shape_lied, ("tagged", "others", 0.1, 5, []), "other tags"),
        (mutants.moved, ("tagged", "others", 0.1, 5, []), "legal"),
        (mutants.moved, ("refused", "no", 0.1, 5, ["import: import wave"]), "import"),
        (mutants.moved, ("exception", "KeyError", 0.1, 5, []), "exception"),
    ],
)
def test_an_outcome_is_judged_by_the_kind_of_mutant(kind: Any, found: Any, outcome: str) -> None:
    report = mutants.Report()
    mutants._count(report, "a", kind, found, "same")
    assert report.counts == {kind.__name__: {outcome: 1}}
    assert report.bad == (outcome in mutants.BAD)
    assert len(report.wrong) == report.bad
