"""Golden files: tagger files of every format version are read as they were when they were made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from themetagger.models.scorers import KernelScorer, LinearScorer, TreeScorer
from themetagger.models.storage.container import VERSION, open_bundle
from themetagger.tagger.tagger_file import MADE_BY
from themetagger.tagger.theme_tagger import ThemeTagger

GOLDEN = Path(__file__).parent / "golden"
EXPECTED: dict[str, Any] = json.loads((GOLDEN / "expected.json").read_text(encoding="ascii"))
every_version = pytest.mark.parametrize("name", list(EXPECTED))


def test_there_is_a_golden_file_of_each_version() -> None:
    assert list(EXPECTED) == [f"v{number}" for number in range(1, VERSION + 1)]
    assert {path.stem for path in GOLDEN.glob("*.tagger")} == set(EXPECTED)
    assert [open_bundle(GOLDEN / f"{name}.tagger").version for name in EXPECTED] == list(range(1, VERSION + 1))


@every_version
def test_a_golden_file_gives_the_tags_and_scores_of_its_time_also_when_it_is_saved_again(
    name: str, tmp_path: Path
) -> None:
    expected, loaded = EXPECTED[name], ThemeTagger.load(GOLDEN / f"{name}.tagger")
    loaded.save(tmp_path / "again.tagger")
    assert open_bundle(tmp_path / "again.tagger").version == VERSION
    for tagger in (loaded, ThemeTagger.load(tmp_path / "again.tagger")):
        assert tagger.themes == expected["themes"]
        assert not tagger.encoder.signs  # they are counted as in their time
        assert tagger.tag(expected["texts"]) == expected["tags"]  # all of its time: no theme is not usable
        np.testing.assert_allclose(tagger.scores(expected["texts"]), expected["scores"], rtol=0, atol=1e-9)
        written = [i for i, text in enumerate(expected["texts"]) if text.strip()]  # an empty one has no theme today
        found = tagger.predict_proba(expected["texts"])
        np.testing.assert_allclose(found[written], np.array(expected["probabilities"])[written], rtol=0, atol=1e-9)
        assert found.any(axis=1).tolist() == [i in written for i in range(len(found))]
    assert loaded.results["status"].tolist().count("SKIPPED") == 1


@every_version
def test_a_golden_file_is_small_and_has_models_of_every_kind(name: str) -> None:
    assert (GOLDEN / f"{name}.tagger").stat().st_size < 70_000
    loaded = ThemeTagger.load(GOLDEN / f"{name}.tagger")
    models = [member.model for ensemble in loaded.members.values() for member in ensemble]
    assert {type(model.scorer) for model in models} == {LinearScorer, KernelScorer, TreeScorer}
    assert {None if model.reduction is None else model.reduction.ndim for model in models} == {None, 1, 2}
    manifest = open_bundle(GOLDEN / f"{name}.tagger").manifest
    assert "index" in manifest["members"]["travel"][0]["scorer"]
    assert {theme for themes in EXPECTED[name]["tags"] for theme in themes} >= {"pay", "hours", "boss", "travel"}


@pytest.mark.parametrize(("name", "status"), [("v1", "BEST_EFFORT"), ("v2", "BEST_EFFORT"), ("v3", "BEST_EFFORT")])
def test_a_target_that_was_met_promises_nothing_today(name: str, status: str) -> None:
    theme_results = ThemeTagger.load(GOLDEN / f"{name}.tagger").theme_results
    assert {theme_result.status for theme_result in theme_results if theme_result.assigned} == {status}


@pytest.mark.parametrize(("name", "certified"), [("v1", []), ("v2", []), ("v3", ["boss"]), ("v4", ["boss"])])
def test_certified_cuts_come_back_from_the_version_on_that_has_them(name: str, certified: list[str]) -> None:
    loaded = ThemeTagger.load(GOLDEN / f"{name}.tagger")
    assert [theme_result.theme for theme_result in loaded.theme_results if theme_result.certified] == certified
    assigned = {theme for themes in loaded.tag(EXPECTED[name]["texts"], policy="certified") for theme in themes}
    assert assigned == set(certified)


def test_the_script_makes_a_file_of_this_version_and_tells_its_tags(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """They are not compared with those of the golden file: another scikit-learn may fit another forest."""
    from golden import make

    monkeypatch.setattr(make, "HERE", tmp_path)
    make.main()
    name = f"v{VERSION}"
    made = json.loads((tmp_path / "expected.json").read_text(encoding="ascii"))
    assert list(made) == [name]
    manifest = open_bundle(tmp_path / f"{name}.tagger").manifest
    assert set(manifest["made_by"]) == set(MADE_BY)
    assert {theme_result["seconds"] for theme_result in manifest["winners"]} == {None}
    assert ThemeTagger.load(tmp_path / f"{name}.tagger").tag(made[name]["texts"]) == made[name]["tags"]
    assert {theme for themes in made[name]["tags"] for theme in themes}


def test_older_files_do_not_say_who_made_them() -> None:
    assert ["made_by" in open_bundle(GOLDEN / f"{name}.tagger").manifest for name in EXPECTED] == [
        *([False] * 3),
        *([True] * (VERSION - 3)),
    ]
