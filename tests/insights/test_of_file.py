"""A table of tagged texts is analysed: whose tags are taken, what is refused, and what is written."""

from __future__ import annotations

import builtins

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from toys import SMALL, toy

from themetagger.cli import main
from themetagger.corpus import TableError, column_beside, corpus_from_frame, hold_out, read_table
from themetagger.insights.of_file import Grouping, analyse, write_analysis
from themetagger.insights.slices import slices_out_of_fold
from themetagger.runs.past_run import open_run
from themetagger.runs.tune import tune
from themetagger.tagger.predictions import Predictions
from themetagger.tagger.theme_tagger import ThemeTagger

pytestmark = pytest.mark.usefixtures("no_page")

NAMES = ("pay", "=staff", "<b>food</b>")


def beside(frame: pd.DataFrame, *, seed: int = 0) -> pd.DataFrame:
    """The table with a site and a date."""
    draw = np.random.default_rng(seed)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(draw.integers(0, 150, len(frame)), unit="D")
    return frame.assign(Site=draw.choice(["north", "=1+1", "<i>"], len(frame)), Date=days.strftime("%Y-%m-%d"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run on a table with other columns, and new texts with its tags."""
    folder = tmp_path_factory.mktemp("analysis")
    beside(toy(120, names=NAMES)).to_csv(folder / "train.csv", index=False)
    tagger = tune(folder / "train.csv", test=toy(60, seed=7, names=NAMES), out=folder / "run", **SMALL).tagger
    new = beside(toy(80, seed=3, names=NAMES), seed=1)
    new.to_csv(folder / "labelled.csv", index=False)
    new.drop(columns="Themes").to_csv(folder / "texts.csv", index=False)
    tagger.tag(new).to_csv(folder / "predicted.csv", index=False)
    tagger.tag(new.drop(columns="Themes"), policy="certified").to_csv(folder / "certified.csv", index=False)
    return folder


def analysed(folder, name="texts.csv", **options):
    grouping = Grouping(**{name: options.pop(name) for name in ("by", "time", "period") if name in options})
    return analyse(folder / name, folder / "run" / "tagger.tagger", grouping, **options)


@pytest.mark.parametrize(
    ("name", "note"),
    [("predicted.csv", "the column 'Predicted Themes'"), ("certified.csv", "'Themes to Review' count")],
)
def test_tags_of_a_column_are_those_that_the_texts_would_get(folder, name, note):
    found, again = analysed(folder, name), analysed(folder)
    assert any(note in line for line in found.notes)
    assert "The texts were tagged." in again.notes
    pd.testing.assert_frame_equal(found.shares, again.shares)
    assert again.shares["tagged"].sum() > 30


def test_tags_of_a_person_are_refused_and_can_be_passed_over(folder):
    frame = pd.read_csv(folder / "labelled.csv", keep_default_na=False)
    frame["Themes"] = np.roll(frame["Themes"], 1)
    frame.to_csv(folder / "other.csv", index=False)
    with pytest.raises(
        TableError, match=r"other.csv, line \d+, column 'Themes': .* is not what the tagger gives; .*retag=True"
    ):
        analysed(folder, "other.csv")
    pd.testing.assert_frame_equal(analysed(folder, "other.csv", retag=True).shares, analysed(folder).shares)


def retouched(folder, name: str, count: int, change) -> str:
    """The tags of predicted.csv, changed in the first ``count`` texts that have any, as a file."""
    frame = pd.read_csv(folder / "predicted.csv", keep_default_na=False)
    rows = frame.index[frame["Predicted Themes"] != ""][:count]
    frame.loc[rows, "Predicted Themes"] = frame.loc[rows, "Predicted Themes"].map(change)
    frame.to_csv(folder / name, index=False)
    return name


def test_a_few_labels_of_a_person_are_enough_to_be_refused(folder):
    some = retouched(folder, "some.csv", 4, lambda tags: "" if "pay" in tags else "pay")
    with pytest.raises(TableError, match=r"some.csv, line \d+, column 'Predicted Themes': .* tagged texts that"):
        analysed(folder, some)
    alike = retouched(folder, "alike.csv", 4, lambda tags: tags)
    analysed(folder, alike)


def test_texts_without_tags_do_not_hide_labels_of_a_person(folder):
    """All but 4 of 2,000 texts are as the tagger has them, for neither has a tag."""
    few = pd.read_csv(folder / retouched(folder, "few.csv", 4, lambda tags: ""), keep_default_na=False)
    empty = pd.DataFrame({"Processed Text": [f"nothing {i}" for i in range(2_000)], "Predicted Themes": ""})
    untagged = few["Predicted Themes"] == ""
    pd.concat([few[untagged][:4], few[~untagged][:9], empty]).drop(columns="Themes").to_csv(
        folder / "few.csv", index=False
    )
    with pytest.raises(TableError, match="is not what the tagger gives"):
        analysed(folder, "few.csv")


def test_certified_tags_without_those_to_review_are_told_as_such(folder, monkeypatch):
    def stricter(self):  # the toys' themes are certified where they are cut
        return self.margins >= (0.3 if self.policy == "certified" else 0.0)

    monkeypatch.setattr(Predictions, "assigned", property(stricter))
    tagger = ThemeTagger.load(folder / "run" / "tagger.tagger")
    frame = tagger.tag(pd.read_csv(folder / "texts.csv"), policy="certified")
    assert (frame["Themes to Review"] != "").sum() > 10
    frame.to_csv(folder / "whole.csv", index=False)
    analysed(folder, "whole.csv")
    frame.drop(columns="Themes to Review").to_csv(folder / "half.csv", index=False)
    without = r"certified tags .* without the column 'Themes to Review'.*keep it, or pass retag=True"
    with pytest.raises(TableError, match=without):
        analysed(folder, "half.csv")


def test_parts_add_up_to_the_whole(folder):
    found = analysed(folder, by="Site", time="Date", period="month")
    assert (
        found.by["value"].unique().tolist() == pd.read_csv(folder / "texts.csv")["Site"].value_counts().index.tolist()
    )
    assert found.over_time["value"].unique().tolist() == ["2024-01", "2024-02", "2024-03", "2024-04", "2024-05"]
    whole = found.shares.set_index("theme")[["texts", "tagged"]]
    for part in (found.by, found.over_time):
        assert part.groupby("theme", sort=False)[["texts", "tagged"]].sum().equals(whole)


def test_held_out_figures_are_taken_where_they_are_asked_for(folder):
    plain, held_out = (analysed(folder, figures=figures).shares for figures in ("out-of-fold", "held-out"))
    assert (plain["share_high"] != held_out["share_high"]).any()
    with pytest.raises(ValueError, match="figures must be one of out-of-fold, held-out but is 'test'"):
        analysed(folder, figures="test")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"by": "Sit"}, r"texts.csv: there is no column 'Sit'; did you mean 'Site'.*; pass one of them as by\."),
        ({"time": "Day"}, "texts.csv: there is no column 'Day'"),
        ({"tag_column": "Tags"}, "texts.csv: there is no column 'Tags'"),
        ({"time": "Site"}, "texts.csv, line 2, column 'Site': .* is no date"),
    ],
)
def test_a_column_that_will_not_do_is_told(folder, options, told):
    with pytest.raises(TableError, match=told):
        analysed(folder, **options)


@pytest.mark.slow
def test_what_is_written_is_safe_and_whole(folder, tmp_path):
    found = analysed(folder, by="Site", time="Date")
    names = [path.name for path in write_analysis(found, tmp_path)]
    tables, pictures = ["shares", "by", "over_time", "together"], ["shares", "by", "over_time"]
    assert names == [*(f"{n}.csv" for n in tables), "analysis.xlsx", *(f"{n}.png" for n in pictures)]
    shares, _ = read_table(tmp_path / "shares.csv")
    assert set(shares["theme"]) == {"pay", "'=staff", "<b>food</b>"}
    book = pd.read_excel(tmp_path / "analysis.xlsx", sheet_name=None)
    assert list(book) == tables
    assert set(book["by"]["value"]) == {"north", "=1+1", "<i>"}
    again = analysed(folder, by="Site", time="Date")
    assert all(again.tables[name].equals(table) for name, table in found.tables.items())


def test_without_openpyxl_the_tables_are_there_still(folder, tmp_path, monkeypatch):
    found, imported = analysed(folder), builtins.__import__

    def without(name, *rest, **more):
        if name.startswith("openpyxl"):
            raise ImportError(name)
        return imported(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.setattr("themetagger.insights.of_file.workbook", lambda sheets: without("openpyxl"))
    assert [path.name for path in write_analysis(found, tmp_path)] == ["shares.csv", "together.csv", "shares.png"]


def test_cells_stand_beside_their_texts_however_a_corpus_was_parted(folder):
    frame, _ = read_table(folder / "train.csv")
    corpus = corpus_from_frame(frame)
    part, rest = hold_out(corpus, share=0.3, seed=1)
    for some in (part, rest, part.take([5, 2]), part.renamed({"pay": "money"})):
        texts = column_beside(some, frame, "Processed Text")
        assert texts.tolist() == list(some.texts)
    assert column_beside(part.take([5]), frame, "Site").index[0] == frame.index[part.rows[5]]
    with pytest.raises(TableError, match="were not read from this table of 3 rows"):
        column_beside(corpus, frame.head(3), "Site")


def call(*arguments: object):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_slices_of_a_run_are_printed_and_written(folder, tmp_path):
    result = call("slices", folder / "run", "--by", "Site", "--by", "Date", "--out", tmp_path / "slices.csv")
    assert result.exit_code == 0, result.output
    assert "All themes by Site, out of fold" in result.output
    assert "0 of 12 Site-theme pairs do significantly worse than the other texts" in result.output
    table, _ = read_table(tmp_path / "slices.csv")
    assert table["column"].unique().tolist() == ["Site", "Date"]
    past = open_run(folder / "run")
    site = pd.Categorical(pd.read_csv(folder / "train.csv")["Site"])
    expected = slices_out_of_fold(past.tagger.theme_results, past.evidence_by_theme(), site, column="Site")
    pay = table[(table["value"] == "north") & (table["theme"] == "pay")].iloc[0]
    same = expected[(expected["value"] == "north") & (expected["theme"] == "pay")].iloc[0]
    assert [int(pay[name]) for name in ("texts", "flagged", "hits")] == same[["texts", "flagged", "hits"]].tolist()


def test_a_slice_that_is_served_worse_is_warned_of(folder, tmp_path):
    frame = pd.read_csv(folder / "labelled.csv", keep_default_na=False)
    frame["Lang"] = np.where(frame.index % 2, "en", "de")
    frame.loc[frame["Lang"] == "de", "Processed Text"] = [
        f"unbekannt {i}" for i in range((frame["Lang"] == "de").sum())
    ]
    frame.to_csv(tmp_path / "two.csv", index=False)
    tagger = folder / "run" / "tagger.tagger"
    result = call("evaluate", tmp_path / "two.csv", "--tagger", tagger, "--by", "Lang", "--out", tmp_path / "e.csv")
    assert result.exit_code == 0, result.output
    worse = result.output.split("Significantly worse than elsewhere, by Lang\n")[1].splitlines()
    assert "de    (all themes)" in "\n".join(worse)
    assert not any(line.startswith("en ") for line in worse)
    assert len(read_table(tmp_path / "e.by.csv")[0]) == 8


@pytest.fixture(scope="module")
def odd(folder):
    """A header that has more commas than semicolons, and days that may be months."""
    frame = beside(toy(120, names=NAMES)).rename(columns={"Site": "a,b,c,d"})
    frame = frame.assign(Date="03/04/2024", **{"e,f": "x"})
    frame.loc[::2, "Date"] = "04/04/2024"
    frame.to_csv(folder / "odd.csv", index=False, sep=";")
    tune(folder / "odd.csv", out=folder / "odd", **SMALL)
    return folder


BY = ["--by", "a,b,c,d", "--by", "Date"]
EVALUATE = ["evaluate", "odd.csv", "--tagger", "run/tagger.tagger", "--training-texts", "keep"]


@pytest.mark.parametrize("command", [["slices", "odd"], EVALUATE])
def test_the_delimiter_is_told_by_all_columns_and_a_format_is_for_dates_alone(odd, tmp_path, monkeypatch, command):
    monkeypatch.chdir(odd)
    assert "may be %d/%m/%Y or %m/%d/%Y" in call(*command, *BY).output
    result = call(*command, *BY, "--date-format", "%d/%m/%Y", "--out", tmp_path / "t.parquet")
    assert result.exit_code == 0, result.output
    table, _ = read_table(tmp_path / ("t.by.parquet" if command == EVALUATE else "t.parquet"))
    assert set(table.loc[table["column"] == "Date", "value"]) == {"2024-04-03", "2024-04-04"}
    assert set(table.loc[table["column"] == "a,b,c,d", "value"]) == {"north", "=1+1", "<i>"}
    if command == EVALUATE:
        assert read_table(tmp_path / "t.parquet")[0]["theme"].tolist() == list(open_run("run").results["theme"])


def test_analyse_reads_a_column_of_dates_in_the_format_too(odd):
    found = analyse(
        odd / "odd.csv",
        odd / "run" / "tagger.tagger",
        Grouping(by="Date", date_format="%d/%m/%Y"),
        retag=True,
        training_texts="keep",
    )
    assert set(found.by["value"]) == {"2024-04-03", "2024-04-04"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["slices", "run", "--by", "Site", "--date-format", "%d"],
            "--date-format '%d': no such dates in Site of train.csv",
        ),
        (["slices", "run", "--by", "Site", "--out", "run/../train.csv"], "train.csv is the input file"),
        (["slices", "run", "--by", "Site", "--out", "run/results.csv"], "results.csv is the input file"),
        (["compare", "run", "run", "--out", "train.csv"], "train.csv is the input file"),
        (["mistakes", "run", "--out", "train.csv"], "train.csv is the input file"),
        (["terms", "run", "--out", "train.csv"], "train.csv is the input file"),
        ([*EVALUATE, "--out", "odd.csv"], "odd.csv is the input file"),
        (["evaluate", "o.by.csv", *EVALUATE[2:], *BY, "--out", "o.csv"], "o.by.csv is the input file"),
        ([*EVALUATE, "--by", "Nix", "--out", "x.csv"], "pass one of them as --by"),
        ([*EVALUATE, "--out", "x.doc"], "cannot write .doc"),
    ],
)
def test_what_is_read_is_not_written_and_what_is_asked_for_is_looked_for_first(odd, monkeypatch, arguments, told):
    monkeypatch.chdir(odd)
    (odd / "o.by.csv").write_bytes((odd / "odd.csv").read_bytes())
    before = {path: path.read_bytes() for path in odd.rglob("*") if path.is_file()}
    result = call(*arguments)
    assert (result.exit_code, len(result.output.splitlines())) == (2, 1)
    assert told in result.output
    assert {path: path.read_bytes() for path in odd.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("most", [0, -3, 1])
@pytest.mark.parametrize("command", [["slices", "run"], ["analyse", "texts.csv", "--tagger", "x", "--out", "x"]])
def test_fewer_than_two_values_cannot_be_compared(folder, command, most):
    result = call(*command, "--by", "Site", "--most", most)
    assert result.exit_code == 2
    assert "Invalid value for '--most'" in result.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["slices", "run", "--by", "Sit"], "Error: train.csv: there is no column 'Sit'; did you mean 'Site'?"),
        (["slices", "run", "--by", "Site", "--train", "labelled.csv"], "is not the table that"),
        (["slices", "run", "--by", "Site", "--out", "x.doc"], "Error: x.doc: cannot write .doc"),
        (["evaluate", "labelled.csv", "--tagger", "run/tagger.tagger", "--by", "Nowhere"], "no column 'Nowhere'"),
        (["analyse", "texts.csv", "--tagger", "run/tagger.tagger", "--time", "Site", "--out", "x"], "line 2, column"),
    ],
)
def test_mistakes_end_in_one_line(folder, monkeypatch, arguments, told):
    monkeypatch.chdir(folder)
    result = call(*arguments)
    assert result.exit_code == 2
    assert told in result.output
    assert not (folder / "x").exists()


def test_an_analysis_is_printed_and_written(folder, tmp_path):
    tagger = folder / "run" / "tagger.tagger"
    result = call("analyse", folder / "predicted.csv", "--tagger", tagger, "--by", "Site", "--out", tmp_path / "new")
    assert result.exit_code == 0, result.output
    assert "All texts: true shares" in result.output
    assert "By group: true shares" in result.output
    assert "Note: The tags are those of the column 'Predicted Themes'." in result.output
    assert (tmp_path / "new" / "by.png").is_file()
