"""What does the safetensors library refuse by itself of what our reader of its files refuses?

usage: python tests/benchmarks/safetensors_checks.py [--each 120]

Each kind of damaged and forged file of mutants.py, ``--each`` times, is opened by both; a row for each kind on which
they differ, and one for all. Arrays that both read must be the same.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.numpy import load_file

sys.path.insert(0, str(Path(__file__).resolve().parent))
from mutants import GOLDEN, KINDS, Random, taken_apart

from themetagger.models.storage.safetensors import open_file, read_arrays, read_header


def ours(path: Path) -> dict[str, Any]:
    """The arrays as a tagger reads them."""
    with open_file(path) as file:
        return read_arrays(file, read_header(file))


def read(reader: Callable[[Path], dict[str, Any]], path: Path) -> Any:
    """Names, types, shapes and bytes of what a reader reads; "refused" where it does not."""
    try:
        arrays = reader(path)
    except (ValueError, SafetensorError):
        return "refused"
    return sorted((name, array.dtype.str, array.shape, array.tobytes()) for name, array in arrays.items())


def main() -> None:
    """Compare, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=120)
    each = parser.parse_args().each
    files, total = [path.read_bytes() for path in sorted(GOLDEN.glob("*.tagger"))], Counter[str]()
    path = Path(tempfile.mkdtemp()) / "a.tagger"
    for kind in (*KINDS["damaged"], *KINDS["forged"]):
        counts = Counter[str]()
        for number in range(each):
            data = files[number % len(files)]
            path.write_bytes(kind(data, taken_apart(data), Random(f"{kind.__name__} {number}")))
            mine, theirs = read(ours, path), read(load_file, path)
            same = "both refuse" if mine == "refused" else "both read the same"
            alone = "only we refuse" if mine == "refused" else "only the library refuses"
            counts[same if mine == theirs else alone if "refused" in (mine, theirs) else "DIFFERENT"] += 1
        if set(counts) - {"both refuse", "both read the same"}:
            print(f"{kind.__name__:16} {dict(counts)}")
        total += counts
    print(f"{'all':16} {dict(total)}")


if __name__ == "__main__":
    main()
