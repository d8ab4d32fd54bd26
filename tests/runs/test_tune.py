"""Whole runs on toy data: every theme ends in a row, the run is reproducible, and its folder holds what it promises."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from toys import OWN, SMALL, toy

from themetagger.corpus import corpus_from_frame
from themetagger.report.results import read_csv
from themetagger.runs.errors import RunError
from themetagger.runs.plan import Plan
from themetagger.runs.tune import Run, tune
from themetagger.search.workers.executor import SequentialExecutor
from themetagger.selection.guarantee import Promise
from themetagger.selection.objectives import FBeta
from themetagger.selection.results import averages
from themetagger.tagger.theme_tagger import ThemeTagger

FILES = [
    *(".lock", ".workers", "about.json", "averages.csv", "log.jsonl", "report.html", "results.csv"),
    *(
        "results.md",
        "results.png",
        "results.xlsx",
        "rows.npz",
        "run.json",
        "split.npz",
        "studies.db",
        "tagger.tagger",
        "themes",
        "warm_start.json",
    ),
]
ODD = ["index", "../x", "CON", "long " * 80, "<script>alert(1)</script>", "=1+1", "a|b", "[bold]x[/bold]", "nan", "$x$"]


def with_themes(frame: pd.DataFrame, themes: list[str]) -> pd.DataFrame:
    joined = [", ".join(filter(None, pair)) for pair in zip(frame["Themes"], themes, strict=True)]
    return frame.assign(Themes=joined)


def statuses(run: Run) -> dict[str, str]:
    return dict(zip(run.results["theme"], run.results["status"], strict=True))


def reason(run: Run, theme: str) -> str:
    return str(run.results.set_index("theme").loc[theme, "reason"])


@pytest.fixture(scope="module")
def plain() -> Run:
    return tune(toy(), test=toy(60, seed=1), **SMALL)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Path]:
    """The same run by two workers, and its folder."""
    out = tmp_path_factory.mktemp("two") / "run"
    return tune(toy(), test=toy(60, seed=1), **(SMALL | {"n_jobs": 2}), out=out), out


@pytest.mark.slow
def test_the_executor_decides_nothing_in_the_table(plain: Run) -> None:
    class Backwards(SequentialExecutor):
        def submit_all(self, jobs: Any, *, workers: int | None = None) -> Any:
            return super().submit_all(list(jobs)[::-1])

    table = tune(toy(), test=toy(60, seed=1), executor=Backwards(), **SMALL).results
    assert table.drop(columns="seconds").equals(plain.results.drop(columns="seconds"))


def test_separable_themes_are_tagged_far_better_than_by_chance(plain: Run) -> None:
    held_out = toy(60, seed=2)
    truth = held_out["Themes"].str.get_dummies(sep=", ")[plain.tagger.themes].to_numpy()
    assigned = plain.tagger.predict(held_out["Processed Text"])
    precision = (assigned * truth).sum(axis=0) / assigned.sum(axis=0)
    assert (precision > truth.mean(axis=0) + 0.4).all()
    assert ((assigned * truth).sum(axis=0) / truth.sum(axis=0) >= 0.5).all()


def test_a_run_hands_over_tagger_results_and_averages(plain: Run) -> None:
    assert set(plain.results["theme"]) == set(OWN)
    assert plain.results.equals(plain.tagger.results)
    assert averages(plain.results).equals(plain.averages)
    assert (plain.results["heldout_tp"] + plain.results["heldout_fn"] == plain.results["heldout_support"]).all()
    assert (plain.results[["heldout_tp", "heldout_fp", "heldout_fn", "heldout_tn"]].sum(axis=1) == 60).all()


def test_held_out_figures_are_those_of_the_tags(plain: Run) -> None:
    test = toy(60, seed=1)
    tagged = plain.tagger.tag(test)
    for row in plain.results.itertuples():
        truth = np.array([row.theme in cell.split(", ") for cell in test["Themes"]])
        given = np.array([row.theme in cell.split(", ") for cell in tagged["Predicted Themes"]])
        assert (row.heldout_tp, row.heldout_fp, row.heldout_fn) == (
            (truth & given).sum(),
            (given & ~truth).sum(),
            (truth & ~given).sum(),
        )


@pytest.mark.slow
def test_every_theme_has_a_row_also_those_that_cannot_be_learned() -> None:
    train = with_themes(toy(), ["rare"] * 4 + ["everywhere"] * 86)
    train["Themes"] += ", all"
    test = with_themes(toy(30, seed=1), ["only here"] * 2 + [""] * 28)
    run = tune(train, test=test, **SMALL)
    assert statuses(run) == {
        **dict.fromkeys(OWN, "CERTIFIED"),
        "everywhere": statuses(run)["everywhere"],
        "rare": "SKIPPED",
        "all": "SKIPPED",
        "only here": "SKIPPED",
    }
    assert reason(run, "rare") == "4 positives, needs 5"
    assert reason(run, "all") == "one class: every training text has it"
    assert reason(run, "only here") == "no training text has it"
    missed = run.results.set_index("theme").loc[["rare", "all", "only here"], "heldout_fn"]
    assert missed.tolist() == [0, 0, 2]
    assert set(run.tagger.themes) <= {*OWN, "everywhere"}


@pytest.mark.slow
def test_a_theme_with_just_enough_texts_is_tuned() -> None:
    run = tune(with_themes(toy(), ["enough"] * 5 + ["scarce"] * 4 + [""] * 81), **SMALL)
    rows = run.results.set_index("theme")
    assert rows.loc["enough", "trials"] > 0
    assert rows.loc["scarce", "reason"] == "4 positives, needs 5"


@pytest.mark.slow
def test_a_theme_whose_negatives_are_one_text_ends_in_a_row() -> None:
    run = tune(with_themes(toy(), ["most"] * 89 + [""]), **SMALL)
    assert statuses(run)["most"] in ("SKIPPED", "FAILED")
    assert "most" not in run.tagger.themes


@pytest.mark.slow
@pytest.mark.parametrize(
    ("texts", "settings"),
    [
        ([""] * 90, {}),
        ([" \n"] * 90, {}),
        (["the and of"] * 90, {"text_steps": ("lower", "stop_words")}),
        ([f"the {'and ' * i}" for i in range(90)], {"text_steps": ("lower", "stop_words")}),
        (["! ? ."] * 90, {}),
    ],
    ids=["empty", "blank", "one text of stop words", "stop words", "signs"],
)
def test_texts_without_a_word_end_in_rows_and_a_tagger_without_models(
    texts: list[str], settings: dict[str, Any], tmp_path: Path
) -> None:
    run = tune(toy().assign(**{"Processed Text": texts}), out=tmp_path / "run", **SMALL, **settings)
    assert set(statuses(run)) == set(OWN)
    assert set(statuses(run).values()) <= {"SKIPPED", "FAILED"}
    assert all(run.results["reason"])
    assert ThemeTagger.load(tmp_path / "run" / "tagger.tagger").tag(["a salary", ""]) == [[], []]


@pytest.mark.slow
def test_merged_spellings_are_those_of_train_in_the_held_out_table_too() -> None:
    test = toy(30).assign(Themes=lambda frame: frame["Themes"].str.upper())
    kept, merged = (tune(toy(), test=test, **SMALL, alike=alike) for alike in ("keep", "merge"))
    assert len(merged.results) < len(kept.results)
    assert (merged.results["heldout_support"] > 0).all()
    assert any("spelled differently in the two tables" in note for note in kept.notes)
    assert not any("spelled differently" in note for note in merged.notes)


def test_a_handful_of_texts_ends_in_rows() -> None:
    run = tune(toy(4), **(SMALL | {"n_folds": 5}))
    assert set(statuses(run).values()) == {"SKIPPED"}


def test_some_empty_texts_do_no_harm() -> None:
    train = toy()
    train.loc[::9, "Processed Text"] = ""
    assert set(statuses(tune(train, **SMALL)).values()) <= {"CERTIFIED", "BEST_EFFORT"}


def test_an_override_holds_for_its_theme_alone() -> None:
    overrides: dict[str, dict[str, Any]] = {
        "pay": {"families": ("naive_bayes_complement",), "trials": 1},
        "staff": {"min_positives": 1000},
        "food": {"minimum_quality": 1.0, "objective": FBeta(target=1.0)},
    }
    run = tune(toy(), **SMALL, overrides=overrides)
    rows = run.results.set_index("theme")
    assert rows.loc["pay", "family"] == "naive_bayes_complement"
    assert rows.loc["pay", "trials"] == 1
    assert rows.loc["staff", "reason"].endswith("positives, needs 1000")
    assert rows.loc["food", "family"] in ("ridge", "")


@pytest.mark.slow
def test_the_table_is_the_same_for_any_number_of_workers(plain: Run, two: tuple[Run, Path]) -> None:
    run, _ = two
    pd.testing.assert_frame_equal(plain.results.drop(columns="seconds"), run.results.drop(columns="seconds"))
    texts = toy(30, seed=3)["Processed Text"].tolist()
    assert plain.tagger.decision_function(texts).tobytes() == run.tagger.decision_function(texts).tobytes()


@pytest.mark.slow
def test_the_same_seed_writes_the_same_tagger_file_byte_for_byte(two: tuple[Run, Path], tmp_path: Path) -> None:
    """Whatever the folder, the time it took, and the number of workers."""
    tune(toy(), test=toy(60, seed=1), **SMALL, out=tmp_path / "one")
    written = (tmp_path / "one" / "tagger.tagger").read_bytes()
    assert written == (two[1] / "tagger.tagger").read_bytes()
    assert str(tmp_path).encode() not in written


def test_a_run_keeps_the_seconds_that_its_tagger_file_does_not_hold(plain: Run, tmp_path: Path) -> None:
    assert (plain.results["seconds"] > 0).all()
    plain.tagger.save(tmp_path / "a.tagger")
    assert ThemeTagger.load(tmp_path / "a.tagger").results["seconds"].isna().all()
    assert (plain.tagger.results["seconds"] > 0).all()


@pytest.mark.slow
def test_the_seed_decides_the_folds_and_with_them_the_table(plain: Run) -> None:
    other = tune(toy(), test=toy(60, seed=1), **SMALL, seed=1)
    assert not plain.results.drop(columns="seconds").equals(other.results.drop(columns="seconds"))
    assert set(statuses(other)) == set(OWN)


@pytest.mark.slow
@pytest.mark.parametrize("sampler", ["random", "grid"])
def test_other_samplers_run(sampler: str) -> None:
    run = tune(toy(), **(SMALL | {"trials": 3}), sampler=sampler, stop_early=False)
    assert (run.results["trials"] <= 3).all()
    assert set(statuses(run)) == set(OWN)


def test_a_budget_that_is_used_up_is_told_in_the_table() -> None:
    run = tune(toy(), **(SMALL | {"trials": 50}), time_budget=0.0, stop_early=False)
    assert run.results["trials"].tolist() == [1, 1, 1]
    assert all("budget" in stopped for stopped in run.results["stopped"])


@pytest.mark.slow
def test_frame_corpus_plan_and_file_give_the_same_table(plain: Run, tmp_path: Path) -> None:
    toy().to_csv(tmp_path / "train.csv", index=False)
    test = corpus_from_frame(toy(60, seed=1))
    for train in (corpus_from_frame(toy()), Plan(toy(), trials=9), str(tmp_path / "train.csv")):
        run = tune(train, test=test, **SMALL)
        pd.testing.assert_frame_equal(plain.results.drop(columns="seconds"), run.results.drop(columns="seconds"))


def test_a_share_can_be_held_out() -> None:
    run = tune(toy(), hold_out=0.3, **SMALL)
    rows = run.results[["heldout_tp", "heldout_fp", "heldout_fn", "heldout_tn"]].sum(axis=1)
    assert rows.nunique() == 1
    assert 20 <= rows[0] <= 34
    assert (run.results["support"] + run.results["heldout_support"] == [
        sum(theme in cell.split(", ") for cell in toy()["Themes"]) for theme in run.results["theme"]
    ]).all()  # fmt: skip


def test_one_name_of_a_text_column_is_one_column() -> None:
    frame = toy().rename(columns={"Processed Text": "text"})
    tagger = tune(frame, text_columns="text", **SMALL).tagger
    assert tagger.text_columns == ("text",)
    assert len(tagger.tag(frame.head(3))) == 3


def test_the_tagger_remembers_the_text_columns_and_steps() -> None:
    frame = toy().assign(title="")
    tagger = tune(frame, text_columns=["title", "Processed Text"], text_steps=["lower", "numbers"], **SMALL).tagger
    assert tagger.text_columns == ("title", "Processed Text")
    assert tagger.encoder.steps == ("lower", "numbers")


@pytest.mark.slow
def test_the_run_folder_holds_the_run(tmp_path: Path) -> None:
    out = tmp_path / "new" / "run"
    run = tune(toy(), test=toy(30, seed=1), out=out, **SMALL)
    assert sorted(os.listdir(out)) == FILES
    pd.testing.assert_frame_equal(read_csv(out / "results.csv"), run.results)
    loaded = ThemeTagger.load(out / "tagger.tagger")
    assert loaded.results.drop(columns="seconds").equals(run.results.drop(columns="seconds"))
    assert json.loads((out / "about.json").read_text(encoding="utf-8")) == {
        "run": json.loads((out / "run.json").read_text(encoding="utf-8"))["name"],
        "title": "DataFrame: 90 texts, 30 held-out",
        "notes": list(run.notes),
    }
    assert (out / "results.png").read_bytes().startswith(b"\x89PNG")


def test_a_run_without_a_folder_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    tune(toy(), **SMALL)
    assert os.listdir(tmp_path) == []


def test_a_folder_that_cannot_be_made_is_told_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match=r"the run folder .* cannot be written \(Not a directory\); choose another"):
        tune(tmp_path / "there is no such file.csv", out=tmp_path / "file" / "run", **SMALL)


@pytest.mark.slow
@pytest.mark.parametrize("names", [tuple(ODD[:3]), tuple(ODD[3:6]), tuple(ODD[6:9]), tuple(ODD[7:])])
def test_a_theme_may_have_any_name(names: tuple[str, ...], tmp_path: Path) -> None:
    stripped = tuple(name.strip() for name in names)
    run = tune(toy(names=stripped), test=toy(30, seed=1, names=stripped), out=tmp_path / "run", **SMALL)
    assert set(run.results["theme"]) == set(stripped)
    assert sorted(os.listdir(tmp_path)) == ["run"]
    assert sorted(os.listdir(tmp_path / "run")) == FILES
    loaded = ThemeTagger.load(tmp_path / "run" / "tagger.tagger")
    assert set(loaded.themes) == set(stripped)
    assert set(read_csv(tmp_path / "run" / "results.csv")["theme"]) == set(stripped)
    assert "<script>alert" not in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "\n=1+1" not in (tmp_path / "run" / "results.csv").read_text(encoding="utf-8")


def test_a_plan_can_be_changed_on_the_way() -> None:
    plan = Plan(toy(), **SMALL)
    assert tune(plan, min_positives=1000).results["status"].tolist() == ["SKIPPED"] * 3
    assert replace(plan, trials=1).trials == 1


def test_a_setting_that_is_not_there_is_named() -> None:
    with pytest.raises(TypeError, match="trails"):
        tune(toy(), trails=3)


def test_the_decisions_rest_on_the_folds_and_duplicate_groups_of_the_corpus() -> None:
    frame = pd.concat([toy(), toy(30)], ignore_index=True)
    run, corpus = tune(frame, **(SMALL | {"promise": Promise(0.5, 0.7, recall_floor=0.1)})), corpus_from_frame(frame)
    assert len(np.unique(corpus.groups)) == 90
    for theme in OWN:
        evidence = run.evidence[theme]
        assert (evidence.groups == corpus.groups).all()
        assert (evidence.truth == corpus.column(theme)).all()
        assert len(np.unique(evidence.folds)) == SMALL["n_folds"]
        assert len(evidence.representatives) == 90
    certified = [theme_result for theme_result in run.tagger.theme_results if theme_result.certified]
    assert certified
    for theme_result in certified:  # of copies of a text one counts
        assert (
            theme_result.certified_positives
            == corpus.column(theme_result.theme)[run.evidence[theme_result.theme].representatives].sum()
        )
