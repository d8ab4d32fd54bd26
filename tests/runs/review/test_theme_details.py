"""A theme under the lens: its tables say what its run found, and what is not known is not there."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from toys import SMALL, toy

from themetagger.corpus import read_table
from themetagger.report.panels import PANELS
from themetagger.report.theme_figure import theme_figure
from themetagger.report.theme_view import THEME_TABLES
from themetagger.runs.past_run import open_run
from themetagger.runs.review.learning_curves import learning_curves_of_run
from themetagger.runs.review.theme_details import run_findings, theme_details
from themetagger.runs.tune import tune
from themetagger.selection.learning_curve import COLUMNS

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_page")]

DRAWN = {name for name, _ in PANELS}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lens")
    frame = toy(150)
    frame.loc[frame.index[::8], "Themes"] = "food"  # so that there is something to confuse, and to suspect
    frame.loc[frame.index[:3], "Themes"] += ", rare"
    frame.to_csv(folder / "train.csv", index=False)
    tune(folder / "train.csv", out=folder / "run", **SMALL)
    return folder


@pytest.fixture(scope="module")
def run(folder):
    return open_run(folder / "run")


def test_everything_that_is_drawn_or_shown_is_there(run):
    findings = run_findings(run, curves=learning_curves_of_run(run, n_jobs=1))
    tables = theme_details(run, "food", findings=findings).tables
    missing = {*THEME_TABLES, *DRAWN} - set(tables)
    assert missing == set()
    assert [
        name
        for name in (*DRAWN, "confusion", "mistakes", "terms", "suspects", "families", "cost")
        if tables[name].empty
    ] == []
    assert set(COLUMNS) <= set(tables["learning_curve"])


def test_its_tables_agree_with_the_winner(run):
    view, theme_result = theme_details(run, "food"), run.theme_result("food")
    counts = theme_result.counts
    assert view.tables["confusion"][["tagged", "not tagged"]].to_numpy().tolist() == [
        [counts.tp, counts.fn],
        [counts.fp, counts.tn],
    ]
    (chosen,) = view.tables["precision_recall"].query("chosen").itertuples()
    assert (chosen.right, chosen.flagged) == (counts.tp, counts.predictions)
    assert chosen.precision == pytest.approx(view.row["precision"])
    scores = view.tables["scores"]
    assert (scores["positive_texts"].sum(), scores["negative_texts"].sum()) == (counts.support, counts.fp + counts.tn)
    assert view.tables["calibration"]["texts"].sum() == counts.rows
    kinds = view.tables["mistakes"]["kind"].value_counts()
    assert kinds.get("false positive", 0) == min(6, counts.fp)
    assert kinds.get("false negative", 0) == min(6, counts.fn)
    lines = read_table(run.table)[0]["Processed Text"]
    wrong = view.tables["mistakes"]
    assert [lines[line] for line in wrong["line"]] == wrong["text"].tolist()
    assert view.tables["cost"]["trials"].iloc[0] == theme_result.trials
    assert view.tables["cost"]["peak_memory_mb"].iloc[0] > 10


def test_the_sentences_say_what_is_promised_and_which_words_tell(run):
    told = " ".join(theme_details(run, "food").sentences)
    theme_result = run.theme_result("food")
    assert "At least 90 % of tags with a score of" in told
    assert f"expect precision of about {theme_result.corrected_precision:.2f}" in told
    assert "raises the odds" in told


def test_a_skipped_theme_says_why_and_has_no_tables(run):
    view = theme_details(run, "rare")
    assert view.tables == {}
    assert view.sentences == ("3 positives, needs 5.",)


def test_without_the_texts_what_the_study_tells_is_left(folder, tmp_path):
    shutil.copytree(folder / "run", tmp_path / "run")
    about = (tmp_path / "run" / "run.json").read_text()
    (tmp_path / "run" / "run.json").write_text(about.replace(str(folder / "train.csv"), str(tmp_path / "gone.csv")))
    view = theme_details(open_run(tmp_path / "run"), "food")
    assert set(view.tables) == {"confusion", "history", "families", "importances", "cost"}


def test_an_unknown_theme_is_named_with_those_that_there_are(run):
    with pytest.raises(KeyError, match=r"no theme 'fod'; its themes: .*food"):
        theme_details(run, "fod")


def test_the_figure_draws_what_there_is(run):
    def shown(theme):
        return [axes.get_title(loc="left") for axes in theme_figure(theme_details(run, theme)).axes]

    assert shown("food") == ["Precision and recall", "The threshold", "Scores", "Calibration", "The search"]
    assert shown("rare") == []


def test_what_takes_long_can_be_left_out(run):
    view = theme_details(run, "food", findings=run_findings(run, thorough=False))
    assert set(theme_details(run, "food").tables) - set(view.tables) == {"mistakes", "terms", "importances"}
    assert np.isfinite(view.tables["suspects"]["probability_of_label"]).all()
