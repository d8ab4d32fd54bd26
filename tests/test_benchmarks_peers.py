"""The comparison with other systems, without any of them: its figures, cells, environments, runner and tables."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmarks._peers import environments, runner, table
from benchmarks._peers.catalogue import ENVIRONMENTS, PEERS
from benchmarks._peers.metrics import best_f1_cut, figures, pooled
from benchmarks._peers.processes import Ended, run_limited
from benchmarks._peers.systems.grids import Grid, Part, shuffled_folds
from benchmarks._peers.task import Cell, Outcome, read_cells
from conftest import make_frame
from sklearn.metrics import average_precision_score, f1_score

SCRIPT = Path(__file__).parent / "benchmarks" / "peers.py"
CELL = Cell("set", "minilm-ridge", 60.0, 0, "done", seconds=12.0, peak_mib=1500.0, finished=True)


def _random(n: int = 60, themes: int = 3) -> tuple[Any, Any, Any]:
    draw = np.random.default_rng(1)
    truth = (draw.random((n, themes)) < 0.3).astype(int)
    scores = np.round(truth + draw.normal(size=truth.shape), 1)  # with ties
    return truth, scores, scores > 0.5


def test_average_precision_and_f1_are_those_of_scikit_learn() -> None:
    truth, scores, decisions = _random()
    found = figures(truth, scores, decisions)
    assert found["ap"] == pytest.approx(average_precision_score(truth, scores, average="macro"))
    assert found["micro_f1"] == pytest.approx(f1_score(truth, decisions, average="micro"))
    assert found["macro_f1"] == pytest.approx(f1_score(truth, decisions, average="macro"))
    assert found["themes"] == 3


def test_recall_at_precision_is_the_largest_at_any_cut_and_zero_where_there_is_none() -> None:
    truth = np.array([[1, 1], [1, 0], [0, 0], [1, 1]])
    scores = np.array([[4, 1], [3, 2], [2, 4], [1, 1]])
    found = figures(truth, scores, scores > 9)
    assert found["r_at_p90"] == pytest.approx((2 / 3 + 0) / 2)
    assert found["p_at_r50"] == pytest.approx((1 + 2 / 4) / 2)  # the tied last two are assigned together
    assert found["macro_f1"] == found["micro_f1"] == 0


def test_a_theme_without_a_test_text_does_not_count_and_no_score_is_the_lowest() -> None:
    truth, scores, decisions = _random()
    more = np.zeros((len(truth), 1), dtype=int)
    wider = figures(np.hstack([truth, more]), np.hstack([scores, more]), np.hstack([decisions, more + 1]))
    assert wider == figures(truth, scores, decisions)
    lowest = np.where(scores == scores.min(), np.nan, scores)
    assert figures(truth, lowest, decisions)["ap"] == pytest.approx(figures(truth, scores, decisions)["ap"])


def test_the_standard_error_is_that_of_other_test_sets() -> None:
    """Of 100 other draws of 60 texts, which the bootstrap of one of them foretells within a third."""
    found = figures(*_random())["ap_se"]
    draw, others = np.random.default_rng(2), []
    for _ in range(100):
        truth = (draw.random((60, 3)) < 0.3).astype(int)
        others.append(average_precision_score(truth, truth + draw.normal(size=truth.shape), average="macro"))
    assert found == pytest.approx(np.std(others), rel=1 / 3)
    assert figures(*_random(n=960))["ap_se"] == pytest.approx(found / 4, rel=1 / 3)


def test_the_best_cut_is_the_best_of_all() -> None:
    truth, scores, _ = _random()
    for j in range(3):
        tried = {cut: f1_score(truth[:, j], scores[:, j] >= cut) for cut in scores[:, j]}
        assert tried[best_f1_cut(truth[:, j], scores[:, j])] == max(tried.values())
    assert best_f1_cut(np.zeros(3, dtype=int), np.arange(3.0)) == float("inf")


def test_pooled_counts_tags_and_knows_when_there_are_none() -> None:
    assert pooled(np.eye(2, dtype=int), np.ones((2, 2), dtype=int)) == (0.5, 1.0)
    assert np.isnan(pooled(np.zeros((2, 0)), np.zeros((2, 0)))).all()


def _grid(seen: list[tuple[int, Any]]) -> Grid:
    """Scores are a column of the rows, turned round by the first setting, so that the second one is better."""
    draw = np.random.default_rng(0)
    labels = (draw.random((50, 2)) < 0.4).astype(int)
    rows = labels + draw.normal(scale=0.1, size=labels.shape) + 5

    def fit(part: Part, j: int, setting: int) -> Any:
        seen.append((j, setting))
        return setting * part.scored[:, j]

    folds = shuffled_folds(50, seed=0)
    parts = [Part(rows[fitted], labels[fitted], rows[scored]) for fitted, scored in folds]
    return Grid(parts, [scored for _, scored in folds], Part(rows, labels, rows), fit, settings=(-1, 1))


def test_a_grid_takes_the_better_setting_and_cuts_between_the_classes() -> None:
    seen: list[tuple[int, Any]] = []
    grid = _grid(seen)
    scores, decisions, finished = grid.search(lambda: 1.0)
    assert finished
    assert (scores == grid.whole.scored).all()
    assert (decisions == grid.whole.labels).all()
    assert sorted(row for rows in grid.held_out for row in rows) == list(range(50))


def test_a_grid_whose_time_is_up_has_scores_all_the_same() -> None:
    seen: list[tuple[int, Any]] = []
    grid = _grid(seen)
    scores, _, finished = grid.search(lambda: -1.0)
    assert not finished
    assert sorted(seen) == [(0, -1), (1, -1)]
    assert (scores == -grid.whole.scored).all()


def test_cells_are_read_back_the_last_line_of_each_without_one_that_was_cut_short(tmp_path: Path) -> None:
    results = tmp_path / "deep" / "results.jsonl"
    assert read_cells(results) == {}
    CELL.append_to(results)
    newer = replace(CELL, figures={"ap": 0.5, "certified_precision": float("nan")})
    newer.append_to(results)
    replace(CELL, seed=1).append_to(results)
    whole = results.read_text(encoding="utf-8")
    results.write_text(whole + whole.splitlines()[0][:40], encoding="utf-8")
    cells = read_cells(results)
    assert list(cells) == [CELL.key, replace(CELL, seed=1).key]
    assert cells[CELL.key].figures["ap"] == 0.5


def test_a_command_ends_at_its_limit_with_all_that_it_started(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, time;"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "print(child.pid, flush=True); time.sleep(60)"
    )
    log = tmp_path / "log.txt"
    ended = run_limited([sys.executable, "-c", code], limit=3, environment=os.environ, log=log)
    assert ended.status is None
    assert 3 <= ended.seconds < 30
    assert ended.peak_mib > 1
    child = int(log.read_text(encoding="utf-8"))
    deadline = time.time() + 30  # on a busy machine it takes a while to die
    while _runs(child) and time.time() < deadline:
        time.sleep(0.1)
    assert not _runs(child)


def _runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_memory_is_that_of_the_whole_process_tree(tmp_path: Path) -> None:
    code = "x = bytearray(200 * 2**20); x[::4096] = b'1' * len(x[::4096]); import time; time.sleep(2)"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {code!r}])"
    ended = run_limited([sys.executable, "-c", outer], limit=60, environment=os.environ, log=tmp_path / "log.txt")
    assert ended.status == 0
    assert 200 < ended.peak_mib < 400


@pytest.fixture
def pip(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that install; the folder is made without them."""
    calls: list[list[str]] = []

    def install(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        calls.append(command)
        return subprocess.CompletedProcess(command, 1 if "broken" in command else 0, stderr="one\nNo such package\n")

    monkeypatch.setattr(environments.subprocess, "run", install)
    monkeypatch.setattr(environments.venv, "create", lambda home, with_pip: Path(home).mkdir(parents=True))
    return calls


def test_an_environment_is_made_once_and_again_when_it_should_hold_something_else(
    tmp_path: Path, pip: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = environments.python_of("fasttext", tmp_path)
    assert first.is_relative_to(tmp_path / "fasttext")
    assert pip == [[str(first), "-m", "pip", "install", "--quiet", *ENVIRONMENTS["fasttext"]]]
    assert environments.python_of("fasttext", tmp_path) == first
    assert len(pip) == 1
    monkeypatch.setattr(environments, "ENVIRONMENTS", {"fasttext": ("another",)})
    environments.python_of("fasttext", tmp_path)
    assert pip[1][-1] == "another"


def test_an_environment_that_cannot_be_made_says_why_and_is_tried_again(
    tmp_path: Path, pip: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environments, "ENVIRONMENTS", {"fasttext": ("broken",)})
    for _ in range(2):
        with pytest.raises(RuntimeError, match="environment fasttext: pip failed: No such package"):
            environments.python_of("fasttext", tmp_path)
    assert len(pip) == 2


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data set of the toy corpus."""
    found = tmp_path / "toy"
    found.mkdir()
    make_frame(n=200).to_csv(found / "train.csv", index=False)
    make_frame(n=100, seed=1).to_csv(found / "test.csv", index=False)
    return found


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., runner.Bench]:
    """A bench whose systems run in the environment of the tests."""
    monkeypatch.setattr(runner, "python_of", lambda *_: Path(sys.executable))

    def bench(**settings: Any) -> runner.Bench:
        given = {"peers": ["tfidf-logistic"], "budgets": [120.0], "seeds": [0], **settings}
        return runner.Bench(results=tmp_path / "results.jsonl", environments=tmp_path, **given)

    return bench


def test_a_system_runs_in_a_process_of_its_own_and_once(
    folder: Path, here: Callable[..., runner.Bench], capsys: pytest.CaptureFixture[str]
) -> None:
    bench = here()
    bench.run([folder])
    (cell,) = read_cells(bench.results).values()
    assert (cell.status, cell.reason, cell.finished) == ("done", "", True)
    assert cell.figures["themes"] == 3  # "food" has fewer than 30 train texts
    assert cell.figures["ap"] > 0.5
    assert cell.versions["scikit-learn"]
    assert "tfidf-logistic" in capsys.readouterr().out
    before = bench.results.read_text(encoding="utf-8")
    bench.run([folder])
    assert bench.results.read_text(encoding="utf-8") == before
    here(budgets=[120.0, 240.0]).run([folder])  # the smaller budget was enough
    assert [c.budget for c in read_cells(bench.results).values()] == [120.0, 240.0]
    assert len({c.seconds for c in read_cells(bench.results).values()}) == 1


def test_a_system_that_takes_too_long_fails_or_is_not_there_says_so(
    tmp_path: Path, folder: Path, here: Callable[..., runner.Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = here(peers=["libmultilabel-1vsrest"], budgets=[120.0])  # not in this environment
    bench.run([folder])
    here(peers=["libmultilabel-1vsrest"], budgets=[0.1]).run([folder])

    def cannot(*_: Any) -> Path:
        raise RuntimeError("pip failed")

    monkeypatch.setattr(runner, "python_of", cannot)
    here(peers=["setfit"]).run([folder])
    cells = read_cells(bench.results)
    assert [(c.peer, c.status) for c in cells.values()] == [
        ("libmultilabel-1vsrest", "failed"),
        ("libmultilabel-1vsrest", "over budget"),
        ("setfit", "unavailable"),
    ]
    assert "No module named 'libmultilabel'" in cells["toy", "libmultilabel-1vsrest", 120.0, 0].reason
    here(peers=["setfit"]).run([folder])
    assert len(bench.results.read_text(encoding="utf-8").splitlines()) == 3
    here(peers=["setfit"], again=True).run([folder])
    assert len(bench.results.read_text(encoding="utf-8").splitlines()) == 4


def test_certified_themes_are_counted_with_their_test_tags(tmp_path: Path, folder: Path) -> None:
    data = runner.read_data(folder, min_positives=30)
    decisions = np.ones_like(data.truth)
    Outcome(data.truth * 1.0, decisions, certified=data.themes[:1]).write(tmp_path)
    cell = runner._judged(replace(CELL, status="failed"), Ended(0, 1.0, 1.0, "PSS"), tmp_path, data)
    assert (cell.status, cell.figures["certified"], cell.figures["certified_recall"]) == ("done", 1, 1.0)
    assert cell.figures["certified_precision"] == pytest.approx(data.truth[:, 0].mean())
    Outcome(data.truth * 1.0, decisions, certified=[]).write(tmp_path)
    cell = runner._judged(cell, Ended(0, 1.0, 1.0, "PSS"), tmp_path, data)
    assert cell.figures["certified"] == 0
    assert np.isnan(cell.figures["certified_precision"])


def _done(peer: str, ap: float, **more: float) -> Cell:
    values = {"themes": 7.0, "ap": ap, "ap_se": 0.01, "r_at_p90": ap / 2, "r_at_p90_se": 0.02}
    return replace(CELL, peer=peer, figures=values | {"micro_f1": ap, "macro_f1": ap} | more)


def test_the_table_has_means_over_seeds_the_f1_of_its_own_run_and_reasons() -> None:
    certified = {"certified": 2.0, "certified_precision": 0.95, "certified_recall": float("nan")}
    text = table.tables(
        [
            _done("themetagger", 0.5, **certified),
            _done("themetagger-f1", 0.6),
            _done("minilm-ridge", 0.3),
            replace(_done("minilm-ridge", 0.4), seed=1, seconds=14.0),
            replace(CELL, peer="minilm-ridge", seed=2, status="failed", reason="a crash"),
            replace(CELL, peer="setfit", status="over budget", reason="stopped after 72 s | <b>"),
            replace(_done("fasttext", 0.2), budget=300.0, note="5 steps", load=3.0),
        ]
    )
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("|")]
    assert rows[2] == [
        "themetagger",
        "**.500** ± .010",
        "**.250** ± .020",
        ".600",
        "**.600**",
        "2",
        ".950 / –",
        "12",
        "1,500",
    ]
    assert rows[3][:4] == ["MiniLM + ridge, grid", ".350 ± .010", ".175 ± .020", ".350"]
    assert rows[3][7] == "13"
    assert rows[4][:2] == ["SetFit", "over budget: stopped after 72 s / &lt;b>"]
    assert "F1" not in "".join(row[0] for row in rows)  # no row of its own
    assert text.index("**set**, 7 themes, 1 min a system:") < text.index("**set**, 7 themes, 5 min a system:")
    assert text.endswith("\n\nRemarks: fastText autotune: 5 steps; measured beside other work, load 3.0 a core.")
    assert text.count("Remarks") == 1
    assert all(line.count("|") == len(table.HEAD) + 1 for line in text.splitlines() if line.startswith("|"))


def test_tables_stand_between_the_marks_of_a_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{table.BEGIN}\nold\n{table.END}\nafter\n", encoding="utf-8")
    for _ in range(2):
        table.put_into(page, "new")
        assert page.read_text(encoding="utf-8") == f"before\n{table.BEGIN}\n\nnew\n\n{table.END}\nafter\n"
    page.write_text("no marks", encoding="utf-8")
    with pytest.raises(ValueError, match=r"page\.md must have the marks"):
        table.put_into(page, "new")


def test_every_system_has_a_module_and_an_environment() -> None:
    systems = SCRIPT.parent / "_peers" / "systems"
    assert {peer.environment for peer in PEERS.values()} == set(ENVIRONMENTS)
    assert [peer.module for peer in PEERS.values() if not (systems / f"{peer.module}.py").exists()] == []
    assert [peer.f1_of for peer in PEERS.values() if peer.f1_of and peer.f1_of not in PEERS] == []


def test_the_command_prints_tables_and_names_a_system_that_it_does_not_know(tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    _done("minilm-ridge", 0.3).append_to(results)
    command = [sys.executable, str(SCRIPT), "--results", str(results)]
    printed = subprocess.run([*command, "--table"], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == table.tables([_done("minilm-ridge", 0.3)])
    wrong = subprocess.run([*command, "--peers", "nobody"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 2
    assert "there is no 'nobody'; choose from themetagger, " in wrong.stderr
    assert json.loads(results.read_text(encoding="utf-8"))["peer"] == "minilm-ridge"
