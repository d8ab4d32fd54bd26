"""A review goes out, comes back filled in, and changes the labels it names: nothing else, and nothing by mistake."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from toys import SMALL, toy

from themetagger.cli import main
from themetagger.corpus import TableError, TableFormat, read_corpus, read_table
from themetagger.insights.labelling.corrections import COLUMNS, correct
from themetagger.runs.past_run import open_run
from themetagger.runs.review.suspects import review_table, write_review
from themetagger.runs.tune import tune

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_page")]

TEXTS = ["low pay", "=1+1 on the menu", "-soup, 汤 🍲", 'he said "thanks"\nand left', "low pay"]


def row(line: int, theme: str, suggested: str, verdict: Any, text: str | None = None) -> dict[str, Any]:
    given = {"yes": "no", "no": "yes"}.get(suggested, "no")
    text = TEXTS[line - 1] if text is None else text
    return dict(zip(COLUMNS, (line, text, theme, given, suggested, 0.1, verdict), strict=True))


def table() -> pd.DataFrame:
    themes = ["pay , =staff,, food", "food", "", "pay", "=staff"]
    return pd.DataFrame({"id": ["007", "1.50", "", "NA", "x"], "Processed Text": TEXTS, "Themes": themes})


def lines_of(path: Path) -> list[int]:
    return [int(line) for line in read_table(path)[0].index]


REVIEW = [
    row(1, "=staff", "no", "change"),
    row(2, "pay", "yes", " Change "),
    row(3, "food", "yes", "CHANGE"),
    row(4, "pay", "no", "keep"),
    row(5, "=staff", "no", "keep"),
    row(5, "food", "yes", ""),
    row(1, "pay", "no", None),
]
AFTER = ["pay ,, food", "food, pay", "food", "pay", "=staff"]


def test_verdicts_change_their_labels_and_nothing_else():
    before = table()
    done = correct(before, pd.DataFrame(REVIEW))
    assert done.table["Themes"].tolist() == AFTER
    pd.testing.assert_frame_equal(done.table.drop(columns="Themes"), table().drop(columns="Themes"))
    pd.testing.assert_frame_equal(before, table())
    assert (done.changed, done.kept, done.unanswered, done.already) == (3, 2, 2, 0)


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".xlsx", ".jsonl", ".json", ".parquet"])
@pytest.mark.parametrize("reviewed", [".csv", ".tsv", ".xlsx", ".json"])
def test_every_format_goes_there_and_back(tmp_path, suffix, reviewed):
    from themetagger.corpus import write_table

    path, out = tmp_path / f"train{suffix}", tmp_path / f"corrected{suffix}"
    write_table(table(), path, formulas="keep")
    places = lines_of(path)  # a text of two lines moves those behind it
    review = pd.DataFrame([{**cells, "line": places[cells["line"] - 1]} for cells in REVIEW])
    write_review(review, tmp_path / f"review{reviewed}")
    done = correct(path, tmp_path / f"review{reviewed}", out=out)
    frame, _ = read_table(out)
    assert frame["Themes"].tolist() == AFTER
    before, _ = read_table(path)
    pd.testing.assert_frame_equal(frame.drop(columns="Themes"), before.drop(columns="Themes"))
    assert done.changed == 3
    again = correct(out, tmp_path / f"review{reviewed}")
    assert (again.changed, again.already) == (3, 3)
    assert again.table["Themes"].tolist() == AFTER


def test_a_copy_keeps_delimiter_and_encoding(tmp_path):
    path, out = tmp_path / "train.csv", tmp_path / "new.csv"
    path.write_text("Processed Text;Themes;n\ncafé, or tea;food;1,50\nlow pay;;2\n", encoding="latin-1")
    review = pd.DataFrame([row(3, "food", "yes", "change", "low pay")])
    correct(path, review, out=out, table_format=TableFormat(encoding="latin-1", delimiter=";"))
    frame, notes = read_table(out, encoding="latin-1", delimiter=";")
    assert frame.to_numpy().tolist() == [["café, or tea", "food", "1,50"], ["low pay", "food", "2"]]
    assert notes == ()


def test_json_keeps_numbers_lists_and_nothing(tmp_path):
    path, out = tmp_path / "train.jsonl", tmp_path / "new.jsonl"
    records = [
        {"Processed Text": "low pay", "Themes": ["pay", "staff"], "x": 0.12345678901234568, "y": {"a": [1, None]}},
        {"Processed Text": "soup", "Themes": None, "x": 2**60, "y": True},
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    review = [row(1, "staff", "no", "change", "low pay"), row(2, "staff", "yes", "change", "soup")]
    correct(path, pd.DataFrame(review), out=out)
    records[0]["Themes"], records[1]["Themes"] = ["pay"], ["staff"]
    assert [json.loads(line) for line in out.read_text().splitlines()] == records


def test_json_gets_no_names_that_it_lacked_and_keeps_their_order(tmp_path):
    records = [
        {"Processed Text": "low pay", "x": None},
        {"Themes": "pay", "Processed Text": "soup"},
        {"y": 1, "Processed Text": "tea", "Themes": "food"},
    ]
    review = pd.DataFrame([row(1, "pay", "yes", "change", "low pay")])
    for suffix in (".jsonl", ".json"):
        path, out = tmp_path / f"train{suffix}", tmp_path / f"new{suffix}"
        lines = "\n\n".join(map(json.dumps, records)) + "\n"
        path.write_text(lines if suffix == ".jsonl" else json.dumps(records))
        correct(path, review, out=out)
        text = out.read_text()
        again = json.loads(text) if suffix == ".json" else [json.loads(line) for line in text.splitlines() if line]
        expected = [{**records[0], "Themes": "pay"}, *records[1:]]
        assert [list(record.items()) for record in again] == [list(record.items()) for record in expected]


def lists(**second: Any) -> str:
    records = [{"Processed Text": "low pay", "Themes": ["pay", "staff"]}, {"Processed Text": "soup", **second}]
    return "".join(json.dumps(record) + "\n" for record in records)


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".xlsx"])
@pytest.mark.parametrize("separator", [", ", "|"])
def test_lists_of_themes_are_joined_where_a_cell_holds_none(tmp_path, suffix, separator):
    path, out = tmp_path / "train.jsonl", tmp_path / f"new{suffix}"
    path.write_text(lists(Themes=["pay", "food", "a b"]))
    review = pd.DataFrame([row(1, "staff", "no", "change", "low pay"), row(2, "food", "no", "keep", "soup")])
    review["suggested"] = "no"
    correct(path, review, out=out, table_format=TableFormat(separator=separator))
    assert read_table(out)[0]["Themes"].tolist() == ["pay", separator.join(["pay", "food", "a b"])]


@pytest.mark.parametrize(
    ("second", "told"),
    [
        (
            {"Themes": ["pay, staff"]},
            r"train.jsonl, line 2, column 'Themes': .*cannot hold it; let out end in",
        ),
        ({"Themes": [], "more": {"a": 1}}, r"train.jsonl, line 2, column 'more': .*cannot hold it"),
    ],
)
def test_what_a_cell_cannot_hold_is_not_written(tmp_path, second, told):
    (tmp_path / "train.jsonl").write_text(lists(**second))
    review = pd.DataFrame([row(1, "staff", "no", "change", "low pay")])
    with pytest.raises(TableError, match=told):
        correct(tmp_path / "train.jsonl", review, out=tmp_path / "new.csv")
    assert not (tmp_path / "new.csv").exists()


@pytest.mark.parametrize(
    ("off", "on"),
    [("0", "1"), ("false", "true"), ("False", "True"), ("FALSE", "TRUE"), (0, 1), (False, True), (0.0, 1.0)],
)
def test_columns_of_0_and_1_keep_their_way_of_writing(off, on):
    frame = pd.DataFrame({"Processed Text": ["a", "b", "c"], "pay": [off, on, off], "food": [on, off, off]})
    review = [
        row(1, "pay", "yes", "change", "a"),
        row(2, "pay", "no", "change", "b"),
        row(3, "food", "yes", "keep", "c"),
    ]
    form = TableFormat(theme_columns=["pay", "food"])
    done = correct(frame, pd.DataFrame(review), table_format=form)
    assert done.table["pay"].tolist() == [on, off, off]
    assert {type(cell) for cell in done.table["pay"].tolist()} == {type(on)}
    pd.testing.assert_frame_equal(done.table.drop(columns="pay"), frame.drop(columns="pay"))
    assert done.table["pay"].dtype == frame["pay"].dtype
    loose = correct(frame.astype(object), pd.DataFrame(review), table_format=form).table["pay"].tolist()
    assert list(map(type, loose)) == [type(off)] * 3


def test_fine_themes_are_taken_away_and_the_broad_one_is_added():
    frame = pd.DataFrame({"Processed Text": ["a", "b"], "Themes": ["low pay, Staff, bonus", "staff"]})
    review = [
        row(1, "pay", "no", "change", "a"),
        row(2, "pay", "yes", "change", "b"),
        row(1, "staff", "no", "change", "a"),
    ]
    fine = {"low pay": "pay", "bonus": "pay"}
    done = correct(frame, pd.DataFrame(review), table_format=TableFormat(theme_map=fine, alike="merge"))
    assert done.table["Themes"].tolist() == ["", "staff, pay"]
    columns = pd.DataFrame({"Processed Text": ["a", "b"], "low pay": [1, 0], "bonus": [1, 0], "Staff": [1, 1]})
    names = ["low pay", "bonus", "Staff"]
    done = correct(columns, pd.DataFrame(review[:1]), table_format=TableFormat(theme_map=fine, theme_columns=names))
    assert done.table[names].to_numpy().tolist() == [[0, 0, 1], [0, 0, 1]]
    with pytest.raises(TableError, match="review, row 1, column 'theme': 'pay' is 'low pay' and 'bonus' in table"):
        correct(columns, pd.DataFrame(review[1:2]), table_format=TableFormat(theme_map=fine, theme_columns=names))
    with pytest.raises(TableError, match="'pay' cannot be written into table"):
        correct(frame, pd.DataFrame(review[1:2]), table_format=TableFormat(theme_map=fine | {"pay": "money"}))


MISTAKES = {
    "verdict": (
        row(1, "food", "no", "yes please"),
        "row 1, column 'verdict': 'yes please'; write change, keep or nothing",
    ),
    "line": (row(1, "food", "no", "change") | {"line": "9"}, "row 1, column 'line': '9'; table has no text there"),
    "text": (
        row(1, "food", "no", "change", "low wage"),
        "row 1, column 'text': 'low wage'; table, row 1, now has 'low pay'; review again",
    ),
    "theme": (row(1, "foot", "no", "keep"), "row 1, column 'theme': 'foot'; table has no such theme"),
    "given": (row(1, "food", "no", "change") | {"given": "?"}, "row 1, column 'given': '?'; write yes or no"),
    "suggested": (row(1, "food", "maybe", "change"), "row 1, column 'suggested': 'maybe'; write yes or no"),
    "same": (
        row(1, "food", "no", "change") | {"given": "no"},
        "row 1, column 'suggested': 'no'; it is also what is given",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_names_line_value_and_remedy_and_nothing_is_written(tmp_path, name):
    cells, told = MISTAKES[name]
    with pytest.raises(TableError) as caught:
        correct(table(), pd.DataFrame([cells]), out=tmp_path / "new.csv")
    assert told in str(caught.value)
    assert not (tmp_path / "new.csv").exists()


def test_a_text_of_several_rows_is_corrected_in_all_of_them():
    themes = ["pay", "food", "pay, food", "staff"]
    before = pd.DataFrame({"Processed Text": ["low pay", "low pay", "low pay", "kind"], "Themes": themes})
    form = TableFormat(repeats="join")
    review = [row(1, "pay", "no", "change", "low pay"), row(1, "food", "yes", "change", "low pay")]
    review.append(row(1, "staff", "yes", "change", "low pay"))
    done = correct(before, pd.DataFrame(review), table_format=form)
    assert done.table["Themes"].tolist() == ["staff", "food", "food", "staff"]
    assert (done.changed, done.already) == (3, 1)


def test_a_column_is_corrected_under_the_name_that_it_has():
    before = pd.DataFrame({"What\nelse?": ["low pay"], "Topics: pay": [1], "Topics: staff": [0]})
    form = TableFormat("What else?", theme_columns=["pay", "staff"])
    done = correct(before, pd.DataFrame([row(1, "staff", "yes", "change", "low pay")]), table_format=form)
    assert done.table.to_dict("list") == {"What\nelse?": ["low pay"], "Topics: pay": [1], "Topics: staff": [1]}


def test_verdicts_that_contradict_each_other_are_refused_and_equal_ones_count_once():
    twice = [row(1, "food", "no", "change"), row(1, "food", "no", "change")]
    assert correct(table(), pd.DataFrame(twice)).changed == 1
    twice[1]["verdict"] = "keep"
    with pytest.raises(TableError, match=r"review, row 2.*'keep'; review, row 1 contradicts it"):
        correct(table(), pd.DataFrame(twice))


def test_the_table_itself_is_never_written_over_nor_a_review(tmp_path):
    path = tmp_path / "train.csv"
    table().to_csv(path, index=False)
    with pytest.raises(TableError, match="is the input file; choose another"):
        correct(path, pd.DataFrame(REVIEW), out=tmp_path / "." / "train.csv")
    write_review(pd.DataFrame(REVIEW), tmp_path / "review.csv")
    with pytest.raises(TableError, match="may hold verdicts"):
        write_review(pd.DataFrame(REVIEW), tmp_path / "review.csv")


def test_a_review_without_a_column_is_refused():
    with pytest.raises(TableError, match="no column 'verdict'"):
        correct(table(), pd.DataFrame(REVIEW).drop(columns="verdict"))


def test_white_space_that_a_spreadsheet_changed_and_7_made_7_0_are_no_change_of_text():
    review = [row(4, "pay", "no", "change", 'he said "thanks"\r\nand  left\x0b') | {"line": 4.0}]
    assert correct(table(), pd.DataFrame(review)).changed == 1


@pytest.mark.parametrize("cell", ["pay", "pay,", "pay , ", "pay, "])
def test_a_theme_is_added_behind_one_separator(cell):
    frame = pd.DataFrame({"Processed Text": ["soup", "tea"], "Themes": [cell, "food"]})
    done = correct(frame, pd.DataFrame([row(1, "food", "yes", "change", "soup")]))
    assert done.table["Themes"][0] == "pay, food"


def test_a_long_text_is_cut_in_the_review_and_found_again():
    long = pd.DataFrame({"Processed Text": ["word " * 9000, "soup"], "Themes": ["pay", "food"]})
    review = [row(1, "pay", "no", "change", long["Processed Text"][0][:30_000])]
    assert correct(long, pd.DataFrame(review)).table["Themes"].tolist() == ["", "food"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A run on a table with a wrong and a forgotten label, a formula among the texts, and rows held out."""
    folder = tmp_path_factory.mktemp("review")
    names = ("pay", "=staff", "food")
    frame = toy(150, names=names)
    frame["Processed Text"] = "=" + frame["Processed Text"]
    lists = [set(filter(None, themes.split(", "))) for themes in frame["Themes"]]
    frame.insert(0, "id", [f"{number:04d}" for number in range(150)])
    frame.loc[0, "id"] = "two\nlines"  # so that lines are no row numbers
    lists[40] ^= {"pay"}
    lists[41] ^= {"pay"}
    frame["Themes"] = [", ".join(name for name in names if name in own) for own in lists]
    frame.to_csv(folder / "train.csv", index=False)
    columns = frame.assign(**{name: [int(name in own) for own in lists] for name in names}).drop(columns="Themes")
    columns.to_csv(folder / "columns.csv", index=False)
    tune(folder / "train.csv", out=folder / "run", hold_out=0.2, **SMALL)
    tune(folder / "columns.csv", theme_columns=names, out=folder / "run01", **SMALL)
    return folder


@pytest.mark.parametrize("name", ["train", "columns"])
def test_from_the_run_to_the_corrected_table(made, tmp_path, name):
    run = {"train": "run", "columns": "run01"}[name]
    options = ["--theme-columns", "pay,=staff,food"] if name == "columns" else []
    table, review, out = made / f"{name}.csv", tmp_path / "suspects.csv", tmp_path / "corrected.csv"
    _done("suspects", made / run, "--out", review, "--top", "5", "--theme", "pay", "--theme", "=staff")
    listed = pd.read_csv(review, dtype=str, keep_default_na=False)
    assert tuple(listed.columns) == COLUMNS
    assert listed["text"].str.startswith("'=").all()
    assert set(listed["theme"]) <= {"pay", "'=staff"}
    listed["verdict"] = np.where(listed["theme"] == "pay", "change", "keep")
    listed.to_csv(review, index=False)
    told = _done("correct", table, "--review", review, "--out", out, *options)
    changes = listed[listed["theme"] == "pay"]
    assert told.endswith(f"{len(changes)} labels changed, {5 - len(changes)} kept, 0 without a verdict: {out}\n")
    reading = {"theme_columns": ["pay", "=staff", "food"]} if options else {}
    before, after = read_corpus(table, **reading), read_corpus(out, **reading)
    assert before.texts == after.texts
    differs = np.argwhere(before.labels.toarray() != after.align(before.themes).toarray())
    lines = [str(line) for line in read_table(table)[0].index]
    assert {before.themes[j] for _, j in differs} == {"pay"}
    assert sorted(lines[i] for i, _ in differs) == sorted(changes["line"])


def test_planted_errors_come_first_at_their_lines(made):
    run = open_run(made / "run01")
    listed = review_table(run, top=2)
    lines = read_table(made / "columns.csv")[0].index
    assert set(listed["line"]) == {lines[40], lines[41]}
    assert set(listed["theme"]) == {"pay"}
    held = open_run(made / "run")
    texts = dict(zip(read_table(made / "train.csv")[0].index, read_corpus(made / "train.csv").texts, strict=True))
    whole = review_table(held, top=None)
    assert all(texts[line] == text for line, text in zip(whole["line"], whole["text"], strict=True))
    assert whole["line"].nunique() == len(held.texts) < 150


def test_a_frame_that_was_tuned_on_has_rows_for_lines(made, tmp_path):
    frame = toy(90)
    tune(frame, out=tmp_path / "run", **SMALL)
    listed = review_table(open_run(tmp_path / "run", train=frame), top=5)
    assert [frame["Processed Text"][line - 1] for line in listed["line"]] == listed["text"].tolist()
    listed["verdict"] = "change"
    assert correct(frame, listed).changed == 5


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["suspects", "run", "--out", "new.csv", "--theme", "soup"], "themes name 'soup', which has no model"),
        (["suspects", "nowhere", "--out", "new.csv"], "has no results.csv"),
        (
            ["correct", "train.csv", "--review", "columns.csv", "--out", "columns.csv"],
            "is the input file; choose another",
        ),
        (["correct", "train.csv", "--review", "nowhere.csv", "--out", "new.csv"], "there is no such file"),
        (["correct", "train.csv", "--review", "columns.csv", "--out", "new.csv"], "there is no column 'line'"),
    ],
)
def test_a_mistake_on_the_command_line_ends_in_one_line(made, monkeypatch, arguments, told):
    monkeypatch.chdir(made)
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert told in result.output
    assert len(result.output.splitlines()) == 1
    assert not Path("new.csv").exists()


def _done(*arguments: object) -> str:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.output
