"""Do damaged and forged tagger files come to nothing? Mutants of small real ones, each loaded and made to tag.

usage: python tests/benchmarks/mutants.py [--count 100000] [--seed 0] [--jobs 2]

The files are the golden ones of all format versions, and a fresh one that is smaller. Mutants are of three sorts:

damaged: bytes were changed, and the checksums are as they were. Each must be refused, or its tags stay the same.
forged: a lie (a shape, an index, a child that is its own parent, a number that is none ...), and then all checksums
    were made right again. Each must be refused, or its tags stay the same.
changed: the manifest says something else, checksums are right. Such a file may be a legal one of another tagger (with
    another threshold, or another name of a theme). It must be refused or tag, whatever the tags; "legal" counts those
    that have other tags.

Worker processes load the mutants and tag ten texts with each, with 2 GB of address space. A hook of the interpreter
tells of every import, file opened for writing, socket, process, and piece of code that is compiled, run or called
through ctypes; what the untouched files need is imported before. A mutant that takes longer than 20 seconds hangs.

The exit code is 1 if any mutant crashed, hung, raised anything but BundleError, did one of those things, or was
damaged or forged and has other tags.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import random
import select
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

TESTS = Path(__file__).resolve().parents[1]
GOLDEN = TESTS / "golden"
SECONDS = 20  # after which a mutant hangs
MEMORY = 2 * 2**30  # bytes of address space of a worker
GOOD = ("refused", "same tags")
BAD = ("other tags", "exception", "crash", "hang", "import", "write", "network", "process", "code")
TEXTS = [
    *("The salary is low, and the bonus too.", "", "Canteen soup, my manager listens; overtime!", "naïve CAFÉ 42"),
    *(
        "tired shift wage " * 20,
        "Late train. No parking?",
        "the office team",
        "fair manager",
        "日本 \ud800 overtime",
        "soup",
    ),
]
Random = random.Random


# What a file is made of, and a file made of it.


@dataclass
class Parts:
    """A file taken apart; ``names`` gives places of the header, ``inner`` format, version, checksums and manifest."""

    names: dict[str, Any]
    inner: dict[str, Any]
    body: bytes

    def array(self, name: str) -> Any:
        """A copy of an array."""
        place = self.names[name]
        begin, end = place["data_offsets"]
        return np.frombuffer(self.body[begin:end], DTYPES[place["dtype"]]).reshape(place["shape"]).copy()

    def put(self, name: str, array: Any) -> None:
        """Another array behind all others, under the name of one that is there or a new one; all others stay."""
        arrays = {other: self.array(other) for other in self.names} | {name: array}
        self.names, chunks, at = {}, [], 0
        for other, value in sorted(arrays.items(), key=lambda item: -item[1].dtype.itemsize):
            size = value.nbytes
            kind = next(code for code, dtype in DTYPES.items() if np.dtype(dtype) == value.dtype)
            self.names[other] = {"dtype": kind, "shape": list(value.shape), "data_offsets": [at, at + size]}
            chunks.append(value.tobytes())
            at += size
        self.body = b"".join(chunks)

    @property
    def manifest(self) -> Any:
        """What the file says of the tagger."""
        return self.inner["manifest"]


DTYPES = {"F32": "<f4", "F64": "<f8", "I32": "<i4", "I64": "<i8", "U8": "|u1"}


def taken_apart(data: bytes) -> Parts:
    """The parts of a good file."""
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    text = header.pop("__metadata__")["themetagger"]
    return Parts(header, json.loads(text.partition(" ")[2]), data[8 + length :])


def sealed(parts: Parts, text: Callable[[str], str] | None = None) -> bytes:
    """A file of these parts, all its checksums right; ``text`` may still change the JSON of the manifest."""
    inner = {**parts.inner, "sha256": {name: _digest(place, parts.body) for name, place in parts.names.items()}}
    said = json.dumps(inner)
    said = said if text is None else text(said)
    checksum = hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()
    return joined({"__metadata__": {"themetagger": f"{checksum} {said}"}, **parts.names}, parts.body)


def joined(header: Any, body: bytes) -> bytes:
    """A file of a header and the bytes behind it."""
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    return len(head).to_bytes(8, "little") + head + body


def _digest(place: Any, body: bytes) -> str:
    """The checksum of an array as the header describes it, as far as that makes sense."""
    try:
        begin, end = place["data_offsets"]
        shape = f"{np.dtype(DTYPES[place['dtype']]).str}{tuple(place['shape'])}".encode()
        return hashlib.sha256(shape + body[begin:end]).hexdigest()
    except (TypeError, KeyError, ValueError):
        return "0" * 64


def places(value: Any, where: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON value but the value itself."""
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*where, key)
        yield from places(item, (*where, key))


def at(value: Any, where: tuple[Any, ...]) -> Any:
    """The value at a place."""
    for key in where:
        value = value[key]
    return value


def replaced(value: Any, where: tuple[Any, ...], new: Any) -> None:
    """Put ``new`` at a place."""
    at(value, where[:-1])[where[-1]] = new


# The kinds of mutants: each takes the bytes and the parts of a file, and draws.


def truncated(data: bytes, parts: Parts, draw: Random) -> bytes:
    return data[: draw.choice([draw.randrange(len(data)), draw.randrange(64), len(data) - 1 - draw.randrange(64)])]


def flipped(data: bytes, parts: Parts, draw: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(draw.choice([1, 1, 2, 8])):
        changed[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def inserted(data: bytes, parts: Parts, draw: Random) -> bytes:
    where = draw.randrange(len(data) + 1)
    return data[:where] + draw.randbytes(draw.choice([1, 4, 8, 100])) + data[where:]


def deleted(data: bytes, parts: Parts, draw: Random) -> bytes:
    where = draw.randrange(len(data))
    return data[:where] + data[where + draw.choice([1, 4, 8, 100]) :]


def overwritten(data: bytes, parts: Parts, draw: Random) -> bytes:
    where, size = draw.randrange(len(data)), draw.choice([4, 8, 512])
    return data[:where] + draw.choice([b"\0", b"\xff", b"[", b'"'])[:1] * size + data[where + size :]


def first_length(data: bytes, parts: Parts, draw: Random) -> bytes:
    length = int.from_bytes(data[:8], "little")
    other = draw.choice(
        [0, 1, 2**63, 2**64 - 1, len(data), len(data) - 8, length - 1, length + 8, draw.getrandbits(40)]
    )
    return other.to_bytes(8, "little") + data[8:]


def header_edited(data: bytes, parts: Parts, draw: Random) -> bytes:
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    where = draw.choice([where for where in places(header) if where[0] != "__metadata__"])
    replaced(header, where, draw.choice([*ODD, at(header, draw.choice(list(places(header))))]))
    return joined(header, data[8 + length :])


def manifest_edited(data: bytes, parts: Parts, draw: Random) -> bytes:
    length = int.from_bytes(data[:8], "little")
    text = json.loads(data[8 : 8 + length])["__metadata__"]["themetagger"]
    where = draw.randrange(len(text))
    text = text[:where] + draw.choice('0123456789abcdef"{}[],: -.') + text[where + 1 :]
    return joined({"__metadata__": {"themetagger": text}, **parts.names}, parts.body)


ODD: list[Any] = [None, True, False, -1, 0, 1, 0.5, -0.5, 2**31 - 1, 2**31, 2**53, 2**63, 10**30, "", "x", "a0", [], {}]
ODD += [["a0", "a1"], {"a": 1}, "inf", "-inf", "nan", [0, 0], [[[]]], "\ud800", "\x1b[2J", "../x", "__class__", 1e308]


def shape_lied(data: bytes, parts: Parts, draw: Random) -> bytes:
    name = draw.choice(list(parts.names))
    shape = parts.names[name]["shape"]
    n = math.prod(shape)
    lies: list[Any] = [[n, 1], [1, n], [1, 1, n], [], [n + 1], [n - 1], [-n], [2**32, 2**32], [0, 2**62], [2**53], None]
    lies += [[float(n)], [str(n)], [True], {"0": n}, n, [n, 0], shape[::-1] if len(shape) == 2 else [2, n // 2]]
    parts.names[name]["shape"] = draw.choice([lie for lie in lies if lie != shape])
    return sealed(parts)


def offsets_lied(data: bytes, parts: Parts, draw: Random) -> bytes:
    name, other = draw.sample(list(parts.names), 2)
    begin, end = parts.names[name]["data_offsets"]
    size = len(parts.body)
    lies: list[Any] = [[begin + 8, end + 8], [begin - 8, end - 8], [begin, end + 8], [end, begin], [begin, 2**53], None]
    lies += [
        [-1, end - begin - 1],
        [float(begin), end],
        [size, size + end - begin],
        [begin],
        [begin, end, end],
        [True, 1],
    ]
    lies += [parts.names[other]["data_offsets"], [0, end - begin], ["0", "8"], [begin, begin], {"0": begin}]
    lies = [lie for lie in lies if lie != [begin, end]]
    parts.names[name]["data_offsets"] = draw.choice(lies)
    return sealed(parts)


def type_lied(data: bytes, parts: Parts, draw: Random) -> bytes:
    name = draw.choice([name for name, place in parts.names.items() if math.prod(place["shape"])])
    place = parts.names[name]
    lie = draw.choice([kind for kind in [*DTYPES, "F16", "BOOL", "O", "", None, 7] if kind != place["dtype"]])
    if lie in DTYPES and draw.random() < 0.7:  # as many of another type as the bytes hold
        begin, end = place["data_offsets"]
        place["shape"] = [(end - begin) // np.dtype(DTYPES[lie]).itemsize]
    place["dtype"] = lie
    return sealed(parts)


def array_added(data: bytes, parts: Parts, draw: Random) -> bytes:
    """Bytes that no array has, an array that the list of checksums lacks, or one that nobody asks for."""
    how = draw.randrange(3)
    if how == 0:
        parts.body += b"\0" * 8
        return sealed(parts)
    if how == 1:
        parts.put("new", np.zeros(draw.choice([0, 1, 1000]), np.float64))
        return sealed(parts)
    return sealed(parts, lambda text: text.replace('"sha256": {', '"sha256": {"new": "", ', 1))


def scorers(parts: Parts, kind: str) -> list[Any]:
    ensembles = parts.manifest["members"].values()
    return [entry for ensemble in ensembles for entry in ensemble if entry["scorer"]["kind"] == kind]


def trees_forged(data: bytes, parts: Parts, draw: Random) -> bytes:
    scorer = draw.choice(scorers(parts, "trees"))["scorer"]
    feature, roots = parts.array(scorer["feature"]), parts.array(scorer["roots"])
    inner = np.flatnonzero(feature >= 0)
    if not len(inner):
        return truncated(data, parts, draw)
    node, side = int(draw.choice(inner.tolist())), draw.choice(["left", "right"])
    child = parts.array(scorer[side])
    lies = [node, 0, node - 1, -1, -2, len(child), 2**31 - 1, -(2**31), int(parts.array(scorer["left"])[node])]
    how = draw.randrange(4)
    if how == 0:
        lies = [lie for lie in lies if lie != child[node]]
        child[node] = draw.choice(lies)
        parts.put(scorer[side], child)
    elif how == 1:
        roots[draw.randrange(len(roots))] = draw.choice([-1, len(child), 2**31 - 1, -(2**31), int(child[node])])
        parts.put(scorer["roots"], roots)
    elif how == 2:
        feature[node] = draw.choice([-2, 2**31 - 1, -(2**31), 10**6])
        parts.put(scorer["feature"], feature)
    else:
        parts.put(scorer["roots"], np.repeat(roots, draw.choice([2, 1000])))
    return sealed(parts)


def _views(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """What the views learned; versions 1 to 4 call it weighings."""
    found: list[dict[str, Any]] = manifest["views" if "views" in manifest else "weighings"]
    return found


def _number(manifest: dict[str, Any]) -> str:
    """Where a model says the number of its view."""
    return "view" if "views" in manifest else "weighing"


def index_forged(data: bytes, parts: Parts, draw: Random) -> bytes:
    """A number that points somewhere points outside, or the list of them falls."""
    views = [part["columns"] for view in _views(parts.manifest) for part in view.get("terms") or view["parts"]]
    narrow = [entry["narrow"] for entry in scorers(parts, "trees") if parts.names[entry["narrow"]]["dtype"] == "I32"]
    kernels = [entry["scorer"][name] for entry in scorers(parts, "kernel") for name in ("indices", "indptr")]
    sparse = [entry["scorer"]["index"] for entry in scorers(parts, "linear") if "index" in entry["scorer"]]
    texts = [offsets for _, offsets in parts.manifest["vocabulary"].values()]
    name = draw.choice(draw.choice([some for some in (views, narrow, kernels, sparse, texts) if some]))
    array = parts.array(name)
    if not len(array):
        return truncated(data, parts, draw)
    ends = np.iinfo(array.dtype)
    if name in views + narrow and len(array) > 4 and draw.random() < 0.2:  # each difference is positive, or wraps
        array[1:4] = [ends.max, ends.min, -1]
    else:
        array[draw.randrange(len(array))] = draw.choice([-1, ends.max, ends.min, 10**6, -(10**6)])
    parts.put(name, array)
    return sealed(parts)


def not_finite(data: bytes, parts: Parts, draw: Random) -> bytes:
    names = [name for name, place in parts.names.items() if place["dtype"][0] == "F" and math.prod(place["shape"])]
    name = draw.choice(names)
    array = parts.array(name)
    array.flat[draw.randrange(array.size)] = draw.choice([np.nan, np.inf, -np.inf])
    parts.put(name, array)
    return sealed(parts)


def cut_short(data: bytes, parts: Parts, draw: Random) -> bytes:
    """An array of another length, which others rely on; a forest of fewer trees is a legal one."""
    roots = [entry["scorer"]["roots"] for entry in scorers(parts, "trees")]
    names = [name for name, place in parts.names.items() if math.prod(place["shape"]) > 1 and name not in roots]
    name = draw.choice(names)
    array = parts.array(name)
    parts.put(name, draw.choice([array[:-1], array[:0], np.concatenate([array, array[:1]])]))
    return sealed(parts)


def no_words(data: bytes, parts: Parts, draw: Random) -> bytes:
    """The bytes of a vocabulary are no text, a term is there twice, or one is endless."""
    name, offsets = draw.choice(list(parts.manifest["vocabulary"].values()))
    bytes_, ends = parts.array(name), parts.array(offsets)
    how = draw.randrange(3)
    if how == 0:
        bytes_[draw.randrange(len(bytes_))] = draw.choice([0xFF, 0xC0, 0xED])
    elif how == 1:
        a, b = ends[:2]
        bytes_ = np.concatenate([bytes_, bytes_[a:b]])
        parts.put(offsets, np.append(ends, len(bytes_)))
    else:
        bytes_ = np.concatenate([bytes_, np.frombuffer(b"a b c d e f g " * 100, np.uint8)])
        parts.put(offsets, np.append(ends, len(bytes_)))
    parts.put(name, bytes_)
    return sealed(parts)


def size_forged(data: bytes, parts: Parts, draw: Random) -> bytes:
    """A whole number of the models is huge, negative, or none."""
    huge = [-1, 10**6, 2**31, 2**53, 2**63, 10**30, 1.0, 0.5, True, "9", None, [9]]
    sparse = [entry["scorer"] for entry in scorers(parts, "linear") if "index" in entry["scorer"]]
    kernel = [entry["scorer"] for entry in scorers(parts, "kernel")]
    members = [entry for ensemble in parts.manifest["members"].values() for entry in ensemble]
    some, name = draw.choice([(sparse, "size"), (kernel, "columns"), (members, _number(parts.manifest))])
    draw.choice(some)[name] = draw.choice([value for value in huge if value is not None or name != "narrow"])
    return sealed(parts)


def version_forged(data: bytes, parts: Parts, draw: Random) -> bytes:
    parts.inner["version"] = draw.choice([0, -1, 1, 2, 3, 5, 99, 2**53, 10**30, "4", 4.0, True, None, [4]])
    if draw.random() < 0.2:
        parts.inner["format"] = draw.choice(["", None, "pickle", ["themetagger"]])
    return sealed(parts)


def _numbers(text: str) -> list[int]:
    """Where in a JSON text a number begins behind a colon."""
    return [i + 2 for i in range(len(text) - 2) if text[i : i + 2] == ": " and text[i + 2] in "-0123456789"]


def no_number(data: bytes, parts: Parts, draw: Random) -> bytes:
    """A number of the manifest is NaN, infinite, or too long to be one."""

    def change(text: str) -> str:
        start = draw.choice(_numbers(text))
        end = next(i for i in range(start, len(text)) if text[i] in ",}]")
        odd = ["NaN", "Infinity", "-Infinity", "1e400", "-1e999", "9" * 5000, "1" * 400, "0x1", "01", "+1", "1e"]
        return text[:start] + draw.choice(odd) + text[end:]

    return sealed(parts, change)


def true_for_one(data: bytes, parts: Parts, draw: Random) -> bytes:
    whole = [where for where in places(parts.manifest) if type(at(parts.manifest, where)) is int]
    where = draw.choice(whole)
    replaced(parts.manifest, where, draw.choice([True, False]))
    return sealed(parts)


def nested(data: bytes, parts: Parts, draw: Random) -> bytes:
    """Lists within lists, a little or without end, in the place of any value."""
    deep = draw.choice([40, 900, 5_000, 100_000])
    sign = draw.choice(["[]", ('{"a":', "}")])
    before, after = sign if isinstance(sign, tuple) else (sign[0], sign[1])
    replaced(parts.manifest, draw.choice(list(places(parts.manifest))), "DEEP")
    middle = "1" if before != "[" else ""
    return sealed(parts, lambda text: text.replace('"DEEP"', before * deep + middle + after * deep))


def key_twice(data: bytes, parts: Parts, draw: Random) -> bytes:
    """A key is there twice, the second time with another value."""

    def change(text: str) -> str:
        start = draw.choice([i for i in range(len(text)) if text[i] == "{" and text[i + 1] == '"'])
        key = text[start + 1 : text.index('"', start + 2) + 1]
        return f"{text[: start + 1]}{key}: {draw.choice(['null', '1', '[]', '{}'])}, {text[start + 1 :]}"

    return sealed(parts, change)


def no_utf8(data: bytes, parts: Parts, draw: Random) -> bytes:
    whole = sealed(parts)
    length = int.from_bytes(whole[:8], "little")
    header = bytearray(whole[8 : 8 + length])
    if draw.random() < 0.5:
        header = bytearray(header.decode().encode(draw.choice(["utf-16", "utf-32", "utf-8-sig"])))
    else:
        header[draw.randrange(length)] = draw.choice([0xFF, 0xC0, 0x80])
    return joined(bytes(header), whole[8 + length :])


def another_name(data: bytes, parts: Parts, draw: Random) -> bytes:
    """A model stands on another array."""
    names = [where for where in places(parts.manifest) if at(parts.manifest, where) in list(parts.names)]
    replaced(parts.manifest, draw.choice(names), draw.choice([*parts.names, "no", 7, None]))
    return sealed(parts)


def another_value(data: bytes, parts: Parts, draw: Random) -> bytes:
    where = draw.choice(list(places(parts.manifest)))
    value = at(parts.manifest, where)
    near: list[Any] = []
    if type(value) in (int, float):
        near = [value + 1, value - 1, -value, value * 10, 0, value / 3]
    if isinstance(value, str):
        near = [value + "x", value[:-1], value.upper(), "inf"]
    replaced(parts.manifest, where, draw.choice(near or ODD))
    return sealed(parts)


def another_type(data: bytes, parts: Parts, draw: Random) -> bytes:
    where = draw.choice(list(places(parts.manifest)))
    other = [value for value in ODD if type(value) is not type(at(parts.manifest, where))]
    replaced(parts.manifest, where, draw.choice(other))
    return sealed(parts)


def key_away(data: bytes, parts: Parts, draw: Random) -> bytes:
    where = draw.choice(list(places(parts.manifest)))
    above = at(parts.manifest, where[:-1])
    if isinstance(above, dict) and draw.random() < 0.3:
        above[draw.choice(["new", "narrow", "index", "weight", "presence", "__class__"])] = draw.choice(ODD)
    else:
        del above[where[-1]]
    return sealed(parts)


def moved(data: bytes, parts: Parts, draw: Random) -> bytes:
    """A value stands where another one was."""
    all_places = list(places(parts.manifest))
    value = deepcopy(at(parts.manifest, draw.choice(all_places)))
    replaced(parts.manifest, draw.choice(all_places), value)
    return sealed(parts)


def much_from_little(data: bytes, parts: Parts, draw: Random) -> bytes:
    """A few bytes ask for much: thousands of models, views, steps, trees or columns on the same arrays."""
    manifest = parts.manifest
    theme = draw.choice(list(manifest["members"]))
    ensemble, many = manifest["members"][theme], draw.choice([300, 3_000])
    how = draw.randrange(6)
    if how == 0:
        manifest["members"][theme] = ensemble * many
    elif how == 1:
        theme_result = next(theme_result for theme_result in manifest["winners"] if theme_result["theme"] == theme)
        manifest["extra"]["held_out"] = None
        for i in range(many):
            manifest["winners"].append({**theme_result, "theme": f"new {i}"})
            manifest["members"][f"new {i}"] = ensemble
    elif how == 2:
        view = draw.choice(_views(manifest))
        for i in range(many):
            _views(manifest).append({**view, "fold": 10 + i})
            manifest["members"][theme].append({**ensemble[0], _number(manifest): len(_views(manifest)) - 1})
    elif how == 3:
        manifest["steps"] = manifest["steps"] * draw.choice([10, 100_000])
    elif how == 4:
        scorer, deep = draw.choice(scorers(parts, "trees"))["scorer"], draw.choice([1_000, 2_990, 100_000])
        inner, nodes = np.arange(2 * deep + 1) % 2 == 0, np.arange(2 * deep + 1, dtype=np.int32)
        inner[-1] = False
        chain = {
            "roots": np.zeros(1, np.int32),
            "feature": np.where(inner, 0, -1).astype(np.int32),
            "threshold": np.zeros(2 * deep + 1, np.float32),
            "left": np.where(inner, nodes + 2, -1).astype(np.int32),
            "right": np.where(inner, nodes + 1, -1).astype(np.int32),
            "value": np.zeros(2 * deep + 1),
        }
        for name, array in chain.items():
            parts.put(f"chain {name}", array)
            scorer[name] = f"chain {name}"
    else:
        scorer, trees = draw.choice(scorers(parts, "trees"))["scorer"], draw.choice([9_000, 200_000])
        for name, kind in {"feature": "<i4", "threshold": "<f4", "left": "<i4", "right": "<i4", "value": "<f8"}.items():
            parts.put(f"leaf {name}", np.full(trees, -1 if name in ("feature", "left", "right") else 0, kind))
            scorer[name] = f"leaf {name}"
        parts.put("leaf roots", np.arange(trees, dtype=np.int32))
        scorer["roots"] = "leaf roots"
    return sealed(parts)


Mutation = Callable[[bytes, Parts, Random], bytes]
# how often of each hundred, so that what is dear to make and to load does not fill the run
KINDS: dict[str, dict[Mutation, float]] = {
    "damaged": {
        truncated: 6,
        flipped: 9,
        inserted: 5,
        deleted: 5,
        overwritten: 4,
        first_length: 3,
        header_edited: 4,
        manifest_edited: 4,
    },
    "forged": {
        shape_lied: 4,
        offsets_lied: 4,
        type_lied: 4,
        array_added: 1,
        trees_forged: 6,
        index_forged: 7,
        not_finite: 3,
        cut_short: 3,
        no_words: 2,
        size_forged: 3,
        version_forged: 1,
        no_number: 3,
        true_for_one: 3,
        nested: 2,
        key_twice: 2,
        no_utf8: 2,
    },
    "changed": {another_name: 2, another_value: 2, another_type: 2, key_away: 2, moved: 2, much_from_little: 0.3},
}
SORT = {kind: sort for sort, kinds in KINDS.items() for kind in kinds}


# The worker: a process of its own, that answers each path with one line.


def worker() -> None:
    """Load and tag what the lines of standard input name; the first lines name good files, then there is a hyphen."""
    import resource
    import warnings

    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    from themetagger import BundleError
    from themetagger.tagger.theme_tagger import ThemeTagger

    seen: list[str] = []
    armed = False

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if armed and (what := what_is_done(event, arguments)):
            seen.append(f"{what}: {event} {str(arguments)[:100]}")

    sys.addaudithook(hook)
    for line in sys.stdin:
        if line == "-\n":
            armed = True
            continue
        seen.clear()
        started = time.perf_counter()
        try:
            tags = ThemeTagger.load(line.rstrip("\n")).tag(TEXTS)
            outcome, said = "tagged", hashlib.sha256(repr(tags).encode("utf-8", "surrogatepass")).hexdigest()
        except BundleError as error:
            outcome, said = "refused", str(error)
        except Exception as error:
            outcome, said = "exception", f"{type(error).__name__}: {error}"[:200]
        took = time.perf_counter() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps([outcome, said, took, peak, seen]), flush=True)


def what_is_done(event: str, arguments: tuple[Any, ...]) -> str:
    """Which of the forbidden things an event of the interpreter is; empty for none."""
    if event == "open":
        _, mode, flags = (*arguments, None, None)[:3]
        writing = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
        return "write" if writing or (isinstance(mode, str) and set(mode) & set("wax+")) else ""
    if event.startswith(("socket.", "urllib.", "http.", "ftplib.", "smtplib.")):
        return "network"
    if event.startswith(("subprocess.", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.system", "pty.")):
        return "process"
    if event.startswith(("os.", "shutil.", "tempfile.", "mmap.", "sqlite3.")):
        read = ("os.listdir", "os.scandir", "os.walk", "os.getxattr", "os.listxattr")
        return "" if event in read else "write"
    if event in ("compile", "exec", "code.__new__", "marshal.loads", "pickle.find_class") or event.startswith(
        "ctypes."
    ):
        return "code"
    return "import" if event == "import" else ""


# The parent: makes mutants, hands them to workers, and counts.


@dataclass
class Report:
    """Counts by kind and outcome; the first few of what went wrong; the slowest mutant, and the largest worker."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0
    slowest: tuple[float, str] = (0.0, "")
    largest: tuple[int, str] = (0, "")

    @property
    def bad(self) -> int:
        """Mutants that did what none may do."""
        return sum(count for counter in self.counts.values() for outcome, count in counter.items() if outcome in BAD)

    def __str__(self) -> str:
        heads = [*GOOD, "legal", *BAD]
        lines = [" ".join([f"{'':26}", f"{'mutants':>8}", *(f"{head:>{max(7, len(head))}}" for head in heads)])]
        total: Counter[str] = Counter()
        for sort, kinds in KINDS.items():
            lines.append(sort)
            for kind in kinds:
                counter = self.counts.get(kind.__name__, Counter())
                total += counter
                lines.append(self._row(f"  {kind.__name__}", counter, heads))
        lines.append(self._row("all", total, heads))
        per = 1000 * self.seconds / max(1, sum(total.values()))
        lines.append(
            f"{self.seconds:.0f} s, {per:.2f} ms a mutant; slowest {self.slowest[0]:.2f} s ({self.slowest[1]})"
        )
        lines.append(f"largest worker {self.largest[0] / 2**20:.0f} MB (grew last on {self.largest[1]})")
        return "\n".join([*lines, *self.wrong])

    @staticmethod
    def _row(name: str, counter: Counter[str], heads: list[str]) -> str:
        cells = [f"{counter[head]:>{max(7, len(head))},}" for head in heads]
        return " ".join([f"{name:26}", f"{sum(counter.values()):>8,}", *cells])


class Worker:
    """A worker process that was warmed up with the good files."""

    def __init__(self, good: list[Path]) -> None:
        quiet = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # each thread would reserve address space
        command = [sys.executable, str(Path(__file__).resolve()), "--worker"]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, **quiet}
        )
        self.tags = {path.stem: self.answer(path, 120)[1] for path in good}
        assert len(self.tags) == len(good)
        broken = good[0].with_suffix(".broken")
        broken.write_bytes(b"no tagger")  # so that what an error needs is there too
        assert self.answer(broken, 120)[0] == "refused"
        self._write("-")

    def answer(self, path: Path, seconds: float = SECONDS) -> tuple[str, str, float, int, list[str]]:
        """Outcome, what was said, seconds, largest memory so far, and forbidden things."""
        self._write(str(path))
        assert self.process.stdout is not None
        if not select.select([self.process.stdout], [], [], seconds)[0]:
            self.close()
            return "hang", f"more than {seconds} s", seconds, 0, []
        line = self.process.stdout.readline()
        if not line:
            self.close()
            return "crash", f"exit code {self.process.returncode}", 0.0, 0, []
        outcome, said, took, peak, seen = json.loads(line)
        return outcome, said, took, peak, seen

    def _write(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def close(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


def good_files(folder: Path) -> list[Path]:
    """Copies of the golden files and, first, a fresh and smaller one."""
    sys.path.insert(0, str(TESTS))
    from golden import make

    make.tagger(36, n_folds=2).save(folder / "fresh.tagger")
    for path in sorted(GOLDEN.glob("v*.tagger")):
        (folder / path.name).write_bytes(path.read_bytes())
    return [folder / "fresh.tagger", *sorted(folder.glob("v*.tagger"))]


def run(count: int, *, seed: int = 0, jobs: int = 2, progress: bool = False) -> Report:
    """Make ``count`` mutants and count what becomes of them; the same seed makes the same ones for any ``jobs``."""
    report, lock, numbers = Report(), threading.Lock(), iter(range(count))
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        good = good_files(folder)
        whole = {path.stem: path.read_bytes() for path in good}

        def work(job: int) -> None:
            hand = Worker(good)
            path = folder / f"mutant{job}"
            try:
                while True:
                    with lock:
                        number = next(numbers, None)
                        if progress and number is not None and number % 10_000 == 0:
                            print(f"{number:,} of {count:,}, {time.perf_counter() - started:.0f} s", file=sys.stderr)
                    if number is None:
                        return
                    stem, kind, data = mutant(whole, seed, number)
                    path.write_bytes(data)
                    found = hand.answer(path)
                    with lock:
                        _count(report, f"{kind.__name__} of {stem}, number {number}", kind, found, hand.tags[stem])
                    if found[0] in ("hang", "crash"):
                        hand = Worker(good)
            finally:
                hand.close()

        threads = [threading.Thread(target=work, args=(job,)) for job in range(jobs)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    report.seconds = time.perf_counter() - started
    if sum(map(Counter.total, report.counts.values())) != count:
        raise RuntimeError("a thread ended before its mutants were counted")
    return report


def mutant(whole: dict[str, bytes], seed: int, number: int) -> tuple[str, Mutation, bytes]:
    """The mutant of that number: of which file, of which kind, and its bytes."""
    draw = Random(f"{seed} {number}")
    stem = "fresh" if draw.random() < 0.8 else draw.choice(list(whole))
    kinds = {kind: often for some in KINDS.values() for kind, often in some.items()}
    kind = draw.choices(list(kinds), list(kinds.values()))[0]
    return stem, kind, kind(whole[stem], taken_apart(whole[stem]), draw)


def _count(report: Report, name: str, kind: Mutation, found: tuple[str, str, float, int, list[str]], tags: str) -> None:
    outcome, said, took, peak, seen = found
    if outcome == "tagged":
        outcome = "same tags" if said == tags else "legal" if SORT[kind] == "changed" else "other tags"
    if seen:
        outcome, said = seen[0].split(":")[0], seen[0]
    report.counts.setdefault(kind.__name__, Counter())[outcome] += 1
    report.slowest = max(report.slowest, (took, name))
    if peak > report.largest[0]:
        report.largest = (peak, name)
    if outcome in BAD and len(report.wrong) < 40:
        report.wrong.append(f"{outcome}: {name}: {said[:200]}")


def main() -> None:
    """Run, print, and tell by the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.worker:
        worker()
        return
    report = run(asked.count, seed=asked.seed, jobs=asked.jobs, progress=True)
    print(report)
    sys.exit(1 if report.bad else 0)


if __name__ == "__main__":
    main()
