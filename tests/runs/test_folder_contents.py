"""Run folders from strangers: links, edits and databases come to one clear error, and nothing outside is touched."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmarks.mutants import sealed, taken_apart
from toys import SMALL, toy

from themetagger._utils.event_log import Log
from themetagger._utils.run_paths import RunPaths
from themetagger.runs.errors import RunError
from themetagger.runs.folder_contents import clear, own_database
from themetagger.runs.past_run import open_run
from themetagger.runs.review.report import write_report
from themetagger.runs.run_schema import sealed as with_seal
from themetagger.runs.tune import tune
from themetagger.search.storage.database import Database
from themetagger.search.storage.split import Split

SETTINGS: dict[str, Any] = SMALL | {"drop_themes": ("staff", "food")}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a table and its run."""
    folder = tmp_path_factory.mktemp("strangers")
    toy(60).to_csv(folder / "train.csv", index=False)
    tune(folder / "train.csv", out=folder / "run", **SETTINGS)
    return folder


@pytest.fixture
def run(made: Path, tmp_path: Path) -> Path:
    """A copy of the run, beside a file of somebody else."""
    shutil.copytree(made / "run", tmp_path / "run")
    (tmp_path / "victim").write_bytes(b"precious")
    return tmp_path / "run"


def theme(run: Path) -> Path:
    return next((run / "themes").iterdir())


OPENED = (
    *(".lock", ".workers", "log.jsonl", "run.json", "rows.npz", "split.npz", "warm_start.json", "advice.json"),
    *("studies.db", "studies.db-wal", "studies.db-journal", "results.csv", "about.json", "tagger.tagger", ".clearing"),
    *("themes/pay-9350872d/trials.jsonl", "themes/pay-9350872d/winner.models", "themes/pay-9350872d/scores/0000.npy"),
    *("themes/pay-9350872d/cost.json", "themes/pay-9350872d/learning_curve.csv", "themes/pay-9350872d/new"),
)


@pytest.mark.parametrize(
    ("name", "kind"),
    [(name, kind) for name in OPENED for kind in ("link", "hard link", "pipe")]
    + [(name, "folder") for name in OPENED if "themes" not in name],
)
def test_a_link_in_the_place_of_any_file_is_refused_by_name(made: Path, run: Path, name: str, kind: str) -> None:
    place, victim = run / name, run.parent / "victim"
    place.unlink(missing_ok=True)
    if kind == "link":
        place.symlink_to(victim)
    elif kind == "hard link":
        os.link(victim, place)
    elif kind == "pipe":
        os.mkfifo(place)
    else:
        place.mkdir()
    calls = [
        lambda: tune(made / "train.csv", out=run, resume=True, **SETTINGS),
        lambda: tune(made / "train.csv", out=run, start_over=True, **SETTINGS),
        lambda: tune(made / "train.csv", out=run, **SETTINGS),
        lambda: open_run(run),
        lambda: write_report(run),
    ]
    for call in calls:
        with pytest.raises(RunError, match=Path(name).name):
            call()
    assert victim.read_bytes() == b"precious"


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_a_linked_folder_of_themes_is_refused_and_the_other_run_stays(made: Path, run: Path, depth: int) -> None:
    place = [run / "themes", theme(run), theme(run) / "scores"][depth]
    target = made / "run" / place.relative_to(run)
    shutil.rmtree(place)
    place.symlink_to(target)
    before = {path: path.read_bytes() for path in (made / "run").rglob("*") if path.is_file()}
    for how in ("resume", "start_over"):
        with pytest.raises(RunError, match="is a link"):
            tune(made / "train.csv", out=run, **SETTINGS | {how: True})
    with pytest.raises(RunError, match="is a link"):
        open_run(run)
    assert {path: path.read_bytes() for path in (made / "run").rglob("*") if path.is_file()} == before


def test_a_run_folder_may_itself_be_reached_through_a_link(made: Path, run: Path) -> None:
    (run.parent / "short").symlink_to(run)
    assert open_run(run.parent / "short").tagger.themes == ["pay"]
    tune(made / "train.csv", out=run.parent / "short", resume=True, **SETTINGS)


def _info(run: Path) -> dict[str, Any]:
    info: dict[str, Any] = json.loads((run / "run.json").read_text())
    return info


WRONG: list[tuple[tuple[str, ...], Any]] = [
    (("plan", "text_columns"), 5),
    (("plan", "alike"), "x"),
    (("plan", "encoding"), 7),
    (("plan", "theme_columns"), 3),
    (("plan", "seed"), "x"),
    (("plan", "seed"), True),
    (("plan", "seed"), 2**40),
    (("plan", "hold_out"), 5),
    (("plan", "hold_out"), "0.5"),
    (("plan", "min_positives"), "many"),
    (("plan", "overrides"), 3),
    (("plan", "overrides"), {"pay": 3}),
    (("plan", "objective"), {"class": "FBeta", "x": 1}),
    (("plan", "objective"), {"class": "FBeta", "beta": -1}),
    (("plan", "objective"), {"class": "PrecisionFirst", "target": "0.9"}),
    (("plan", "header_row"), [0]),
    (("plan", "drop_themes"), "pay"),
    (("plan",), []),
    (("tables",), []),
    (("tables", "train"), ["x"]),
    (("allowed",), []),
    (("allowed",), [{"trials": "2", "own": {}}]),
    (("data", "train", "rows"), -1),
    (("name",), 3),
    (("format",), "1"),
]


@pytest.mark.parametrize(("place", "value"), WRONG)
def test_a_field_of_run_json_that_does_not_fit_is_named(
    made: Path, run: Path, place: tuple[str, ...], value: Any
) -> None:
    info = _info(run)
    inside = info
    for name in place[:-1]:
        inside = inside[name]
    inside[place[-1]] = value
    (run / "run.json").write_text(json.dumps(with_seal(info)))
    for call in (lambda: open_run(run), lambda: tune(made / "train.csv", out=run, resume=True, **SETTINGS)):
        with pytest.raises(RunError, match=rf"run\.json is damaged \(.*{place[-1]}"):
            call()


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a": 1, "a": 2}', '{"seed": ' + "9" * 10_000 + "}", "\xff", "", "null"]
)
def test_a_run_json_that_is_no_json_is_told(run: Path, text: str) -> None:
    (run / "run.json").write_text(text, encoding="latin-1")
    with pytest.raises(RunError, match=r"run\.json is damaged"):
        open_run(run)


def _edited_starts(run: Path) -> None:
    held = json.loads((run / "warm_start.json").read_text())
    held["starts"]["pay"]["alpha"] = 20.0
    (run / "warm_start.json").write_text(json.dumps(held))


def _starts_without_a_seal(run: Path) -> None:
    (run / "warm_start.json").write_text('{"pay": {"alpha": 20.0, "C": 0.1}}')


def _edited_split(run: Path) -> None:
    split = Split.load(run / "split.npz")
    folds = split.folds[::-1].copy()
    np.savez(run / "split.npz", folds=folds, aside=np.array(False), sha256=split.seal)


def _split_without_a_seal(run: Path) -> None:
    np.savez(run / "split.npz", folds=Split.load(run / "split.npz").folds, aside=np.array(False))


def _edited_trials_allowed(run: Path) -> None:
    info = _info(run)
    info["allowed"] = [{"trials": 1, "own": {}}]
    (run / "run.json").write_text(json.dumps(info))


@pytest.mark.parametrize(
    "edited", [_edited_starts, _starts_without_a_seal, _edited_split, _split_without_a_seal, _edited_trials_allowed]
)
def test_an_edit_that_would_change_winners_is_told(made: Path, run: Path, edited: Any) -> None:
    edited(run)
    with pytest.raises(RunError, match="changed after it was written, for its checksum"):
        tune(made / "train.csv", out=run, resume=True, **SETTINGS)


def test_a_run_of_an_older_version_has_no_checksums_and_goes_on(made: Path, run: Path) -> None:
    before = (run / "results.csv").read_text()
    starts = json.loads((run / "warm_start.json").read_text())["starts"]
    (run / "warm_start.json").unlink()
    (run / "advice.json").write_text(json.dumps(starts))
    _split_without_a_seal(run)
    info = _info(run)
    del info["sha256"], info["checksums"]
    (run / "run.json").write_text(json.dumps(info))
    tune(made / "train.csv", out=run, resume=True, **SETTINGS)
    assert (run / "results.csv").read_text() == before
    assert open_run(run).evidence("pay") is not None


@pytest.mark.parametrize("folds", [[-1] * 60, [10**9] * 60, list(range(60))[::-1][:59], [0, 2] * 30])
def test_folds_that_cannot_be_are_told(run: Path, folds: list[int]) -> None:
    Split(np.array(folds)).save(run / "split.npz")
    with pytest.raises(RunError, match=r"split\.npz is damaged"):
        open_run(run)


def test_the_winner_of_a_stranger_is_not_fitted_again(run: Path) -> None:
    parts = taken_apart((run / "tagger.tagger").read_bytes())
    parts.inner["manifest"]["winners"][0]["params"]["machines"] = "127.0.0.1:1"
    (run / "tagger.tagger").write_bytes(sealed(parts))
    with pytest.raises(RunError, match=r"tagger\.tagger: theme 'pay': params of family 'ridge': 'machines' is none of"):
        open_run(run)


def test_results_of_other_themes_than_the_tagger_has_are_told(run: Path) -> None:
    (run / "results.csv").write_text((run / "results.csv").read_text().replace('"pay"', '"paid"'))
    with pytest.raises(RunError, match=r"'paid', which tagger\.tagger has not"):
        open_run(run)


def _triggered(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TRIGGER t AFTER INSERT ON trials BEGIN DELETE FROM studies; END")
        connection.commit()


def _without_a_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE trial_values")
        connection.commit()


def _with_a_journal(path: Path) -> None:
    path.with_name(path.name + "-journal").write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7 and the name of a victim")


def _no_database(path: Path) -> None:
    path.write_bytes(b"nonsense" * 100)


@pytest.mark.parametrize("edited", [_triggered, _without_a_table, _with_a_journal, _no_database])
def test_a_database_that_is_not_as_we_make_it_is_moved_away(run: Path, edited: Any) -> None:
    paths = RunPaths(run)
    edited(paths.database)
    before = paths.database.read_bytes()
    own_database(paths, Log(None)).close()
    assert (run / "studies.db.damaged").read_bytes() == before
    assert not (run / "studies.db-journal").exists()
    with closing(sqlite3.connect(paths.database)) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master WHERE type = 'trigger'").fetchone() == (0,)


def test_our_own_database_stays(run: Path) -> None:
    own_database(RunPaths(run), Log(None)).close()
    assert not (run / "studies.db.damaged").exists()


def test_only_the_trials_of_a_run_that_was_made_here_are_forgotten_in_a_shared_database(run: Path) -> None:
    info = _info(run)
    shutil.copytree(run, run.parent / "copy")
    (run / "run.json").write_text(json.dumps(info | {"place": str(run.absolute())}))
    assert clear(RunPaths(run)) == info["name"]
    assert clear(RunPaths(run.parent / "copy")) == ""  # those of its name are somebody else's


def test_a_run_that_cannot_begin_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> Database:
        raise UnicodeEncodeError("utf-8", "\udcff", 0, 1, "surrogates not allowed")

    monkeypatch.setattr("themetagger.runs.run_folder.own_database", fails)
    with pytest.raises(UnicodeEncodeError):
        tune(toy(60), out=tmp_path / "run", **SETTINGS)
    assert os.listdir(tmp_path) == []
