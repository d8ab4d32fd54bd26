"""Valid tagger files that take all they can stay in the bound; tests/benchmarks/worst_cases.py makes 10,000."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from benchmarks import worst_cases
from benchmarks.worst_cases import KINDS, NUMBERS, Made, Random, Taken

from themetagger.tagger import file_limits
from themetagger.tagger.theme_tagger import ThemeTagger

SMALLEST = {name: low for name, (low, _) in NUMBERS.items()} | {name: kinds[0] for name, kinds in KINDS.items()}
USUAL = SMALLEST | {"words": 30, "pairs": 9, "chars": 20, "columns": 20, "pieces": 9, "width": 4, "themes": 3}
USUAL |= {"ensemble": 4, "views": 2, "used": 5, "support": 6, "nonzero": 12, "trees": 3, "levels": 3, "reduced": 5}


def variations() -> Iterator[worst_cases.Plan]:
    """A plan for each kind of everything, alone and side by side."""
    yield SMALLEST
    for name, kinds in KINDS.items():
        for kind in kinds:
            yield USUAL | {name: kind}
            yield USUAL | {"model": "trees", "reduction": "projection", "beside": 3, name: kind}
    for name in NUMBERS:
        yield USUAL | {name: 7, "model": "kernel"}


@pytest.mark.parametrize("plan", list(variations()), ids=lambda plan: "-".join(map(str, plan.values())))
def test_a_plan_makes_a_valid_file(tmp_path: Path, plan: worst_cases.Plan) -> None:
    made = Made(plan)
    (tmp_path / "a.tagger").write_bytes(made.whole())
    loaded = ThemeTagger.load(tmp_path / "a.tagger")
    assert len(loaded.themes) == plan["themes"]
    assert loaded.tag([worst_cases.long_text(made.terms)]) == [loaded.themes]


BUSY = 2.0  # times as long as alone a core may take beside other tests


@pytest.mark.slow
def test_no_file_of_a_short_search_is_beyond_the_bound() -> None:
    report = worst_cases.run(60, seed=1, scale=16)
    assert report.files == 60
    assert set(report.worst) == set(worst_cases.MEASURES)
    assert not report.wrong
    assert all(part < BUSY for part, *_ in report.worst.values()), str(report)


def test_what_lies_beyond_the_bound_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that counts nothing is found out."""
    monkeypatch.setattr(file_limits.Budget, "ask", lambda budget, more: None)
    taken = Taken(load=1.0, text=9.0, memory=2.0**20, size=1_000_000)
    monkeypatch.setattr(worst_cases, "measured", lambda path, text: taken)
    report = worst_cases.run(3, seed=0, scale=64)
    assert report.bad
    assert report.worst["text"][0] == pytest.approx(9.0 / (worst_cases.SECONDS / 64 + 0.2))


def test_a_plan_is_changed_within_its_limits() -> None:
    draw = Random(0)
    plan = other = worst_cases.drawn(draw)
    for _ in range(300):
        plan = worst_cases.changed(plan, other, draw)
        assert all(low <= plan[name] <= high for name, (low, high) in NUMBERS.items())
        assert all(plan[name] in kinds for name, kinds in KINDS.items())
    for _ in range(600):
        plan = worst_cases.smaller(plan, file_limits.ANYWAY, draw)
    assert all(plan[name] == max(low, min(1, high)) or plan[name] == low for name, (low, high) in NUMBERS.items())
