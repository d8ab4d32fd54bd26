"""Tagging a file: in batches as in one piece, and an interrupted call goes on where it was, whatever stopped it."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from themetagger._utils.console import Stopped
from themetagger._utils.files import hold
from themetagger.corpus import TableError, TableFormat, read_corpus, read_table, streaming
from themetagger.corpus.annotations.output import OutFormat
from themetagger.runs.tune import tune
from themetagger.tagger import tag_table as module
from themetagger.tagger import tag_work
from themetagger.tagger.tag_table import tag_file
from themetagger.tagger.tag_work import Work
from themetagger.tagger.theme_tagger import ThemeTagger

pytestmark = pytest.mark.usefixtures("no_page")

WORDS = ["salary", "wage", "boss", "team", "day", "week", "office", "café", 'say "hi"', "two\nlines", "=1+1", "a,b"]


def table(n: int, *, seed: int) -> pd.DataFrame:
    """Texts that need quotes, and a number beside each."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {"id": [str(i) for i in range(n)], "Processed Text": [" ".join(rng.choice(WORDS, 7)) for _ in range(n)]}
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with run/tagger.tagger and a table of 60 rows, new.csv."""
    home = tmp_path_factory.mktemp("tag_file")
    train = table(80, seed=0)
    train["Themes"] = ["pay" if "salary" in text else "" for text in train["Processed Text"]]
    train.to_csv(home / "train.csv", index=False)
    options: dict[str, Any] = {"families": ["ridge"], "trials": 1, "n_folds": 3, "n_jobs": 1, "min_positives": 5}
    tune(home / "train.csv", out=home / "run", **options)
    table(60, seed=1).to_csv(home / "new.csv", index=False)
    return home


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "BATCH", 7)


OTHER: dict[str, dict[str, Any]] = {
    "probabilities": {"probabilities": True},
    "encoding": {"table_format": TableFormat(encoding="utf-8")},
    "policy": {"policy": "certified"},
    "formulas": {"formulas": "keep"},
}


def call(home: Path, out: Path, **options: Any) -> Any:
    return tag_file(options.pop("file", home / "new.csv"), home / "run" / "tagger.tagger", out, **options)


def stop_after(monkeypatch: pytest.MonkeyPatch, batches: int, error: BaseException) -> None:
    """Let the call that tags batch ``batches`` raise ``error``."""
    real, seen = Work.tagged, []

    def tagged(self: Any, frame: pd.DataFrame) -> pd.DataFrame:
        seen.append(frame)
        if len(seen) > batches:
            raise error
        return real(self, frame)

    monkeypatch.setattr(Work, "tagged", tagged)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["csv", "tsv", "jsonl"])
@pytest.mark.parametrize("source", ["csv", "jsonl"])
@pytest.mark.parametrize("probabilities", [False, True])
def test_batches_give_what_one_piece_gives(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, source: str, probabilities: bool
) -> None:
    file = tmp_path / f"new.{source}"
    frame = table(60, seed=1)
    if source == "csv":
        frame.to_csv(file, index=False)
    else:
        rows = [*frame.to_dict("records")[:-1], {"id": 59, "extra": None, "Processed Text": "salary"}]
        file.write_text("\n".join(map(json.dumps, rows)))
    done = call(home, tmp_path / f"small.{suffix}", file=file, probabilities=probabilities)
    monkeypatch.setattr(module, "reads_row_by_row", lambda _: False)
    call(home, tmp_path / f"whole.{suffix}", file=file, probabilities=probabilities)
    assert (done.rows, done.resumed) == (60, 0)
    assert (tmp_path / f"small.{suffix}").read_bytes() == (tmp_path / f"whole.{suffix}").read_bytes()
    tags = ThemeTagger.load(home / "run" / "tagger.tagger").tag(read_table(file)[0]["Processed Text"].tolist())
    found = read_table(tmp_path / f"small.{suffix}")[0]
    assert found["Themes"].tolist() == (tags if suffix == "jsonl" else [", ".join(themes) for themes in tags])
    assert {(), ("pay",)} == set(map(tuple, tags))
    assert ("p(pay)" in found) is probabilities
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([file.name, f"small.{suffix}", f"whole.{suffix}"])


@pytest.mark.slow
@pytest.mark.parametrize("batches", [0, 1, 5])
def test_an_interrupted_call_goes_on_where_it_was(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batches: int
) -> None:
    call(home, tmp_path / "whole.csv")
    with monkeypatch.context() as patch:
        stop_after(patch, batches, KeyboardInterrupt())
        with pytest.raises(Stopped, match=f"{7 * batches} of 60 rows are done; the same command continues"):
            call(home, tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()
    if batches:
        with open(tmp_path / "out.csv.part", "ab") as file:
            file.write(b"half a ro")  # as a process that dies while it writes would leave it
    assert call(home, tmp_path / "out.csv").resumed == 7 * batches
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("policy", "policy"),
        ("table", "the table"),
        ("tagger", "the tagger"),
        ("probabilities", "probabilities"),
        ("encoding", "encoding"),
        ("formulas", "formulas"),
    ],
)
def test_a_part_made_from_something_else_is_refused(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str, named: str
) -> None:
    file, tagger, options = tmp_path / "new.csv", tmp_path / "t.tagger", {}
    file.write_bytes((home / "new.csv").read_bytes())
    tagger.write_bytes((home / "run" / "tagger.tagger").read_bytes())
    with monkeypatch.context() as patch:
        stop_after(patch, 2, KeyboardInterrupt())
        with pytest.raises(Stopped):
            tag_file(file, tagger, tmp_path / "out.csv")
    if change == "table":
        file.write_bytes(file.read_bytes() + b"61,more\n")
    elif change == "tagger":
        loaded = ThemeTagger.load(tagger)
        loaded.table_format = TableFormat(("Processed Text", "id"))
        loaded.save(tagger)
        options = {"table_format": TableFormat(["Processed Text"])}
    else:
        options = OTHER[change]
    with pytest.raises(TableError, match=f"14 rows were tagged before {named} changed; .*start_over=True"):
        tag_file(file, tagger, tmp_path / "out.csv", **options)
    assert (tmp_path / "out.csv.part").stat().st_size > 0
    assert tag_file(file, tagger, tmp_path / "out.csv", start_over=True, **options).resumed == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("journal", "message"),
    [("{", "damaged"), ("[]", "damaged"), ('{"rows": 1}', "damaged"), ("longer", "shorter than it was")],
)
def test_a_damaged_journal_is_an_error_with_a_remedy(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, journal: str, message: str
) -> None:
    with monkeypatch.context() as patch:
        stop_after(patch, 2, KeyboardInterrupt())
        with pytest.raises(Stopped):
            call(home, tmp_path / "out.csv")
    if journal == "longer":
        os.truncate(tmp_path / "out.csv.part", 3)
    else:
        (tmp_path / "out.csv.part.json").write_text(journal)
    with pytest.raises(TableError, match=f"{message}.*start_over=True"):
        call(home, tmp_path / "out.csv")
    assert call(home, tmp_path / "out.csv", start_over=True).rows == 60


def test_a_journal_without_its_part_is_no_obstacle(home: Path, tmp_path: Path) -> None:
    (tmp_path / "out.csv.part.json").write_text("{}")
    assert call(home, tmp_path / "out.csv").resumed == 0
    assert not (tmp_path / "out.csv.part.json").exists()


def test_two_calls_do_not_write_one_file(home: Path, tmp_path: Path) -> None:
    with open(tmp_path / "out.csv.part", "wb") as file:
        assert hold(file)
        with pytest.raises(TableError, match="another process is writing it"):
            call(home, tmp_path / "out.csv")
    assert call(home, tmp_path / "out.csv").rows == 60


def test_a_full_disk_keeps_what_is_there(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    call(home, tmp_path / "whole.csv")
    real, left = os.fsync, [3]

    def fsync(descriptor: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")
        real(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(module.os, "fsync", fsync)
        with pytest.raises(
            TableError, match=r"out.csv.part: cannot be written \(No space left on device\); \d+ rows are done"
        ):
            call(home, tmp_path / "out.csv")
    assert call(home, tmp_path / "out.csv").resumed > 0
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_rows_are_on_the_disk_before_the_journal_speaks_of_them(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, synced, said = os.fsync, set(), module.write_atomically

    def fsync(descriptor: int) -> None:
        synced.add((os.fstat(descriptor).st_ino, os.fstat(descriptor).st_size))
        real(descriptor)

    def journal(path: Path, data: bytes) -> None:
        part = (tmp_path / "out.csv.part").stat()
        assert (part.st_ino, part.st_size) in synced
        assert json.loads(data)["bytes"] == part.st_size
        said(path, data)

    monkeypatch.setattr(module.os, "fsync", fsync)
    monkeypatch.setattr(module, "write_atomically", journal)
    call(home, tmp_path / "out.csv")
    assert len(synced) > 8


def test_a_bad_row_at_the_end_is_found_before_any_work(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "new.csv"
    file.write_bytes((home / "new.csv").read_bytes() + b"60,text,too much\n")
    with pytest.raises(TableError, match=r"new.csv, line \d+: too many fields"):
        call(home, tmp_path / "out.csv", file=file)
    assert [path.name for path in tmp_path.iterdir()] == ["new.csv"]


def test_an_unknown_suffix_is_refused_before_any_work(home: Path, tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"cannot write \.docx"):
        call(home, tmp_path / "out.docx", file=tmp_path / "is not even there.csv")


# makes a process for each line that it reads; what they import is there, from a small file that it tags itself
SLOW = """
import os, sys, time
from themetagger.tagger import tag_table as module
from themetagger.corpus import streaming
small, *arguments = sys.argv[1:]
module.tag_file(small, arguments[1], small + ".tagged.csv")
streaming.BATCH, append = 2, module._Part.append
def slow(self, frame):
    time.sleep(0.02)
    append(self, frame)
    print(self.rows, flush=True)
module._Part.append = slow
for _ in sys.stdin:
    if child := os.fork():
        print("ended by", os.WTERMSIG(os.waitpid(child, 0)[1]), flush=True)
        continue
    try:
        print(os.getpid(), flush=True)
        module.tag_file(*arguments)
    finally:
        os._exit(1)
"""


@pytest.mark.slow
def test_killed_at_any_moment_the_command_goes_on(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGKILL six times, then once to the end: the same bytes as without."""
    file, out = tmp_path / "new.csv", tmp_path / "out.csv"
    table(2_000, seed=3).to_csv(file, index=False)  # more than six processes could write before they are killed
    small = shutil.copy(home / "new.csv", tmp_path / "small.csv")
    command = [sys.executable, "-c", SLOW, *map(str, (small, file, home / "run" / "tagger.tagger", out))]
    moments, reached = random.Random(0), 0
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as maker:
        assert maker.stdin is not None
        assert maker.stdout is not None
        for _ in range(6):
            print(file=maker.stdin, flush=True)
            process, first = (int(maker.stdout.readline()) for _ in range(2))
            assert first in (reached + 2, reached + 4)  # one batch more may be on the disk than was said
            time.sleep(moments.uniform(0, 0.1))
            os.kill(process, signal.SIGKILL)
            reached = max([first, *map(int, iter(maker.stdout.readline, f"ended by {signal.SIGKILL:d}\n"))])
    assert not out.exists()
    monkeypatch.setattr(streaming, "BATCH", 100)  # many a time is the disk waited for
    assert call(home, out, file=file).resumed >= reached > 0
    call(home, tmp_path / "whole.csv", file=file)
    assert out.read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_a_new_beginning_forgets_the_old_journal(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a call killed before its first journal would leave rows of its own under the old one."""
    with monkeypatch.context() as patch:
        stop_after(patch, 2, KeyboardInterrupt())
        with pytest.raises(Stopped):
            call(home, tmp_path / "out.csv")
    with monkeypatch.context() as patch:
        patch.setattr(module, "write_atomically", lambda *_: os.kill(os.getpid(), signal.SIGINT))
        with pytest.raises(Stopped):
            call(home, tmp_path / "out.csv", probabilities=True, start_over=True)
    assert call(home, tmp_path / "out.csv").resumed == 0
    call(home, tmp_path / "whole.csv")
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_the_whole_is_not_taken_for_a_part(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process gives it its name between our opening and our holding it."""

    def held(file: Any) -> bool:
        os.replace(tmp_path / "out.csv.part", tmp_path / "out.csv")
        (tmp_path / "out.csv").write_text("whole")
        return hold(file)

    monkeypatch.setattr(module, "hold", held)
    with pytest.raises(TableError, match="another process is writing it"):
        call(home, tmp_path / "out.csv", start_over=True)
    assert (tmp_path / "out.csv").read_text() == "whole"


def test_probabilities_of_an_earlier_call_are_replaced(home: Path, tmp_path: Path) -> None:
    call(home, tmp_path / "one.csv", probabilities=True, formulas="keep")
    call(home, tmp_path / "two.csv", file=tmp_path / "one.csv", probabilities=True)
    one, two = read_table(tmp_path / "one.csv")[0], read_table(tmp_path / "two.csv")[0]
    assert sorted(two.columns) == sorted([*one.columns, "Predicted Themes"])
    assert two["p(pay)"].tolist() == one["p(pay)"].tolist()


@pytest.mark.parametrize("changed", ["new.csv", "t.tagger"])
def test_files_that_change_meanwhile_are_told(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    (tmp_path / "new.csv").write_bytes((home / "new.csv").read_bytes())
    (tmp_path / "t.tagger").write_bytes((home / "run" / "tagger.tagger").read_bytes())
    real = Work.tagged

    def tagged(self: Any, frame: pd.DataFrame) -> pd.DataFrame:
        with open(tmp_path / changed, "ab") as file:
            file.write(b"60,more\n")
        return real(self, frame)

    monkeypatch.setattr(Work, "tagged", tagged)
    with pytest.raises(TableError, match=rf"{changed}: it was added to \(from .* bytes\) while .*start_over=True"):
        tag_file(tmp_path / "new.csv", tmp_path / "t.tagger", tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def _replaced(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(path.read_bytes().replace(b"pay", b"yap"))
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    os.replace(other, path)


def _written_with_its_time_set_back(path: Path) -> None:
    status = path.stat()
    path.write_bytes(path.read_bytes().replace(b"pay", b"yap"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (_replaced, "it was replaced by another file"),
        (_written_with_its_time_set_back, "it was changed"),
        (_cut, r"it was shortened \(from"),
        (Path.unlink, "it was taken away"),
    ],
)
@pytest.mark.parametrize("batch", [0, 1], ids=["before", "between"])
def test_whatever_happens_to_the_table_is_told_as_such_and_loses_no_row(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Any, what: str, batch: int
) -> None:
    path, before = tmp_path / "new.csv", (home / "new.csv").read_bytes()
    path.write_bytes(before)
    real, batches = Work.tagged, iter(range(100))

    def tagged(self: Any, frame: pd.DataFrame) -> pd.DataFrame:
        if next(batches) == batch:
            change(path)
        return real(self, frame)

    monkeypatch.setattr(streaming, "BATCH", 5)
    monkeypatch.setattr(Work, "tagged", tagged)
    with pytest.raises(TableError, match=f"new.csv: {what}"):
        tag_file(path, home / "run", tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()
    path.write_bytes(before)
    done = tag_file(path, home / "run", tmp_path / "out.csv")
    assert done.resumed > 0
    call(home, tmp_path / "whole.csv")
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_rows_that_do_not_fit_the_format_are_an_error(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unfit(*_: object, **__: object) -> bytes:
        raise ValueError("no such letter")

    monkeypatch.setattr(module, "rows_as_bytes", unfit)
    with pytest.raises(TableError, match=r"out.csv: the rows from line 2 on do not fit this format \(no such letter\)"):
        call(home, tmp_path / "out.csv")


def test_a_folder_as_output_is_refused_before_any_work(home: Path, tmp_path: Path) -> None:
    (tmp_path / "out.csv").mkdir()
    with pytest.raises(TableError, match=r"out.csv: this is a folder"):
        call(home, tmp_path / "out.csv", file=tmp_path / "is not even there.csv")


FORMULAS = ["=1+1 salary", "-5", "boss @ team", "@week", "' =day", "pay", "+", "\twage", "=office"]
RUN = [0, 3, 4, 6, 7, 8]  # those that a spreadsheet would run


@pytest.mark.parametrize("suffix", ["csv", "tsv", "jsonl", "json", "xlsx"])
@pytest.mark.parametrize("formulas", ["neutralise", "keep"])
def test_formulas_are_neutralised_and_told(home: Path, tmp_path: Path, suffix: str, formulas: Any) -> None:
    file, runs = tmp_path / "new.jsonl", suffix in ("csv", "tsv") and formulas == "neutralise"
    file.write_text("\n".join(json.dumps({"Processed Text": text, "=id": 1}) for text in FORMULAS))
    done = call(home, tmp_path / f"out.{suffix}", file=file, formulas=formulas)
    frame = read_table(tmp_path / f"out.{suffix}")[0]
    wanted = ["'" + text if runs and row in RUN else text for row, text in enumerate(FORMULAS)]
    assert frame["Processed Text"].tolist() == wanted
    assert list(frame.columns) == ["Processed Text", "'=id" if runs else "=id", "Themes"]
    told = "7 cells or column names that a spreadsheet would run as formulas got an apostrophe in front; "
    assert done.notes == ((told + "formulas='keep' leaves them as they are.",) if runs else ())


def test_formulas_of_an_interrupted_call_are_counted_too(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "new.csv"
    pd.DataFrame({"Processed Text": FORMULAS * 3}).to_csv(file, index=False)
    notes = call(home, tmp_path / "whole.csv", file=file).notes
    assert notes[0].startswith("18 cells")
    with monkeypatch.context() as patch:
        stop_after(patch, 2, KeyboardInterrupt())
        with pytest.raises(Stopped):
            call(home, tmp_path / "out.csv", file=file)
    again = call(home, tmp_path / "out.csv", file=file)
    assert (again.resumed, again.notes) == (14, notes)
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


@pytest.mark.parametrize("option", ["policy", "formulas"])
def test_an_unknown_choice_is_named(home: Path, tmp_path: Path, option: str) -> None:
    with pytest.raises(ValueError, match=f"{option} must be one of .* but is 'odd'"):
        call(home, tmp_path / "out.csv", **{option: "odd"})


def test_words_of_a_tag_stand_in_a_column_of_their_own(home: Path, tmp_path: Path) -> None:
    call(home, tmp_path / "out.csv", explain=True)
    frame = read_table(tmp_path / "out.csv")[0]
    assert list(frame.columns) == ["id", "Processed Text", "Themes", "Words"]
    tagged = frame[frame["Themes"] == "pay"]
    assert len(tagged)
    assert all(words.startswith("pay: ") and "salary" in words for words in tagged["Words"])
    assert set(frame.loc[frame["Themes"] == "", "Words"]) == {""}


def test_themes_that_are_not_usable_are_listed_for_review_and_named(home: Path, tmp_path: Path) -> None:
    loaded = ThemeTagger.load(home / "run" / "tagger.tagger")
    (pay,) = loaded.theme_results
    loaded.theme_results = [replace(pay, status="BEST_EFFORT", usable_precision=0.5, corrected_precision=0.4)]
    loaded.save(tmp_path / "poor.tagger")
    call(home, tmp_path / "all.csv")
    tag_file(home / "new.csv", tmp_path / "poor.tagger", tmp_path / "all-too.csv", policy="all")
    assert (tmp_path / "all-too.csv").read_bytes() == (tmp_path / "all.csv").read_bytes()
    done = tag_file(home / "new.csv", tmp_path / "poor.tagger", tmp_path / "some.csv")
    (note,) = (note for note in done.notes if "not usable" in note)
    assert note.startswith("1 theme is not usable (too many tags would be wrong) and is not tagged but listed in 'Them")
    assert note.endswith("'pay'. policy='all' tags it too.")
    assert done.themes == 0
    frame = read_table(tmp_path / "some.csv")[0]
    assert set(frame["Themes"]) == {""}
    assert frame["Themes to Review"].tolist() == read_table(tmp_path / "all.csv")[0]["Themes"].tolist()


@pytest.fixture(scope="module")
def with_comma(home: Path) -> Path:
    """The same tagger, its theme under a name that holds the usual separator."""
    old, new = ThemeTagger.load(home / "run" / "tagger.tagger"), "Pay, bonus; and more"
    results = [replace(result, theme=new) for result in old.theme_results]
    ThemeTagger(results, {new: old.members["pay"]}, old.encoder).save(home / "comma.tagger")
    return home / "comma.tagger"


@pytest.mark.parametrize("suffix", ["csv", "tsv", "xlsx", "json", "jsonl", "parquet"])
def test_what_is_written_is_read_again_whatever_a_theme_is_called(
    home: Path, tmp_path: Path, with_comma: Path, suffix: str
) -> None:
    done = tag_file(home / "new.csv", with_comma, tmp_path / f"out.{suffix}")
    tags = ThemeTagger.load(with_comma).tag(read_table(home / "new.csv")[0]["Processed Text"].tolist())
    flat = suffix in ("csv", "tsv", "xlsx")
    corpus = read_corpus(tmp_path / f"out.{suffix}", separator=" | " if flat else ", ")
    assert [[corpus.themes[j] for j in row.nonzero()[0]] for row in corpus.labels.toarray()] == tags
    said = "'Pay, bonus; and more' holds ', ', so the themes in the column 'Themes' are separated by ' | '"
    assert any(note.startswith(said) for note in done.notes) is flat


def test_a_separator_of_ones_own_is_taken_or_refused(home: Path, tmp_path: Path, with_comma: Path) -> None:
    form = TableFormat.saying(separator="|")
    tag_file(home / "new.csv", with_comma, tmp_path / "out.csv", table_format=form)
    assert "Pay, bonus; and more" in read_corpus(tmp_path / "out.csv", separator="|").themes
    with pytest.raises(TableError, match=r"separator='; ': 'Pay, bonus; and more' could not be read again; pass"):
        tag_file(home / "new.csv", with_comma, tmp_path / "b.csv", table_format=TableFormat.saying(separator="; "))
    assert not (tmp_path / "b.csv").exists()


@pytest.mark.parametrize(("tool", "name"), [("doccano", "out.jsonl"), ("label-studio", "out.json")])
def test_an_annotation_tool_gets_the_tags(home: Path, tmp_path: Path, with_comma: Path, tool: str, name: str) -> None:
    done = tag_file(home / "new.csv", with_comma, tmp_path / name, out_format=OutFormat(tool))
    frame, _ = read_table(tmp_path / name)
    texts = read_table(home / "new.csv")[0]["Processed Text"].tolist()
    column = "label" if tool == "doccano" else "themes (predicted)"
    assert [cell or [] for cell in frame[column]] == ThemeTagger.load(with_comma).tag(texts)
    assert frame["text"].tolist() == texts
    assert frame["id"].tolist() == [str(row) for row in range(60)]
    assert any("<Choices" in note for note in done.notes) is (tool == "label-studio")


@pytest.mark.parametrize("kind", ["link", "hard link", "link to the input", "pipe", "journal"])
def test_what_stands_in_the_place_of_the_part_is_not_written_to(home: Path, tmp_path: Path, kind: str) -> None:
    out, part = tmp_path / "tagged.csv", tmp_path / "tagged.csv.part"
    (tmp_path / "new.csv").write_bytes((home / "new.csv").read_bytes())
    victim = tmp_path / ("new.csv" if "input" in kind else "victim")
    if victim.name == "victim":
        victim.write_text("precious")
    before = victim.read_bytes()
    if kind == "hard link":
        os.link(victim, part)
    elif kind == "pipe":
        os.mkfifo(part)
    elif kind == "journal":
        (tmp_path / "tagged.csv.part.json").symlink_to(victim)
    else:
        part.symlink_to(victim)
    for start_over in (False, True):
        with pytest.raises(TableError, match=r"tagged\.csv\.part"):
            call(home, out, file=tmp_path / "new.csv", start_over=start_over)
    assert (victim.read_bytes(), out.exists()) == (before, False)


@pytest.mark.parametrize("wrong", [{"rows": -1}, {"rows": "7"}, {"bytes": 10**30}, {"made_from": []}, {"rows": None}])
def test_a_journal_that_does_not_fit_is_told(home: Path, tmp_path: Path, wrong: dict[str, Any]) -> None:
    (tmp_path / "tagged.csv.part").write_text("x")
    journal = {"made_from": {}, "rows": 0, "bytes": 1} | wrong
    (tmp_path / "tagged.csv.part.json").write_text(json.dumps(journal))
    with pytest.raises(TableError, match=r"tagged\.csv\.part\.json: damaged .*start_over"):
        call(home, tmp_path / "tagged.csv")


def test_the_rows_of_a_batch_are_fewer_where_what_is_written_may_be_much(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call(home, tmp_path / "whole.csv")
    sizes: list[int] = []
    real = Work.tagged
    monkeypatch.setattr(Work, "tagged", lambda work, frame: sizes.append(len(frame)) or real(work, frame))
    monkeypatch.setattr(tag_work, "ROOM", 3 * (tag_work.A_THEME + tag_work.A_CHARACTER * len("pay")))
    call(home, tmp_path / "small.csv")
    assert set(sizes) == {3}
    assert (tmp_path / "small.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
