"""How time and memory grow with themes and with texts: a table, and a plot of both.

usage: python tests/benchmarks/growth.py themes FOLDER [--out growth.themes.png]    10 to 593 themes, 2,000 texts
       python tests/benchmarks/growth.py texts FOLDER [--out growth.texts.png]      1,000 to 200,000 texts, 10 themes

FOLDER has a train.csv (themes: one with many themes). A text beyond those there is made of the first half of one text
and the second half of another, and has the themes of both; a theme beyond those there is a copy of another in which one
of ten texts that have it changed places with one that has not. Each run is a process: the command `tune`, two
workers, two trials a theme, from the file to the tagger. Memory is the peak of the sum of all its processes (what they
share counts once). Linux only.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from themetagger.corpus import read_corpus

THEMES = (10, 20, 40, 80, 160, 320, 593)
TEXTS = (1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 200_000)
SETTINGS = ["--trials", "2", "--n-jobs", "2", "--min-positives", "10"]
Row = tuple[int, float, float]  # how many, seconds, megabytes


def many_texts(texts: Sequence[str], Y: np.ndarray, n: int, draw: np.random.Generator) -> tuple[list[str], np.ndarray]:
    """``n`` texts and their labels; halves of two texts beyond those there are."""
    order = draw.permutation(len(texts))[:n]
    first, second = (draw.integers(0, len(texts), max(0, n - len(texts))) for _ in range(2))
    made = [_half(texts[i], 0) + " " + _half(texts[j], 1) for i, j in zip(first, second, strict=True)]
    return [texts[i] for i in order] + made, np.concatenate([Y[order], Y[first] | Y[second]])


def _half(text: str, which: int) -> str:
    words = text.split()
    return " ".join(words[: len(words) // 2] if which == 0 else words[len(words) // 2 :])


def many_themes(Y: np.ndarray, n: int, draw: np.random.Generator) -> np.ndarray:
    """``n`` columns of labels: those there are, then changed copies of them."""
    columns = [Y[:, j] for j in range(min(n, Y.shape[1]))]
    while len(columns) < n:
        y = Y[:, len(columns) % Y.shape[1]].copy()
        gone = draw.permutation(np.flatnonzero(y))[: max(1, int(y.sum()) // 10)]
        y[draw.permutation(np.flatnonzero(y == 0))[: len(gone)]] = 1
        y[gone] = 0
        columns.append(y)
    return np.column_stack(columns)


def write(path: Path, texts: Sequence[str], Y: np.ndarray) -> None:
    """A table of texts and themes."""
    themes = [", ".join(f"theme {j}" for j in np.flatnonzero(row)) for row in Y]
    pd.DataFrame({"Processed Text": texts, "Themes": themes}).to_csv(path, index=False)


def measure(path: Path, out: Path) -> tuple[float, float]:
    """Seconds and peak megabytes of one run."""
    begun, peak = time.perf_counter(), 0
    command = [sys.executable, "-m", "themetagger.cli", "tune", str(path), "--out", str(out), *SETTINGS]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            peak = max(peak, sum(map(_memory, _family(process.pid))))
            time.sleep(0.5)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return time.perf_counter() - begun, peak / 1024


def _family(root: int) -> set[int]:
    """A process and all that descend from it."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found = {root}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _memory(process: int) -> int:
    """Kilobytes of a process; what it shares with others counts in part."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def report(rows: Sequence[Row], what: str, out: Path) -> None:
    """Print each row with what a doubling costs, and draw both curves."""
    for (before, seconds, _), (n, now, more) in zip([(0, 0.0, 0.0), *rows], rows, strict=False):
        doubled = np.log2(n / before) if before else np.nan
        growth = f"twice the {what}: {(now / seconds) ** (1 / doubled):.2f} times the time" if before else ""
        print(f"  {n:7,} {what}  {now:7.1f} s  {more:6,.0f} MB  {growth}")
    figure, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    for axis, column, name in zip(axes, (1, 2), ("seconds", "peak memory of all processes, MB"), strict=True):
        n, found = np.array([(row[0], row[column]) for row in rows]).T
        axis.loglog(n, found, marker="o", label="measured")
        axis.loglog(n, found[-1] * n / n[-1], linestyle=":", color="grey", label="in proportion")
        axis.set(xlabel=what, ylabel=name)
        axis.grid(alpha=0.3, which="both")
        axis.legend()
    figure.savefig(out, dpi=120)
    print(f"  plot: {out}")


def main() -> None:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["themes", "texts"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--most", type=int, default=10**9, help="leave out what is larger")
    options = parser.parse_args()
    corpus, draw, rows = read_corpus(options.folder / "train.csv"), np.random.default_rng(0), []
    Y = corpus.labels.toarray().astype(np.int8)  # the most frequent theme first
    with tempfile.TemporaryDirectory() as folder:
        for n in (n for n in (THEMES if options.what == "themes" else TEXTS) if n <= options.most):
            if options.what == "themes":
                texts, labels = many_texts(corpus.texts, Y, 2_000, np.random.default_rng(0))
                labels = many_themes(labels[:, labels.sum(axis=0) >= 30], n, draw)
            else:
                texts, labels = many_texts(corpus.texts, Y[:, 20:30], n, draw)
            write(Path(folder, "train.csv"), texts, labels)
            rows.append((n, *measure(Path(folder, "train.csv"), Path(folder, f"run of {n}"))))
            print(f"  {n:,} done", file=sys.stderr, flush=True)
    print(f"{options.folder.name}:")
    report(rows, options.what, options.out or Path(f"growth.{options.what}.png"))


if __name__ == "__main__":
    main()
