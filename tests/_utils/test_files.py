"""Files that are whole or not there."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from themetagger._utils.files import hold, is_file_at, write_atomically


def full(*_: object) -> None:
    raise OSError("no space left")


def test_a_new_file_holds_the_bytes_and_missing_folders_are_made(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "results.csv"
    write_atomically(path, b"\x00\r\nwhole")
    assert path.read_bytes() == b"\x00\r\nwhole"


def test_an_old_file_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    for data in (b"a long old one", b"new", b""):
        write_atomically(str(path), data)
        assert path.read_bytes() == data
    assert os.listdir(tmp_path) == ["results.csv"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failed_write_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "results.csv"
    write_atomically(path, b"old")
    monkeypatch.setattr(os, step, full)
    with pytest.raises(OSError, match="no space left"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["results.csv"]


def test_a_failed_first_write_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space left"):
        write_atomically(tmp_path / "results.csv", b"new")
    assert os.listdir(tmp_path) == []


def test_what_is_in_the_way_is_named_and_not_the_temporary_file(tmp_path: Path) -> None:
    (tmp_path / "results.csv").mkdir()
    with pytest.raises(IsADirectoryError) as caught:
        write_atomically(tmp_path / "results.csv", b"new")
    assert (caught.value.filename, caught.value.filename2) == (str(tmp_path / "results.csv"), None)
    assert os.listdir(tmp_path) == ["results.csv"]


def test_a_name_as_long_as_the_disk_allows_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 255)
    write_atomically(path, b"whole")
    assert path.read_bytes() == b"whole"


def test_a_folder_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    with pytest.raises(OSError, match="run"):
        write_atomically(tmp_path / "run", b"new")
    assert os.listdir(tmp_path) == ["run"]


def test_a_file_has_the_usual_rights_whoever_wrote_it(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "bytes", b"a")
        write_atomically(tmp_path / "function", lambda path: path.unlink() or path.touch(mode=0o600))
    finally:
        os.umask(before)
    assert [path.stat().st_mode & 0o777 for path in sorted(tmp_path.iterdir())] == [0o640, 0o640]


def test_where_nobody_can_hold_a_file_work_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", unknown)
    with open(tmp_path / "a", "wb") as file:
        assert hold(file)


def test_a_file_that_was_renamed_is_no_longer_at_its_path(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with open(path, "wb") as file:
        assert is_file_at(file, path)
        path.rename(tmp_path / "b")
        assert not is_file_at(file, path)
        path.touch()
        assert not is_file_at(file, path)
