"""The result of a spot check in the file of its tagger: kept, replaced, dropped, shown, and refused where it is odd."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from themetagger.corpus import TableError
from themetagger.insights.spot_check.check import verify
from themetagger.insights.spot_check.record import keep_check
from themetagger.models.storage.container import BundleError, open_bundle, write_bundle
from themetagger.tagger.describe import describe_tagger
from themetagger.tagger.spot_checks import MOST_CHECKS, SpotCheckRecord, with_checks
from themetagger.tagger.theme_tagger import ThemeTagger

GOLDEN = Path(__file__).parents[2] / "golden" / "v4.tagger"
GOOD = {"themes": ["boss"], "table": "a.csv", "tags": 40, "judged": 22, "right": 22, "target": 0.9, "confidence": 0.95}
GOOD |= {"verdict": "shown"}


@pytest.fixture
def tagger() -> ThemeTagger:
    return ThemeTagger.load(GOLDEN)


def made(**changed) -> SpotCheckRecord:
    return SpotCheckRecord.from_json({**GOOD, **changed})


def test_a_check_comes_back_from_the_file_and_is_shown(tagger, tmp_path):
    tagger.spot_checks = (made(), made(themes=["boss", "pay"], verdict="open", right=20))
    tagger.save(tmp_path / "a.tagger")
    again = ThemeTagger.load(tmp_path / "a.tagger")
    assert again.spot_checks == tagger.spot_checks
    facts = dict(describe_tagger(tmp_path / "a.tagger").facts.itertuples(index=False, name=None))
    assert facts["spot checks"].startswith("boss: shown that at least 90 % of 40 tags in a.csv are right (22 of 22")
    assert "2 themes: not decided whether" in facts["spot checks"]


def test_files_without_checks_have_none_and_stay_as_they_were(tagger, tmp_path):
    assert tagger.spot_checks == ()
    tagger.save(tmp_path / "a.tagger")
    assert "spot_checks" not in open_bundle(tmp_path / "a.tagger").manifest["extra"]


@pytest.mark.parametrize(
    "changed",
    [
        {"themes": []},
        {"themes": "boss"},
        {"themes": ["boss", "boss"]},
        {"themes": ["unknown"]},
        {"table": "x" * 201},
        {"table": 3},
        {"tags": 0, "judged": 0, "right": 0},
        {"right": 23},
        {"judged": 41},
        {"right": -1},
        {"right": True},
        {"target": 1.5},
        {"target": None},
        {"confidence": 0.1},
        {"verdict": "sure"},
        {"more": 1},
    ],
)
def test_a_check_that_cannot_be_is_refused_on_load(tagger, tmp_path, changed):
    tagger.spot_checks = (made(),)
    tagger.save(tmp_path / "a.tagger")
    bundle = open_bundle(tmp_path / "a.tagger")
    bundle.manifest["extra"]["spot_checks"][0] |= changed
    write_bundle(tmp_path / "a.tagger", bundle.manifest, bundle.arrays)
    with pytest.raises(BundleError, match="damaged"):
        ThemeTagger.load(tmp_path / "a.tagger")


def test_a_file_holds_so_many_checks_and_of_one_claim_the_last():
    many = with_checks([], [made(table=str(number)) for number in range(MOST_CHECKS + 5)])
    assert len(many) == MOST_CHECKS
    assert many[-1].table == str(MOST_CHECKS + 4)
    assert with_checks([made()], [made(judged=30, right=30)]) == (made(judged=30, right=30),)


def test_a_threshold_set_by_hand_drops_what_was_shown_at_the_old_one(tagger):
    tagger.spot_checks = (made(), made(themes=["pay"]), made(themes=["pay", "boss"]))
    tagger.set_threshold("pay", 0.9)
    assert tagger.spot_checks == (made(),)


def test_the_check_of_a_tagged_table_is_kept(tagger, tmp_path):
    texts = [f"The boss listens, manager number {number} too; salary is low." for number in range(60)]
    frame = pd.DataFrame({"title": "", "body": texts}).assign(Themes=[", ".join(tags) for tags in tagger.tag(texts)])
    assert (frame["Themes"] != "").all()
    out = tmp_path / "check.csv"
    verify(frame, out, tagger=tagger)
    pd.read_csv(out, keep_default_na=False).assign(verdict="right").to_csv(out, index=False)
    (record,) = keep_check(tagger, verify(frame, out, tagger=tagger), frame)
    assert tagger.spot_checks == (record,)
    assert (record.judged, record.right, record.table, record.verdict) == (20, 20, "DataFrame", "open")


def test_tags_of_something_else_are_not_recorded(tagger, tmp_path):
    frame = pd.DataFrame({"title": "", "body": [f"{n} lorem ipsum" for n in range(30)], "Themes": tagger.themes[0]})
    out = tmp_path / "check.csv"
    verify(frame, out, tagger=tagger)
    pd.read_csv(out, keep_default_na=False).assign(verdict="right").to_csv(out, index=False)
    with pytest.raises(TableError, match="the tagger does not give"):
        keep_check(tagger, verify(frame, out, tagger=tagger), frame)
    assert tagger.spot_checks == ()


def test_a_tag_that_the_tagger_does_not_know_is_refused(tagger, tmp_path):
    frame = pd.DataFrame({"title": "", "body": ["low pay"], "Themes": ["boss; pay"]})
    with pytest.raises(TableError, match="is no theme that the tagger gives"):
        verify(frame, tmp_path / "check.csv", tagger=tagger)


def test_the_report_of_a_run_has_a_section_of_its_spot_checks():
    from themetagger.runs.review.report import check_sections

    assert list(check_sections(())) == []
    (section,) = check_sections((made(),))
    assert any(sentence.startswith("boss: shown") for sentence in section.sentences)
