"""A tagger that was tuned with a pretrained text encoder: its file names the encoder, which is looked up."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from fake_encoders import EMBEDDED, FAKE, fake_folder

from themetagger import EncoderError, ThemeTagger
from themetagger.cli import main
from themetagger.corpus import Corpus
from themetagger.features import ENCODERS, DenseConfig, FoldFeatures, Vectors
from themetagger.features.encoder import Encoder
from themetagger.features.encoders.pretrained import Pretrained
from themetagger.features.view import FittedView
from themetagger.models.storage.container import BundleError, read_bundle, write_bundle
from themetagger.search.cross_validation import deployed_members, out_of_fold_scores
from themetagger.search.settings import StudySettings
from themetagger.search.space import Configuration
from themetagger.search.study import study_theme
from themetagger.selection.objectives import PrecisionFirst
from themetagger.tagger.describe import describe_tagger

VIEW = DenseConfig("sentence", weight=1.0)
RIDGE = {"alpha": 1.0, "class_weight": None}
TEXTS = ["the salary is a bad one", "", "a cab, a cab!", "日本 \ud800"]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("THEMETAGGER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setitem(ENCODERS, "sentence", FAKE)
    EMBEDDED.clear()
    return tmp_path / "cache"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return fake_folder(tmp_path / "fake-model")


@pytest.fixture(scope="module")
def tuned(corpus: Corpus, features: FoldFeatures, tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """A tagger file, and the scores of TEXTS by the tagger before it was written."""
    made = tmp_path_factory.mktemp("tuned")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("THEMETAGGER_CACHE", str(made / "cache"))
        patch.setitem(ENCODERS, "sentence", FAKE)
        tagger = tuned_with(FAKE.open(fake_folder(made / "fake-model"), show_progress=False), corpus, features)
        tagger.save(made / "a.tagger")
        return (made / "a.tagger").read_bytes(), tagger.scores(TEXTS).tobytes()


def tuned_with(encoder: Pretrained, corpus: Corpus, features: FoldFeatures) -> ThemeTagger:
    """One theme, by ridge on the vectors alone."""
    dense = FoldFeatures({"sentence": Vectors(encoder.encode(corpus.texts))}, features.folds)
    truth = corpus.column("pay")
    _, models = out_of_fold_scores(Configuration("ridge", RIDGE, VIEW), dense, truth)
    found = study_theme("pay", truth, features, StudySettings(PrecisionFirst(), ["ridge"], trials=1)).theme_result
    members = deployed_members(VIEW, models, dense)
    views: dict[Any, FittedView] = {(VIEW, member.fold): _fitted(dense, member.fold) for member in members}
    return ThemeTagger([found], {"pay": members}, Encoder(("nfc", "lower"), {}, views, {"sentence": encoder}))


def _fitted(features: FoldFeatures, fold: int | None) -> FittedView:
    found = features.whole(VIEW) if fold is None else features.fold(VIEW, fold).fitted
    assert found is not None
    return found


@pytest.fixture
def saved(tuned: tuple[bytes, bytes], folder: Path, tmp_path: Path) -> Path:
    """The file, on a machine that has opened the model."""
    FAKE.open(folder, show_progress=False)
    (tmp_path / "a.tagger").write_bytes(tuned[0])
    return tmp_path / "a.tagger"


@pytest.fixture
def expected(tuned: tuple[bytes, bytes]) -> bytes:
    return tuned[1]


def forget(cache: Path) -> None:
    """Another machine."""
    for file in cache.rglob("*.*"):
        file.unlink()


def test_the_file_names_the_encoder_and_holds_nothing_of_it(saved: Path, folder: Path) -> None:
    data, record = saved.read_bytes(), named(ThemeTagger.load(saved)).record
    assert record.sha256.encode() in data
    assert str(folder).encode() not in data
    assert str(folder.parent).encode() not in data
    facts = describe_tagger(saved).facts.set_index("what")["value"]
    assert facts["text encoders"] == f"sentence: {record}"


def named(tagger: ThemeTagger) -> Pretrained:
    encoder = tagger.encoder.encoders["sentence"]
    assert isinstance(encoder, Pretrained)
    return encoder


def test_it_tags_the_same_from_its_file_and_opens_the_model_when_it_is_needed(
    saved: Path, expected: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ThemeTagger.load(saved).scores(TEXTS).tobytes() == expected
    with monkeypatch.context() as patch:
        patch.setattr("fake_encoders.FakeFolder.model", lambda folder: pytest.fail("the model is opened"))
        loaded = ThemeTagger.load(saved)
        assert loaded.scores(TEXTS).tobytes() == expected  # all from the cache
    assert loaded.scores(["fresh"]).shape == (1, 1)
    loaded.save(saved.with_name("b.tagger"))
    assert saved.read_bytes() == saved.with_name("b.tagger").read_bytes()


def test_a_text_is_tagged_the_same_alone_and_in_company(saved: Path) -> None:
    loaded = ThemeTagger.load(saved)
    together = loaded.scores(TEXTS)
    assert together.tobytes() == np.concatenate([loaded.scores([text]) for text in TEXTS]).tobytes()
    assert len(EMBEDDED) == len(TEXTS)


def test_on_another_machine_it_is_missing_until_the_user_says_where_it_is(
    saved: Path, expected: bytes, cache: Path, folder: Path, tmp_path: Path
) -> None:
    forget(cache)
    loaded = ThemeTagger.load(saved)
    with pytest.raises(EncoderError, match=rf"fake-model, SHA-256 {named(loaded).record.sha256}.*say by encoder"):
        loaded.tag(TEXTS)
    with pytest.raises(EncoderError, match="holds another one"):
        ThemeTagger.load(saved, encoder=fake_folder(tmp_path / "other", "2.0")).tag(TEXTS)
    assert ThemeTagger.load(saved, encoder=folder).scores(TEXTS).tobytes() == expected
    assert ThemeTagger.load(saved).tag(["new"]) is not None  # the machine knows it now


def test_what_the_file_names_is_neither_opened_nor_fetched(
    saved: Path, cache: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest, arrays = read_bundle(saved)
    place = manifest["encoders"]["sentence"]["record"]
    for name in (str(folder), "org/minilm"):
        held = arrays[place].tobytes().replace(b'"fake-model"', f'"{name}"'.encode())
        write_bundle(tmp_path / "b.tagger", manifest, {**arrays, place: np.frombuffer(held, np.uint8)})
        forget(cache)
        monkeypatch.setitem(sys.modules, "huggingface_hub", None)
        with pytest.raises(EncoderError, match="not opened yet"):
            ThemeTagger.load(tmp_path / "b.tagger").tag(TEXTS)
    assert not EMBEDDED


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b'"width": 9', b'"width": 8', "no float32 numbers for the 8 columns"),
        (b'"width": 9', b'"width": 0', "vectors of 0 numbers"),
        (b'"letters"', b'"let\\u001bter"', "pooling of a text encoder is no text"),
        (b'{"name"', b'["name"', "JSONDecodeError"),
    ],
)
def test_a_forged_record_is_refused(saved: Path, old: bytes, new: bytes, message: str) -> None:
    manifest, arrays = read_bundle(saved)
    place = manifest["encoders"]["sentence"]["record"]
    held = arrays[place].tobytes()
    assert old in held
    write_bundle(saved, manifest, {**arrays, place: np.frombuffer(held.replace(old, new), np.uint8)})
    with pytest.raises(BundleError, match=message):
        ThemeTagger.load(saved)


@pytest.fixture
def table(tmp_path: Path, corpus: Corpus) -> Path:
    import pandas as pd

    path = tmp_path / "new.csv"
    texts = [f"{text} {i}" for i, text in enumerate(corpus.texts[:40])]
    pd.DataFrame({"Processed Text": texts, "Themes": "pay"}).to_csv(path, index=False)
    return path


COMMANDS = {
    "tag": ["tag", "{table}", "--tagger", "{saved}", "--out", "{out}.csv"],
    "check": ["check", "{table}", "--tagger", "{saved}"],
    "evaluate": ["evaluate", "{table}", "--tagger", "{saved}"],
    "next": ["next", "{table}", "--tagger", "{saved}", "--out", "{out}.csv", "--count", "3", "--theme-column", "New"],
    "analyse": ["analyse", "{table}", "--tagger", "{saved}", "--out", "{out}", "--retag"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_that_score_texts_say_that_it_is_missing_and_take_its_place(
    name: str, saved: Path, table: Path, cache: Path, folder: Path, tmp_path: Path
) -> None:
    places = {"saved": saved, "table": table, "out": tmp_path / "out"}
    command = [word.format(**places) for word in COMMANDS[name]]
    forget(cache)
    missing = CliRunner().invoke(main, command)
    assert (missing.exit_code, missing.output.count("\n")) == (2, 1), missing.output
    assert "fake-model" in missing.output
    assert "say by --encoder where" in missing.output
    done = CliRunner().invoke(main, [*command, "--encoder", str(folder)])
    assert done.exit_code == 0, done.output
    assert EMBEDDED


@pytest.mark.slow
def test_loading_it_imports_no_embedding_library(saved: Path) -> None:
    heavy = ("torch", "transformers", "tokenizers", "onnxruntime", "huggingface_hub", "sqlite3")
    code = f"""
import sys
from themetagger import ThemeTagger
ThemeTagger.load({str(saved)!r})
print([name for name in {heavy} if name in sys.modules])
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
