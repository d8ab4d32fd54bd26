"""The tagger file as a container: what was written comes back, and whatever was changed since is refused."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from themetagger.models.storage.container import (
    VERSION,
    BundleError,
    open_bundle,
    pack_texts,
    read_bundle,
    unpack_texts,
    write_bundle,
)

MANIFEST: dict[str, Any] = {"z": 1, "a": {"é": [None, True, 0.1]}, "list": ["x", ""]}
ARRAYS = {
    "weights": np.linspace(-1, 1, 7, dtype=np.float32),
    "exact": np.array([0.1, -0.0, 1e300]),
    "index": np.arange(12, dtype=np.int32).reshape(3, 4),
    "text": np.frombuffer(b"pay", dtype=np.uint8),
    "empty": np.zeros(0, dtype=np.int64),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_bundle(tmp_path / "a.tagger", MANIFEST, ARRAYS)
    return tmp_path / "a.tagger"


def rewrite(path: Path, arrays: dict[str, Any] | None = None, *, seal: bool = True, **changes: Any) -> None:
    """The same file with another header, and (``seal``) a checksum that fits it."""
    digests = {name: digest(array) for name, array in ARRAYS.items()}
    header = {"format": "themetagger", "version": 1, "sha256": digests, "manifest": MANIFEST} | changes
    text = json.dumps({name: value for name, value in header.items() if value is not None})
    checksum = hashlib.sha256(text.encode()).hexdigest() if seal else "0" * 64
    save_file(arrays or ARRAYS, path, metadata={"themetagger": f"{checksum} {text}"})


def digest(array: Any) -> str:
    return hashlib.sha256(f"{array.dtype.str}{array.shape}".encode() + array.tobytes()).hexdigest()


def test_manifest_and_arrays_come_back_bit_for_bit(path: Path) -> None:
    manifest, arrays = read_bundle(path)
    assert manifest == MANIFEST
    assert set(arrays) == set(ARRAYS)
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype
        assert arrays[name].shape == array.shape
        assert arrays[name].tobytes() == array.tobytes()


def test_objects_of_the_manifest_keep_their_order(path: Path) -> None:
    assert list(read_bundle(path)[0]) == ["z", "a", "list"]


def test_a_bundle_without_arrays_comes_back(tmp_path: Path) -> None:
    write_bundle(tmp_path / "a.tagger", {}, {})
    assert read_bundle(tmp_path / "a.tagger") == ({}, {})


def test_a_slice_is_written_as_it_reads(tmp_path: Path) -> None:
    every_other = np.arange(10, dtype=np.float32)[::2]
    write_bundle(tmp_path / "a.tagger", {}, {"x": every_other})
    assert read_bundle(tmp_path / "a.tagger")[1]["x"].tolist() == every_other.tolist()


def test_the_rewritten_file_of_these_tests_is_a_good_one(path: Path) -> None:
    rewrite(path)
    assert read_bundle(path)[0] == MANIFEST


@pytest.mark.parametrize("share", np.linspace(0, 0.999, 40).tolist())
def test_a_cut_file_is_refused(path: Path, share: float) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(BundleError, match=r"a\.tagger is damaged or no tagger file"):
        read_bundle(path)


def test_a_file_with_more_at_its_end_is_refused(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(BundleError, match="damaged"):
        read_bundle(path)


def test_no_flipped_bit_goes_unseen(path: Path) -> None:
    whole = path.read_bytes()
    header = 8 + int.from_bytes(whole[:8], "little")
    places = {*range(0, len(whole), 7), *range(header, len(whole))}
    for place in sorted(places):
        changed = bytearray(whole)
        changed[place] ^= 1 << (place % 8)
        path.write_bytes(changed)
        try:
            manifest, arrays = read_bundle(path)
        except BundleError:
            continue
        # a bit of the padding between JSON values may change nothing; anything else must be refused
        assert place < header
        assert manifest == MANIFEST
        assert {name: array.tobytes() for name, array in arrays.items()} == {
            name: array.tobytes() for name, array in ARRAYS.items()
        }


@pytest.mark.parametrize("name", list(ARRAYS))
def test_each_array_has_its_checksum(path: Path, name: str) -> None:
    changed = ARRAYS[name] + ARRAYS[name].dtype.type(1) if ARRAYS[name].size else np.zeros(1, dtype=np.int64)
    rewrite(path, ARRAYS | {name: changed})
    with pytest.raises(BundleError, match=f"array '{name}' has another checksum"):
        read_bundle(path)


@pytest.mark.parametrize(
    "changed",
    [ARRAYS["index"].reshape(4, 3), ARRAYS["index"].view(np.float32)],
    ids=["shape", "dtype"],
)
def test_a_checksum_covers_shape_and_type(path: Path, changed: Any) -> None:
    rewrite(path, ARRAYS | {"index": changed})
    with pytest.raises(BundleError, match="array 'index' has another checksum"):
        read_bundle(path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seal": False}, "the manifest has another checksum"),
        (
            {"version": VERSION + 1},
            rf"format version {VERSION + 1}, this themetagger reads up to {VERSION}; update with: ",
        ),
        ({"version": 10**15}, "format version 1000"),
        ({"version": 10**30}, "the number 10000000000000000000 is too large"),
        ({"version": True}, "no tagger file"),
        ({"version": 4.0}, "no tagger file"),
        ({"version": "1"}, "no tagger file"),
        ({"version": None}, "no tagger file"),
        ({"format": "other"}, "no tagger file"),
        ({"format": None}, "no tagger file"),
        ({"manifest": [1]}, "its list of arrays does not fit"),
        ({"manifest": None}, "its list of arrays does not fit"),
        ({"sha256": {}}, "its list of arrays does not fit"),
        ({"sha256": ["x"]}, "its list of arrays does not fit"),
        ({"sha256": dict.fromkeys([*ARRAYS, "more"], "")}, "its list of arrays does not fit"),
        ({"sha256": dict.fromkeys(ARRAYS, 7)}, "has another checksum"),
    ],
)
def test_another_header_is_refused(path: Path, changes: dict[str, Any], message: str) -> None:
    rewrite(path, **changes)
    with pytest.raises(BundleError, match=message):
        read_bundle(path)


@pytest.mark.parametrize("metadata", [None, {"format": "pt"}, {"themetagger": "{}"}, {"themetagger": "7"}])
def test_another_safetensors_file_is_refused(tmp_path: Path, metadata: dict[str, str] | None) -> None:
    save_file(ARRAYS, tmp_path / "model.safetensors", metadata=metadata)
    with pytest.raises(BundleError, match=r"model\.safetensors is damaged or no tagger file"):
        read_bundle(tmp_path / "model.safetensors")


@pytest.mark.parametrize("text", ["7", "[]", "{", "[" * 100_000, '"x"', "null"])
def test_a_manifest_that_is_no_object_is_refused(path: Path, text: str) -> None:
    checksum = hashlib.sha256(text.encode()).hexdigest()
    save_file(ARRAYS, path, metadata={"themetagger": f"{checksum} {text}"})
    with pytest.raises(BundleError, match="damaged"):
        read_bundle(path)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"a,b\n1,2\n", b"\xff" * 100, b"\x80\x04K\x01."])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.tagger").write_bytes(data)
    with pytest.raises(BundleError, match="damaged or no tagger file"):
        read_bundle(tmp_path / "a.tagger")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"b\.tagger: there is no such tagger file"):
        read_bundle(tmp_path / "b.tagger")


def test_a_folder_is_told_from_a_file(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="is a folder without a tagger file"):
        read_bundle(tmp_path)


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: os.symlink("/dev/zero", path)])
def test_a_pipe_and_a_device_are_refused_at_once(tmp_path: Path, make: Any) -> None:
    make(tmp_path / "a.tagger")
    with pytest.raises(BundleError, match=r"no tagger file \(this is not a regular file\)"):
        read_bundle(tmp_path / "a.tagger")


def test_a_file_that_may_not_be_read_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> int:  # as root may read everything, the mode of the file would not do
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", forbidden)
    with pytest.raises(BundleError, match=r"no tagger file \(.*Permission denied"):
        read_bundle(path)


def test_a_name_that_no_file_can_have_is_refused() -> None:
    with pytest.raises(BundleError, match="null"):
        read_bundle("a\0.tagger")


def test_too_little_memory_is_an_error_of_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def large(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("themetagger.models.storage.container.read_arrays", large)
    with pytest.raises(BundleError, match=r"a\.tagger needs more memory than is free"):
        read_bundle(path)


def test_no_array_is_read_before_the_manifest_is_checked(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rewrite(path, seal=False)
    monkeypatch.setattr("themetagger.models.storage.container.read_arrays", lambda *_: pytest.fail("arrays were read"))
    with pytest.raises(BundleError, match="the manifest has another checksum"):
        read_bundle(path)


def test_an_error_is_short_whatever_is_in_the_file(path: Path) -> None:
    header = json.dumps({"a": {"dtype": "F32", "shape": [1] * 10_000, "data_offsets": [0, 4]}}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(4))
    with pytest.raises(BundleError, match=r"has the shape \[1, 1.*…\)") as caught:
        read_bundle(path)
    assert len(str(caught.value)) < len(str(path)) + 500


def test_an_opened_bundle_knows_its_version_and_size(path: Path) -> None:
    bundle = open_bundle(path)
    assert (bundle.path, bundle.version, bundle.size) == (path, VERSION, path.stat().st_size)
    assert bundle.manifest == MANIFEST


WRITTEN: dict[str, tuple[Any, Any]] = {
    "array of another type": ({}, {"x": np.array([True])}),
    "array of int16": ({}, {"x": np.array([1], dtype=np.int16)}),
    "array of three dimensions": ({}, {"x": np.zeros((1, 1, 1))}),
    "number that is too large": ({"x": 2**60}, {}),
}


@pytest.mark.parametrize("name", list(WRITTEN))
def test_what_could_not_be_read_is_not_written(path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=r"array 'x'|too large"):
        write_bundle(path, *WRITTEN[name])
    assert read_bundle(path)[0] == MANIFEST
    assert os.listdir(path.parent) == ["a.tagger"]


def test_a_write_that_fails_leaves_the_old_bundle(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space left"):
        write_bundle(path, {}, {})
    assert read_bundle(path)[0] == MANIFEST
    assert os.listdir(path.parent) == ["a.tagger"]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), b"x", np.int64(1)])
def test_a_value_that_is_not_json_is_not_written(tmp_path: Path, value: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        write_bundle(tmp_path / "a.tagger", {"x": value}, {})
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("texts", [(), ("",), ("", "", "x"), ("pay", "é", "日本", "\ud800", "a\0b", "🙂")])
def test_packed_texts_come_back(texts: tuple[str, ...]) -> None:
    assert unpack_texts(*pack_texts(texts)) == texts


@pytest.mark.parametrize("offsets", [[], [1, 3], [0, 2], [0, 4], [0, 2, 1, 3], [0, -1, 3]])
def test_offsets_that_do_not_fit_are_refused(offsets: list[int]) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        unpack_texts(np.frombuffer(b"pay", dtype=np.uint8), np.array(offsets, dtype=np.int64))


@pytest.mark.parametrize(
    ("data", "offsets"),
    [
        (np.zeros(3, np.float32), np.array([0, 3])),
        (np.zeros((3, 1), np.uint8), np.array([0, 3])),
        (np.zeros(3, np.uint8), np.array([0.0, 3.0])),
        (np.zeros(3, np.uint8), np.array([[0, 3]])),
    ],
)
def test_texts_are_bytes_and_offsets(data: Any, offsets: Any) -> None:
    with pytest.raises(ValueError, match="not packed as bytes and offsets"):
        unpack_texts(data, offsets)


def test_offsets_whose_differences_are_too_large_for_their_type_are_refused() -> None:
    """2**63 - 1 less -2**63 is -1 there, and 1 the other way round."""
    ends = np.iinfo(np.int64)
    offsets = np.array([0, ends.max, ends.min, -1, 3])
    with np.errstate(over="ignore"):
        assert (np.diff(offsets) >= 0).all()
    with pytest.raises(ValueError, match="do not fit"):
        unpack_texts(np.frombuffer(b"pay", dtype=np.uint8), offsets)


def test_the_same_parts_give_the_same_bytes(tmp_path: Path) -> None:
    paths = [tmp_path / "a", tmp_path / "b"]
    for path in paths:
        write_bundle(path, MANIFEST, ARRAYS)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_a_file_that_cannot_be_written_is_an_error_of_the_system(tmp_path: Path) -> None:
    """As the command line expects it, whatever the library calls it."""
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, before[1]))
    try:
        with pytest.raises(OSError, match=r"a\.tagger"):
            write_bundle(tmp_path / "a.tagger", MANIFEST, {"large": np.zeros(10_000)})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert os.listdir(tmp_path) == []
