"""A look into a tagger file tells what the file holds, and nothing of a file that is damaged."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from themetagger.corpus import TableFormat
from themetagger.models.storage.container import BundleError, open_bundle
from themetagger.tagger.describe import describe_tagger
from themetagger.tagger.theme_tagger import ThemeTagger

GOLDEN = Path(__file__).parents[1] / "golden"


def facts(path: Path) -> dict[str, str]:
    return dict(describe_tagger(path).facts.itertuples(index=False, name=None))


def test_the_facts_are_those_of_the_file() -> None:
    path = GOLDEN / "v1.tagger"
    bundle, loaded = open_bundle(path), ThemeTagger.load(path)
    assert facts(path) == {
        "format version": "1",
        "made by": "unknown, an older version",
        "checksums": f"right: manifest and {len(bundle.arrays)} arrays",
        "size": f"{path.stat().st_size:,} bytes",
        "arrays": f"{len(bundle.arrays)} of {sum(array.nbytes for array in bundle.arrays.values()):,} bytes",
        "reads tables by": "text_columns=['title', 'body']",
        "text steps": "nfc, lower",
        "known words and pairs of words": str(len(loaded.encoder.vocabulary["word"])),
        "known character n-grams": str(len(loaded.encoder.vocabulary["char_wb"])),
        "text encoders": "none",
        "themes": "6: 5 not proven, 1 too rare",
        "pooled certificate": "none",
        "not usable": "none",
        "thresholds set by hand": "none",
        "models": "11",
        "held-out figures": "for each theme",
        "spot checks": "none",
    }


def test_a_file_of_today_tells_who_made_it(tmp_path: Path) -> None:
    ThemeTagger.load(GOLDEN / "v1.tagger").save(tmp_path / "a.tagger")
    names = ("themetagger", "numpy", "scikit-learn")
    assert facts(tmp_path / "a.tagger")["made by"] == ", ".join(f"{name} {version(name)}" for name in names)


def test_each_theme_has_a_row_with_its_figures_and_models() -> None:
    loaded, table = (
        ThemeTagger.load(GOLDEN / "v4.tagger"),
        describe_tagger(GOLDEN / "v4.tagger").themes.set_index("theme"),
    )
    assert list(table.index) == [theme_result.theme for theme_result in loaded.theme_results]
    assert table.loc["boss", ["status", "family", "view"]].tolist() == ["CERTIFIED", "random_forest", "words_1_2"]
    assert table.loc["boss", "threshold"] == loaded.thresholds["boss"]
    assert (table.loc["boss", "precision"], table.loc["boss", "recall"]) == (5 / 7, 5 / 8)
    assert table["models"].to_dict() == {"pay": 2, "hours": 3, "parking": 0, "boss": 3, "food": 3, "travel": 1}
    assert table.loc["parking", ["threshold", "precision", "recall"]].isna().all()


def test_names_from_the_file_cannot_steer_a_terminal(tmp_path: Path) -> None:
    loaded = ThemeTagger.load(GOLDEN / "v4.tagger")
    theme_results = [
        replace(theme_result, theme=theme_result.theme + "\x1b[2J") for theme_result in loaded.theme_results
    ]
    members = {theme + "\x1b[2J": ensemble for theme, ensemble in loaded.members.items()}
    ThemeTagger(theme_results, members, loaded.encoder, table_format=TableFormat(("\x1b]0;x\x07",))).save(
        tmp_path / "a.tagger"
    )
    look = describe_tagger(tmp_path / "a.tagger")
    assert look.themes["theme"].tolist()[:2] == ["pay?[2J", "hours?[2J"]
    assert facts(tmp_path / "a.tagger")["reads tables by"] == r"text_columns=['\x1b]0;x\x07']"


def test_a_tagger_without_any_theme_is_shown(tmp_path: Path) -> None:
    loaded = ThemeTagger.load(GOLDEN / "v4.tagger")
    ThemeTagger([], {}, replace(loaded.encoder, steps=())).save(tmp_path / "a.tagger")
    found = facts(tmp_path / "a.tagger")
    assert (found["themes"], found["models"], found["text steps"], found["held-out figures"]) == (
        "0",
        "0",
        "none",
        "none",
    )
    assert describe_tagger(tmp_path / "a.tagger").themes.empty


@pytest.mark.parametrize("spoil", [lambda data: data[:-1], lambda data: data[:-1] + bytes([data[-1] ^ 1])])
def test_nothing_is_shown_of_a_damaged_file(tmp_path: Path, spoil: Any) -> None:
    (tmp_path / "a.tagger").write_bytes(spoil((GOLDEN / "v4.tagger").read_bytes()))
    with pytest.raises(BundleError, match="damaged"):
        describe_tagger(tmp_path / "a.tagger")
