"""The user's cache: where it is on each platform, and which folder holds the model of a SHA-256."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from themetagger.features.encoders.record import ModelRecord
from themetagger.features.encoders.user_cache import (
    cache_folder,
    remember,
    remembered_folder,
    remembered_width,
    vectors_file,
)

RECORD = ModelRecord("minilm", "0f" * 32, 384, "mean")


@pytest.mark.parametrize(
    ("platform", "named", "expected"),
    [
        ("linux", {"THEMETAGGER_CACHE": "/data/cache", "XDG_CACHE_HOME": "/xdg"}, "/data/cache"),
        ("linux", {"XDG_CACHE_HOME": "/xdg"}, "/xdg/themetagger"),
        ("linux", {}, "/home/ann/.cache/themetagger"),
        ("darwin", {"XDG_CACHE_HOME": "/xdg"}, "/home/ann/Library/Caches/themetagger"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/themetagger"),
        ("win32", {}, "/home/ann/AppData/Local/themetagger"),
    ],
)
def test_it_is_where_the_platform_has_its_caches(
    platform: str, named: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("THEMETAGGER_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(os.path, "expanduser", lambda path: str(path).replace("~", "/home/ann"))
    for variable, value in named.items():
        monkeypatch.setenv(variable, value)
    assert cache_folder() == Path(expected)


def test_a_model_is_found_again_while_its_folder_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THEMETAGGER_CACHE", str(tmp_path / "cache"))
    assert remembered_folder(RECORD.sha256) is None
    (tmp_path / "minilm").mkdir()
    remember(RECORD, tmp_path / "minilm")
    assert (remembered_folder(RECORD.sha256), remembered_width(RECORD.sha256)) == (tmp_path / "minilm", 384)
    assert remembered_folder("aa" * 32) is None
    (tmp_path / "minilm").rmdir()
    assert remembered_folder(RECORD.sha256) is None
    assert vectors_file(RECORD).is_relative_to(tmp_path / "cache")


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"folder": 3, "width": "384"}', '{"folder": "/no/such", "width": true}']
)
def test_a_damaged_note_is_none(content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THEMETAGGER_CACHE", str(tmp_path))
    remember(RECORD, tmp_path)
    (note,) = (tmp_path / "models").iterdir()
    note.write_text(content)
    assert (remembered_folder(RECORD.sha256), remembered_width(RECORD.sha256)) == (None, None)


def test_a_cache_that_cannot_be_written_stops_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("THEMETAGGER_CACHE", str(tmp_path / "file"))
    remember(RECORD, tmp_path)
    assert remembered_folder(RECORD.sha256) is None
