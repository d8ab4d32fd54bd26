"""Files of annotation tools are read as what their authors meant, and rows that nobody judged are left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from themetagger.corpus import TableError, TableFormat, corpus_from_frame, read_corpus, read_table, stream_table

TEXTS = ("low pay, no rise", "kind boss", "nothing", "both of them")
THEMES = (["Pay, bonus"], ["Staff"], [], ["Pay, bonus", "Staff"])


def lines(*records: Any) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def task(number: int, *annotations: list[str], **more: Any) -> dict[str, Any]:
    """A task of Label Studio with the annotations of some people."""
    made = [
        {
            "id": 10 * number + k,
            "result": [{"from_name": "topics", "to_name": "t", "type": "choices", "value": {"choices": names}}]
            if names
            else [],
        }
        for k, names in enumerate(annotations)
    ]
    return {"id": number, "data": {"text": TEXTS[number], "site": "A"}, "annotations": made, **more}


def choices(names: list[str]) -> Any:
    """The cell of a flat export of Label Studio."""
    return {"choices": names} if len(names) > 1 else (names or [""])[0]


PAIRS = list(zip(TEXTS, THEMES, strict=True))
OPTIONS = [{"id": "Pay, bonus", "text": "Pay"}, {"id": "Staff", "text": "Staff"}]
FILES: dict[str, tuple[str, str]] = {
    "label-studio": (".json", json.dumps([task(n, names) for n, names in enumerate(THEMES)])),
    "label-studio of an old version": (
        ".json",
        json.dumps([{"data": one["data"], "completions": one["annotations"]} for one in map(task, range(4), THEMES)]),
    ),
    "json-min": (".json", json.dumps([{"id": 1, "text": text, "topics": choices(names)} for text, names in PAIRS])),
    "csv": (
        ".csv",
        pd.DataFrame(
            {
                "text": TEXTS,
                "topics": [json.dumps(cell) if isinstance(cell := choices(n), dict) else cell for n in THEMES],
            }
        ).to_csv(index=False),
    ),
    "doccano": (".jsonl", lines(*({"id": 1, "text": text, "label": names} for text, names in PAIRS))),
    "doccano of documents": (".jsonl", lines(*({"id": 1, "data": text, "label": names} for text, names in PAIRS))),
    "hugging-face": (".jsonl", lines(*({"text": text, "labels": names} for text, names in PAIRS))),
    "hugging-face as a list": (".json", json.dumps([{"text": text, "labels": names} for text, names in PAIRS])),
    "prodigy": (
        ".jsonl",
        lines(*({"text": text, "options": OPTIONS, "accept": n, "answer": "accept"} for text, n in PAIRS)),
    ),
    "prodigy with numbers": (
        ".jsonl",
        lines(
            *(
                {
                    "text": text,
                    "options": [{"id": 0, "text": "Pay, bonus"}, {"id": 1, "text": "Staff"}],
                    "accept": [["Pay, bonus", "Staff"].index(name) for name in n],
                    "answer": "accept",
                }
                for text, n in PAIRS
            )
        ),
    ),
    "argilla": (".json", json.dumps([{"text": t, "annotation": n, "status": "Validated"} for t, n in PAIRS])),
    "argilla 2": (
        ".json",
        json.dumps(
            [
                {"id": "x", "status": "completed", "text": text, "topics.responses": [names]}
                | {"topics.responses.users": ["u"], "topics.responses.status": ["submitted"]}
                for text, names in PAIRS
            ]
        ),
    ),
    "spacy": (
        ".jsonl",
        lines(
            *({"text": text, "cats": {n: float(n in names) for n in ("Pay, bonus", "Staff")}} for text, names in PAIRS)
        ),
    ),
}


def saved(folder: Path, suffix: str, content: str) -> Path:
    path = folder / f"a{suffix}"
    path.write_text(content, encoding="utf-8")
    return path


def themes_of(corpus: Any) -> list[list[str]]:
    return [sorted(corpus.themes[j] for j in row.nonzero()[0]) for row in corpus.labels.toarray()]


@pytest.mark.parametrize("name", FILES)
def test_texts_and_themes_are_found_and_a_name_with_a_comma_stays_whole(tmp_path: Path, name: str) -> None:
    corpus = read_corpus(saved(tmp_path, *FILES[name]))
    assert corpus.texts == TEXTS
    assert themes_of(corpus) == list(THEMES)
    assert "1 of 4 rows has no theme; it is kept as a negative." in corpus.notes
    assert any("taken for" in note and "'Themes'" in note for note in corpus.notes)


@pytest.mark.parametrize("name", ["doccano", "hugging-face", "prodigy", "spacy"])
def test_they_are_read_row_by_row_too(tmp_path: Path, name: str) -> None:
    table = stream_table(saved(tmp_path, *FILES[name]), text_columns=["text"])
    assert [text for frame in table.batches() for text in frame["text"]] == list(TEXTS)


FASTTEXT = "__label__pay __label__low_staff low pay\n nothing \n\n__label__pay no rise __label__food\n"
ANNIF = "low pay\t<http://x.y/pay> <http://x.y/staff>\nnothing\t\nno rise\thttp://x.y/pay\n"


@pytest.mark.parametrize("suffix", [".txt", ".csv", ".tsv"])
def test_lines_of_fasttext(tmp_path: Path, suffix: str) -> None:
    corpus = read_corpus(saved(tmp_path, suffix, FASTTEXT))
    assert corpus.texts == ("low pay", "nothing", "no rise")
    assert themes_of(corpus) == [["low_staff", "pay"], [], ["food", "pay"]]
    assert "The file was read as lines of fastText, without a header." in corpus.notes


def test_lines_of_annif(tmp_path: Path) -> None:
    corpus = read_corpus(saved(tmp_path, ".tsv", ANNIF))
    assert corpus.texts == ("low pay", "nothing", "no rise")
    assert themes_of(corpus) == [["http://x.y/pay", "http://x.y/staff"], [], ["http://x.y/pay"]]


SKIPPED: dict[str, tuple[str, str]] = {
    "no annotation": (".json", json.dumps([task(0, ["pay"]), task(1), task(2, [])])),
    "cancelled": (
        ".json",
        json.dumps([task(0, ["pay"]), task(1) | {"annotations": [{"was_cancelled": True, "result": []}]}, task(2, [])]),
    ),
    "ignored": (
        ".jsonl",
        lines(
            *(
                {"text": TEXTS[n], "accept": names, "answer": answer}
                for n, names, answer in ((0, ["pay"], "accept"), (1, [], "ignore"), (2, [], "accept"))
            )
        ),
    ),
    "rejected": (
        ".jsonl",
        lines(
            *(
                {"text": TEXTS[n], "options": OPTIONS, "accept": names, "answer": answer}
                for n, names, answer in ((0, ["pay"], "accept"), (1, ["pay"], "reject"), (2, [], "accept"))
            )
        ),
    ),
    "default": (
        ".json",
        json.dumps(
            [
                {"text": TEXTS[n], "annotation": names, "status": status}
                for n, names, status in ((0, ["pay"], "Validated"), (1, None, "Default"), (2, [], "Validated"))
            ]
        ),
    ),
    "discarded": (
        ".json",
        json.dumps(
            [
                {"text": TEXTS[n], "t.responses": [names], "t.responses.status": [status]}
                for n, names, status in ((0, ["pay"], "submitted"), (1, ["pay"], "discarded"), (2, [], "submitted"))
            ]
        ),
    ),
    "no cats": (
        ".jsonl",
        lines(*({"text": TEXTS[n], "cats": cats} for n, cats in ((0, {"pay": 1}), (1, {}), (2, {"pay": 0})))),
    ),
}


@pytest.mark.parametrize("name", SKIPPED)
def test_what_nobody_judged_is_left_out_and_counted(tmp_path: Path, name: str) -> None:
    path = saved(tmp_path, *SKIPPED[name])
    corpus = read_corpus(path)
    assert corpus.texts == (TEXTS[0], TEXTS[2])
    assert themes_of(corpus) == [["pay"], []]
    assert "1 of 3 rows was not judged (skipped, rejected or not annotated) and is left out." in corpus.notes
    assert read_table(path)[0]["text"].tolist() == list(TEXTS[:3])  # to be tagged, all are there


def test_annotations_of_several_people_are_a_row_each(tmp_path: Path) -> None:
    path = saved(tmp_path, ".json", json.dumps([task(0, ["pay"], ["staff"]), task(1, ["pay"])]))
    assert themes_of(read_corpus(path)) == [["pay"], ["staff"], ["pay"]]
    assert themes_of(read_corpus(path, repeats="join")) == [["pay", "staff"], ["pay"]]


def test_parts_of_a_text_and_other_questions_are_no_themes(tmp_path: Path) -> None:
    one = task(0, ["pay"])
    one["annotations"][0]["result"] += [
        {"from_name": "topics", "type": "choices", "value": {"choices": ["part"], "start": 0, "end": 3}},
        {"from_name": "mood", "type": "choices", "value": {"choices": ["bad"]}},
        {"from_name": "deep", "type": "taxonomy", "value": {"taxonomy": [["work", "pay"], ["work"]]}},
    ]
    path = saved(tmp_path, ".json", json.dumps([one]))
    with pytest.raises(TableError, match=r"there is no column 'Themes'.* 'topics', 'mood', 'deep'"):
        read_corpus(path)
    for column, themes in (("topics", ["pay"]), ("mood", ["bad"]), ("deep", ["work", "work > pay"])):
        assert themes_of(read_corpus(path, theme_column=column)) == [themes]


def test_a_score_between_0_and_1_is_no_label(tmp_path: Path) -> None:
    path = saved(tmp_path, ".jsonl", lines({"text": "a", "cats": {"pay": 1}}, {"text": "b", "cats": {"pay": 0.7}}))
    with pytest.raises(TableError, match=r"a\.jsonl, line 2, column 'cats': 'pay' is 0\.7, which is neither 0 nor 1"):
        read_corpus(path)


@pytest.mark.parametrize(
    ("suffix", "content"),
    [
        (".csv", "text,label,options,status,data,answer,cats,annotation\na,pay,x,open,1,yes,c,n\n"),
        (".jsonl", lines({"text": "a", "label": "pay", "data": {"a": 1}, "annotations": [{"label": 2, "user": 1}]})),
        (".jsonl", lines({"text": "a", "label": [[0, 1, "PER"]], "labels": [0, 1]})),
        (".txt", "text,label\n__label__a,pay\nb,pay\nc,pay\n"),
        (".tsv", "text\tlink\na\thttp://x.y/z\n"),
    ],
)
def test_other_tables_are_left_as_they_are(tmp_path: Path, suffix: str, content: str) -> None:
    path = saved(tmp_path, suffix, content)
    frame, notes = read_table(path)
    assert "text" in frame.columns
    assert notes == ()
    plain, _ = read_table(path, format="table")
    assert plain.equals(frame)


def test_a_format_that_is_asked_for_is_checked(tmp_path: Path) -> None:
    path = saved(tmp_path, ".json", '[{"text": "a"}]')
    with pytest.raises(TableError, match=r"there is no 'data' in it, so it is not Label Studio JSON"):
        read_table(path, format="label-studio")
    with pytest.raises(ValueError, match=r"format must be one of table, label-studio, .* but is 'excel'"):
        read_table(path, format="excel")
    as_it_is = read_table(saved(tmp_path, *FILES["label-studio"]), format="table")[0]
    assert list(as_it_is.columns) == ["id", "data", "annotations"]


def test_a_column_that_is_named_is_taken(tmp_path: Path) -> None:
    path = saved(tmp_path, *FILES["label-studio"])
    corpus = read_corpus(path, TableFormat("text", theme_column="topics"))
    assert themes_of(corpus) == list(THEMES)
    assert not any("taken for" in note for note in corpus.notes)
    assert len(corpus_from_frame(read_table(path)[0], text_columns="text", theme_column="site")) == 4
