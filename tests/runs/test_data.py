"""The tables of a run: read, split without tearing duplicates apart, and remarked on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from toys import SMALL, toy

from themetagger.corpus import Corpus, TableError, corpus_from_frame
from themetagger.runs.calibration_split import SHARE
from themetagger.runs.data import DataSplit, notes_on, read_tables, split_tables
from themetagger.runs.plan import Plan
from themetagger.selection.guarantee import Promise

CALIBRATION = Promise(form="calibration")


def _split(frame: pd.DataFrame | None = None, **settings: object) -> tuple[Plan, DataSplit]:
    plan = Plan(toy() if frame is None else frame, **SMALL | settings)
    return plan, split_tables(plan, read_tables(plan))


def test_a_table_may_be_a_file_a_frame_or_a_corpus(tmp_path):
    toy().to_csv(tmp_path / "train.csv", index=False)
    corpus = corpus_from_frame(toy())
    tables = [read_tables(Plan(train, test=toy(9)))["train"] for train in (tmp_path / "train.csv", toy(), corpus)]
    assert [table.texts == corpus.texts for table in tables] == [True] * 3
    assert tables[2] is corpus
    assert list(read_tables(Plan(toy()))) == ["train"]


def test_nothing_is_split_off_unless_asked_for():
    _, data = _split()
    assert (len(data.train), data.test, data.calibration) == (90, None, None)


def test_held_out_texts_come_first_and_calibration_rows_are_a_share_of_the_rest():
    _, data = _split(hold_out=0.2, promise=CALIBRATION)
    parts = [data.train, data.test, data.calibration]
    assert sorted(text for part in parts for text in part.texts) == sorted(toy()["Processed Text"])
    assert abs(len(data.test) - 0.2 * 90) <= 3
    assert abs(len(data.calibration) - SHARE * (90 - len(data.test))) <= 3


def test_copies_of_a_text_are_in_one_part():
    twice = pd.concat([toy(), toy()], ignore_index=True)
    _, data = _split(twice, hold_out=0.3, promise=CALIBRATION)
    parts = [set(part.texts) for part in (data.train, data.test, data.calibration)]
    assert not parts[0] & parts[1]
    assert not parts[0] & parts[2]
    assert not parts[1] & parts[2]


def test_one_theme_that_asks_for_calibration_rows_is_enough():
    _, data = _split(overrides={"pay": {"promise": CALIBRATION}})
    assert data.calibration is not None


def test_one_text_alone_cannot_be_held_out():
    with pytest.raises(TableError, match=r"hold_out needs at least two different texts; leave it out"):
        _split(toy(1), hold_out=0.5)
    _, data = _split(toy(1), promise=CALIBRATION)
    assert data.calibration is None


def test_the_themes_are_those_of_train_then_those_that_only_test_has():
    only = toy(30, seed=1, names=("pay", "new", "food"))
    _, data = _split(test=only)
    assert data.themes == (*data.train.themes, "new")
    assert data.title == "DataFrame: 90 texts, 30 held-out"
    assert _split()[1].title == "DataFrame: 90 texts"


def test_other_spellings_in_test_become_those_of_train_where_they_are_merged():
    upper = toy(30).assign(Themes=lambda frame: frame["Themes"].str.upper())
    kept, merged = (_split(test=upper, alike=alike) for alike in ("keep", "merge"))
    assert merged[1].themes == merged[1].train.themes
    assert len(kept[1].themes) == 6
    (note,) = [note for note in notes_on(*kept) if "spelled" in note]
    assert note.startswith("Themes are spelled differently in the two tables: 'PAY' (held-out) and 'pay' (train)")
    assert not any("spelled" in note for note in notes_on(*merged))


def test_held_out_texts_that_are_in_train_too_are_known():
    plan, data = _split(test=toy().head(7))
    assert data.copies.all()
    assert not any("duplicate" in note for note in notes_on(plan, data))  # what is measured is remarked where it is
    new = pd.concat([toy().head(2), pd.DataFrame({"Processed Text": ["nothing like it at all"], "Themes": ["pay"]})])
    assert _split(test=new)[1].copies.tolist() == [True, True, False]
    assert _split()[1].copies.tolist() == []


def test_remarks_name_the_table_they_are_of():
    corpus = corpus_from_frame(toy())
    noted = Corpus(**{**vars(corpus), "notes": ("odd",)})
    plan = Plan(noted, test=noted, **SMALL)
    assert notes_on(plan, DataSplit(noted, noted))[:2] == ("train: odd", "held-out: odd")
    held_out = Plan(noted, hold_out=0.2, **SMALL)
    assert notes_on(held_out, DataSplit(noted, noted))[0] == "odd"


def test_calibration_rows_are_remarked_on():
    plan, data = _split(promise=CALIBRATION)
    told = f"{len(data.calibration)} rows were set aside to certify promises on, and not tuned on."
    assert notes_on(plan, data)[-1] == told
    assert len(np.unique(data.calibration.groups)) == len(data.calibration)


@pytest.mark.parametrize(
    ("themes", "message"),
    [
        (["pay", "x" * 1_001], r"text 2 has a theme of 1,001 characters, 'x{40}'\.\.\., and a name may have 1,000"),
        ([f"{i} ".ljust(999, "x") for i in range(2_003)], "names of its 2,003 themes have 2,000,997 characters"),
    ],
)
def test_names_that_no_tagger_file_holds_are_told_before_anything_is_tuned(themes, message):
    frame = pd.DataFrame({"Processed Text": [f"text {i}" for i in range(len(themes))], "Themes": themes})
    with pytest.raises(TableError, match=message):
        read_tables(Plan(frame))
