"""What people bring to the command line by mistake: one table of files, commands, exit codes and what is said.

Exit codes: 0 it was done (a note tells what was odd), 2 the user can mend it. `tests/test_bad_input.py` runs every
case, `tests/benchmarks/bad_input.py` prints them, and runs the large ones.
"""

from __future__ import annotations

import builtins
import gzip
import io
import json
import os
import re
import shlex
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd
from click.testing import CliRunner
from toys import COMMON, toy

from themetagger.cli import main
from themetagger.models.storage.container import read_bundle, write_bundle

Writer = Callable[[Path], object]

HEADER = b"Processed Text,Themes\n"
SMALL = "--families ridge --trials 2 --min-positives 5 --n-folds 3 --n-jobs 1"
INSPECT = "inspect a.csv"
TUNE = f"tune a.csv --out run {SMALL}"
TAG = "tag a.csv --tagger t.tagger --out b.csv"
EVALUATE = "evaluate a.csv --tagger t.tagger"
CHECK = "check a.csv --tagger t.tagger"
ON_TRAIN = f"tune train.csv --out run {SMALL}"


@dataclass(frozen=True)
class Case:
    """One mistake: ``write`` makes its files in a folder that has train.csv, test.csv, texts.csv and t.tagger.

    ``says`` stand in what is printed, in this order; ``wrote`` has for a file what stands in it (what must not, after a
    "!"), and ``forbidden`` names a file that may not be opened.
    """

    name: str
    write: Writer
    command: str
    code: int
    says: tuple[str, ...]
    wrote: Mapping[str, str] = field(default_factory=dict)
    forbidden: str = ""


@dataclass(frozen=True)
class Ended:
    """How a command ended; ``printed`` is all that it said, in one line and without the frames of tables."""

    code: int
    error: str
    printed: str
    bug: BaseException | None


@cache
def _fixed() -> dict[str, bytes]:
    """The files that each case finds."""
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        toy().to_csv(folder / "train.csv", index=False)
        toy(30, seed=1).to_csv(folder / "test.csv", index=False)
        toy(9, seed=2)[["Processed Text"]].to_csv(folder / "texts.csv", index=False)
        arguments = shlex.split(f"tune {folder}/train.csv --out {folder}/run {SMALL}")
        assert CliRunner().invoke(main, arguments).exit_code == 0
        tagger = (folder / "run" / "tagger.tagger").read_bytes()
        files = {name: (folder / name).read_bytes() for name in ("train.csv", "test.csv", "texts.csv")}
        return files | {"t.tagger": tagger}


def prepare(case: Case, folder: Path) -> None:
    """Write the files of a case."""
    for name, data in _fixed().items():
        (folder / name).write_bytes(data)
    case.write(folder)


def run_case(case: Case, folder: Path) -> Ended:
    """Run the command of a case in ``folder``, in this process."""
    prepare(case, folder)
    before, opened = Path.cwd(), builtins.open

    def guarded(file: Any, *rest: Any, **more: Any) -> Any:
        if case.forbidden and str(file).endswith(case.forbidden):  # root may read what others may not
            raise PermissionError(13, "Permission denied", str(file))
        return opened(file, *rest, **more)

    os.chdir(folder)
    try:
        with mock.patch("builtins.open", guarded), mock.patch("io.open", guarded):
            result = CliRunner().invoke(main, shlex.split(case.command))
    finally:
        os.chdir(before)
    bug = result.exception if not isinstance(result.exception, SystemExit) else None
    error = result.stderr if result.exit_code else ""
    return Ended(result.exit_code, error, re.sub(r"[\s│┃]+", " ", result.output), bug)


def put(name: str, data: bytes) -> Writer:
    return lambda folder: (folder / name).write_bytes(data)


def rows(*lines: str) -> Writer:
    """a.csv with these lines beneath the usual header."""
    return put("a.csv", HEADER + "".join(line + "\n" for line in lines).encode())


def frame(make: Callable[[], pd.DataFrame], name: str = "a.csv") -> Writer:
    return lambda folder: make().to_csv(folder / name, index=False)


def both(*writers: Writer) -> Writer:
    return lambda folder: [write(folder) for write in writers]


def nothing(folder: Path) -> None:
    """The files that are there are enough."""


def packed(kind: str) -> bytes:
    """A sound table as Excel or Parquet bytes."""
    file = io.BytesIO()
    (toy().to_excel if kind == "xlsx" else toy().to_parquet)(file, index=False)
    return file.getvalue()


def png() -> bytes:
    return b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4


def with_theme(*names: str, every: int = 1) -> pd.DataFrame:
    """The toy texts, of which every so many have these themes too."""
    more = [", ".join(names) if row % every == 0 else "" for row in range(len(toy()))]
    joined = [", ".join(filter(None, pair)) for pair in zip(toy()["Themes"], more, strict=True)]
    return toy().assign(Themes=joined)


def tied() -> pd.DataFrame:
    """Texts that differ in numbers only, which a text step takes away: all scores of a kind are one."""
    kinds = [("salary", "pay"), ("soup", "food"), ("salary", "pay"), ("salary", "")]
    texts = [(f"{kinds[row % 4][0]} {row}", kinds[row % 4][1]) for row in range(80)]
    return pd.DataFrame(texts, columns=["Processed Text", "Themes"])


def damaged(value: float) -> Writer:
    """bad.tagger, whose weights of models are ``value``."""

    def write(folder: Path) -> None:
        manifest, arrays = read_bundle(folder / "t.tagger")
        for member in chain.from_iterable(manifest["members"].values()):
            weights = member["scorer"]["weights"]
            arrays[weights] = np.full_like(arrays[weights], value)
        write_bundle(folder / "bad.tagger", manifest, arrays)

    return write


OPEN = rows('"good pay,pay', "bad pay,pay")  # its quote is never closed
WIDE = rows("good pay,pay,more", "bad pay,pay")
LATIN = put("a.csv", HEADER + "café,pay\n".encode("latin-1"))
SIXTEEN = put("a.csv", (HEADER + b"good pay,pay\n").decode().encode("utf-16-le"))
SPELLED = rows("a,Pay", "b,pay", "c,line  management", "d,line management", "e,caf\u00e9", "f,cafe\u0301")
STRANGE = ("index", "../x", "CON", "x" * 400)
EVIL = "<script>alert(1)</script>"
FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(A1)", "-5", "\uff1d1", " =1", "'=1")
OUT = "--out run " + SMALL


def breaking(folder: Path) -> None:
    """A file whose first byte cannot be read, on Linux."""
    (folder / "a.csv").symlink_to("/proc/self/mem")


READ = [  # the table of what pandas does in silence, and what is done here
    Case("NA is a text", rows("NA,pay", "None,pay", "null,pay"), INSPECT, 0, ("rows 3", "empty texts 0")),
    Case("NA stays in the copy", rows("NA,pay"), TAG, 0, ("1 text tagged",), {"b.csv": '"NA"'}),
    Case("semicolons", put("a.csv", b"Processed Text;Themes\ngood;pay\n"), INSPECT, 0, ("separated by ';', not ','",)),
    Case("tabs", put("a.csv", b"Processed Text\tThemes\ngood\tpay\n"), INSPECT, 0, (r"separated by '\t', not ','",)),
    Case(
        "an extra field first", WIDE, INSPECT, 2, ("a.csv, line 2: too many fields, 3 where the header has 2; quote",)
    ),
    Case("an extra field, to be tuned", WIDE, TUNE, 2, ("a.csv, line 2: too many fields",)),
    Case("an extra field, to be tagged", WIDE, TAG, 2, ("a.csv, line 2: too many fields",)),
    Case("an extra field, to be measured", WIDE, EVALUATE, 2, ("a.csv, line 2: too many fields",)),
    Case("an extra field, to be checked", WIDE, CHECK, 2, ("a.csv, line 2: too many fields",)),
    Case("an open quote", OPEN, INSPECT, 2, ("a.csv, line 2: a quote opens here and is never closed; write",)),
    Case("an open quote, to be tagged", OPEN, TAG, 2, ("a.csv, line 2: a quote opens here",)),
    Case(
        "text behind a quote",
        rows('"good" pay,pay'),
        INSPECT,
        2,
        ("a.csv, line 2: text follows a closing quote; write a quote inside a quoted field twice",),
    ),
    Case(
        "rows merged by a quote",
        rows("a,pay", '"good,pay', "bad,pay", 'ugly",pay'),
        INSPECT,
        0,
        ("1 quoted field runs over several lines and holds what looks like complete rows (line 3); look for",),
    ),
    Case(
        "two columns of one name",
        put("a.csv", b"Themes,Processed Text,Themes\nx,a,y\n"),
        INSPECT,
        2,
        ("a.csv, line 1: two columns are called 'Themes' (columns 1 and 3); rename one",),
    ),
    Case("a short row", rows("good,pay", "bad"), INSPECT, 2, ("a.csv, line 3: too few fields, 1 where the header",)),
    Case("spellings kept", SPELLED, INSPECT, 0, ("Themes differ only by case, spaces", "They stay separate", "merge")),
    Case(
        "spellings merged",
        SPELLED,
        INSPECT + " --alike merge",
        0,
        (
            "themes 3",
            "They were merged into the first",
        ),
    ),
    Case("spellings refused", SPELLED, INSPECT + " --alike error", 2, ("a.csv: Themes differ", "'Pay' (1)", "pass")),
    Case("latin-1", LATIN, INSPECT, 2, ("a.csv, line 2: byte 0xe9 is not UTF-8; pass --encoding cp1252",)),
    Case("latin-1, told", LATIN, INSPECT + " --encoding latin-1", 0, ("rows 1",)),
    Case("UTF-16 without a mark", SIXTEEN, INSPECT, 2, ("a.csv, line 1: every other byte is 0", "utf-16-le")),
    Case("UTF-16, told", SIXTEEN, INSPECT + " --encoding utf-16-le", 0, ("rows 1",)),
    Case("a byte order mark", put("a.csv", b"\xef\xbb\xbf" + HEADER + b"a,pay\n"), INSPECT, 0, ("rows 1",)),
    Case("CR line ends", put("a.csv", HEADER[:-1] + b"\ra,pay\rb,pay\r"), INSPECT, 0, ("rows 2",)),
    Case("NUL bytes", rows("go\0od,pay"), INSPECT, 0, ("1 NUL character was removed",)),
    Case("an empty file", put("a.csv", b""), INSPECT, 2, ("a.csv: the file is empty; it needs a header line",)),
    Case(
        "a header only", put("a.csv", HEADER), TUNE, 2, ("a.csv: the file holds no rows, a header at most; it needs",)
    ),
    Case(
        "stop words only",
        frame(lambda: toy().assign(**{"Processed Text": [f"the {'and ' * row}" for row in range(len(toy()))]})),
        TUNE + " --text-steps lower,stop_words",
        0,
        ("pay (26)",),
        {"run/results.csv": "fewer than the 3 folds"},
    ),
    Case(
        "empty texts",
        frame(lambda: toy().assign(**{"Processed Text": ""})),
        TUNE,
        0,
        ("pay: failed", "90 of 90 texts are empty; they are kept"),
        {"run/results.csv": "no term occurs"},
    ),
    Case(
        "signs only",
        frame(lambda: toy().assign(**{"Processed Text": ["! ? " * (row + 1) for row in range(len(toy()))]})),
        TUNE,
        0,
        ("pay: failed",),
        {"run/results.csv": "no term occurs"},
    ),
    Case(
        "a theme in all rows",
        frame(lambda: with_theme("all")),
        TUNE,
        0,
        ("every training text has it: all (90)",),
        {"run/results.csv": "one class: every training text has it"},
    ),
    Case(
        "a theme of few texts",
        frame(lambda: with_theme("rare", every=30)),
        TUNE,
        0,
        ("Too rare (texts): rare (3)",),
        {"run/results.csv": "3 positives, needs 5"},
    ),
    Case(
        "fewer texts than folds",
        frame(lambda: with_theme("rare", every=30)),
        TUNE.replace("--min-positives 5", "--min-positives 2").replace("--n-folds 3", "--n-folds 4"),
        0,
        ("Too rare (texts): rare (3)",),
        {"run/results.csv": "only 3 distinct texts among its 3 positives, fewer than the 4 folds"},
    ),
]
ALSO = [  # what else the facts name
    Case(
        "repeats that disagree",
        rows("good pay,pay", "Good  pay,staff"),
        INSPECT,
        0,
        ("1 text has a row for each theme", "--repeats join makes one row of each"),
    ),
    Case("a megabyte", rows("w" * 1_000_000 + ",pay"), INSPECT, 0, ("rows 1", "1,000,000")),
    Case(
        "tags over the texts",
        rows("good pay,pay"),
        TAG.replace("b.csv", "a.csv"),
        2,
        ("a.csv is the input file; choose another --out.",),
    ),
    Case(
        "an analysis over the texts",
        lambda folder: (folder / "shares.csv").write_text("Processed Text\nsalary wage\n"),
        "analyse shares.csv --tagger t.tagger --out .",
        2,
        ("shares.csv is the input file; choose another --out.",),
        {"shares.csv": "salary wage"},
    ),
    Case("a megabyte, tagged", rows("word " * 200_000 + ",pay"), TAG, 0, ("1 text tagged",)),
    Case(
        "many themes",
        frame(lambda: pd.DataFrame({"Processed Text": "a b", "Themes": [f"theme {n}" for n in range(1_000)]})),
        INSPECT,
        0,
        ("themes 1,000", "1,000 of 1,000 themes too rare to tune"),
    ),
    Case(
        "many rows",
        frame(
            lambda: pd.DataFrame({"Processed Text": [f"{COMMON[n % 9]} {n}" for n in range(9_000)], "Themes": "pay"})
        ),
        TAG,
        0,
        ("9,000 texts tagged",),
    ),
    Case("emoji", rows("\U0001f600 \U0001f469\u200d\U0001f4bb,\U0001f4b0"), INSPECT, 0, ("themes 1", "\U0001f4b0 (1)")),
    Case(
        "right to left",
        rows("\u05e9\u05db\u05e8 \u202e\u05e0\u05de\u05d5\u05da,\u05e9\u05db\u05e8"),
        INSPECT,
        0,
        ("themes 1",),
    ),
    Case("zero width", rows("pay\u200b,pay\u200b", "pay,pay"), INSPECT, 0, ("themes 2",)),
    Case(
        "half a surrogate pair",
        put("a.json", b'[{"Processed Text": "a\\ud83d", "Themes": "pay\\ud83d"}]'),
        "inspect a.json",
        0,
        ("pay\ufffd (1)", "2 lone surrogates were replaced by U+FFFD"),
    ),
    Case(
        "weights that are NaN", damaged(np.nan), TAG.replace("t.t", "bad.t").replace("a.c", "texts.c"), 2, ("is nan",)
    ),
    Case("infinite weights", damaged(np.inf), TAG.replace("t.t", "bad.t").replace("a.c", "texts.c"), 2, ("is inf",)),
    Case(
        "weights whose sum is infinite",
        damaged(3e38),
        TAG.replace("t.t", "bad.t").replace("a.c", "texts.c"),
        2,
        ("gets a score that is not finite (inf)", "its file is damaged; get a new copy"),
    ),
    Case(
        "NaN in JSON",
        put("a.json", b'[{"Processed Text": NaN, "Themes": "pay"}]'),
        "inspect a.json",
        0,
        ("1 of 1 cell is missing",),
    ),
    Case("ties", frame(tied), TUNE + " --text-steps lower,numbers", 0, ("pay needs review",)),
    Case(
        "themes of strange names",
        frame(lambda: with_theme(*STRANGE, every=2)),
        TUNE,
        0,
        ("../x", "CON", "index"),
        {"run/results.csv": "x" * 400, "run/report.html": "../x"},
    ),
    Case(
        "formulas in texts",
        frame(lambda: pd.DataFrame({"Processed Text": FORMULAS, "=id": "x"})),
        TAG,
        0,
        ("8 cells or column names that a spreadsheet would run as formulas got an apostrophe", "--formulas keep"),
        {"b.csv": '"\'=1+1"'},
    ),
    Case(
        "formulas kept",
        frame(lambda: pd.DataFrame({"Processed Text": FORMULAS})),
        TAG + " --formulas keep",
        0,
        ("8 texts tagged",),
        {"b.csv": '\n"=1+1"'},
    ),
    Case(
        "formulas as themes",
        frame(lambda: with_theme("=cmd|x", every=2)),
        TUNE,
        0,
        ("=cmd|x",),
        {"run/results.csv": '\n"\'=cmd|x"', "run/results.md": r"=cmd\|x"},
    ),
    Case(
        "HTML as theme",
        frame(lambda: with_theme(EVIL, every=2)),
        TUNE,
        0,
        (EVIL,),
        {"run/report.html": "&lt;script&gt;alert(1)&lt;/script&gt;", "run/results.md": r"| \<script>"},
    ),
    Case(
        "HTML as theme never runs",
        frame(lambda: with_theme(EVIL, every=2)),
        TUNE,
        0,
        (),
        {"run/report.html": f"!{EVIL}", "run/results.md": "!| <script"},
    ),
    Case(
        "HTML in a text and the name of its file",
        frame(lambda: toy().assign(**{"Processed Text": EVIL + toy()["Processed Text"]}), "<b>.csv"),
        f"tune '<b>.csv' {OUT}",
        0,
        ("Written to run",),
        {"run/report.html": "!<b>", "run/results.md": "!<b>"},
    ),
    Case(
        "a name that steers the terminal",
        put("a.json", json.dumps([{"Processed Text": "a", "Themes": ["\x1b[2Jpay"]}]).encode()),
        "inspect a.json",
        0,
        ("\ufffd[2Jpay",),
    ),
]
FILES = [  # files of another kind, and places
    Case("a missing file", nothing, INSPECT, 2, ("a.csv: there is no such file; check the path",)),
    Case(
        "a folder", lambda folder: (folder / "a.csv").mkdir(), INSPECT, 2, ("a.csv: this is a folder; name the table",)
    ),
    Case("a pipe", lambda folder: os.mkfifo(folder / "a.csv"), INSPECT, 2, ("and this is no file; save it as one",)),
    *(
        [Case("a file that breaks off", breaking, INSPECT, 2, ("a.csv: cannot be read (Input/output error);",))]
        if os.path.exists("/proc/self/mem")
        else []
    ),
    Case(
        "results in the way",
        lambda folder: (folder / "run" / "results.csv").mkdir(parents=True),
        ON_TRAIN,
        2,
        (
            "results.csv is a folder, where a file is expected; move it away",
            "choose another --out",
        ),
    ),
    Case("next to nothing held out", nothing, ON_TRAIN + " --hold-out 1e-9", 0, ("Written to run",)),
    Case("nearly all held out", nothing, ON_TRAIN + " --hold-out 0.9999", 0, ("every training text has it: food (1)",)),
    Case("a name too long", nothing, f"inspect {'x' * 300}.csv", 2, (".csv: cannot be read (File name too long)",)),
    Case(
        "a file that may not be read",
        rows("a,pay"),
        INSPECT,
        2,
        ("a.csv: cannot be read (Permission denied);",),
        {},
        "a.csv",
    ),
    Case("the same, to be tagged", rows("a,pay"), TAG, 2, ("a.csv: cannot be read (Permission denied)",), {}, "a.csv"),
    Case("a tagger that may not be read", rows("a,pay"), TAG, 2, ("t.tagger", "Permission denied"), {}, "t.tagger"),
    Case(
        "an unknown suffix",
        put("a.doc", b"x"),
        "inspect a.doc",
        2,
        ("no table format is known by '.doc'; known are .csv",),
    ),
    Case("a picture", put("a.csv", png()), INSPECT, 2, ("a.csv: this is no text but a PNG picture; pass the table",)),
    Case("a picture as JSON", put("a.json", png()), "inspect a.json", 2, ("a.json: this is no text but a PNG",)),
    Case(
        "a workbook called .csv",
        lambda f: put("a.csv", packed("xlsx"))(f),
        INSPECT,
        2,
        ("call it .xlsx if it is a workbook",),
    ),
    Case("a workbook to be tagged", lambda f: put("a.csv", packed("xlsx"))(f), TAG, 2, ("call it .xlsx",)),
    Case(
        "gzip called .csv",
        put("a.csv", gzip.compress(b"a,b\n")),
        INSPECT,
        2,
        ("a.csv: this is no text but compressed by gzip;",),
    ),
    Case(
        "Parquet called .csv",
        lambda f: put("a.csv", packed("parquet"))(f),
        INSPECT,
        2,
        ("a Parquet file; call it .parquet",),
    ),
    Case(
        "a PDF",
        put("a.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"),
        INSPECT,
        2,
        ("no text but a PDF document; save its table",),
    ),
    Case(
        "text called .xlsx",
        put("a.xlsx", HEADER),
        "inspect a.xlsx",
        2,
        ("a.xlsx: not a readable Excel file", "call it .csv"),
    ),
    Case(
        "text called .parquet",
        put("a.parquet", HEADER),
        "inspect a.parquet",
        2,
        ("a.parquet: not a readable Parquet file",),
    ),
    Case(
        "half a workbook",
        lambda f: put("a.xlsx", packed("xlsx")[:2000])(f),
        "inspect a.xlsx",
        2,
        ("not a readable Excel file",),
    ),
    Case(
        "half of Parquet",
        lambda f: put("a.parquet", packed("parquet")[:2000])(f),
        "inspect a.parquet",
        2,
        ("not a readable Parquet file", "write it again"),
    ),
    Case(
        "half of JSON",
        put("a.json", b'[{"Processed Text": "a"'),
        "inspect a.json",
        2,
        ("a.json, line 1, column 24: not JSON",),
    ),
    Case(
        "JSON with a scalar",
        put("a.json", b"3"),
        "inspect a.json",
        2,
        ("a.json: it holds one int; it needs a list of objects",),
    ),
    Case(
        "JSON with lists",
        put("a.json", b"[[1, 2]]"),
        "inspect a.json",
        2,
        ("a.json, record 1: '[1, 2]' is not an object",),
    ),
    Case(
        "JSON in a shell",
        put("a.json", b'{"data": [{"Processed Text": "a"}]}'),
        "inspect a.json",
        2,
        ("a.json: no row was judged; label some of them first.",),
    ),
    Case(
        "JSON whose columns differ",
        put("a.json", b'{"Processed Text": {"0": "a"}, "Themes": {"1": "x"}}'),
        "inspect a.json",
        2,
        ("the columns name their rows differently",),
    ),
    Case(
        "JSON with a truth value as theme",
        put("a.json", b'[{"Processed Text": "a", "Themes": true}]'),
        "inspect a.json",
        2,
        ("a.json, record 1, column 'Themes': True is a truth value", "pass --theme-columns"),
    ),
    Case(
        "JSON with a list as text",
        put("a.jsonl", b'{"Processed Text": ["a"]}\n'),
        "tag a.jsonl --tagger t.tagger --out b.csv",
        2,
        ("a.jsonl, line 1, column 'Processed Text'",),
    ),
    Case(
        "a list of one line",
        put("a.jsonl", b'[{"Processed Text": "a"}]\n'),
        "inspect a.jsonl",
        2,
        ("a.jsonl, line 1:", "is not an object"),
    ),
    Case(
        "deep JSON", put("a.json", b"[" * 100_000), "inspect a.json", 2, ("a.json, line 1 or after: nested too deeply",)
    ),
    Case(
        "a Python list as themes",
        rows("a,\"['pay', 'staff']\"", "b,[]"),
        INSPECT,
        0,
        ("themes 2", "Column 'Themes': 2 cells are lists written as text; they were read as lists."),
    ),
    Case(
        "a vector as themes",
        rows('a,"[0, 1, 0]"'),
        INSPECT,
        2,
        ("a.csv, line 2, column 'Themes': '[0, 1, 0]' is a vector of 0 and 1, not names", "pass --theme-columns"),
    ),
    Case(
        "a broken list as themes",
        rows("a,\"['pay', 'st\""),
        TUNE,
        2,
        ("a.csv, line 2, column 'Themes'", "begins like a list, but does not end like one"),
    ),
    Case(
        "another separator",
        rows("a,pay;staff", "b,pay", "c,staff"),
        INSPECT,
        0,
        ("1 of 3 themes holds ';', such as 'pay;staff'", "Pass --separator ';'."),
    ),
    Case("a separator as it is typed", rows('"a","pay\nstaff"'), INSPECT + " --separator '\\n'", 0, ("themes 2",)),
    Case("tags in brackets", rows("a,<pay><staff>"), INSPECT + " --separator '<>'", 0, ("themes 2",)),
    Case(
        "themes in two columns",
        put("a.csv", b"Processed Text,One,Two\na,pay,staff\nb,,pay\n"),
        INSPECT + " --theme-column One --theme-column Two",
        0,
        ("rows without theme 0", "themes 2"),
    ),
    Case(
        "0, 1 and empty",
        put("a.csv", b"Processed Text,pay\na,1\nb,0\nc,\n"),
        INSPECT + " --theme-columns pay",
        2,
        ("a.csv, column 'pay': 1 cell holds '0' and 1 cell holds '1', but 1 is empty", "pass --empty-cells zero"),
    ),
    Case(
        "0, 1 and empty as 0",
        put("a.csv", b"Processed Text,pay\na,1\nb,0\nc,\n"),
        INSPECT + " --theme-columns pay --empty-cells zero",
        0,
        ("rows without theme 2",),
    ),
    Case(
        "Yes as theme",
        put("a.csv", b"Processed Text,pay\na,yes\n"),
        INSPECT + " --theme-columns pay",
        0,
        ("'yes' was read as 1",),
    ),
    Case("no theme at all", frame(lambda: toy().assign(Themes="")), TUNE, 2, ("a.csv: no row has a theme; label",)),
    Case(
        "a cell that is no 0 or 1",
        put("a.csv", b"Processed Text,pay\na,-1\n"),
        INSPECT + " --theme-columns pay",
        2,
        ("a.csv, line 2, column 'pay': '-1' is neither 0 nor 1", "pass --judged pay"),
    ),
    Case(
        "a map of three columns",
        both(rows("a,pay"), put("m.csv", b"a,b,c\n1,2,3\n")),
        INSPECT + " --theme-map m.csv",
        2,
        ("m.csv: a theme map has two columns",),
    ),
    Case(
        "a map that contradicts itself",
        both(rows("a,pay"), put("m.csv", b"a,b\npay,x\npay,y\n")),
        INSPECT + " --theme-map m.csv",
        2,
        ("m.csv, line 3: 'pay' maps to 'y', and in an earlier line to 'x'",),
    ),
    Case(
        "a test of other columns",
        put("a.csv", b"text,label\na,b\n"),
        f"tune train.csv --test a.csv {OUT}",
        2,
        ("a.csv: there is no column 'Processed Text'", "'text', 'label'"),
    ),
    Case("a test that is missing", nothing, f"tune train.csv --test a.csv {OUT}", 2, ("a.csv: there is no such file",)),
    Case(
        "out is a file",
        nothing,
        f"tune train.csv --out test.csv {SMALL}",
        2,
        ("the run folder test.csv cannot be written",),
    ),
    Case(
        "out is beneath a file",
        nothing,
        "tag texts.csv --tagger t.tagger --out test.csv/b.csv",
        2,
        ("cannot be written (File exists); choose another place",),
    ),
    Case(
        "out is a folder",
        lambda folder: (folder / "b.csv").mkdir(),
        "tag texts.csv --tagger t.tagger --out b.csv",
        2,
        ("b.csv: this is a folder",),
    ),
    Case(
        "figures into a folder",
        lambda folder: (folder / "b.csv").mkdir(),
        "evaluate test.csv --tagger t.tagger --out b.csv",
        2,
        ("b.csv: this is a folder",),
    ),
    Case("a plot beneath a file", nothing, "inspect train.csv --plot test.csv/a.png", 2, ("test.csv",)),
    Case(
        "an out of no known kind",
        nothing,
        "tag texts.csv --tagger t.tagger --out b.doc",
        2,
        ("cannot write .doc; use .csv",),
    ),
    Case(
        "a table as tagger",
        nothing,
        "tag texts.csv --tagger train.csv --out b.csv",
        2,
        ("train.csv is damaged or no tagger file",),
    ),
    Case("an empty tagger", put("e", b""), "check texts.csv --tagger e", 2, ("e is damaged or no tagger file",)),
    Case(
        "a folder as tagger",
        lambda folder: (folder / "e").mkdir(),
        "evaluate test.csv --tagger e",
        2,
        ("e is a folder without a tagger file; name such a file, or the folder of a whole run.",),
    ),
    Case("no tagger", nothing, "check texts.csv --tagger e", 2, ("e: there is no such tagger file",)),
    Case(
        "half a tagger",
        lambda f: put("e", (f / "t.tagger").read_bytes()[:3000])(f),
        "check texts.csv --tagger e",
        2,
        ("e is damaged or no tagger file",),
    ),
    Case(
        "texts of other columns",
        put("a.csv", b"text\na\n"),
        TAG,
        2,
        ("a.csv: there is no column 'Processed Text'", "pass --text-column text, or --delimiter if"),
    ),
    Case(
        "themes the tagger does not know",
        rows("a,other"),
        EVALUATE,
        0,
        ("1 theme of a.csv is unknown to the tagger and left out: 'other'",),
    ),
    Case(
        "no run to report",
        lambda folder: (folder / "e").mkdir(),
        "report e",
        2,
        ("e has no results.csv; pass the folder",),
    ),
]
OPTIONS = [  # values that make no sense
    Case(f"{option} {value}".strip(), nothing, f"{ON_TRAIN} {option} {shlex.quote(value)}", 2, (says,))
    for option, value, says in [
        ("--trials", "0", "--trials must be at least 1 but is 0"),
        ("--trials", "2.5", "'2.5' is not a valid integer"),
        ("--patience", "0", "--patience must be at least 1 but is 0"),
        ("--n-folds", "1", "--n-folds must be at least 2 but is 1"),
        ("--min-positives", "1", "--min-positives must be at least 2 but is 1"),
        ("--target", "2", "--target must lie between 0 and 1"),
        ("--target", "nan", "--target must lie between 0 and 1"),
        ("--recall-floor", "-1", "--recall-floor must lie between 0 and 1"),
        ("--certify", "1.5", "--certify of a promise must lie strictly between 0 and 1"),
        ("--confidence", "1", "--confidence of a promise must lie strictly between 0 and 1"),
        ("--certify-recall", "-0.1", "--certify-recall of a promise must lie"),
        ("--minimum-quality", "nan", "--minimum-quality must lie between 0 and 1 but is nan"),
        ("--hold-out", "1.5", "--hold-out must be a share of at least 0 and below 1 but is 1.5"),
        ("--hold-out", "nan", "--hold-out must be a share of at least 0 and below 1 but is nan"),
        ("--time-budget", "-1", "--time-budget must be at least 0 but is -1"),
        ("--time-budget", "nan", "--time-budget must be at least 0 but is nan"),
        ("--n-jobs", "0", "--n-jobs must be a number of workers, or -1 for one per core, but is 0"),
        ("--seed", "-1", "--seed must be at least 0 but is -1"),
        ("--families", "ridge,bert", "--families must be a list of"),
        ("--families", "", "--families must be a list of"),
        ("--text-steps", "stem", "text step 'stem' is unknown"),
        ("--sampler", "best", "'best' is not one of"),
        ("--separator", "", "--separator must be a text such as"),
        ("--delimiter", "ab", "--delimiter must be one character such as ',' or ';', but got 'ab'"),
        ("--delimiter", "", "--delimiter must be one character"),
        ("--encoding", "klingon", "no encoding is called 'klingon'; try"),
        ("--encoding", "undefined", "it cannot be read as 'undefined'"),
        ("--encoding", "punycode", "it cannot be read as 'punycode'"),
        ("--encoding", "hex", "no encoding is called 'hex'"),
        ("--text-column", "Text", "there is no column 'Text'"),
        ("--theme-column", "Theme", "there is no column 'Theme'; did you mean 'Themes'?"),
        ("--theme-columns", "pay", "there is no column 'pay'"),
        ("--theme-columns", "pay,pay", "--theme-columns names the column 'pay' twice; name it once"),
        ("--theme-columns", "", "--theme-columns names no column; name at least one"),
        ("--theme-map", "no.csv", "no.csv: there is no such file"),
    ]
]
OPTIONS += [
    Case(
        "--min-positives 0, to look", nothing, "inspect train.csv --min-positives 0", 2, ("0 is not in the range x>=1",)
    ),
    Case(
        "--formulas run",
        nothing,
        "tag texts.csv --tagger t.tagger --out b.csv --formulas run",
        2,
        ("'run' is not one",),
    ),
    Case(
        "no --out",
        nothing,
        "tune train.csv",
        2,
        ("the folder --out is missing; give it, or a plan file that names it, by --plan.",),
    ),
    Case("an unknown option", nothing, ON_TRAIN + " --trails 3", 2, ("No such option",)),
    Case("an unknown command", nothing, "train train.csv", 2, ("No such command 'train'",)),
]
CASES = {case.name: case for case in [*READ, *ALSO, *FILES, *OPTIONS]}
assert len(CASES) == len([*READ, *ALSO, *FILES, *OPTIONS]), "two cases have one name"
