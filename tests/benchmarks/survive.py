"""Runs that are killed at random moments, and gone on with, beside one that is left alone.

    python tests/benchmarks/survive.py kills --kills 100
    python tests/benchmarks/survive.py kills --kills 20 --postgresql
    python tests/benchmarks/survive.py tag --kills 100
    python tests/benchmarks/survive.py trouble
    python tests/benchmarks/survive.py cost FOLDER

Each run has two workers and is killed five times (SIGKILL, to the run alone or to it and its workers), each time at a
moment drawn from the length of a whole run, then it is left to its end. What is compared with the run that was left
alone: trials with their out-of-fold scores, the studies in the database, winners, table, tagger file. A finished trial
is lost or repeated if the bytes of its record, times included, are not in the ledger at the end, or not in the database
just once. ``cost`` tunes on the folder's train.csv with a run folder and without one, in turn, and prints the ratio.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _kills_of_tag import kills_of_tag
from servers import postgresql, server
from toys import toy

from themetagger.models.storage.container import read_bundle
from themetagger.runs.tune import tune
from themetagger.search.storage.database import Database, sqlite_url
from themetagger.search.storage.trial_log import Record

FAMILIES = "ridge,naive_bayes_complement,kernel_svm,random_forest"
KILLS_A_RUN = 5
OF_TIME = ("begun", "ended", "warnings")  # what differs between any two runs


def command(table: Path, out: Path, storage: str | None) -> list[str]:
    """The command that begins a run, and goes on with it."""
    options = {"--families": FAMILIES, "--trials": "12", "--patience": "12", "--stop-early": "never", "--n-jobs": "2"}
    words = [word for option in options.items() for word in option]
    more = [] if storage is None else ["--storage", storage]
    return [sys.executable, "-m", "themetagger.cli", "tune", str(table), "--out", str(out), "--resume", *words, *more]


def run(words: list[str], *, kill_after: float | None = None, workers_too: bool = False) -> bool:
    """Give the command; whether it came to its end before it was killed."""
    with tempfile.TemporaryFile() as told:
        process = subprocess.Popen(words, stdout=told, stderr=told, start_new_session=True)
        try:
            code = process.wait(timeout=kill_after)
        except subprocess.TimeoutExpired:
            (os.killpg if workers_too else os.kill)(process.pid, signal.SIGKILL)
            process.wait()
            return False
        if code:
            told.seek(0)
            raise SystemExit(f"a run ended with {code}:\n{told.read().decode()}")
    return True


def records(out: Path) -> dict[str, list[bytes]]:
    """The whole lines of each theme's ledger."""
    found = {}
    for path in sorted(out.glob("themes/*/trials.jsonl")):
        lines = path.read_bytes().split(b"\n")[:-1]
        found[path.parent.name] = lines
    return found


def left(out: Path, storage: str | None) -> dict[str, Any]:
    """What a run leaves, but for the clock."""
    kept: dict[str, Any] = {}
    themes = {}
    for folder, lines in records(out).items():
        trials = [asdict(Record.of_line(line + b"\n")) for line in lines]
        kept[f"trials of {folder}"] = [{n: v for n, v in trial.items() if n not in OF_TIME} for trial in trials]
        manifest, arrays = read_bundle(out / "themes" / folder / "winner.models")
        themes[manifest["winner"]["theme"]] = folder
        del manifest["winner"]["seconds"]
        kept[f"winner of {folder}"] = (manifest, {name: array.tobytes() for name, array in arrays.items()})
        for path in sorted((out / "themes" / folder / "scores").iterdir()):
            kept[f"scores of {folder}/{path.name}"] = path.read_bytes()
    kept["studies"] = studies(out, storage, themes, with_times=False)
    kept["table"] = pd.read_csv(out / "results.csv").drop(columns="seconds").to_csv()
    kept["tagger file"] = (out / "tagger.tagger").read_bytes()
    return kept


def studies(out: Path, storage: str | None, themes: dict[str, str], *, with_times: bool) -> dict[str, Any]:
    """The trials in the database."""
    import json

    name = json.loads((out / "run.json").read_text())["name"]
    url = sqlite_url(out / "studies.db") if storage is None else storage
    database = Database(url, run="" if storage is None else f"{name}/")
    found: dict[str, Any] = {}
    for theme, folder in sorted(themes.items()):
        trials = database.trials(theme)
        if with_times:
            found[folder] = [(t.number, t.datetime_start, t.datetime_complete) for t in trials]
        else:
            found[folder] = [(t.number, t.state.name, t.value, t.params, t.user_attrs) for t in trials]
    database.close()
    return found


def lost_or_repeated(out: Path, storage: str | None, seen: dict[str, list[bytes]], themes: dict[str, str]) -> int:
    """How many of the trials that were on the disk at some kill are not there once, as they were."""
    at_end, copied = records(out), studies(out, storage, themes, with_times=True)
    wrong = 0
    for folder, lines in seen.items():
        wrong += sum(line != now for line, now in zip(lines, at_end[folder], strict=False))
        wrong += max(0, len(lines) - len(at_end[folder]))
    for folder, lines in at_end.items():
        kept = [Record.of_line(line + b"\n") for line in lines]
        times = [(r.number, datetime.fromtimestamp(r.begun), datetime.fromtimestamp(r.ended)) for r in kept]
        found = copied[folder]
        wrong += len(set(times) ^ set(found)) + abs(len(found) - len(set(found)))
    return wrong


def kills(count: int, seed: int, storage: str | None) -> int:
    """Kill, go on, compare; how many runs differed."""
    draw, scratch = random.Random(seed), Path(tempfile.mkdtemp())
    table = scratch / "texts.csv"
    toy(300, seed=3).to_csv(table, index=False)
    begun = time.monotonic()
    run(command(table, scratch / "alone", storage))
    length = time.monotonic() - begun
    alone = left(scratch / "alone", storage)
    themes = {m["winner"]["theme"]: key.removeprefix("winner of ") for key, (m, *_) in _theme_results(alone)}
    total = sum(len(lines) for lines in records(scratch / "alone").values())
    print(f"left alone: {length:.1f} s, {len(themes)} themes, {total} trials", flush=True)
    done = differed = lost = again = 0
    while done < count:
        out, seen = scratch / f"run{done}", dict[str, list[bytes]]()
        for _ in range(min(KILLS_A_RUN, count - done)):
            if run(command(table, out, storage), kill_after=draw.uniform(0.2, length), workers_too=draw.random() < 0.5):
                again += 1  # it came to its end first: another one is killed in its place
                break
            done += 1
            for folder, lines in records(out).items() if out.exists() else ():
                before = seen.setdefault(folder, lines)
                lost += lines[: len(before)] != before
                seen[folder] = lines
        run(command(table, out, storage))
        found = left(out, storage)
        parts = [name for name in {**alone, **found} if alone.get(name) != found.get(name)]
        lost += lost_or_repeated(out, storage, seen, themes)
        differed += bool(parts)
        kept = sum(len(lines) for lines in seen.values())
        told = ", ".join(parts) or "nothing"
        print(f"{done} kills; {kept} of {total} trials were on the disk at the last one; differs: {told}", flush=True)
        shutil.rmtree(out)
    where = "SQLite" if storage is None else "PostgreSQL"
    print(f"{where}: {done} kills, runs that differ: {differed}, finished trials lost or repeated: {lost}")
    shutil.rmtree(scratch)
    return differed + lost


def _of_tag(count: int, seed: int) -> int:
    """As of `kills`, of ``tag`` over CSV, TSV and JSON Lines, whose tables must be equal byte for byte."""
    with tempfile.TemporaryDirectory() as scratch:
        return kills_of_tag(count, seed, Path(scratch))


def trouble() -> int:
    """What happens when something is wrong, and after it was mended; how many ends differed from a run left alone."""
    scratch = Path(tempfile.mkdtemp())
    table = scratch / "texts.csv"
    toy(300, seed=3).to_csv(table, index=False)
    run(command(table, scratch / "alone", None))
    troubles: dict[str, Callable[[Path, Path], None]] = {
        "torn last record": _torn,
        "stale lock": _stale,
        "worker killed": _worker_killed,
        "full disk": _full_disk,
        "read-only folder": _read_only,
        "Ctrl-C": _ctrl_c,
        "PostgreSQL stopped in mid-run": _database_stopped,
    }
    differed = 0
    for name, make in troubles.items():
        out = scratch / "disk" / name.replace(" ", "_")
        out.parent.mkdir(exist_ok=True)
        print(f"{name}:", flush=True)
        make(table, out)
        same = left(out, None) == left(scratch / "alone", None)
        differed += not same
        print(f"    at the end: {'the same as' if same else 'OTHER THAN'} the run that was left alone", flush=True)
    shutil.rmtree(scratch)
    return differed


def told(words: list[str], *, meanwhile: Callable[[subprocess.Popen[str]], None] = lambda _: None) -> None:
    """Give a command, and print its last line and its exit code."""
    process = subprocess.Popen(
        words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    meanwhile(process)
    lines = process.communicate()[1].strip().splitlines()
    if process.returncode not in (0, 2, 130) or any("Traceback" in line for line in lines):
        raise SystemExit("\n".join(["this should not have happened:", *lines]))
    shown = [line.strip() for line in lines if not line.startswith("[")] or ["(no message)"]
    print(*(f"    {line}" for line in shown[-2:]), f"    exit code {process.returncode}", sep="\n", flush=True)


def _when_some_are_done(out: Path, act: Callable[[], None]) -> Callable[[subprocess.Popen[str]], None]:
    def meanwhile(process: subprocess.Popen[str]) -> None:
        while process.poll() is None and sum(map(len, records(out).values())) < 6:
            time.sleep(0.02)
        act()

    return meanwhile


def _killed(table: Path, out: Path) -> None:
    process = subprocess.Popen(command(table, out, None), stderr=subprocess.DEVNULL, start_new_session=True)
    _when_some_are_done(out, lambda: os.killpg(process.pid, signal.SIGKILL))(process)  # type: ignore[arg-type]
    process.wait()


def _torn(table: Path, out: Path) -> None:
    _killed(table, out)
    for path in out.glob("themes/*/trials.jsonl"):
        path.write_bytes(path.read_bytes()[:-30])
    told(command(table, out, None))


def _stale(table: Path, out: Path) -> None:
    _killed(table, out)
    print(f"    {out.name}/.lock: {(out / '.lock').read_text()}")
    told(command(table, out, None))


def _worker_killed(table: Path, out: Path) -> None:
    def kill_one(process: subprocess.Popen[str]) -> None:
        _when_some_are_done(out, lambda: None)(process)
        children = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True).stdout.split()
        names = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children}
        os.kill(int(next(pid for pid, name in names.items() if b"popen_loky" in name)), signal.SIGKILL)

    told(command(table, out, None), meanwhile=kill_one)


@contextmanager
def _mounted(place: Path, size: str) -> Iterator[None]:
    """A small file system in memory; needs the rights to mount one."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


def _remount(place: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(place)], check=True)


def _full_disk(table: Path, out: Path) -> None:
    out.mkdir()
    with _mounted(out, "200k"):
        for size in ("500k", "1200k"):
            told(command(table, out, None))
            _remount(out, f"size={size}")
        told(command(table, out, None))
        _remount(out, "size=50m")
        told(command(table, out, None))
        shutil.copytree(out, out.with_name("copy"))
    shutil.copytree(out.with_name("copy"), out, dirs_exist_ok=True)
    shutil.rmtree(out.with_name("copy"))


def _read_only(table: Path, out: Path) -> None:
    out.mkdir()
    with _mounted(out, "50m"):
        _killed(table, out)
        _remount(out, "ro")
        told(command(table, out, None))
        _remount(out, "rw")
        told(command(table, out, None))
        shutil.copytree(out, out.with_name("copy"))
    shutil.copytree(out.with_name("copy"), out, dirs_exist_ok=True)
    shutil.rmtree(out.with_name("copy"))


def _ctrl_c(table: Path, out: Path) -> None:
    def stop(process: subprocess.Popen[str]) -> None:
        _when_some_are_done(out, lambda: os.killpg(process.pid, signal.SIGINT))(process)

    told(command(table, out, None), meanwhile=stop)
    told(command(table, out, None))


def _database_stopped(table: Path, out: Path) -> None:
    with server() as made:
        told(command(table, out, made.url), meanwhile=_when_some_are_done(out, made.stop))
        told(command(table, out, made.url))
        made.start()
        told(command(table, out, made.url))
        same = studies(out, made.url, {name: name for name in ("pay", "staff", "food")}, with_times=False)
        print(f"    in the database: {sum(map(len, same.values()))} trials")
        # for the comparison, as a run with SQLite has it
        (out / "studies.db").unlink(missing_ok=True)
    told(command(table, out, None))


def cost(folder: Path, rounds: int) -> None:
    """The time of a run that is kept, beside one that is not."""
    seconds: dict[str, list[float]] = {"kept": [], "not kept": []}
    for number in range(rounds):
        for name in sorted(seconds, reverse=bool(number % 2)):
            with tempfile.TemporaryDirectory() as scratch:
                out = {"out": Path(scratch) / "run"} if name == "kept" else {}
                begun = time.perf_counter()
                tune(folder / "train.csv", n_jobs=2, show_progress=False, **out)
                seconds[name].append(time.perf_counter() - begun)
                size = sum(path.stat().st_size for path in Path(scratch).rglob("*") if path.is_file())
            print(f"{name}: {seconds[name][-1]:.1f} s" + (f", {size / 1e6:.0f} MB" if out else ""), flush=True)
    ratio = sum(seconds["kept"]) / sum(seconds["not kept"])
    print(f"{folder.name}: kept / not kept {ratio:.3f} (table, picture, page and tagger file are written in it too)")


def _theme_results(kept: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((key, value) for key, value in kept.items() if key.startswith("winner of "))


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    actions = parser.add_subparsers(required=True)
    action = actions.add_parser("kills")
    action.add_argument("--kills", type=int, default=100)
    action.add_argument("--seed", type=int, default=0)
    action.add_argument("--postgresql", action="store_true", help="keep the trials in a server that is started here")
    action = actions.add_parser("tag")
    action.add_argument("--kills", type=int, default=100)
    action.add_argument("--seed", type=int, default=0)
    action.set_defaults(run=lambda options: sys.exit(bool(_of_tag(options.kills, options.seed))))
    actions.add_parser("trouble").set_defaults(run=lambda _: sys.exit(bool(trouble())))
    action = actions.add_parser("cost")
    action.add_argument("folder", type=Path)
    action.add_argument("--rounds", type=int, default=2)
    action.set_defaults(run=lambda options: cost(options.folder, options.rounds))
    options = parser.parse_args()
    if hasattr(options, "run"):
        options.run(options)
        return
    with postgresql() if options.postgresql else nullcontext() as url:
        sys.exit(bool(kills(options.kills, options.seed, url)))


if __name__ == "__main__":
    main()
