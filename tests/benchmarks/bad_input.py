"""What people bring by mistake, and what they are told: every case of tests/bad_inputs.py, then large ones.

usage: python tests/benchmarks/bad_input.py [--skip-large]

A line: as expected or not, exit code, name, command, message. The large ones run in a process each, with their time and
peak memory: a million rows to look at and to tag, and 10,000 themes to look at and to tune. The exit code is 1 if any
ended otherwise than the table says. Linux or macOS.
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bad_inputs import CASES, SMALL, Case, Ended, prepare, run_case
from toys import COMMON, toy

WIDE = 200  # characters of a command or message that are shown


def many_rows(n: int = 1_000_000) -> pd.DataFrame:
    """Short texts; each tenth is a repeat, and each hundredth has a theme."""
    texts = (f"{COMMON[n % 9]} {COMMON[n // 9 % 9]} word{n * 7919 % 50_000} {n // 10 * 9 + n % 9}" for n in range(n))
    return pd.DataFrame({"Processed Text": texts, "Themes": ["pay" if n % 100 == 0 else "" for n in range(n)]})


def many_themes(n: int = 10_000) -> pd.DataFrame:
    """Toy texts, each of which has themes of its own beside the usual ones."""
    texts = toy(2_000)
    own = [", ".join(f"theme {(row * 10 + k) % n}" for k in range(10)) for row in range(len(texts))]
    return texts.assign(Themes=[", ".join(filter(None, pair)) for pair in zip(texts["Themes"], own, strict=True)])


def written(make: Callable[[], pd.DataFrame]) -> Callable[[Path], None]:
    """What writes a table to a.csv."""
    return lambda folder: make().to_csv(folder / "a.csv", index=False)


QUICK = "--families ridge --trials 1 --min-positives 5 --n-folds 3 --n-jobs 1"
LARGE = [
    Case("a million rows, to look at", written(many_rows), "inspect a.csv", 0, ("rows",)),
    Case(
        "a million rows, to tag", written(many_rows), "tag a.csv --tagger t.tagger --out b.csv", 0, ("1000000 texts",)
    ),
    Case("10,000 themes, to look at", written(many_themes), "inspect a.csv", 0, ("10003",)),
    Case("10,000 themes, to tune", written(many_themes), f"tune a.csv --out run {QUICK}", 0, ("SKIPPED",)),
]


def line(case: Case, code: int, right: bool, told: str) -> str:
    """One case as a line."""
    command = case.command.replace(SMALL, "…").replace(QUICK, "…")
    told = "".join(sign if sign.isprintable() else "\ufffd" for sign in " ".join(told.split()))
    command, told = (text if len(text) <= WIDE else text[: WIDE - 1] + "…" for text in (command, told))
    return f"{'as expected' if right else 'WRONG':11}  {code:3}  {case.name} | {command} | {told}"


def told_of(case: Case, ended: Ended) -> str:
    """What a user reads: the error, or what is looked for in what was printed and written."""
    if ended.bug is not None or not right(case, ended):
        return f"{ended.bug!r}: {ended.printed}"
    if ended.code:
        return ended.error[ended.error.index("Error: ") :]
    written = [f"in {file}: {text}".replace(": !", " not: ") for file, text in case.wrote.items()]
    return "; ".join([*case.says, *written])


def right(case: Case, ended: Ended) -> bool:
    """Whether a command ended and said what the table says."""
    return ended.bug is None and ended.code == case.code and all(told in ended.printed for told in case.says)


def small() -> Iterator[bool]:
    """Every case of the table, in this process."""
    for case in CASES.values():
        with tempfile.TemporaryDirectory() as work:
            ended = run_case(case, Path(work))
        print(line(case, ended.code, right(case, ended), told_of(case, ended)), flush=True)
        yield right(case, ended)


def large() -> Iterator[bool]:
    """The large cases, in a process each."""
    for case in LARGE:
        with tempfile.TemporaryDirectory() as work:
            folder = Path(work)
            prepare(case, folder)
            begun = time.perf_counter()
            command = [sys.executable, "-m", "themetagger.cli", *shlex.split(case.command)]
            with open(folder / "out", "w") as out:
                process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=subprocess.STDOUT)
                _, status, usage = os.wait4(process.pid, 0)
            code, seconds = os.waitstatus_to_exitcode(status), time.perf_counter() - begun
            process.returncode = code  # so that it is not waited for again
            printed = (folder / "out").read_text(encoding="utf-8")
        peak = usage.ru_maxrss / (1e9 if sys.platform == "darwin" else 1e6)  # bytes there, kilobytes here
        ended = Ended(code, printed, printed, None)
        print(line(case, code, right(case, ended), f"{seconds:.0f} s, {peak:.1f} GB; {printed.splitlines()[-1]}"))
        yield right(case, ended)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--skip-large", action="store_true")
    options = parser.parse_args()
    done = [*small(), *([] if options.skip_large else large())]
    print(f"{len(done)} cases, {len(done) - sum(done)} of them otherwise than expected")
    return int(not all(done))


if __name__ == "__main__":
    sys.exit(main())
