"""A format of one's own: one reader, one line in the table of readers, and every way into the package takes it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from toys import toy

from themetagger import ThemeTagger
from themetagger.cli import main
from themetagger.corpus import TableError, read_corpus, read_table, stream_table
from themetagger.corpus.decoding import lines_in
from themetagger.corpus.readers import READERS, HeldRows, Reader, ReadSettings

MARK = "__label__"
SMALL = "--families ridge --trials 2 --min-positives 5 --n-folds 3 --n-jobs 1"


def open_fasttext(path: Path, settings: ReadSettings) -> HeldRows:
    """Lines of labels and a text, as fastText reads them; an underscore in a label is a space."""
    rows = []
    for number, line in enumerate(lines_in(path, encoding=settings.encoding)(), start=1):
        words = line.split()
        labels = [word.removeprefix(MARK).replace("_", " ") for word in words if word.startswith(MARK)]
        if not words:
            raise TableError(f"{path.name}, line {number}: it is empty; write labels and a text.")
        rows.append((number, [" ".join(word for word in words if not word.startswith(MARK)), labels]))
    return HeldRows(["Processed Text", "Themes"], rows, unit="line")


@pytest.fixture
def fasttext(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A table of toys as a file of that format, whose reader is known."""
    monkeypatch.setitem(READERS, ".ft", Reader(open_fasttext))
    frame, path = toy(120), tmp_path / "train.ft"
    lines = [
        " ".join([*(MARK + theme.replace(" ", "_") for theme in themes.split(", ") if theme), text])
        for text, themes in zip(frame["Processed Text"], frame["Themes"], strict=True)
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    frame.to_csv(tmp_path / "train.csv", index=False)
    return path


def call(*arguments: object) -> str:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_a_registered_format_is_read_as_any_other(fasttext: Path) -> None:
    corpus, same = read_corpus(fasttext), read_corpus(fasttext.with_suffix(".csv"))
    assert corpus.texts == same.texts
    assert corpus.themes == same.themes
    assert (corpus.labels != same.labels).nnz == 0
    assert stream_table(fasttext, text_columns=["Processed Text"]).rows == len(corpus)


def test_its_errors_and_places_are_those_of_its_reader(fasttext: Path, tmp_path: Path) -> None:
    frame, _ = read_table(fasttext)
    assert (frame.index.name, frame.index[0]) == ("line", 1)
    (tmp_path / "gap.ft").write_text("__label__pay low pay\n\n", encoding="utf-8")
    with pytest.raises(TableError, match=r"gap.ft, line 2: it is empty"):
        read_table(tmp_path / "gap.ft")
    with pytest.raises(TableError, match=r"name the table file in it \(\.csv, .*\.xls, \.ft\)"):
        read_table(tmp_path)


@pytest.mark.slow
def test_commands_take_it_too(fasttext: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "120" in call("inspect", fasttext)
    assert "Written to run" in call("tune", fasttext, "--out", "run", *SMALL.split())
    tags = ThemeTagger.load("run/tagger.tagger").tag(list(read_corpus(fasttext).texts))
    assert any(tags)
    assert "120 texts tagged" in call("tag", fasttext, "--tagger", "run/tagger.tagger", "--out", "tagged.csv")


@pytest.mark.parametrize(("suffix", "like"), [(".ndjson", ".jsonl"), (".txt", ".csv")])
def test_a_second_name_of_a_format_is_read_like_the_first(tmp_path: Path, suffix: str, like: str) -> None:
    content = {
        ".jsonl": '{"Processed Text": "low pay", "Themes": "pay"}\n',
        ".csv": "Processed Text,Themes\nlow pay,pay\n",
    }
    path = tmp_path / f"train{suffix}"
    path.write_text(content[like], encoding="utf-8")
    corpus = read_corpus(path)
    assert (corpus.texts, corpus.themes) == (("low pay",), ("pay",))
