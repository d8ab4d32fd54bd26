"""``tag`` killed at random moments over several formats, and gone on with, beside tables tagged undisturbed."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from toys import toy

from themetagger.corpus import write_table
from themetagger.runs.tune import tune

ROWS, BATCH = 12_000, 400  # so that there are many moments between two batches
WAYS = (
    (".csv", ".csv"),
    (".tsv", ".jsonl"),
    (".jsonl", ".tsv"),
    (".csv", ".jsonl"),
    (".jsonl", ".csv"),
    (".tsv", ".tsv"),
)
KILLS_A_TABLE = 5
PROGRAM = (
    f"from themetagger.corpus import streaming; streaming.BATCH = {BATCH}; from themetagger.cli import main; main()"
)


def kills_of_tag(count: int, seed: int, scratch: Path) -> int:
    """Kill, go on, compare; how many tables differed, or had rows too few or too many."""
    draw = random.Random(seed)
    tune(toy(200, seed=3), out=scratch / "run", families=["ridge"], trials=1, n_jobs=1, show_progress=False)
    _write_tables(scratch)
    length = 0.0
    for before, after in WAYS:
        begun = time.monotonic()
        _tag(scratch, before, after, "alone")
        length = max(length, time.monotonic() - begun)
    print(f"undisturbed: {ROWS:,} rows in up to {length:.1f} s", flush=True)
    done = amid = wrong = turn = 0
    while done < count:
        before, after = WAYS[turn % len(WAYS)]
        turn += 1
        for _ in range(min(KILLS_A_TABLE, count - done)):
            written = _killed(scratch, before, after, draw, length)
            if written is None:  # it came to its end first
                break
            done, amid = done + 1, amid + (written > 0)
        if not (scratch / f"tagged{after}").exists():
            _tag(scratch, before, after, "tagged")
        tagged, alone = scratch / f"tagged{after}", scratch / f"alone{before}{after}"
        differs = tagged.read_bytes() != alone.read_bytes()
        wrong += differs
        tagged.unlink()
        print(f"{done} kills, {amid} after rows were written; {before} to {after}: {'OTHER' if differs else 'equal'}")
    print(f"tag: {done} kills, {amid} of them after rows were written, tables with rows lost or repeated: {wrong}")
    return wrong


def _write_tables(scratch: Path) -> None:
    table = toy(ROWS, seed=4).drop(columns="Themes")
    table["Processed Text"] = [f'{text}\n"{row}"\r\n' for row, text in enumerate(table["Processed Text"])]
    for suffix in {before for before, _ in WAYS}:
        write_table(table, scratch / f"texts{suffix}")


def _command(scratch: Path, before: str, after: str, name: str) -> list[str]:
    files = [
        str(scratch / f"texts{before}"),
        "--tagger",
        str(scratch / "run"),
        "--out",
        str(scratch / f"{name}{after}"),
    ]
    return [sys.executable, "-c", PROGRAM, "tag", *files]


def _tag(scratch: Path, before: str, after: str, name: str) -> None:
    ended = subprocess.run(_command(scratch, before, after, name), check=False, capture_output=True, text=True)
    if ended.returncode:
        raise RuntimeError(f"{before} to {after}: {ended.stderr}")
    if name == "alone":
        (scratch / f"alone{after}").rename(scratch / f"alone{before}{after}")


def _killed(scratch: Path, before: str, after: str, draw: random.Random, length: float) -> int | None:
    """The rows that were on the disk when it was killed; None where it came to its end first.

    Two times of three it is killed some moments after more rows were written, else at any time.
    """
    journal = scratch / f"tagged{after}.part.json"
    begun, had = time.monotonic(), _rows(journal)
    wait, amid = draw.uniform(0.1, length), draw.random() < 2 / 3
    process = subprocess.Popen(
        _command(scratch, before, after, "tagged"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while process.poll() is None and (_rows(journal) <= had if amid else time.monotonic() - begun < wait):
        time.sleep(0.005)
    time.sleep(draw.uniform(0, length / 20) if amid else 0)
    process.send_signal(signal.SIGKILL)
    return None if process.wait() == 0 else _rows(journal)


def _rows(journal: Path) -> int:
    try:
        return int(json.loads(journal.read_bytes())["rows"])
    except (FileNotFoundError, ValueError):
        return 0
