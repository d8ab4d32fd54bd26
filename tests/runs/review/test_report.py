"""The report of a run: made again and again the same, whole or with what is missing named."""

from __future__ import annotations

import re
import shutil

import pandas as pd
import pytest
from click.testing import CliRunner
from toys import SMALL, toy

from themetagger.cli import main
from themetagger.runs.errors import RunError
from themetagger.runs.review.report import write_report
from themetagger.runs.tune import tune
from themetagger.search.workers.executor import SequentialExecutor

MADE = ["results.md", "results.png", "results.xlsx", "report.html"]
EVIL = "=cmd|' /C calc'!A0"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    toy(150, names=("pay", EVIL, "<b>food</b>")).to_csv(folder / "train.csv", index=False)
    tune(folder / "train.csv", out=folder / "run", **SMALL)
    return folder


@pytest.mark.slow
def test_tune_leaves_a_page_and_the_report_adds_to_it(folder):
    quick = (folder / "run" / "report.html").read_text()
    assert "Precision and recall" in quick
    assert "Learning curve" not in quick
    assert "learning curves, run: themetagger report RUN" in quick
    ended = CliRunner().invoke(main, ["report", str(folder / "run"), "--n-jobs", "1"])
    assert ended.exit_code == 0
    assert ended.stdout.splitlines()[: len(MADE) + 1] == [*(str(folder / "run" / name) for name in MADE), ""]
    assert f"Open {folder / 'run' / 'report.html'} in a browser; it shows texts of the table." in ended.stdout
    whole = (folder / "run" / "report.html").read_text()
    for part in ("Learning curve", "Most telling words", "Labels to check", "The labelled texts"):
        assert part in whole
    assert "learning curves, run:" not in whole
    assert "<b>food" not in whole


@pytest.mark.slow
def test_the_same_run_gives_the_same_files(folder):
    write_report(folder / "run", n_jobs=1)
    before = [(folder / "run" / name).read_bytes() for name in MADE]
    write_report(folder / "run", n_jobs=1)
    assert [(folder / "run" / name).read_bytes() for name in MADE] == before


class CountingExecutor(SequentialExecutor):
    """Runs jobs in this process and says how many."""

    def __init__(self):
        super().__init__()
        self.jobs = 0

    def submit_all(self, jobs, *, workers=None):
        for result in super().submit_all(jobs, workers=workers):
            self.jobs += 1
            yield result


@pytest.mark.slow
def test_an_executor_may_compute_the_learning_curves(folder, tmp_path):
    shutil.copytree(folder / "run", tmp_path / "run", ignore=shutil.ignore_patterns("learning_curve.csv"))
    executor = CountingExecutor()
    write_report(tmp_path / "run", executor=executor)
    assert executor.jobs > 0
    assert "Learning curve" in (tmp_path / "run" / "report.html").read_text()


@pytest.mark.slow
def test_the_workbook_holds_the_tables_and_runs_nothing(folder):
    import openpyxl

    write_report(folder / "run", curves=False)
    book = openpyxl.load_workbook(folder / "run" / "results.xlsx")
    assert book.sheetnames[:2] == ["Results", "Averages"]
    assert {"Themes by frequency", "Themes that occur together", "What to do about errors"} <= set(book.sheetnames)
    cells = [cell for sheet in book for row in sheet.rows for cell in row]
    assert EVIL in [cell.value for cell in cells]
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
    table = pd.read_excel(folder / "run" / "results.xlsx")
    assert sorted(table["theme"]) == sorted(["pay", EVIL, "<b>food</b>"])


@pytest.mark.slow
def test_without_the_table_it_says_so(folder, tmp_path):
    shutil.copytree(folder / "run", tmp_path / "run")
    about = (tmp_path / "run" / "run.json").read_text()
    (tmp_path / "run" / "run.json").write_text(about.replace(str(folder / "train.csv"), str(tmp_path / "gone.csv")))
    write_report(tmp_path / "run")
    page = (tmp_path / "run" / "report.html").read_text()
    assert re.search("Curves and texts are not shown: .*gone.csv, no longer exists", page)
    write_report(tmp_path / "run", train=folder / "train.csv", curves=False)
    assert "Curves and texts are not shown" not in (tmp_path / "run" / "report.html").read_text()


def test_a_folder_of_nothing_is_refused(tmp_path):
    with pytest.raises(RunError, match=r"has no results\.csv"):
        write_report(tmp_path)


@pytest.mark.slow
def test_a_page_that_cannot_be_drawn_costs_the_page_alone(tmp_path, monkeypatch):
    def broken(*_, **__):
        raise ValueError("no ink")

    toy(150).to_csv(tmp_path / "train.csv", index=False)
    monkeypatch.setattr("themetagger.runs.writing.draw_report", broken)
    run = tune(tmp_path / "train.csv", out=tmp_path / "run", **SMALL)
    assert run.notes[-1].startswith("The page could not be drawn (ValueError: no ink); try: themetagger report ")
    assert len(run.tagger.themes) == 3
    monkeypatch.undo()
    tune(tmp_path / "train.csv", out=tmp_path / "run", resume=True, **SMALL)
    assert (tmp_path / "run" / "report.html").exists()


@pytest.mark.slow
def test_a_finished_run_that_is_resumed_keeps_its_report(folder):
    write_report(folder / "run", n_jobs=1)
    before = (folder / "run" / "report.html").read_bytes()
    tune(folder / "train.csv", out=folder / "run", resume=True, **SMALL)
    assert (folder / "run" / "report.html").read_bytes() == before
    tune(folder / "train.csv", out=folder / "run", resume=True, **SMALL | {"trials": 3})
    assert (folder / "run" / "report.html").read_bytes() != before
