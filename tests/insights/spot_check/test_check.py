"""A spot check from the first draw to its verdict: what is written, read back, refused, and kept."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from themetagger.corpus import TableError
from themetagger.insights.spot_check.check import SpotCheck, verify

WORDS = {True: "right", False: "wrong"}


@pytest.fixture
def tagged() -> pd.DataFrame:
    """300 texts of two themes; the last 50 are copies of others."""
    texts = [f"text {row % 250}{'' if row < 250 else '  '}" for row in range(300)]
    return pd.DataFrame(
        {"Processed Text": texts, "Themes": ["pay" if row % 250 < 150 else "pay, staff" for row in range(300)]}
    )


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "check.csv"


def cells(out: Path) -> pd.DataFrame:
    return pd.read_csv(out, keep_default_na=False)


def fill(out: Path, verdict, column: str = "verdict") -> pd.DataFrame:
    """Judge what is not judged; ``verdict`` may be a function of the row."""
    table = cells(out)
    empty = table[column] == ""
    table.loc[empty, column] = [verdict(row) if callable(verdict) else verdict for _, row in table[empty].iterrows()]
    table.to_csv(out, index=False)
    return table


def only(check: SpotCheck) -> pd.Series:
    assert len(check.table) == 1
    return check.table.iloc[0]


def test_a_check_goes_on_until_it_is_decided(tagged, out):
    begun = verify(tagged, out)
    assert (only(begun)["tags"], begun.added, only(begun)["verdict"]) == (350, 20, "open")  # copies count once
    fill(out, "right")
    again = verify(tagged, out)
    assert (only(again)["judged"], again.added, again.waiting) == (20, 20, 20)
    fill(out, "right")
    ended = verify(tagged, out)
    assert ended.decided
    assert ended.added == 0
    assert only(ended)["verdict"] == "shown"
    assert only(ended)["at_least"] >= 0.9
    assert len(cells(out)) == 40
    before = out.read_bytes()
    assert verify(tagged, out).decided
    assert out.read_bytes() == before


def test_wrong_tags_refute_it_in_the_first_batch(tagged, out):
    verify(tagged, out)
    fill(out, "wrong")
    check = verify(tagged, out)
    assert only(check)["verdict"] == "refuted"
    assert only(check)["at_most"] < 0.9
    assert check.added == 0


@pytest.mark.parametrize("shuffle", [False, True])
def test_the_order_is_that_of_the_seed_alone(tagged, tmp_path, shuffle):
    table = tagged.iloc[:250].sample(frac=1, random_state=1) if shuffle else tagged
    drawn = [verify(table, tmp_path / f"{seed}.csv", seed=seed) and cells(tmp_path / f"{seed}.csv") for seed in (0, 1)]
    verify(tagged, tmp_path / "other.csv")
    assert drawn[0]["key"].tolist() == cells(tmp_path / "other.csv")["key"].tolist()
    assert drawn[0]["key"].tolist() != drawn[1]["key"].tolist()


def test_each_theme_is_checked_by_itself_and_gets_tags_until_it_is_decided(tagged, out):
    verify(tagged, out, each_theme=True, batch=45)
    fill(out, lambda row: "right" if row["theme"] == "pay" or row["number"] % 7 else "wrong")
    check = verify(tagged, out)
    assert check.table.set_index("check")["verdict"].to_dict() == {"pay": "shown", "staff": "open"}
    assert (cells(out)["theme"].value_counts().to_dict()) == {"pay": 45, "staff": 90}


@pytest.mark.parametrize("word", ["right", "Yes", " y", "1", "1.0", "TRUE", "correct"])
def test_a_verdict_is_said_in_many_ways(tagged, out, word):
    verify(tagged, out)
    fill(out, word)
    assert only(verify(tagged, out))["right"] == 20


@pytest.mark.parametrize("word", ["x", "maybe", "2", "?", "right?"])
def test_what_is_no_verdict_is_refused_with_its_place(tagged, out, word):
    verify(tagged, out)
    table = cells(out)
    table.loc[3, "verdict"] = word
    table.to_csv(out, index=False)
    before = out.read_bytes()
    with pytest.raises(TableError, match=r"check.csv, line 5, column 'verdict': .* write right or wrong"):
        verify(tagged, out)
    assert out.read_bytes() == before


def test_tags_behind_one_that_is_not_judged_wait_for_it(tagged, out):
    verify(tagged, out)
    table = fill(out, "right")
    table.loc[4, "verdict"] = ""
    table.to_csv(out, index=False)
    check = verify(tagged, out)
    assert (only(check)["judged"], check.added, check.waiting) == (4, 0, 1)


def test_rows_may_be_sorted_deleted_and_given_columns(tagged, out):
    verify(tagged, out)
    table = fill(out, "right").assign(note="mine, and more").sort_values("text").drop(index=6)
    table.to_csv(out, index=False)
    check = verify(tagged, out)
    assert (only(check)["judged"], check.added) == (6, 1)  # the seventh is asked for again
    assert (cells(out)["note"] == "mine, and more").sum() == 19
    fill(out, "right")
    assert only(verify(tagged, out))["judged"] == 20


@pytest.mark.parametrize("how", [{"encoding": "cp1252"}, {"sep": ";"}, {"sep": ";", "encoding": "cp1252"}])
def test_a_table_that_a_spreadsheet_saved_is_read_and_kept_so(tagged, out, how):
    tagged = tagged.assign(**{"Processed Text": tagged["Processed Text"] + " café"})
    verify(tagged, out)
    fill(out, "right").to_csv(out, index=False, **how)
    assert only(verify(tagged, out))["judged"] == 20
    assert len(pd.read_csv(out, sep=how.get("sep", ","))) == 40


@pytest.mark.parametrize("suffix", [".tsv", ".json", ".jsonl", ".xlsx"])
def test_other_formats_do_too(tagged, tmp_path, suffix):
    from themetagger.corpus import read_table, write_table

    out = tmp_path / f"check{suffix}"
    verify(tagged, out)
    write_table(read_table(out)[0].assign(verdict="right"), out)
    assert only(verify(tagged, out))["judged"] == 20
    assert len(read_table(out)[0]) == 40


def test_formulas_stay_neutral_however_often_tags_are_added(tagged, out):
    tagged = tagged.assign(**{"Processed Text": "=1+" + tagged["Processed Text"]})
    verify(tagged, out)
    first = fill(out, "right")["text"].tolist()
    verify(tagged, out)
    assert cells(out)["text"].tolist()[:20] == first
    assert cells(out)["text"].str.startswith("'=").all()


def test_judges_who_differ_count_as_wrong_until_it_is_resolved(tagged, out):
    verify(tagged, out, judges=["Ann", "Ben"])
    assert cells(out).columns.tolist()[4:7] == ["verdict Ann", "verdict Ben", "resolved"]
    fill(out, "right", "verdict Ann")
    table = fill(out, lambda row: "wrong" if row["number"] == 2 else "right", "verdict Ben")
    check = verify(tagged, out)
    assert (only(check)["judged"], only(check)["right"]) == (20, 19)
    assert (check.agreement.both, check.agreement.same, check.agreement.judges) == (20, 19, 2)
    assert any("disagree about 1 tag; it counts as wrong" in note for note in check.notes)
    table = cells(out)
    table.loc[1, "resolved"] = "right"
    table.to_csv(out, index=False)
    assert only(verify(tagged, out))["right"] == 20


def test_krippendorffs_alpha_is_that_of_a_known_example():
    from themetagger.insights.spot_check.judgements import agreement_of

    # Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), A: binary data, two observers
    first, second = "0100000000", "1110010010"
    rows = [[a == "1", b == "1"] for a, b in zip(first, second, strict=True)]
    assert agreement_of(rows).alpha == pytest.approx(0.095, abs=0.001)


@pytest.mark.parametrize(
    "given", [{"target": 0.8}, {"seed": 1}, {"each_theme": True}, {"themes": ["pay"]}, {"judges": ["A"]}]
)
def test_a_setting_that_differs_is_refused(tagged, out, given):
    verify(tagged, out)
    with pytest.raises(TableError, match="was begun with"):
        verify(tagged, out, **given)


def test_another_table_is_refused(tagged, out):
    verify(tagged, out)
    with pytest.raises(TableError, match=r"not those that check\.csv was begun with"):
        verify(tagged.iloc[:-60], out)


def test_without_its_settings_a_check_goes_on_by_those_given(tagged, out):
    verify(tagged, out, seed=7)
    fill(out, "right")
    out.with_name("check.csv.json").unlink()
    with pytest.raises(TableError, match="not those drawn first"):
        verify(tagged, out)
    assert only(verify(tagged, out, seed=7))["judged"] == 20


@pytest.mark.parametrize("text", ["{", "[]", '{"settings": {"target": "x"}}', '{"settings": {"odd": 1}}'])
def test_damaged_settings_are_one_clear_error(tagged, out, text):
    verify(tagged, out)
    out.with_name("check.csv.json").write_text(text)
    with pytest.raises(TableError, match=r"check.csv.json"):
        verify(tagged, out)


def test_a_file_that_is_something_else_is_not_written_over(tagged, out):
    out.write_text("a,b\n1,2\n")
    with pytest.raises(TableError, match="no table of a spot check"):
        verify(tagged, out)
    assert out.read_text() == "a,b\n1,2\n"


def test_rows_that_contradict_each_other_or_were_not_drawn_are_refused(tagged, out):
    verify(tagged, out)
    table = fill(out, "right")
    pd.concat([table, table.iloc[:1].assign(verdict="wrong")]).to_csv(out, index=False)
    with pytest.raises(TableError, match=r"check.csv, line 22: check.csv, line 2 judges the same tag otherwise"):
        verify(tagged, out)
    table.assign(key="nonsense").to_csv(out, index=False)
    with pytest.raises(TableError, match=r"check.csv, line 2, column 'key': 'nonsense'"):
        verify(tagged, out)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"themes": ["pai"]}, "no text is tagged 'pai'; did you mean 'pay'"),
        ({"tag_column": "Nix"}, "Nix"),
    ],
)
def test_what_is_not_in_the_table_is_refused(tagged, out, given, message):
    with pytest.raises(TableError, match=message):
        verify(tagged, out, **given)
    assert not out.exists()


@pytest.mark.parametrize("given", [{"target": 1.0}, {"confidence": 0.2}, {"batch": 0}, {"judges": ["A", "a"]}])
def test_settings_out_of_range_are_refused(tagged, out, given):
    with pytest.raises(ValueError, match=next(iter(given))):
        verify(tagged, out, **given)


def test_the_settings_beside_the_table_say_no_text(tagged, out):
    verify(tagged, out, themes=["staff"])
    assert json.loads(out.with_name("check.csv.json").read_text())["settings"]["themes"] == ["staff"]
