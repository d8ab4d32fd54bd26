"""Rows that are no answers, and columns of themes that were not named: passed over, or told."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from themetagger.corpus import Corpus, corpus_from_frame, read_corpus

NAMES = ["Processed Text", "Themes"]
BODY = [[f"text {row}", ("pay", "staff", "pay, food", "")[row % 4]] for row in range(12)]


def _read(folder: Path, rows: Sequence[Sequence[Any]], **options: Any) -> Corpus:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    path = folder / "a.csv"
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    return read_corpus(path, **options)


def _notes(corpus: Corpus) -> str:
    return "\n".join(note for note in corpus.notes if "no theme; " not in note)


def test_a_table_as_it_should_be_gets_no_note(tmp_path: Path) -> None:
    assert _notes(_read(tmp_path, [NAMES, *BODY])) == ""
    every_other = [[text, f"theme {row}"] for row, (text, _) in enumerate(BODY)]  # rare themes are usual here
    assert _notes(_read(tmp_path, [NAMES, *every_other])) == ""


def test_a_header_that_comes_again_is_no_row(tmp_path: Path) -> None:
    corpus = _read(tmp_path, [NAMES, *BODY[:4], NAMES, *BODY[4:], [" Processed  Text", "Themes "]])
    assert len(corpus) == 12
    assert corpus.themes == ("pay", "food", "staff")
    assert "Lines 6 and 15 repeat the names of the columns; they were passed over." in _notes(corpus)
    assert corpus.rows is not None
    assert corpus.rows.tolist() == [*range(4), *range(5, 13)]


def test_a_header_that_comes_again_above_columns_of_0_and_1(tmp_path: Path) -> None:
    rows = [["Comment", "pay", "staff"], ["low", 1, 0], ["Comment", "pay", "staff"], ["rude", 0, 1]]
    corpus = _read(tmp_path, rows, text_columns="Comment", theme_columns=["pay", "staff"])
    assert len(corpus) == 2
    assert corpus.support().tolist() == [1, 1]
    assert "Line 3 repeats the names of the columns; it was passed over." in _notes(corpus)


@pytest.mark.parametrize("first", [["string", "list"], ["What could be better?", "Codes given by us"]])
def test_a_first_row_that_belongs_to_the_header_is_told(first: list[str], tmp_path: Path) -> None:
    rows = [NAMES, first, *BODY]
    assert f"Line 2, the first, alone has the theme '{first[1]}'" in _notes(_read(tmp_path, rows))
    assert _notes(_read(tmp_path, rows, header_row=[1, 2])).count("\n") == 0
    assert len(_read(tmp_path, rows, header_row=[1, 2])) == 12


def test_a_total_or_a_remark_below_the_table_is_told(tmp_path: Path) -> None:
    assert "Line 14, the last, alone has the theme '12': if it is a total" in _notes(
        _read(tmp_path, [NAMES, *BODY, ["Total", "12"]])
    )
    assert "Line 14, the last, says 'Source: our survey'" in _notes(
        _read(tmp_path, [NAMES, *BODY, ["Source: our survey", ""]])
    )
    assert "the last" not in _notes(_read(tmp_path, [NAMES, *BODY, ["Total chaos", "pay"]]))


@pytest.mark.parametrize("more", [["Themes.1", "Themes.2"], ["Themes 2", "themes_3"], ["Themes (2)", "Themes (3)"]])
def test_columns_of_themes_with_the_same_name_and_a_number_are_told(more: list[str], tmp_path: Path) -> None:
    rows = [[*NAMES, *more], *([text, *[*themes.split(", "), "", ""][:3]] for text, themes in BODY)]
    rows += [["more", "staff", "pay", "food"]] * 3
    note = f"The columns {more[0]!r}, {more[1]!r} hold themes too and were not read; pass theme_column=['Themes', "
    assert note in _notes(_read(tmp_path, rows))
    assert "hold themes too" not in _notes(_read(tmp_path, rows, theme_column=["Themes", *more]))


def test_columns_of_themes_without_a_name_are_told(tmp_path: Path) -> None:
    rows = [[*NAMES, ""], *([text, themes, "staff"] for text, themes in BODY)]
    assert "A column without a name holds themes too and was not read: give it a name and pass theme_column" in _notes(
        _read(tmp_path, rows)
    )
    other = [[*NAMES, "Themes 2"], *([text, themes, "2024"] for text, themes in BODY)]
    assert "themes too" not in _notes(_read(tmp_path, other))


def test_rows_that_go_on_with_the_text_above_are_told() -> None:
    frame = pd.DataFrame({"Processed Text": ["low pay, rude boss", "", "fine"], "Themes": ["pay", "staff", ""]})
    assert "1 row has themes but no text: if it goes on with the text above, fill that in" in _notes(
        corpus_from_frame(frame)
    )


def test_a_row_for_every_theme_is_not_to_be_joined() -> None:
    frame = pd.DataFrame([[f"text {row}", theme] for row in range(3) for theme in ("pay", "staff")], columns=NAMES)
    note = _notes(corpus_from_frame(frame))
    assert "Each of 3 texts has a row for each of 2 themes: if another column says which of them hold" in note


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_utf_8_that_is_read_as_another_encoding_is_told(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Processed Text,Themes\nI don’t know,café\nnous étions,café\n", encoding="utf-8")
    told = _notes(read_corpus(path, encoding=encoding))
    assert told.startswith("4 cells seem to be UTF-8 that was read as another encoding, such as 'don")
    assert told.endswith("for 'don’t'; pass encoding='utf-8'.")
    path.write_bytes(path.read_text(encoding="utf-8").encode().decode("latin-1").encode())
    assert _notes(read_corpus(path)).endswith("for 'don’t'; the file was saved so: mend it.")


@pytest.mark.parametrize(
    "text", ["SÃO PAULO, FPÖ“ und ÖVP“", "café ’tis – “so”", "ÅÄÖ", "Привет, мир", "今日は", "Â «bon»"]
)
def test_text_that_was_read_rightly_is_not_told(text: str) -> None:
    frame = pd.DataFrame({"Processed Text": [text] * 3, "Themes": ["pay"] * 3})
    assert _notes(corpus_from_frame(frame)) == ""
