"""The door to files of ours: only regular ones with one name, and no link is followed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from themetagger._utils import own_files
from themetagger._utils.own_files import OwnFileError, check_folder, check_own, check_tree, open_own, read_own


def put(path: Path, kind: str, victim: Path) -> None:
    """Something of a kind at a place."""
    victim.write_bytes(b"precious")
    if kind == "link":
        path.symlink_to(victim)
    elif kind == "dangling link":
        path.symlink_to(victim.with_name("made by whoever follows it"))
    elif kind == "link to itself":
        path.symlink_to(path)
    elif kind == "hard link":
        os.link(victim, path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")


KINDS = ("link", "dangling link", "link to itself", "hard link", "folder", "pipe", "device")


@pytest.mark.parametrize("mode", ["rb", "r+b", "a+b"])
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_but_a_file_of_ours_alone_is_opened(tmp_path: Path, kind: str, mode: str) -> None:
    victim = tmp_path / "victim"
    put(tmp_path / "log.jsonl", kind, victim)
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(OwnFileError, match=r"log\.jsonl (is|has)"):
        open_own(tmp_path / "log.jsonl", mode)
    assert (victim.read_bytes(), sorted(os.listdir(tmp_path))) == (b"precious", before)


@pytest.mark.parametrize("kind", KINDS)
def test_what_stands_in_the_place_of_a_file_is_told_before_anything_is_opened(tmp_path: Path, kind: str) -> None:
    put(tmp_path / "log.jsonl", kind, tmp_path / "victim")
    with pytest.raises(OwnFileError, match=r"log\.jsonl (is|has)"):
        check_own(tmp_path / "log.jsonl")


def test_a_link_that_takes_the_place_of_a_file_in_between_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim, path = tmp_path / "victim", tmp_path / "log.jsonl"
    victim.write_bytes(b"precious")
    path.symlink_to(victim)
    monkeypatch.setattr(own_files, "_state", lambda path: None)  # it was not there when it was looked at
    with pytest.raises(OSError, match=r"log\.jsonl"):
        open_own(path, "a+b")


def test_without_the_flag_of_posix_such_a_link_is_noticed_after_it_was_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim, path = tmp_path / "victim", tmp_path / "log.jsonl"
    victim.write_bytes(b"precious")
    path.write_bytes(b"ours")
    monkeypatch.setattr(own_files, "_SAFELY", 0)
    plain = os.open

    def swapped(*arguments: object) -> int:
        path.unlink()
        path.symlink_to(victim)
        return plain(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", swapped)
    with pytest.raises(OwnFileError, match="is a link"):
        open_own(path, "r+b")


@pytest.mark.parametrize(("mode", "expected"), [("rb", b"old"), ("r+b", b"new"), ("a+b", b"oldnew")])
def test_a_file_of_ours_is_opened_as_open_does(tmp_path: Path, mode: str, expected: bytes) -> None:
    path = tmp_path / "trials.jsonl"
    path.write_bytes(b"old")
    with open_own(path, mode, buffering=0 if mode != "rb" else -1) as file:
        if mode == "rb":
            assert file.read() == b"old"
        else:
            file.write(b"new")
    assert path.read_bytes() == expected


def test_only_appending_makes_a_file(tmp_path: Path) -> None:
    for mode in ("rb", "r+b"):
        with pytest.raises(FileNotFoundError):
            open_own(tmp_path / "new", mode)
    open_own(tmp_path / "new", "a+b").close()
    assert (tmp_path / "new").stat().st_size == 0


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_bytes(b"x" * 11)
    assert read_own(tmp_path / "run.json", most=11) == b"x" * 11
    with pytest.raises(OwnFileError, match=r"run\.json has 11 bytes"):
        read_own(tmp_path / "run.json", most=10)


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_a_linked_folder_is_refused_at_any_depth(tmp_path: Path, depth: int) -> None:
    other, themes = tmp_path / "other", tmp_path / "run" / "themes"
    other.mkdir()
    place = themes.joinpath(*["pay", "scores"][:depth])
    place.parent.mkdir(parents=True)
    place.symlink_to(other)
    with pytest.raises(OwnFileError, match="is a link"):
        check_tree([], [themes])


def test_a_tree_of_plain_files_and_a_missing_one_are_fine(tmp_path: Path) -> None:
    (tmp_path / "themes" / "pay").mkdir(parents=True)
    (tmp_path / "themes" / "pay" / "trials.jsonl").touch()
    check_tree([tmp_path / "run.json"], [tmp_path / "themes", tmp_path / "none"])
    check_folder(tmp_path)


def test_a_file_in_the_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "themes").touch()
    with pytest.raises(OwnFileError, match="is no folder"):
        check_tree([], [tmp_path / "themes"])
