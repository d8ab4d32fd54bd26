"""Texts that a tagger was tuned on: known again in any spelling, left out with their number, and told to nobody."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from toys import SMALL, toy

from themetagger import ThemeTagger, tune
from themetagger._utils.faces import CommandLine, speaking
from themetagger.corpus import TableError
from themetagger.insights.of_file import analyse
from themetagger.models.storage.container import BundleError, open_bundle, write_bundle
from themetagger.tagger.seen_texts import ODDS, SeenTexts, unseen

TEXTS = [f"Text number {number} says that pay is low." for number in range(500)]
SPELLINGS = [str.upper, lambda text: f"  {text} ", lambda text: text.replace(" ", "\u00a0\n"), lambda text: text + "!!"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run on 90 texts."""
    folder = tmp_path_factory.mktemp("seen")
    toy(90).to_csv(folder / "train.csv", index=False)
    tune(folder / "train.csv", out=folder / "run", **SMALL)
    return folder


@pytest.mark.parametrize("spelled", SPELLINGS)
def test_every_training_text_is_known_again_in_any_spelling(spelled):
    assert SeenTexts.of(TEXTS).mask([spelled(text) for text in TEXTS]).all()


def test_of_new_texts_about_one_in_a_thousand_is_taken_for_one():
    found = SeenTexts.of(TEXTS).mask([f"Another text with number {number}" for number in range(20_000)])
    assert 0 < found.mean() < 3 / ODDS


def test_it_is_small_and_the_same_in_any_order():
    seen, turned = SeenTexts.of(TEXTS), SeenTexts.of(TEXTS[::-1])
    assert len(seen.bits) < 2 * len(TEXTS)
    assert (seen.bits.tobytes(), seen.salt) == (turned.bits.tobytes(), turned.salt)
    assert SeenTexts.of(TEXTS[1:]).salt != seen.salt


@pytest.mark.parametrize("texts", [[], ["", " "]])
def test_without_texts_nothing_is_known(texts):
    assert not SeenTexts.of(texts).mask(["", "pay", *TEXTS]).any()


def test_a_third_of_training_rows_is_left_out_with_its_number():
    new, notes = unseen(SeenTexts.of(TEXTS), [*TEXTS[:100], *(f"new {n}" for n in range(200))], "a.csv")
    assert new is not None
    assert not new[:100].any()
    known = 300 - int(new.sum())  # one in a thousand of the new ones too
    assert 100 <= known <= 103
    (note,) = notes
    assert note.startswith(
        f"a.csv: {known} of 300 texts are texts that the tagger was tuned on or copies, and left out"
    )
    assert note.endswith(f"the figures are of the {300 - known} others.")


def test_all_of_them_are_refused_unless_they_are_to_be_kept():
    seen = SeenTexts.of(TEXTS)
    with (
        speaking(CommandLine()),
        pytest.raises(TableError, match=r"500 of 500 texts .* or --training-texts keep to count"),
    ):
        unseen(seen, TEXTS, "a.csv")
    kept, notes = unseen(seen, TEXTS, "a.csv", training_texts="keep")
    assert kept is None
    assert "better than on new texts" in notes[0]
    with pytest.raises(ValueError, match="training_texts"):
        unseen(seen, TEXTS, "a.csv", training_texts="drop")


def test_a_file_from_before_knows_nothing():
    tagger = ThemeTagger.load(Path(__file__).parents[1] / "golden" / "v4.tagger")
    assert tagger.seen is None
    assert unseen(tagger.seen, TEXTS, "a.csv") == (None, [])


def test_evaluate_leaves_training_texts_out(run):
    tagger = ThemeTagger.load(run / "run")
    with pytest.raises(TableError, match=r"train.csv: 90 of 90 texts are texts that the tagger was tuned on"):
        tagger.evaluate(run / "train.csv")
    kept = tagger.evaluate(run / "train.csv", training_texts="keep")
    assert kept["heldout_support"].sum() > 0
    new = toy(60, seed=5)
    mixed = tagger.evaluate(pd.concat([toy(90).iloc[:30], new], ignore_index=True))
    pd.testing.assert_frame_equal(mixed, tagger.evaluate(new))
    assert "30 of 90 texts" in mixed.attrs["notes"][0]


def test_analyse_leaves_training_texts_out(run, tmp_path):
    tagger, new = ThemeTagger.load(run / "run"), toy(60, seed=5)
    mixed = pd.concat([toy(90).iloc[:30], new], ignore_index=True).drop(columns="Themes").assign(Site="a")
    mixed.to_csv(tmp_path / "mixed.csv", index=False)
    new.drop(columns="Themes").to_csv(tmp_path / "new.csv", index=False)
    analysed, alone = analyse(tmp_path / "mixed.csv", tagger), analyse(tmp_path / "new.csv", tagger)
    pd.testing.assert_frame_equal(analysed.shares, alone.shares)
    assert "30 of 90 texts" in analysed.notes[0]
    toy(90).drop(columns="Themes").to_csv(tmp_path / "train.csv", index=False)
    with pytest.raises(TableError, match="that the tagger was tuned on"):
        analyse(tmp_path / "train.csv", tagger)
    whole = analyse(tmp_path / "mixed.csv", tagger, training_texts="keep")
    assert whole.shares["texts"].iloc[0] == 90


@pytest.mark.parametrize(
    "entry",
    [{"bits": "a0"}, {"salt": "x"}, {"salt": 3}, {"bits": "none"}, {"more": 1}, "text"],
)
def test_a_filter_that_cannot_be_is_refused_on_load(run, tmp_path, entry):
    bundle = open_bundle(run / "run" / "tagger.tagger")
    kept = bundle.manifest["seen"]
    wide = next(name for name, array in bundle.arrays.items() if array.dtype != np.uint8)
    entry = (
        {name: wide if value == "a0" else value for name, value in entry.items()} if isinstance(entry, dict) else entry
    )
    bundle.manifest["seen"] = kept | entry if isinstance(entry, dict) else entry
    write_bundle(tmp_path / "a.tagger", bundle.manifest, bundle.arrays)
    with pytest.raises(BundleError, match="damaged"):
        ThemeTagger.load(tmp_path / "a.tagger")
