"""How much can a valid tagger file ask for? Files made to ask for as much as the format lets them, each one measured.

usage: python tests/benchmarks/worst_cases.py [--count 10000] [--seed 0] [--scale 1]

A file is made from a plan: how many terms, views, themes and models there are, of which kinds, which arrays they share,
how wide, deep and long everything is, down to the names. All checksums are right, so that nothing but the limits of the
reader stands between the file and whoever opens it. A climber begins with plans by chance and goes on with the worst
so far: a number is doubled or halved, a kind is changed, two plans are crossed. Of a file that is refused the numbers
are made smaller until it is not, so that it stands next to the limit. The refused ones are not counted.

Each file is loaded, and tags a short text and one of 10,000 characters that are words of its own vocabulary. Measured
are CPU seconds and the largest memory meanwhile (Linux). The bounds are those of docs/explanation/security.md:

    SECONDS and SECONDS_A_BYTE for loading, and for a text; MEMORY and MEMORY_A_BYTE for both

With ``--scale N`` what any file may ask for, however small it is, is an Nth, and so are the bounds that it stands for:
the same search in an Nth of the time. The exit code is 1 if a file was beyond a bound, or ended in anything but a
BundleError.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from safetensors.numpy import save

from themetagger.features.registry import view_of
from themetagger.features.side_by_side import BESIDE
from themetagger.models.scorers.trees import LEVEL, PAIR
from themetagger.models.storage.container import FORMAT, VERSION, BundleError, _digest, _digest_text, pack_texts
from themetagger.selection.theme_result import ThemeResult
from themetagger.tagger import file_limits
from themetagger.tagger.theme_tagger import ThemeTagger

Random = random.Random
Plan = dict[str, Any]

SECONDS = 2.0  # of loading, and of a text of up to 10,000 characters
SECONDS_A_BYTE = {"load": 500e-9, "text": 200e-9}
MEMORY, MEMORY_A_BYTE = 2**30, 40.0  # beside Python and its libraries
CHARACTERS = 10_000  # of the long text
TRIES = 8  # files that are made of a plan, each smaller than the one before, until one is not refused
POOL = 12  # worst plans that are kept for each measure
MEASURES = ("load", "text", "memory")

# What a plan holds: for each number its least and its most, for each kind what there is.
NUMBERS: dict[str, tuple[int, int]] = {
    "words": (1, 300_000),
    "pairs": (0, 300_000),
    "chars": (0, 300_000),
    "word_length": (2, 2_000),
    "steps": (0, 14),
    "views": (1, 3_000),
    "columns": (1, 300_000),
    "beside": (1, 8),
    "pieces": (0, 100_000),
    "width": (1, 8_192),
    "themes": (1, 20_000),
    "ensemble": (1, 3_000),
    "name": (1, 1_000),
    "skipped": (0, 20_000),
    "reason": (0, 10_000),
    "settings": (0, 2_000),
    "text_columns": (1, 100),
    "column_name": (1, 10_000),
    "theme_map": (0, 20_000),
    "own": (1, 64),
    "reduced": (1, 10_000),
    "used": (0, 300_000),
    "support": (1, 20_000),
    "nonzero": (0, 300_000),
    "trees": (1, 10_000),
    "levels": (1, 3_000),
}
KINDS: dict[str, tuple[Any, ...]] = {
    "view": ("words", "words_1_2", "chars_3_5", "words+chars", "static"),
    "presence": (False, True),
    "fold": (True, False),
    "model": ("linear", "sparse", "kernel", "trees"),
    "second": ("", "linear", "sparse", "kernel", "trees"),
    "reduction": ("", "chosen", "projection"),
    "letters": ("ascii", "latin", "signs"),
    "shape": ("stumps", "chain", "bush"),
}
LARGEST = 4_000_000  # bytes of a file, about: the bounds grow with files, and small ones are made soon
SMALL = 2_000  # up to which numbers are drawn by chance, mostly


def drawn(draw: Random) -> Plan:
    """A plan by chance: any order of magnitude of each number."""
    plan = {name: _number(draw, *ends) for name, ends in NUMBERS.items()}
    return plan | {name: draw.choice(kinds) for name, kinds in KINDS.items()}


def _number(draw: Random, low: int, high: int) -> int:
    top = high if draw.random() < 0.2 else min(high, SMALL)
    return max(low, min(top, round((top + 1) ** draw.random()) - 1 + low))


def changed(plan: Plan, other: Plan, draw: Random) -> Plan:
    """A plan with some of its numbers and kinds changed, or taken from another one."""
    new = deepcopy(plan)
    for _ in range(draw.choice([1, 1, 2, 3, 6])):
        name = draw.choice([*NUMBERS, *KINDS, *KINDS])
        if draw.random() < 0.15:
            new[name] = other[name]
        elif name in KINDS:
            new[name] = draw.choice(KINDS[name])
        else:
            low, high = NUMBERS[name]
            step = int(new[name] * draw.choice([0.1, 0.5, 0.8, 1.25, 2, 2, 4, 10])) + draw.choice([0, 1])
            new[name] = max(low, min(high, draw.choice([low, high, *[step] * 8])))
    return new


def smaller(plan: Plan, anyway: int, draw: Random) -> Plan:
    """A plan with one of its numbers halved, mostly the one that matters most."""
    large = [name for name, (low, _) in NUMBERS.items() if plan[name] > max(low, 1)]
    halved = [plan | {name: max(NUMBERS[name][0], plan[name] // 2)} for name in large]
    if not halved:
        return plan
    less = [one for one in halved if excess(one, anyway) < excess(plan, anyway)]
    return draw.choice(less or halved) if draw.random() < 0.7 else min(halved, key=lambda one: excess(one, anyway))


def size_of(plan: Plan) -> int:
    """Bytes of the file, about, without making it."""
    own = {"linear": 4 * plan["columns"], "sparse": 8 * plan["used"], "kernel": 8 * plan["nonzero"]}
    nodes = plan["trees"] * (2 ** min(plan["levels"], 10) if plan["shape"] == "bush" else 2 * plan["levels"])
    own |= {"trees": 28 * (3 * plan["trees"] if plan["shape"] == "stumps" else min(nodes, 2_000_000)), "": 0}
    models = sum(own[plan[which]] for which in ("model", "second")) * min(
        plan["own"], plan["themes"] * plan["ensemble"]
    )
    words = (plan["words"] + 2 * plan["pairs"]) * (10 + plan["word_length"]) + 16 * plan["chars"] + 12 * plan["columns"]
    themes = plan["themes"] * (1_400 + 2 * plan["name"] + plan["reason"] + plan["settings"])
    manifest = themes + plan["skipped"] * (900 + plan["reason"]) + plan["themes"] * plan["ensemble"] * 250
    rest = plan["views"] * 300 * plan["beside"] + plan["theme_map"] * 30 + plan["text_columns"] * plan["column_name"]
    return int(models + words + manifest + rest + plan["pieces"] * (plan["width"] + 10))


def asked_of(plan: Plan) -> int:
    """Bytes that a file asks for, at least, as the reader counts them."""
    models, kinds = plan["themes"] * plan["ensemble"], [plan["model"], plan["second"] or plan["model"]]
    each = {"linear": file_limits.COLUMN, "sparse": file_limits.COLUMN, "kernel": 4 * file_limits.CALL}
    levels = {"stumps": 1, "chain": plan["levels"], "bush": min(plan["levels"], 10)}[plan["shape"]]
    each["trees"] = file_limits.CALL + levels * LEVEL + file_limits.FEW * PAIR * plan["trees"]
    views = plan["views"] * (file_limits.CALL + plan["beside"] * file_limits.PART)
    terms = plan["words"] + plan["pairs"] + plan["chars"]
    return int(views + models * sum(each[kind] for kind in kinds) / 2 + file_limits.TERM * terms)


def excess(plan: Plan, anyway: int) -> float:
    """How far a plan is from a file of the size that the search is about, and that is not refused for sure."""
    size = size_of(plan)
    return max(size / LARGEST, asked_of(plan) / (anyway + file_limits.FOR_EACH_BYTE * size))


# A file made of a plan.


@dataclass
class Made:
    """The manifest and the arrays of a plan."""

    plan: Plan
    arrays: dict[str, Any] = field(default_factory=dict)

    def put(self, name: str, make: Callable[[], Any]) -> str:
        """The array of that name, made where it is not there yet."""
        if name not in self.arrays:
            self.arrays[name] = make()
        return name

    def whole(self) -> bytes:
        """The file, with the checksums that it needs."""
        manifest = self.manifest()
        checksums = {name: _digest(array) for name, array in self.arrays.items()}
        text = json.dumps({"format": FORMAT, "version": VERSION, "sha256": checksums, "manifest": manifest})
        return bytes(save(self.arrays, {"themetagger": f"{_digest_text(text)} {text}"}))

    def manifest(self) -> dict[str, Any]:
        """All of the manifest; the arrays are there afterwards."""
        plan = self.plan
        views = list(self.views())
        names = [f"{i} ".ljust(plan["name"], "x") for i in range(plan["themes"])]
        rest = [f"- {i}" for i in range(plan["skipped"])]
        return {
            "steps": (["nfc", "lower", "accents", "urls", "numbers", "stop_words", "nfkc"] * 2)[: plan["steps"]],
            "signs": True,
            "vocabulary": {name: self.vocabulary(name) for name in ("word", "char_wb") if self.terms[name]},
            "encoders": {"static": self.static()} if self.dense else {},
            "views": views,
            "winners": [
                *(self.winner(name, views[0]["view"]["view"]) for name in names),
                *(ThemeResult.skipped(name, "x" * plan["reason"]).to_json() for name in rest),
            ],
            "members": {name: list(self.ensemble(i, len(views))) for i, name in enumerate(names)},
            "extra": self.extra(),
        }

    @cached_property
    def terms(self) -> dict[str, tuple[str, ...]]:
        """The vocabulary of each analyser."""
        plan, first = self.plan, {"ascii": 97, "latin": 0xE0, "signs": 0x4E00}[self.plan["letters"]]
        end = chr(first) * max(0, plan["word_length"] - 6)
        words = [f"{_letters(i, first)}{end}" for i in range(plan["words"])]
        pairs = [f"{words[i % len(words)]} {words[i * 7 % len(words)]}" for i in range(plan["pairs"])]
        chars = [_letters(i, first)[-5:] for i in range(min(plan["chars"], 20**4))]
        return {"word": tuple(dict.fromkeys([*words, *pairs])), "char_wb": tuple(dict.fromkeys(chars))}

    @property
    def dense(self) -> bool:
        """Whether there are static vectors."""
        return self.plan["pieces"] > 0

    def vocabulary(self, analyser: str) -> list[str]:
        """The vocabulary of one analyser."""
        data, offsets = pack_texts(self.terms[analyser])
        return [self.put(f"{analyser} data", lambda: data), self.put(f"{analyser} offsets", lambda: offsets)]

    def static(self) -> dict[str, str]:
        """The static vectors."""
        m, width = self.plan["pieces"], self.plan["width"]
        pieces = "\n".join(_letters(i, 97) for i in range(m)).encode()
        return {
            "pieces": self.put("pieces", lambda: np.frombuffer(pieces, np.uint8)),
            "codes": self.put("codes", lambda: np.full((m, width), 129, np.uint8)),
            "scales": self.put("scales", lambda: np.full(m, 0.01, np.float32)),
        }

    def views(self) -> Iterator[dict[str, Any]]:
        """What each view learned; they are alike but for their folds, or by how often a term must occur."""
        one = self.view()
        parts, dense = list(self.parts(one)), list(self.dense_parts(one))
        for i in range(self.plan["views"]):
            view = one if self.plan["fold"] else self.view(i + 1)
            yield {"view": view, "fold": i if self.plan["fold"] else None, "terms": parts, "dense": dense}

    def view(self, min_df: int = 1) -> dict[str, Any]:
        """The settings of a view, or of several side by side."""
        kind = self.plan["view"] if self.plan["view"] != "static" or self.dense else "words"
        kind = kind if kind != "chars_3_5" or self.terms["char_wb"] else "words"
        settings = {"view": kind, "min_df": min_df, "max_df": 1.0, "sublinear_tf": True}
        settings["presence"] = self.plan["presence"]
        settings = {"view": "static", "weight": float(min_df)} if kind == "static" else settings
        beside = [settings] * self.plan["beside"]
        if self.dense and len(beside) > 1:
            beside[-1] = {"view": "static", "weight": float(min_df)}
        if len(beside) == 1:
            return settings
        return {"view": BESIDE.join(one["view"] for one in beside), "views": beside}

    def parts(self, view: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The terms of each part of a view, all on the same arrays."""
        for block in view_of(view).term_blocks:
            width = min(self.plan["columns"], len(self.terms[block.analyser]))
            columns = self.put(f"columns {width}", lambda width=width: np.arange(width, dtype=np.int32))
            idf = self.put(f"idf {width}", lambda width=width: np.full(width, 0.5))
            yield {"analyser": block.analyser, "columns": columns, "idf": idf}

    def dense_parts(self, view: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The columns of static vectors, where a view has them."""
        for source in view_of(view).sources:
            if source == "static":
                center = self.put("center", lambda: np.zeros(self.plan["width"], np.float32))
                yield {
                    "source": "static",
                    "center": center,
                    "scale": self.put("scale", lambda: np.ones(self.plan["width"], np.float32)),
                }

    @cached_property
    def width(self) -> int:
        """Columns of a view."""
        view = self.view()
        terms = sum(len(self.arrays[part["columns"]]) for part in self.parts(view))
        return terms + self.plan["width"] * len(list(self.dense_parts(view)))

    def winner(self, theme: str, view: str) -> dict[str, Any]:
        """What was decided about a theme, which every text has."""
        settings = {"x": "x" * self.plan["settings"]}
        decided = {"family": "ridge", "view": view, "threshold": -1e300, "calibration": (1.0, 0.0), "params": settings}
        return ThemeResult(theme, "BEST_EFFORT", "x" * self.plan["reason"], **decided).to_json()

    def ensemble(self, theme: int, views: int) -> Iterator[dict[str, Any]]:
        """The models of a theme, in turn on all views, of the first kind and, where there is one, of the second."""
        plan = self.plan
        for i in range(plan["ensemble"]):
            number = theme * plan["ensemble"] + i
            kind = plan["second"] if plan["second"] and number % 2 else plan["model"]
            yield {"view": number % views, "weight": 1.0, **self.model(kind, number % plan["own"])}

    def model(self, kind: str, own: int) -> dict[str, Any]:
        """A model on arrays that it shares with all whose number ``own`` is the same."""
        width, reduction = self.width, self.plan["reduction"] if kind in ("trees", "kernel") else ""
        narrow = None
        if reduction == "chosen":
            width = min(width, self.plan["reduced"])
            narrow = self.put(f"chosen {own}", lambda: np.arange(width, dtype=np.int32))
        elif reduction == "projection":
            full, width = width, min(self.plan["reduced"], max(1, 20_000_000 // width))
            narrow = self.put(f"projection {own}", lambda: np.full((full, width), 0.01, np.float32))
        return {"narrow": narrow, "scorer": getattr(self, f"_{kind}")(own, width)}

    def _linear(self, own: int, width: int) -> dict[str, Any]:
        weights = self.put(f"weights {own}", lambda: np.full(width, 0.5, np.float32))
        return {"kind": "linear", "intercept": 0.0, "weights": weights}

    def _sparse(self, own: int, width: int) -> dict[str, Any]:
        used = min(self.plan["used"], width)
        index = self.put(f"index {own}", lambda: np.arange(used, dtype=np.int32))
        weights = self.put(f"some {own}", lambda: np.full(used, 0.5, np.float32))
        return {"kind": "linear", "intercept": 0.0, "size": width, "index": index, "weights": weights}

    def _kernel(self, own: int, width: int) -> dict[str, Any]:
        rows, cells = self.plan["support"], min(self.plan["nonzero"], self.plan["support"] * width)
        ends = np.linspace(0, cells, rows + 1).astype(np.int64)
        indices = (np.arange(cells) - np.repeat(ends[:-1], np.diff(ends))).astype(np.int32)
        return {
            "kind": "kernel",
            "intercept": 0.0,
            "gamma": 1e-6,
            "columns": width,
            "dual": self.put(f"dual {own}", lambda: np.ones(rows)),
            "data": self.put(f"data {own}", lambda: np.ones(cells, np.float32)),
            "indices": self.put(f"indices {own}", lambda: indices),
            "indptr": self.put(f"indptr {own}", lambda: ends),
        }

    def _trees(self, own: int, width: int) -> dict[str, Any]:
        nodes = forest(self.plan["shape"], self.plan["trees"], self.plan["levels"], width)
        arrays = {name: self.put(f"{name} {own}", lambda array=array: array) for name, array in nodes.items()}
        return {"kind": "trees", "base": 0.0, **arrays}

    def extra(self) -> dict[str, Any]:
        """How the table was read."""
        name = self.plan["column_name"]
        kept = {"theme_map": {f"fine {i}": f"broad {i % 9}" for i in range(self.plan["theme_map"])}}
        columns = [f"{i} ".ljust(name, "x") for i in range(self.plan["text_columns"])]
        return {"text_columns": columns, "table_format": kept, "held_out": None, "unknown_words": None}


def _letters(number: int, first: int) -> str:
    """A word of at least three letters, another one for each number."""
    word = ""
    while number or len(word) < 3:
        number, digit = divmod(number, 20)
        word = chr(first + digit) + word
    return word


def forest(shape: str, trees: int, levels: int, width: int) -> dict[str, Any]:
    """Stumps, chains of nodes, or trees as broad as they are deep, on columns in turn."""
    levels = {"stumps": 1, "chain": levels, "bush": min(levels, 10)}[shape]
    inner = 2**levels - 1 if shape == "bush" else levels
    trees = max(1, min(trees, 2_000_000 // (2 * inner + 1)))
    node = np.arange(2 * inner + 1)
    if shape == "bush":
        split, left, right = node < inner, 2 * node + 1, 2 * node + 2
    else:
        split, left, right = node % 2 == 0, node + 1, node + 2
        split[-1] = False
    size, tree = len(node), np.repeat(np.arange(trees), len(node))
    splits = np.tile(split, trees)
    children = {
        name: np.where(splits, np.tile(side, trees) + tree * size, -1)
        for name, side in (("left", left), ("right", right))
    }
    return {
        "roots": (np.arange(trees) * size).astype(np.int32),
        "feature": np.where(splits, (np.tile(node, trees) + tree) % width, -1).astype(np.int32),
        "threshold": np.where(splits, -1.0, 0.0).astype(np.float32),
        "left": children["left"].astype(np.int32),
        "right": children["right"].astype(np.int32),
        "value": np.where(splits, 0.0, 1e-3),
    }


# What a file takes.


@dataclass
class Taken:
    """Seconds of loading, the larger of two texts' seconds, bytes of memory, and the size of the file."""

    load: float
    text: float
    memory: float
    size: int

    def of_bound(self, measure: str, scale: float) -> float:
        """The part of the bound that it comes to."""
        if measure == "memory":
            return self.memory / (MEMORY / scale + MEMORY_A_BYTE * self.size)
        return float(getattr(self, measure)) / (SECONDS / scale + SECONDS_A_BYTE[measure] * self.size)


def measured(path: Path, text: str) -> Taken:
    """What loading a file and tagging two texts with it take."""
    _TRIM(0)
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted anew
    before, begun = _memory("VmRSS"), time.process_time()
    tagger = ThemeTagger.load(path)
    loaded, longest = time.process_time() - begun, 0.0
    for one in ("pay", text):
        begun = time.process_time()
        tagger.tag(pd.DataFrame({column: [one if i == 0 else ""] for i, column in enumerate(tagger.text_columns)}))
        longest = max(longest, time.process_time() - begun)
    return Taken(loaded, longest, _memory("VmHWM") - before, path.stat().st_size)


_TRIM = ctypes.CDLL(None).malloc_trim


def _memory(what: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith(what)).split()[1])


def long_text(terms: dict[str, tuple[str, ...]]) -> str:
    """Words of the vocabulary, ``CHARACTERS`` in all."""
    words, text = terms["word"] or ("pay",), []
    room = CHARACTERS
    for word in (*words[:CHARACTERS], *terms["char_wb"][:CHARACTERS]):
        room -= len(word) + 1
        if room < 0:
            break
        text.append(word)
    return " ".join(text)


@dataclass
class Report:
    """How many files were measured and refused, the worst of each measure, and what went wrong."""

    scale: float = 1.0
    files: int = 0
    refused: int = 0
    seconds: float = 0.0
    worst: dict[str, tuple[float, Taken, Plan]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @property
    def bad(self) -> bool:
        """Whether a bound does not hold."""
        return bool(self.wrong) or any(part > 1 for part, _, _ in self.worst.values())

    def __str__(self) -> str:
        lines = [f"{self.files:,} files, {self.refused:,} more were refused; {self.seconds:.0f} s of CPU"]
        for measure, (part, taken, plan) in self.worst.items():
            size = f"{taken.size:,} bytes"
            found = f"{taken.load:.3f} s to load, {taken.text:.3f} s a text, {taken.memory / 2**20:.0f} MB"
            lines.append(f"worst {measure}: {part:.2f} of the bound; {size}, {found}\n    {json.dumps(plan)}")
        return "\n".join([*lines, *self.wrong])


def run(count: int, *, seed: int = 0, scale: float = 1.0, progress: bool = False) -> Report:
    """Make and measure ``count`` files that are not refused."""
    report, draw = Report(scale), Random(seed)
    pools: dict[str, list[tuple[float, int, Plan]]] = {measure: [] for measure in MEASURES}
    anyway, begun = file_limits.ANYWAY, time.process_time()
    file_limits.ANYWAY = int(anyway / scale)
    try:
        with tempfile.TemporaryDirectory() as folder:
            while report.files < count:
                plan, taken = _next(pools, draw), None
                for _ in range(TRIES):
                    while excess(plan, file_limits.ANYWAY) > 1:
                        plan = smaller(plan, file_limits.ANYWAY, draw)
                    taken = _tried(plan, Path(folder), report)
                    if taken is not None:
                        break
                    plan = smaller(plan, file_limits.ANYWAY, draw)
                if taken is None:
                    continue
                _kept(report, pools, plan, taken)
                if progress and report.files % 500 == 0:
                    parts = ", ".join(f"{measure} {part:.2f}" for measure, (part, _, _) in report.worst.items())
                    print(f"{report.files:,} files: {parts}", file=sys.stderr)
    finally:
        file_limits.ANYWAY = anyway
    report.seconds = time.process_time() - begun
    return report


def _next(pools: dict[str, list[tuple[float, int, Plan]]], draw: Random) -> Plan:
    """A plan by chance at first and now and then; else one like the worst."""
    pool = pools[draw.choice(MEASURES)]
    if len(pool) < POOL or draw.random() < 0.1:
        return drawn(draw)
    return changed(draw.choice(pool)[2], draw.choice(pools[draw.choice(MEASURES)])[2], draw)


def _tried(plan: Plan, folder: Path, report: Report) -> Taken | None:
    """What the file of a plan takes; None where it is refused."""
    path, made = folder / "a.tagger", Made(plan)
    try:
        path.write_bytes(made.whole())
        return measured(path, long_text(made.terms))
    except BundleError:
        report.refused += 1
    except Exception as error:
        report.wrong.append(f"{type(error).__name__}: {error!s:.200} {json.dumps(plan)}")
    return None


def _kept(report: Report, pools: dict[str, list[tuple[float, int, Plan]]], plan: Plan, taken: Taken) -> None:
    """Count a file, and keep its plan where it is one of the worst."""
    report.files += 1
    for measure, pool in pools.items():
        part = taken.of_bound(measure, report.scale)
        if measure not in report.worst or part > report.worst[measure][0]:
            report.worst[measure] = (part, taken, plan)
        pool.append((part, report.files, plan))
        pool.sort(reverse=True, key=lambda entry: entry[:2])
        del pool[POOL:]


def main() -> None:
    """Run, print, and tell by the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--scale", type=float, default=1.0)
    asked = parser.parse_args()
    report = run(asked.count, seed=asked.seed, scale=asked.scale, progress=True)
    print(report)
    sys.exit(1 if report.bad else 0)


if __name__ == "__main__":
    main()
