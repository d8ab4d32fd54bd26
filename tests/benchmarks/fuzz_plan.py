"""A fuzzer of plan files: whatever is in one, there is a plan, or a PlanError of one line.

usage: python tests/benchmarks/fuzz_plan.py [--count 20000] [--seed 0]
       python tests/benchmarks/fuzz_plan.py --replay FILE...     what the inputs that it found do, with a traceback

An input is a plan file in which bytes, words and lines were replaced, doubled or left out, some many times over. Wrong
are: any exception but PlanError, a warning, a message of several lines, and more than ten seconds. Prints how many
there were; its exit code is 1 if any.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path

PLAN = """\
# A plan
[table]
train = "reviews.csv"
text_columns = ["Processed Text"]
separator = ", "

[run]
out = "run"
hold_out = 0.2
trials = 12
families = ["ridge", "linear_svm"]
objective = "f1"
beta = 0.5
time_budget = 60.0
certify = 0.9

[themes]
drop = ["other"]
merge = { wages = "pay" }

[theme.pay]
trials = 5
target = 0.95
"""
WORDS = [
    *(
        "[",
        "]",
        "{",
        "}",
        "[[",
        "]]",
        '"',
        "'",
        '"""',
        "'''",
        "=",
        ".",
        ",",
        "#",
        "\n",
        "\r\n",
        "\t",
        "\\u0000",
        "\\U0010ffff",
    ),
    *("inf", "-inf", "nan", "1e999", "-1", "0x", "9" * 5_000, "1979-05-27T07:32:00Z", "true", "[]", "{}", '""'),
    *(
        "[theme.x]",
        "[run]",
        "[theme]",
        "theme.a.b = 1",
        "a." * 400 + "a = 1",
        "[" * 2_000,
        "\x1b[2J",
        "\u202e",
        "é",
        "\ufeff",
    ),
]
MOST = 10.0  # seconds


def tried(data: bytes, folder: Path) -> str:
    """What is wrong with how a plan file of these bytes is read; empty where nothing is."""
    from themetagger.runs.errors import PlanError
    from themetagger.runs.plan_file import plan_from

    path, begun = folder / "plan.toml", time.monotonic()
    path.write_bytes(data)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            plan_from(path, {}, face="on the command line", need=("out",))
        except PlanError as error:
            if "\n" in str(error).strip():
                return f"a message of several lines: {error}"
        except Exception:
            return traceback.format_exc()
    seconds = time.monotonic() - begun
    return f"it took {seconds:.1f} s" if seconds > MOST else ""


def inputs(count: int, seed: int) -> Iterator[bytes]:
    """Plan files with something wrong in them."""
    draw = random.Random(seed)
    for _ in range(count):
        data = bytearray(PLAN.encode())
        for _ in range(draw.randint(1, 6)):
            _changed(data, draw)
        yield bytes(data)


def _changed(data: bytearray, draw: random.Random) -> None:
    at, other = draw.randrange(len(data) + 1), draw.randrange(len(data) + 1)
    first, last = min(at, other), min(max(at, other), min(at, other) + 60)
    word = draw.choice(WORDS).encode()
    kind = draw.randrange(5)
    if kind == 0:
        data[first:last] = word
    elif kind == 1:
        data[at:at] = word
    elif kind == 2:
        data[first:first] = data[first:last] * draw.choice([1, 1, 2, 50])
    elif kind == 3 and data:
        data[min(at, len(data) - 1)] = draw.randrange(256)
    else:
        del data[first:last]


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--replay", type=Path, nargs="+", metavar="FILE")
    options = parser.parse_args()
    replayed = [path.read_bytes() for path in options.replay or ()]
    wrong = done = 0
    with tempfile.TemporaryDirectory() as folder:
        for data in replayed or inputs(options.count, options.seed):
            done += 1
            if said := tried(data, Path(folder)):
                wrong += 1
                kept = Path(tempfile.mkstemp(suffix=".toml")[1])
                kept.write_bytes(data)
                print(f"{kept}: {said}", flush=True)
    print(f"plan files {done:,}, wrong {wrong}")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
