"""A coverage-guided fuzzer on the reader of tables: any bytes must be read, or be refused with a TableError.

usage: python tests/benchmarks/fuzz_reader.py [--seconds 600] [--seed 0] [--corpus FOLDER]
       python tests/benchmarks/fuzz_reader.py --replay FILE...     what the inputs that it found do, with a traceback

It needs Atheris (libFuzzer for Python), which the project does not: pip install atheris. The first byte of an input
says what file the rest is written to (`KINDS`), the second how it is read (`READINGS`). Each file is read whole,
streamed, made a corpus in both ways, and written again. Wrong are: any exception but TableError, any warning, a table
that is streamed but not read or the other way round, and cells that are others once they were written. Prints
executions, inputs kept, lines of the package's corpus/ that they reach, and what went wrong; its exit code is 1 if
anything did.
"""

from __future__ import annotations

import argparse
import contextlib
import dis
import io
import os
import re
import subprocess
import sys
import tempfile
import traceback
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

SHEET = ".sheet"  # the bytes are the first sheet's XML in a workbook that is sound otherwise
KINDS = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".xlsx", ".parquet", SHEET)
READINGS: tuple[dict[str, Any], ...] = (
    {},
    {"delimiter": ";"},
    {"encoding": "latin-1"},
    {"encoding": "utf-16"},
    {"encoding": "utf-8-sig", "delimiter": ","},
    {"encoding": "utf-16-le"},
    {"encoding": "cp1252"},
    {"encoding": "utf-7"},
)
TOKENS = [
    *("Processed Text", "Themes", "text", "theme", ", ", '""', '","', '"\n', "\r\n", "\r", "\n\n", ";", "\t", "|", ","),
    *(
        "NA",
        "NaN",
        "null",
        "-Infinity",
        "1e999",
        "true",
        "['a', 'b']",
        "[]",
        "{}",
        '{"',
        '":',
        '"}',
        "]}",
        "[[",
        '"a":',
    ),
    *("\\ud800", "\\u0000", "\ufeff", "\u2028", "\u200b", "\u202e", "\U0001f600", "\u0130", "=1+1", "\x00", "\x1a"),
    *(
        "<c r=",
        't="s"',
        't="inlineStr"',
        't="e"',
        't="d"',
        "<v>",
        "</v>",
        "<f>",
        "1e400",
        "XFD1048576",
        "<row r=",
        "&lt;",
    ),
    *("&#0;", "PAR1", "PK\x03\x04", "9" * 30, "-0", "A0", "<mergeCell ref=", "<is><t>", "</t></is>"),
]


def bench(folder: Path) -> Callable[[bytes], None]:
    """What is done to each input, with files in ``folder``."""
    from themetagger.corpus import (
        TableError,
        corpus_from_frame,
        read_corpus,
        read_table,
        reads_row_by_row,
        stream_table,
        texts_of,
        write_table,
    )

    def tried(work: Callable[[], Any]) -> Any:
        """What comes back, or the TableError."""
        try:
            return work()
        except TableError as error:
            return error

    def read(data: bytes) -> None:
        kind, reading = KINDS[data[0] % len(KINDS)], READINGS[data[1] % len(READINGS)] if len(data) > 1 else {}
        path = folder / f"a{'.xlsx' if kind == SHEET else kind}"
        path.write_bytes(_workbook(data[2:]) if kind == SHEET else data[2:])
        table = tried(lambda: read_table(path, **reading))
        if isinstance(table, TableError):
            if reads_row_by_row(path):
                streamed = tried(lambda: stream_table(path, text_columns=[], **reading))
                assert isinstance(streamed, TableError), f"streamed, but not read: {table}"
            return
        first = str(table[0].columns[0])
        table = tried(lambda: read_table(path, wanted=[first], **reading))  # the name may speak for another delimiter
        if isinstance(table, TableError):
            assert isinstance(tried(lambda: stream_table(path, text_columns=[first], **reading)), TableError)
            return
        frame, notes = table
        last = str(frame.columns[-1])
        texts = tried(lambda: texts_of(frame, [first], path.name))
        if reads_row_by_row(path):
            streamed = tried(lambda: stream_table(path, text_columns=[first], **reading))
            assert isinstance(streamed, TableError) == isinstance(texts, TableError), f"{streamed} but {texts}"
            if not isinstance(streamed, TableError):
                assert (streamed.rows, streamed.header, streamed.notes) == (len(frame), tuple(frame.columns), notes)
                cells = [row for batch in streamed.batches() for row in batch.to_numpy().tolist()]
                assert repr(cells) == repr(frame.to_numpy().tolist())
        tried(lambda: corpus_from_frame(frame, text_columns=[first], theme_column=last))
        tried(lambda: corpus_from_frame(frame, text_columns=[first], theme_columns=[last], alike="merge"))
        options: dict[str, Any] = {"theme_column": last, "theme_map": path, "separator": "|", "alike": "error"}
        corpus = tried(lambda: read_corpus(path, text_columns=[first, last], **options, **reading))
        if not isinstance(corpus, TableError):
            assert not corpus.themes or corpus.labels.max() <= 1, "a label is not 0 or 1"
            assert corpus.take([0]).align(corpus.themes).shape == (1, len(corpus.themes))
        suffix = (".csv", ".jsonl", ".parquet")[len(data) % 3]
        _written(frame, folder / f"b{suffix}", tried, write_table, read_table)

    def run(data: bytes) -> None:
        if not data:
            return
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            read(data)
        assert not told, f"a user would see: {told[0].message}"

    return run


def _written(
    frame: Any, path: Path, tried: Callable[..., Any], write: Callable[..., Any], read: Callable[..., Any]
) -> None:
    """Write a table and read it again: strings must come back as they were."""
    if isinstance(tried(lambda: write(frame, path, formulas="keep")), Exception):
        return
    again = tried(lambda: read(path, delimiter=","))
    if isinstance(again, Exception) or not all(isinstance(cell, str) for cell in frame.to_numpy().ravel()):
        return  # a name of no character, say, or a column named twice once it is stripped
    stripped = [[str(cell) for cell in row] for row in again[0].to_numpy().tolist()]
    assert stripped == frame.to_numpy().tolist(), f"{path.suffix}: {stripped} was {frame.to_numpy().tolist()}"


def _workbook(sheet: bytes) -> bytes:
    """A workbook whose first sheet is this XML."""
    global _BOOK
    if _BOOK is None:
        import openpyxl

        file = io.BytesIO()
        openpyxl.Workbook().save(file)
        with zipfile.ZipFile(file) as book:
            _BOOK = {name: book.read(name) for name in book.namelist()}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as book:
        for name, part in _BOOK.items():
            book.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else part)
    return file.getvalue()


_BOOK: dict[str, bytes] | None = None


def seeds() -> Iterator[bytes]:
    """Inputs to begin with: a sound table of each kind, and some odd ones."""
    import pandas as pd

    frame = pd.DataFrame({"Processed Text": ['a "b"', "c,\nd", ""], "Themes": ["x, y", "x", "Y"]})
    records = frame.to_json(orient="records").encode()
    delimited = [
        frame.to_csv(index=False).encode(),
        b'\xef\xbb\xbfa;b\n"1";2\n\n3;4\n',
        b"a,b\r\n1,1\r\n0,0\r\n",
        'a,b\n1,"x\n2,y"\n'.encode("utf-16"),
        b"a\tb\n1\t0\n",
        b"\x00a,b\n\x001,2\n",
    ]
    lines = [frame.to_json(orient="records", lines=True).encode(), b'{"a": 1}\n\n{"b": [1, {"c": null}]}\n']
    whole = [records, frame.to_json().encode(), b'{"a": ["x"], "b": [["y"]]}', b'[{"a": NaN, "b": "\\ud800"}]']
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="B1" t="inlineStr"><is><t>b</t></is></c></row>'
        b'<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="b"><v>1</v></c></row></sheetData></worksheet>'
    )
    files = dict.fromkeys((".csv", ".tsv", ".txt"), delimited) | dict.fromkeys((".jsonl", ".ndjson"), lines)
    files |= {".json": whole, SHEET: [sheet]}
    for kind, write in ((".xlsx", frame.to_excel), (".parquet", frame.to_parquet)):
        file = io.BytesIO()
        write(file, index=False)
        files[kind] = [file.getvalue()]
    for kind, found in files.items():
        for number, data in enumerate(found):
            yield bytes([KINDS.index(kind), 3 if data[:2] == b"\xff\xfe" else number % 2 * 4]) + data


def engine(folder: Path, flags: Sequence[str]) -> None:
    """Let Atheris run: it ends the process itself."""
    import atheris

    os.fsync = lambda _: None  # nothing here must outlive the process
    with atheris.instrument_imports(include=["themetagger.corpus"]):
        target = bench(folder)
    atheris.Setup([sys.argv[0], *flags], target)
    atheris.Fuzz()


def reached(inputs: Sequence[bytes], folder: Path) -> list[tuple[str, int, int]]:
    """(file, lines in functions that the inputs reach, lines in functions) of each file of themetagger/corpus."""
    import themetagger.corpus

    home, hit, target = Path(themetagger.corpus.__file__).parent, set(), bench(folder)

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if not frame.f_code.co_filename.startswith(str(home)):
            return None
        if event == "line":
            hit.add((frame.f_code.co_filename, frame.f_lineno))
        return trace

    sys.settrace(trace)
    try:
        for data in inputs:
            with contextlib.suppress(Exception):  # they are told by the engine
                target(data)
    finally:
        sys.settrace(None)
    rows = []
    for path in sorted(home.glob("*.py")):
        lines = set(_lines(compile(path.read_text(encoding="utf-8"), str(path), "exec")))
        rows.append((path.name, sum((str(path), line) in hit for line in lines), len(lines)))
    return rows


def _lines(code: CodeType) -> Iterator[int]:
    """The lines of the functions of a module, but not of its top, which an import runs."""
    for part in code.co_consts:
        if isinstance(part, CodeType):
            if part.co_flags & 0x01:  # a function; the body of a class runs with the top
                yield from (line for _, line in dis.findlinestarts(part) if line and line != part.co_firstlineno)
            yield from _lines(part)


def fuzz(seconds: int, seed: int, corpus: Path) -> int:
    """Run the engine in a process of its own, then tell what came of it."""
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(seeds()):
        (corpus / f"seed-{number:02d}").write_bytes(data)
    with tempfile.TemporaryDirectory() as work, open(Path(work, "log"), "w+b") as log:
        tokens = [token.encode() for token in TOKENS]
        quoted = ["".join(f"\\x{byte:02x}" for byte in token) for token in tokens]
        Path(work, "dictionary").write_text("".join(f'"{token}"\n' for token in quoted))
        flags = [f"-max_total_time={seconds}", f"-seed={seed + 1}", f"-dict={work}/dictionary", "-max_len=8192"]
        flags += [
            "-timeout=60",
            "-rss_limit_mb=4096",
            "-print_final_stats=1",
            "-artifact_prefix=" + str(corpus.parent) + "/",
        ]
        command = [sys.executable, __file__, "--engine", work, "--", *flags, str(corpus)]
        code = subprocess.run(command, stdout=log, stderr=log, check=False).returncode
        log.seek(0)
        said = log.read().decode("utf-8", "replace")
        kept = [path.read_bytes() for path in sorted(corpus.iterdir())]
        rows = reached(kept, Path(work))
    runs, edges = (re.findall(form, said) for form in (r"number_of_executed_units:\s*(\d+)", r"cov: (\d+)"))
    for name, hit, lines in rows:
        print(f"{name:16} {hit:4} of {lines:4} lines")
    total, every = (sum(row[column] for row in rows) for column in (1, 2))
    print(f"executions {runs[-1] if runs else '?'}, inputs kept {len(kept)}, edges {edges[-1] if edges else '?'}")
    print(f"lines reached {total} of {every} ({100 * total / every:.0f} %), uncaught exceptions {int(code != 0)}")
    if code:
        print(said[-6000:])
    return int(code != 0)


def replay(paths: Sequence[Path]) -> int:
    """What the inputs in some files do."""
    wrong = 0
    with tempfile.TemporaryDirectory() as work:
        target = bench(Path(work))
        for path in paths:
            try:
                target(path.read_bytes())
                print(f"{path}: fine")
            except Exception:
                wrong = 1
                print(f"{path}:\n{traceback.format_exc()}")
    return wrong


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--corpus", type=Path, help="folder of inputs, which grows; default: a new one each time")
    parser.add_argument("--replay", type=Path, nargs="+", metavar="FILE")
    parser.add_argument("--engine", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("flags", nargs="*", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.replay:
        return replay(options.replay)
    try:
        import atheris  # noqa: F401
    except ImportError:
        parser.error("Atheris is not installed; run: pip install atheris")
    if options.engine:
        engine(options.engine, options.flags)
    corpus = options.corpus or Path(tempfile.mkdtemp(), "corpus")
    return fuzz(options.seconds, options.seed, corpus)


if __name__ == "__main__":
    sys.exit(main())
