"""Some edits of a run folder come to nothing; tests/benchmarks/fuzz_run_folder.py makes 10,000."""

from __future__ import annotations

import os
import random
from collections import Counter
from pathlib import Path

import pytest
from benchmarks import fuzz_run_folder as fuzz

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> fuzz.Place:
    """A run to be edited."""
    return fuzz.made(tmp_path_factory.mktemp("fuzz"))


def test_no_edit_does_what_none_may_do() -> None:
    report = fuzz.run(100, seed=1, every=25)
    assert report.bad == 0, str(report)
    total: Counter[str] = sum(report.counts.values(), Counter())
    assert (total.total(), total["told"] > 20, total["fine"] > 5) == (100, True, True)


@pytest.mark.parametrize("kind", fuzz.EDITS, ids=lambda kind: kind.__name__)
def test_each_kind_of_edit_changes_the_folder(place: fuzz.Place, kind: object) -> None:
    fuzz.renewed(place)
    before, inside = fuzz.tree(place.run), place.base / "outside"
    outside = fuzz.tree(inside)
    for number in range(5):  # one of them may put in what was there
        kind(place, random.Random(number))  # type: ignore[operator]
        if fuzz.tree(place.run) != before or place.run.joinpath("themes").is_symlink():
            break
        fuzz.renewed(place)
    else:
        pytest.fail("nothing was changed")
    assert fuzz.tree(inside) == outside


def _writes(place: fuzz.Place) -> None:
    place.victim.write_text("gone")


def _breaks(place: fuzz.Place) -> None:
    raise KeyError("theme")


def _hangs(place: fuzz.Place) -> None:
    while True:
        pass


def _dies(place: fuzz.Place) -> None:
    os.abort()


def _tells(place: fuzz.Place) -> None:
    raise OSError("one line")


@pytest.mark.parametrize(
    ("step", "outcome"), [(_breaks, "traceback"), (_hangs, "hang"), (_dies, "crash"), (_tells, "told")]
)
def test_what_goes_wrong_is_seen(
    place: fuzz.Place, step: object, outcome: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fuzz, "SECONDS", 1)
    assert fuzz.tried(place, [step])[0] == outcome  # type: ignore[list-item]


def test_a_write_outside_is_seen(place: fuzz.Place) -> None:
    before = fuzz.tree(Path(place.victim.parent))
    fuzz.tried(place, [_writes])
    assert fuzz.tree(Path(place.victim.parent)) != before
