"""Do edited run folders come to nothing? Edits of all files of a small run, each opened again and gone on with.

usage: python tests/benchmarks/fuzz_run_folder.py [--count 10000] [--seed 0] [--every 20] [--jobs 1]
       python tests/benchmarks/fuzz_run_folder.py --replay NUMBER [--seed 0]     what one of them does, with a traceback

An edit changes bytes, JSON values, cells, arrays or headers of one file, often with its checksums made right again; or
it puts a link, a pipe, a folder or a device in the place of a file, or a link in that of a folder. Then a forked
process reads all that a run folder holds, as `open_run`, and as `tune --resume` before it searches; every so many edits
it also carries out one of the commands (resume, more trials, start over, report, terms, mistakes, slices, compare,
suspects, tag). It has 20 seconds of processor time a step, and 1.5 GB more than it began with.

Wrong are a crash, a hang, any exception but those that end in one line and exit code 2, a write outside the folder, a
connection (the edits name an address that is listened at), and a new process. The exit code is 1 if there were any.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import hashlib
import importlib
import io
import json
import os
import random
import resource
import shutil
import signal
import socket
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # threads do not survive a fork

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))

from benchmarks.mutants import ODD, at, places, replaced, sealed, taken_apart  # noqa: E402

Random = random.Random
SECONDS, WALL = 20, 120  # of processor time, and at all: other work may take the processor
MEMORY = 3 * 2**29
SETTINGS: dict[str, Any] = {
    "families": ("ridge",),
    "trials": 2,
    "min_positives": 5,
    "n_folds": 3,
    "n_jobs": 1,
    "show_progress": False,
    "drop_themes": ("staff",),
}
ODDER = [
    *ODD,
    *("9" * 400, 10**18, -(10**18), 10**400, "x" * 100_000, ["x"] * 10_000, {"class": "FBeta", "beta": -1}),
    *(
        "FAIL",
        "COMPLETE",
        "lightgbm",
        "svd:2000",
        "words",
        "/etc/passwd",
        "machines",
        1e-320,
        [[[[[[]]]]]],
        "\x1b]0;x\x07",
    ),
]
BAD = ("crash", "hang", "traceback", "wrote outside", "network", "process")


@dataclass
class Place:
    """A run folder to be edited, what lies outside of it, and the table of the run."""

    base: Path
    port: int = 0
    mark: str = ""  # of the learning curve

    @property
    def run(self) -> Path:
        """The folder that is edited."""
        return self.base / "run"

    @property
    def victim(self) -> Path:
        """A file of somebody else."""
        return self.base / "outside" / "victim.txt"

    @property
    def other(self) -> Path:
        """Another run, which nothing may change."""
        return self.base / "outside" / "other"

    @property
    def table(self) -> Path:
        """What the runs were made from."""
        return self.base / "outside" / "train.csv"


# The edits: each takes the place and draws; it says what it did.


def files(place: Place) -> list[Path]:
    """All files of the run, in order."""
    return sorted(path for path in place.run.rglob("*") if path.is_file() and path.name not in ("run.lock",))


def one(place: Place, draw: Random, *ends: str) -> Path:
    """A file of the run whose name ends so."""
    return draw.choice([path for path in files(place) if path.name.endswith(ends)])


def bytes_edited(place: Place, draw: Random) -> str:
    path = draw.choice(files(place))
    data = path.read_bytes()
    where = draw.randrange(len(data) + 1)
    edits = [
        data[:where],
        b"",
        data[:where] + draw.randbytes(draw.choice([1, 8, 500])) + data[where:],
        data[:where] + data[where + draw.choice([1, 8, 100]) :],
        data[:where] + bytes([draw.randrange(256)]) + data[where + 1 :],
        draw.randbytes(draw.choice([1, 100, 5000])),
        data + data,
        data[:where]
        + draw.choice([b"\0", b"[", b'{"a":', b"\n", b"9"]) * draw.choice([10, 3000, 200_000])
        + data[where:],
    ]
    path.write_bytes(draw.choice(edits))
    return path.name


def grown(place: Place, draw: Random) -> str:
    """A file that claims much and takes nothing on the disk."""
    path = draw.choice(files(place))
    with contextlib.suppress(OSError):
        os.truncate(path, draw.choice([2**30, 2**34, 2**40]))
    return path.name


def changed(value: Any, draw: Random) -> Any:
    """A JSON value with one place changed."""
    found = list(places(value)) or [()]
    where = draw.choice(found)
    how = draw.randrange(6)
    if not where:
        return deepcopy(draw.choice(ODDER))
    if how == 0:
        inside = at(value, where[:-1])
        del inside[where[-1]]
    elif how == 1:
        inside = at(value, where[:-1])
        if isinstance(inside, dict):
            inside[draw.choice(["x", "", "machines", "class", "n_jobs", "\ud800"])] = deepcopy(draw.choice(ODDER))
        else:
            inside.append(deepcopy(draw.choice(ODDER)))
    elif how == 2:
        replaced(value, where, deepcopy(at(value, draw.choice(found))))  # of itself too: no circle
    else:
        replaced(value, where, deepcopy(draw.choice(ODDER)))
    return value


def json_edited(place: Place, draw: Random) -> str:
    path = one(place, draw, "run.json", "run.json", "warm_start.json", "about.json", "cost.json")
    value = changed(json.loads(path.read_text()), draw)
    how = draw.randrange(4)
    if isinstance(value, dict) and how < 2 and path.name == "run.json":
        from themetagger.runs.run_schema import seal_of

        with contextlib.suppress(TypeError, ValueError):
            value["sha256"] = seal_of(value)
    elif isinstance(value, dict) and how < 2 and path.name == "warm_start.json":
        said = json.dumps(value.get("starts"), sort_keys=True)
        value["sha256"] = hashlib.sha256(said.encode()).hexdigest()
    elif isinstance(value, dict) and how == 2:  # as an older version wrote it
        value.pop("sha256", None)
        value.pop("checksums", None)
        value = value.get("starts", value)
    text = json.dumps(value)
    if draw.random() < 0.1:
        text = draw.choice(
            ["[" * 200_000, text.replace("1", "1" * 5_000, 1), text.replace("{", '{"a": 1, "a": 2, ', 1), text[:-1]]
        )
    path.write_text(text, errors="surrogatepass")
    return path.name


def trial_edited(place: Place, draw: Random) -> str:
    """A trial says something else, and its checksum is right."""
    path = one(place, draw, "trials.jsonl")
    lines = path.read_text().splitlines()
    number = draw.randrange(len(lines))
    trial = changed(json.loads(lines[number])["trial"], draw)
    said = json.dumps(trial)
    lines[number] = f'{{"sha256": "{hashlib.sha256(said.encode()).hexdigest()}", "trial": {said}}}'
    if draw.random() < 0.2:
        lines = draw.choice([lines[::-1], lines + lines, lines[1:], lines * 300])
    path.write_text("\n".join(lines) + "\n")
    return path.name


def cells_edited(place: Place, draw: Random) -> str:
    path = one(place, draw, "results.csv", "results.csv", "learning_curve.csv", "averages.csv")
    rows = list(csv.reader(io.StringIO(path.read_text())))
    row = draw.randrange(len(rows))
    how = draw.randrange(6)
    if how == 0:
        del rows[row]
    elif how == 1:
        rows.append(draw.choice([rows[row], [], ["x"]]))
    elif how == 2:
        column = draw.randrange(len(rows[0]))
        rows = [cells[:column] + cells[column + 1 :] for cells in rows]
    elif how == 3:
        rows = [[*cells, *cells[:1]] for cells in rows]
    else:
        cell = draw.choice(
            ["", "x", "-1", "1e999", "nan", "9" * 400, "inf", "2.5", "CERTIFIED", "=1+1", "\x1b[2J", "x" * 200_000]
        )
        rows[row][draw.randrange(len(rows[row]))] = cell
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    path.write_text(file.getvalue())
    return path.name


def odd_array(array: Any, draw: Random) -> bytes:
    """An array that does not fit, or a header that lies, in an ``.npy`` file."""
    n = len(array) if array.ndim else 1
    file = io.BytesIO()
    lies: list[Any] = [
        array[:-1] if array.ndim else array,
        np.zeros((n, 2)),
        np.zeros(n, "f4"),
        np.full(n, -1),
        np.full(n, 0.5),
    ]
    lies += [
        np.full(n, 10**9),
        np.arange(n),
        np.full(n, np.nan),
        np.zeros(0),
        np.array(1.5),
        np.zeros(n, "U3"),
        np.zeros(n, bool),
    ]
    np.save(file, draw.choice(lies))
    data = file.getvalue()
    if draw.random() < 0.5:
        shape = draw.choice(
            ["(1000000000000,)", "(-1,)", "(1, 2, 3)", "()", "(" * 2000, "(99999999999999999999,)", "(True,)"]
        )
        kind = draw.choice(["<f8", "<i8", "|O", "<U9999999", "|V1000000000", "f8", "<M8[s]", "[('a', 'O')]"])
        said = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}"
        head = said.encode() + b" " * (-(len(said) + 11) % 64) + b"\n"
        data = b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + b"\0" * draw.choice([0, 8, 480])
    return data


def arrays_edited(place: Place, draw: Random) -> str:
    path = one(place, draw, "split.npz", "rows.npz")
    with np.load(path) as held:
        arrays = dict(held)
    name = draw.choice(list(arrays))
    if path.name == "split.npz" and draw.random() < 0.4:  # with a seal that fits
        from themetagger.search.storage.split import Split

        n = len(arrays["folds"])
        folds = [
            np.zeros(n),
            np.arange(n),
            np.full(n, n - 1),
            np.arange(n) % 2,
            np.arange(n) // (n - 1),
            np.arange(n - 1) % 3,
        ]
        Split(draw.choice(folds).astype(np.int64), draw.random() < 0.3).save(path)
        return path.name
    packed = draw.choice([zipfile.ZIP_STORED] * 3 + [zipfile.ZIP_DEFLATED])
    with zipfile.ZipFile(path, "w", packed) as archive:
        for other, array in arrays.items():
            file = io.BytesIO()
            np.save(file, array)
            if other != name or draw.random() < 0.9:
                archive.writestr(f"{other}.npy", odd_array(array, draw) if other == name else file.getvalue())
        if packed != zipfile.ZIP_STORED:
            archive.writestr(draw.choice(["folds.npy", "train.npy", "x.npy"]), bytes(2**24))
    return path.name


def scores_edited(place: Place, draw: Random) -> str:
    """Scores are no scores, and their checksum in the trial is right."""
    path = one(place, draw, ".npy")
    data = odd_array(np.load(path), draw)
    path.write_bytes(data)
    log = path.parent.parent / "trials.jsonl"
    lines = []
    for line in log.read_text().splitlines():
        trial = json.loads(line)["trial"]
        if trial["number"] == int(path.stem):
            trial["scores"] = hashlib.sha256(data).hexdigest()
        said = json.dumps(trial)
        lines.append(f'{{"sha256": "{hashlib.sha256(said.encode()).hexdigest()}", "trial": {said}}}\n')
    log.write_text("".join(lines))
    return path.name


def bundle_edited(place: Place, draw: Random) -> str:
    """A manifest says something else, an array has other numbers, and all checksums are right."""
    path = one(place, draw, "winner.models", "tagger.tagger")
    parts = taken_apart(path.read_bytes())
    if draw.random() < 0.7:
        parts.inner["manifest"] = changed(parts.inner["manifest"], draw)
    else:
        name = draw.choice(list(parts.names))
        array = parts.array(name)
        if array.size:
            array.flat[draw.randrange(array.size)] = draw.choice([0, 1, 100])
            parts.put(name, draw.choice([array, array[:-1], array]))
    path.write_bytes(sealed(parts))
    return path.name


def params_edited(place: Place, draw: Random) -> str:
    """A winner has other parameters, and all checksums are right."""
    path = one(place, draw, "winner.models", "tagger.tagger")
    parts = taken_apart(path.read_bytes())
    manifest = parts.inner["manifest"]
    winner = draw.choice(manifest["winners"]) if "winners" in manifest else manifest["winner"]
    far = f"127.0.0.1:{place.port}"
    boosted = {"n_estimators": 50, "num_leaves": 4, "learning_rate": 0.1, "min_child_samples": 2}
    boosted |= {"colsample_bytree": 0.5, "class_weight": None}
    lies: list[dict[str, Any]] = [
        {"family": "lightgbm", "params": boosted | {"machines": far, "num_machines": 2, "local_listen_port": 0}},
        {"family": "lightgbm", "params": boosted | {"n_estimators": 10**8}},
        {"family": "random_forest", "params": {"n_estimators": 10**8, "max_depth": 10**6}},
        {"family": "xgboost", "params": {"n_estimators": 10**8, "tree_method": "approx", "nthread": 64}},
        {"family": draw.choice(["none", "", "ridge + ridge", "__class__", "adaboost"])},
        {
            "params": draw.choice(
                [{}, {"alpha": 1e300}, {"alpha": -1}, {"alpha": "1"}, {"solver": "lbfgs"}, {"alpha": 10**400}]
            )
        },
        {"feature_settings": {"view": "words", "min_df": 10**9}},
        {
            "feature_settings": winner["feature_settings"]
            | {draw.choice(["most_rows", "reduction", "x"]): draw.choice(ODDER)}
        },
        {draw.choice(list(winner)): draw.choice(ODDER)},
    ]
    winner |= draw.choice(lies)
    path.write_bytes(sealed(parts))
    return path.name


def linked(place: Place, draw: Random) -> str:
    """A link, a pipe, a folder or a device stands in the place of a file."""
    more = [place.run / name for name in (".lock", ".workers", ".clearing", "studies.db-wal", "studies.db-journal")]
    path = draw.choice([*files(place), *more, place.run / "themes" / draw.choice(["x", "y"]) / "trials.jsonl"])
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    same = place.other / path.relative_to(place.run)
    target = draw.choice([place.victim, same, place.other / "results.csv"])
    how = draw.randrange(7)
    if how == 0:
        os.mkfifo(path)
    elif how == 1:
        path.mkdir()
    elif how == 2:
        path.symlink_to(draw.choice(["/dev/zero", "/dev/full", "/dev/tty", "/proc/self/mem", path.name, "none"]))
    elif how == 3:
        os.link(target if target.is_file() else place.victim, path)
    else:
        path.symlink_to(target)
    return path.name


def folder_linked(place: Place, draw: Random) -> str:
    """A link stands in the place of a folder."""
    themes = sorted(path for path in (place.run / "themes").iterdir() if path.is_dir())
    theme = draw.choice(themes)
    path = draw.choice([place.run / "themes", theme, theme / "scores"])
    shutil.rmtree(path)
    path.symlink_to(draw.choice([place.other / path.relative_to(place.run), place.victim.parent, Path("/"), path]))
    return path.name


def added(place: Place, draw: Random) -> str:
    """Something that no run has made: names of our temporary files, a journal, triggers."""
    import sqlite3

    how = draw.randrange(5)
    if how == 0:
        (draw.choice([place.run, *place.run.glob("themes/*")]) / f".{'a' * 32}.tmp").symlink_to(place.victim)
    elif how == 1:
        name = str(place.victim).encode()
        check = sum(byte - 256 * (byte > 127) for byte in name) % 2**32
        tail = len(name).to_bytes(4, "big") + check.to_bytes(4, "big") + bytes.fromhex("d9d505f920a163d7")
        head = bytes.fromhex("d9d505f920a163d7") + bytes(4 * 3) + (512).to_bytes(4, "big") + (4096).to_bytes(4, "big")
        (place.run / "studies.db-journal").write_bytes(
            head.ljust(512, b"\0") + (2**31 - 1).to_bytes(4, "big") + name + tail
        )
    elif how == 2:
        endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c"
        with contextlib.closing(sqlite3.connect(place.run / "studies.db")) as connection:
            for table in ("trials", "studies", "trial_values"):
                connection.execute(f"CREATE TRIGGER t_{table} AFTER INSERT ON {table} BEGIN {endless}; END")
            connection.commit()
    elif how == 3:
        with contextlib.closing(sqlite3.connect(place.run / "studies.db")) as connection:
            connection.execute(draw.choice(["DROP TABLE trials", "DELETE FROM studies", "CREATE VIEW v AS SELECT 1"]))
            connection.commit()
    else:
        (place.run / draw.choice([".clearing", "advice.json", "notes.txt"])).write_text(
            draw.choice(["{}", '{"name": ""}', "["])
        )
    return "added"


EDITS: dict[Callable[[Place, Random], str], int] = {
    bytes_edited: 4,
    grown: 1,
    json_edited: 5,
    trial_edited: 4,
    cells_edited: 3,
    arrays_edited: 3,
    scores_edited: 2,
    bundle_edited: 4,
    params_edited: 3,
    linked: 3,
    folder_linked: 1,
    added: 1,
}


# What is done with an edited folder.


def opened(place: Place) -> None:
    """Read all that a run folder holds, as the commands on a past run do."""
    from themetagger.runs.past_run import open_run
    from themetagger.search.learning_curves import load_curve

    past = open_run(place.run)
    if past.corpus is not None:
        past.evidence_by_theme()
    for theme in past.results["theme"]:
        load_curve(past.paths.theme(theme).folder, place.mark)
        past.trials(theme)
        past.importances(theme)
        past.peak_memory(theme)


_inputs: dict[str, Any] = {}


def begun(place: Place) -> None:
    """Read all that a run goes on from, as ``tune`` does before it searches."""
    from themetagger.features import inputs_of
    from themetagger.runs.data import read_tables, split_tables
    from themetagger.runs.plan import Plan
    from themetagger.runs.run_folder import folder_of
    from themetagger.runs.tasks import folds_of, plan_tasks
    from themetagger.search.workers.shared_data import SharedData

    plan = Plan(place.table, out=place.run, resume=True, **SETTINGS)
    with folder_of(plan) as folder:
        tables = read_tables(plan)
        data = split_tables(plan, tables)
        tasks, train = plan_tasks(plan, data, ()), data.train
        with folder.begin(plan, tables) as storage:
            if not _inputs:  # the same for all edits: a forked process has those of its parent
                _inputs.update(inputs_of(train.texts, plan.text_steps))
            shared = SharedData(_inputs, folds_of(plan, train, tasks), train.groups)
            mine = [storage.adopt(task) for task in tasks.to_study]
            storage.warm_start(mine)
            for task in mine:
                storage.n_trials(task)
                storage.finished_study(task, shared)


def resumed(place: Place) -> None:
    _tune(place, resume=True)


def extended(place: Place) -> None:
    _tune(place, resume=True, trials=4)


def begun_anew(place: Place) -> None:
    _tune(place, start_over=True)


def _tune(place: Place, **more: Any) -> None:
    from themetagger.runs.tune import tune

    tune(place.table, out=place.run, **SETTINGS | more)


def reported(place: Place) -> None:
    from themetagger.runs.review.report import write_report

    write_report(place.run, n_jobs=1)


def _command(*arguments: str) -> Callable[[Place], None]:
    def run(place: Place) -> None:
        from themetagger.cli import main

        given = [
            word.format(run=place.run, other=place.other, base=place.base, table=place.table) for word in arguments
        ]
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as said:
            try:
                main(given, standalone_mode=True)
            except SystemExit as ended:
                if ended.code not in (0, 2):
                    raise RuntimeError(f"exit code {ended.code}: {said.getvalue()[-500:]}") from None

    run.__name__ = arguments[0]
    return run


COMMANDS: list[Callable[[Place], None]] = [
    *(resumed, resumed, extended, begun_anew, reported),
    _command("terms", "{run}", "pay", "--folds"),
    _command("mistakes", "{run}", "pay"),
    _command("slices", "{run}", "--by", "Themes"),
    _command("compare", "{other}", "{run}"),
    _command("suspects", "{run}", "--out", "{base}/made/suspects.csv"),
    _command("tag", "{table}", "--tagger", "{run}", "--out", "{base}/made/tagged.csv"),
]


def allowed() -> tuple[type[BaseException], ...]:
    """What ends in one line and exit code 2."""
    from themetagger.corpus import TableError
    from themetagger.models.storage.container import BundleError
    from themetagger.runs.errors import RunError

    return (TableError, BundleError, RunError, OSError)


def child(place: Place, steps: list[Callable[[Place], None]], pipe: int) -> None:
    """Carry out the steps, and say through the pipe what came of them; never returns."""
    seen: list[str] = []
    sys.addaudithook(lambda event, arguments: seen.append(forbidden(event, arguments, place)) if not _quiet else None)
    with open("/proc/self/statm") as file:
        size = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, size + MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS * len(steps), SECONDS * len(steps) + 1))
    outcome, said = "fine", ""
    for step in steps:
        try:
            step(place)
        except allowed() as error:
            outcome, said = "told", f"{type(error).__name__}: {error}"
            if not str(error).strip() or "\n" in str(error).strip():
                outcome = "traceback"
        except BaseException:
            outcome, said = "traceback", f"{step.__name__}: {traceback.format_exc()[-1500:]}"
            break
    _quiet.append(True)
    wrong = next((what for what in seen if what), "")
    if wrong:
        outcome, said = wrong.split(":")[0], wrong
    os.write(pipe, json.dumps([outcome, said[:3000]]).encode())
    os._exit(0)


_quiet: list[bool] = []


def forbidden(event: str, arguments: Any, place: Place) -> str:
    """What an event of the interpreter means; empty where it may be."""
    if event.startswith(("socket.connect", "socket.bind", "socket.getaddrinfo")):
        return f"network: {arguments[1:]!r:.100}"
    if event.startswith(("subprocess.", "os.exec", "os.posix_spawn", "os.system", "os.fork")):
        return f"process: {arguments!r:.100}"
    return ""


MUCH = 2**26


def tree(folder: Path) -> str:
    """A digest of all that is in a folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        readable = path.is_file() and not path.is_symlink()
        size = path.stat().st_size if readable else 0
        said = b"" if not readable else path.read_bytes() if size < MUCH else str(size).encode()  # one that was grown
        digest.update(f"{path.relative_to(folder)} {len(said)} ".encode() + said)
    return digest.hexdigest()


@dataclass
class Report:
    """Counts by kind of edit and outcome, the first of what went wrong, and the slowest."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)
    commands: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")
    seconds: float = 0.0

    @property
    def bad(self) -> int:
        """Edits that came to what none may come to."""
        return sum(counter[outcome] for counter in self.counts.values() for outcome in BAD)

    def __str__(self) -> str:
        heads = ("fine", "told", *BAD)
        lines = [f"{'':16}{'edits':>7}" + "".join(f"{head:>15}" for head in heads)]
        total: Counter[str] = sum(self.counts.values(), Counter())
        for name, counter in [*self.counts.items(), ("all", total)]:
            lines.append(f"{name:16}{counter.total():>7,}" + "".join(f"{counter[head]:>15,}" for head in heads))
        lines.append(f"commands: {', '.join(f'{name} {n}' for name, n in sorted(self.commands.items()))}")
        lines.append(f"{self.seconds:.0f} s; slowest {self.slowest[0]:.1f} s ({self.slowest[1]})")
        return "\n".join([*lines, *self.wrong])


def made(base: Path) -> Place:
    """Two runs of one table, and a file of somebody else."""
    from toys import toy

    place = Place(base)
    for folder in ("outside", "made"):
        (base / folder).mkdir()
    toy(60).to_csv(place.table, index=False)
    place.victim.write_text("precious\n")
    _tune(place)
    for module in ("cli", "report.plots", "runs.review.report", "runs.review.terms", "search.importance"):
        importlib.import_module(f"themetagger.{module}")  # so that a forked process has what it needs
    from themetagger.runs.past_run import open_run
    from themetagger.runs.review.learning_curves import learning_curves_of_run

    learning_curves_of_run(open_run(place.run), ["pay"], n_jobs=1)
    for name in ("report.html", "results.png", "results.xlsx", "results.md"):
        (place.run / name).write_text("small")  # no page is drawn where there is one
    shutil.copytree(place.run, place.other)
    place.run.rename(base / "good")
    (curve,) = (base / "good").rglob("learning_curve.csv")
    place.mark = curve.read_text().splitlines()[-1].rpartition(",")[2]
    renewed(place)
    opened(place)
    begun(place)
    return place


def renewed(place: Place) -> None:
    """The run as it was made."""
    if place.run.is_symlink() or place.run.is_file():
        place.run.unlink()
    shutil.rmtree(place.run, ignore_errors=True)
    shutil.rmtree(place.base / "made", ignore_errors=True)
    (place.base / "made").mkdir()
    shutil.copytree(place.base / "good", place.run)


def edit(place: Place, seed: int, number: int) -> tuple[str, str]:
    """Make the edit of that number in the run: its kind, and the file."""
    draw = Random(f"{seed} {number}")
    kind = draw.choices(list(EDITS), list(EDITS.values()))[0]
    return kind.__name__, kind(place, draw)


def steps_of(number: int, every: int, file: str) -> list[Callable[[Place], None]]:
    """What is done with the edit of that number; what does not read the file that was edited is left out."""
    command = [COMMANDS[number // every % len(COMMANDS)]] if every and number % every == 0 else []
    reading = [] if file in ("warm_start.json", "studies.db", "log.jsonl", ".workers") else [opened]
    return [*reading, *([] if file in ONLY_OPENED else [begun]), *command]


ONLY_OPENED = ("results.csv", "averages.csv", "about.json", "tagger.tagger", "cost.json", "learning_curve.csv")


def tried(place: Place, steps: list[Callable[[Place], None]]) -> tuple[str, str]:
    """What comes of an edited run, in a process of its own."""
    reading, writing = os.pipe()
    process = os.fork()
    if not process:
        os.close(reading)
        with contextlib.suppress(BaseException):
            nowhere = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(nowhere, stream)
            child(place, steps, writing)
        os._exit(3)
    os.close(writing)
    begin, status = time.monotonic(), None
    while status is None:
        ended, code = os.waitpid(process, os.WNOHANG)
        if ended:
            status = code
        elif time.monotonic() > begin + WALL:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
            status = -1
        else:
            time.sleep(0.002)
    with os.fdopen(reading, "rb") as file:
        answer = file.read()
    if status == -1 or (os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL)):
        return "hang", f"ended by the limit of time ({status})"
    if not answer:
        return "crash", f"status {status}"
    outcome, said = json.loads(answer)
    return outcome, said


@contextlib.contextmanager
def listening() -> Iterator[socket.socket]:
    """An address that nobody may connect to."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.setblocking(False)
        yield server


def connected(server: socket.socket) -> bool:
    """Whether somebody did."""
    try:
        server.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def run(count: int, *, seed: int = 0, every: int = 20, start: int = 0, progress: bool = False) -> Report:
    """Make ``count`` edits, and count what becomes of them."""
    report, begin = Report(), time.monotonic()
    with tempfile.TemporaryDirectory() as name, listening() as server:
        place = made(Path(name))
        place.port = server.getsockname()[1]
        outside = tree(place.victim.parent)
        for number in range(start, start + count):
            renewed(place)
            kind, file = edit(place, seed, number)
            steps, since = steps_of(number, every, file), time.monotonic()
            outcome, said = tried(place, steps)
            took = time.monotonic() - since
            if tree(place.victim.parent) != outside:
                outcome, said = "wrote outside", said
                shutil.rmtree(place.other, ignore_errors=True)
                place.victim.write_text("precious\n")
                shutil.copytree(place.base / "good", place.other)
                outside = tree(place.victim.parent)
            if connected(server):
                outcome = "network"
            report.counts.setdefault(kind, Counter())[outcome] += 1
            report.commands.update(step.__name__ for step in steps)
            report.slowest = max(report.slowest, (took, f"number {number}, {kind} of {file}"))
            if outcome in BAD:
                report.wrong.append(
                    f"{outcome}: number {number}, {kind} of {file}, {steps[-1].__name__}: {said[-1500:]}"
                )
                if progress:
                    print(report.wrong[-1], file=sys.stderr, flush=True)
            if progress and number % 50 == 0:
                print(f"{number - start:,} of {count:,}, {time.monotonic() - begin:.0f} s", file=sys.stderr, flush=True)
    report.seconds = time.monotonic() - begin
    return report


def main() -> None:
    """Run, print, and tell by the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--every", type=int, default=20, help="how many edits have one that is given to a command")
    parser.add_argument("--start", type=int, default=0, help="the number of the first edit")
    parser.add_argument("--replay", type=int, help="the number of an edit, which alone is made")
    asked = parser.parse_args()
    if asked.replay is not None:
        report = run(1, seed=asked.seed, every=asked.every, start=asked.replay)
    else:
        report = run(asked.count, seed=asked.seed, every=asked.every, start=asked.start, progress=True)
    print(report)
    sys.exit(1 if report.bad else 0)


if __name__ == "__main__":
    main()
