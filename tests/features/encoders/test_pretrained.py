"""A pretrained text encoder: opened, named by a record, found again; each text is embedded once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_encoders import EMBEDDED, FAKE, FakeModel, fake_folder

from themetagger._utils.console import RowCount
from themetagger._utils.encoder_error import EncoderError
from themetagger.features.encoders import pretrained as module
from themetagger.features.encoders.pretrained import Pretrained, locate, models_of, notes_of
from themetagger.features.encoders.user_cache import vectors_file

TEXTS = ["a bad cab", "", "a bad cab", "日本 🙂 \ud800", "hedge " * 30, "face", "beach"]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("THEMETAGGER_CACHE", str(tmp_path / "cache"))
    EMBEDDED.clear()
    return tmp_path / "cache"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return fake_folder(tmp_path / "fake-model")


@pytest.fixture
def encoder(folder: Path) -> Pretrained:
    return FAKE.open(folder, show_progress=False)


def named_by_a_file(encoder: Pretrained) -> Pretrained:
    """What a tagger file makes of it."""
    return FAKE.from_arrays(encoder.to_arrays())


def test_it_gives_each_text_its_vector_in_order(encoder: Pretrained) -> None:
    vectors = encoder.encode(TEXTS)
    assert (vectors.dtype, vectors.shape, encoder.width) == (np.float32, (7, 9), 9)
    assert vectors[0].tobytes() == vectors[2].tobytes()
    assert vectors[0, :4].tolist() == [3, 2, 1, 1]
    assert vectors[4, 4] == 60
    assert encoder.encode([]).shape == (0, 9)
    assert (encoder.record.name, encoder.record.pooling) == ("fake-model", "letters")
    assert not encoder.standardise


def test_a_text_is_embedded_once_across_encoders(encoder: Pretrained, folder: Path) -> None:
    first = encoder.encode(TEXTS)
    assert sorted(EMBEDDED) == sorted(set(TEXTS))
    assert (encoder.embedded, encoder.from_cache) == (6, 0)
    again = FAKE.open(folder, show_progress=False)
    assert again.encode([*TEXTS, "new"])[:-1].tobytes() == first.tobytes()
    assert EMBEDDED[6:] == ["new"]
    assert (again.embedded, again.from_cache) == (1, 6)


def test_models_have_vectors_of_their_own(encoder: Pretrained, tmp_path: Path) -> None:
    other = FAKE.open(fake_folder(tmp_path / "other", "2.0"), show_progress=False)
    assert (other.encode(TEXTS) == 2 * encoder.encode(TEXTS)).all()
    assert other.record.sha256 != encoder.record.sha256


def test_a_second_run_does_not_read_the_weights(
    encoder: Pretrained, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder.encode(TEXTS)
    monkeypatch.setattr("fake_encoders.FakeFolder.model", lambda folder: pytest.fail("the weights are read"))
    again = FAKE.open(folder, show_progress=False)
    assert again.record == encoder.record
    assert again.encode(TEXTS).shape == (7, 9)


def test_ctrl_c_keeps_what_is_done(encoder: Pretrained, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    batches = FakeModel.batches

    def stopped(model: FakeModel, texts: Any) -> Iterator[Any]:
        for number, batch in enumerate(batches(model, texts)):
            if number == 2:
                raise KeyboardInterrupt
            yield batch

    texts = [f"text {i}" for i in range(20)]
    with monkeypatch.context() as patch:
        patch.setattr(FakeModel, "batches", stopped)
        with pytest.raises(KeyboardInterrupt):
            encoder.encode(texts)
    EMBEDDED.clear()
    again = FAKE.open(folder, show_progress=False)
    again.encode(texts)
    assert (again.embedded, again.from_cache, len(EMBEDDED)) == (12, 8, 12)


def test_long_work_keeps_its_vectors_on_the_way(encoder: Pretrained, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EVERY", -1.0)
    kept: list[int] = []
    keep = encoder._cache.keep
    monkeypatch.setattr(encoder._cache, "keep", lambda vectors: (kept.append(len(vectors)), keep(vectors)))
    vectors = encoder.encode([f"text {i}" for i in range(10)])
    assert kept == [4, 4, 2, 0]
    assert vectors.shape == (10, 9)


def test_without_a_cache_it_works_and_says_so(
    encoder: Pretrained, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (cache / "vectors").write_text("in the way")
    encoder.at(None, show_progress=True)
    assert encoder.encode(TEXTS).shape == (7, 9)
    assert len(encoder.notes) == 1
    assert notes_of([object(), encoder]) == encoder.notes
    assert capsys.readouterr().err.count("cannot be used") == 1
    encoder.encode(TEXTS)
    assert capsys.readouterr().err == ""


def test_it_says_once_how_many_were_in_the_cache(
    encoder: Pretrained, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    encoder.at(folder, show_progress=True)
    encoder.encode(TEXTS)
    assert capsys.readouterr().err == ""  # it was quick
    again = FAKE.open(folder)
    again.encode([*TEXTS, "new"])
    assert capsys.readouterr().err == "Text vectors: 1 embedded in 0 s, 6 from the cache.\n"
    again.encode(TEXTS)
    assert capsys.readouterr().err == ""
    quiet = FAKE.open(folder, show_progress=False)
    quiet.encode(TEXTS)
    assert capsys.readouterr().err == ""


def test_long_work_says_how_long_it_took(
    encoder: Pretrained, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "QUIET", -1.0)
    encoder.at(None, show_progress=True)
    encoder.encode(TEXTS)
    assert capsys.readouterr().err == "Text vectors: 6 embedded in 0 s, 0 from the cache.\n"
    with RowCount(7) as count:  # whose line it would break
        encoder.encode([*TEXTS, "new"])
        count.add(7)
    assert capsys.readouterr().err == ""


def test_a_tagger_file_finds_the_folder_that_was_opened_here(encoder: Pretrained) -> None:
    named = named_by_a_file(encoder)
    assert not EMBEDDED
    assert named.encode(TEXTS).tobytes() == encoder.encode(TEXTS).tobytes()
    assert named.record == encoder.record
    assert named.nbytes < 10_000


def unknown_here(encoder: Pretrained, cache: Path) -> Pretrained:
    """The same on another machine."""
    named = named_by_a_file(encoder)
    for note in (cache / "models").iterdir():
        note.unlink()
    return named


def test_a_model_that_is_not_here_is_one_clear_error(encoder: Pretrained, cache: Path) -> None:
    named = unknown_here(encoder, cache)
    sha256 = encoder.record.sha256
    with pytest.raises(
        EncoderError, match=rf"text encoder fake-model, SHA-256 {sha256}.*not opened yet.*say by encoder where"
    ):
        named.encode(["pay"])


def test_it_is_found_where_the_user_says(encoder: Pretrained, cache: Path, folder: Path, tmp_path: Path) -> None:
    named = unknown_here(encoder, cache)
    folder.rename(tmp_path / "moved")
    named.at(tmp_path / "moved")
    assert named.encode(["cab"])[0, :3].tolist() == [1, 1, 1]
    assert named_by_a_file(encoder).encode(["bag"])[0, 0] == 1  # and this machine remembers it


def test_another_model_is_refused(encoder: Pretrained, folder: Path, tmp_path: Path) -> None:
    named = named_by_a_file(encoder)
    other = fake_folder(tmp_path / "other", "2.0")
    named.at(other)
    with pytest.raises(EncoderError, match=f"{encoder.record.sha256}; {other} holds another one, .*say by encoder"):
        named.encode(["pay"])
    changed = named_by_a_file(encoder)
    fake_folder(folder, "3.0")
    with pytest.raises(EncoderError, match="holds another one"):
        changed.encode(["pay"])
    assert not EMBEDDED


def test_a_record_that_lies_about_the_width_is_refused(encoder: Pretrained) -> None:
    from dataclasses import replace

    lying = Pretrained(FAKE, replace(encoder.record, width=5))
    with pytest.raises(EncoderError, match=r"vectors of 5 numbers; .* gives 9"):
        lying.encode(["pay"])


def test_vectors_of_another_width_in_the_cache_are_not_taken(encoder: Pretrained) -> None:
    encoder.encode(["cab"])
    import sqlite3

    with sqlite3.connect(vectors_file(encoder.record)) as table:
        table.execute("UPDATE vectors SET vector = x'00000000'")
    table.close()
    assert encoder.encode(["cab"])[0, :3].tolist() == [1, 1, 1]


def test_there_is_none_unless_a_person_names_it() -> None:
    assert FAKE.load() is None


def test_a_tagger_says_where_those_are_that_it_names(encoder: Pretrained, cache: Path, folder: Path) -> None:
    named, other = unknown_here(encoder, cache), object()
    locate([other, named], folder)
    assert named.encode(["cab"])[0, :3].tolist() == [1, 1, 1]


def test_those_that_a_person_named_are_known_by_their_sha256(encoder: Pretrained) -> None:
    assert models_of({"static": object(), "sentence": encoder}) == {"sentence": encoder.record.sha256}


def test_threads_take_turns(encoder: Pretrained) -> None:
    from concurrent.futures import ThreadPoolExecutor

    texts = [f"{'ab' * (i % 5)} {i}" for i in range(200)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(encoder.encode, [texts] * 8))
    assert len({vectors.tobytes() for vectors in found}) == 1
    assert len(EMBEDDED) == 200
