"""What must not matter does not: company and order of texts, order of themes and columns, hopeless themes beside."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from toys import COMMON, OWN, SMALL, toy

from themetagger.corpus import Corpus, corpus_from_frame, hold_out, make_folds, read_table, stream_table, write_table
from themetagger.corpus.formulas import original
from themetagger.runs.tune import Run, tune
from themetagger.tagger import theme_scores
from themetagger.tagger.theme_tagger import ThemeTagger

FAMILIES = {
    "linear": ("ridge", "sparse_svm"),
    "kernel": ("kernel_svm",),
    "trees": ("lightgbm",),
    "floats": ("xgboost",),
}
POOL = [*toy(25, seed=5)["Processed Text"], "", " ", "!?", "salary " * 300, "\U0001f600 é\u200b", "unheard of words"]
LEARNED = SMALL | {"families": ("ridge", "logistic", "sparse_svm"), "trials": 3}


@pytest.fixture(scope="module", params=FAMILIES)
def tagger(request: pytest.FixtureRequest) -> ThemeTagger:
    """A tagger whose winners are all of one kind."""
    families = FAMILIES[request.param]
    found = tune(toy(), **(SMALL | {"families": families, "trials": 1})).tagger
    assert len(found.themes) == 3
    return found


@pytest.mark.slow
@given(rows=st.lists(st.integers(0, len(POOL) - 1), min_size=1, max_size=12), chunk=st.integers(1, 5))
@settings(max_examples=15)
def test_the_scores_of_a_text_do_not_depend_on_its_company(tagger: ThemeTagger, rows: list[int], chunk: int) -> None:
    alone = [tagger.scores([POOL[row]]) for row in rows]
    together = tagger.scores([POOL[row] for row in rows])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(theme_scores, "CHUNK", chunk)
        chunks = tagger.scores([POOL[row] for row in rows])
    assert together.tobytes() == np.concatenate(alone).tobytes()
    assert together.tobytes() == chunks.tobytes()


def test_texts_that_tie_get_the_same_tags_also_at_the_threshold_itself() -> None:
    """They differ in numbers only, which a step takes away."""
    texts = [f"{'soup salary'.split()[row % 2]} {row}" for row in range(80)]
    frame = pd.DataFrame({"Processed Text": texts, "Themes": ["pay" if row % 4 else "" for row in range(80)]})
    found = tune(frame, **SMALL, text_steps=("lower", "numbers")).tagger
    for kind in (0, 1):
        assert len(np.unique(found.scores(texts[kind::2]))) == 1
        assert len({tuple(tags) for tags in found.tag(texts[kind::2])}) == 1
    tie = float(found.scores(texts[1:2])[0, 0])
    for threshold, tags in ((tie, ["pay"]), (np.nextafter(tie, np.inf), [])):
        theme_result = replace(found.theme_results[0], status="BEST_EFFORT", threshold=threshold)
        assert ThemeTagger([theme_result], found.members, found.encoder).tag(texts[1::2]) == [tags] * 40


def shuffled(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The same table: themes of a cell in another order, some twice; columns too, and some that nobody needs."""
    rng = np.random.default_rng(seed)
    cells = []
    for cell in frame["Themes"]:
        names = list(rng.permutation(cell.split(", ")))
        cells.append(rng.choice([", ", ",", " , "]).join([*names, *names[: rng.integers(2)]]))
    mixed = frame.assign(Themes=cells, id=rng.integers(9, size=len(frame)), note="x")
    return mixed[list(rng.permutation(mixed.columns))]


def indicators(frame: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, list[str]]:
    """The same table with a 0/1 column a theme, in some order, and the order in which they are named."""
    rng = np.random.default_rng(seed)
    names = sorted({name for cell in frame["Themes"] for name in cell.split(", ")} - {""})
    columns = {name: [int(name in cell.split(", ")) for cell in frame["Themes"]] for name in names}
    wide = frame[["Processed Text"]].assign(**columns)
    return wide[list(rng.permutation(wide.columns))], [str(name) for name in rng.permutation(names)]


def parts(corpus: Corpus) -> tuple[Any, ...]:
    return corpus.texts, corpus.themes, corpus.labels.toarray().tolist(), corpus.groups.tolist()


NAMES = st.lists(st.sampled_from(["pay", "staff", "food", "Pay", "a b", "=x", "0"]), max_size=4, unique=True)


@pytest.mark.slow
@given(cells=st.lists(NAMES, min_size=1, max_size=8), seed=st.integers(0, 99))
def test_the_order_of_themes_and_columns_does_not_matter_to_the_corpus(cells: list[list[str]], seed: int) -> None:
    texts = [POOL[row % len(POOL)] for row in range(len(cells))]
    frame = pd.DataFrame({"Processed Text": texts, "Themes": [", ".join(cell) for cell in cells]})
    expected = parts(corpus_from_frame(frame))
    assert parts(corpus_from_frame(shuffled(frame, seed))) == expected
    wide, names = indicators(frame, seed)
    if names:
        assert parts(corpus_from_frame(wide, theme_columns=names)) == expected


def decided(run: Run, themes: tuple[str, ...] = tuple(OWN)) -> tuple[list[Any], bytes]:
    """What a run decided for some themes: rows of its table but for the seconds, and scores bit by bit."""
    rows = run.results.set_index("theme").loc[list(themes)].drop(columns="seconds").reset_index()
    place = [run.tagger.themes.index(theme) for theme in themes]
    return [repr(row) for row in rows.to_numpy().tolist()], run.tagger.scores(POOL)[:, place].tobytes()


@pytest.fixture(scope="module")
def plain() -> Run:
    return tune(toy(60), **LEARNED)


@pytest.mark.slow
@given(seed=st.integers(0, 99))
@settings(max_examples=2)
def test_the_order_of_themes_and_columns_does_not_matter_to_the_winners(plain: Run, seed: int) -> None:
    wide, names = indicators(toy(60), seed)
    assert decided(tune(shuffled(toy(60), seed), **LEARNED)) == decided(plain)
    assert decided(tune(wide, theme_columns=names, **LEARNED)) == decided(plain)


FEW_OR_ALL = st.just(set(range(60))) | st.sets(st.integers(0, 59), min_size=1, max_size=4)


@pytest.mark.slow
@given(
    name=st.sampled_from(["a hopeless one", "zz"]),
    rows=FEW_OR_ALL,
    others=FEW_OR_ALL,
)
@settings(max_examples=6)
def test_a_hopeless_theme_changes_no_other_winner(plain: Run, name: str, rows: set[int], others: set[int]) -> None:
    """One in all rows or in too few, and a second one beside it."""
    more = [[theme for theme, at in ((name, rows), ("mm", others)) if number in at] for number in range(60)]
    cells = [", ".join(filter(None, [cell, *names])) for cell, names in zip(toy(60)["Themes"], more, strict=True)]
    run = tune(toy(60).assign(Themes=cells), **LEARNED)
    assert set(run.results.set_index("theme").loc[[name, "mm"], "status"]) == {"SKIPPED"}
    assert decided(run) == decided(plain)


LONG = st.lists(st.sampled_from([*COMMON, *chain.from_iterable(OWN.values())]), min_size=24, max_size=40)


@st.composite
def copies(draw: st.DrawFn) -> tuple[list[str], list[int]]:
    """Texts, some of which are copies of others, exact but for case and space or near; and whose copy each is."""
    texts, whose = [], []
    for number, words in enumerate(draw(st.lists(LONG, min_size=3, max_size=9))):
        words = [*words, f"own{number}", f"only{number}", f"this{number}"]
        for _ in range(draw(st.integers(1, 4))):
            kind = draw(st.sampled_from(["exact", "case", "space", "near"]))
            text = " ".join([*words[:-1], f"changed{len(texts)}"] if kind == "near" else words)
            text = {"case": text.upper(), "space": f"  {text.replace(' ', chr(0xA0), 3)}\n"}.get(kind, text)
            texts.append(text)
            whose.append(number)
    order = draw(st.permutations(range(len(texts))))
    return [texts[row] for row in order], [whose[row] for row in order]


@pytest.mark.slow
@given(made=copies(), seed=st.integers(0, 9), share=st.sampled_from([0.1, 0.25, 0.5, 0.9]), data=st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_copies_of_a_text_stay_on_one_side(
    made: tuple[list[str], list[int]], seed: int, share: float, data: st.DataObject
) -> None:
    texts, whose = made
    cells = data.draw(st.lists(NAMES, min_size=len(texts), max_size=len(texts)))
    corpus = corpus_from_frame(pd.DataFrame({"Processed Text": texts, "Themes": cells}))
    assume(len(np.unique(corpus.groups)) >= 3)
    folds = make_folds(corpus.labels, corpus.groups, n_folds=3, seed=seed)
    train, held_out = hold_out(corpus, share=share, seed=seed)
    aside = [texts.index(text) for text in held_out.texts]
    side = [text in set(held_out.texts) for text in texts]
    assert len(train) + len(held_out) == len(texts)
    assert aside
    for number in set(whose):
        mine = [row for row, other in enumerate(whose) if other == number]
        assert len({int(folds[row]) for row in mine}) == 1
        assert len({side[row] for row in mine}) == 1


CELLS = st.text(
    st.sampled_from("'\" =+-@,;\t\r\n\uff1d\u200b5.ea|\\\u2028\x85\x1c\U0001f600\u0301"), max_size=6
) | st.text(max_size=9)


@pytest.mark.slow
@given(
    rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6), suffix=st.sampled_from([".csv", ".tsv", ".jsonl"])
)
@settings(max_examples=60)
@pytest.mark.parametrize("formulas", ["keep", "neutralise"])
def test_cells_that_are_written_are_read_again(
    tmp_path_factory: pytest.TempPathFactory, formulas: Any, rows: list[tuple[str, str]], suffix: str
) -> None:
    path: Path = tmp_path_factory.mktemp("cells") / f"t{suffix}"
    changed = write_table(pd.DataFrame(rows, columns=["a", "b"]), path, formulas=formulas)
    expected = [[cell.replace("\0", "") for cell in row] for row in rows]  # which no text may hold
    table = stream_table(
        path, text_columns=["a"], delimiter=None if suffix == ".jsonl" else "\t" if suffix == ".tsv" else ","
    )
    found = [row for frame in table.batches() for row in frame.to_numpy().tolist()]
    assert found == read_table(path)[0].to_numpy().tolist()
    if formulas == "neutralise" and suffix != ".jsonl":
        assert changed == sum(
            cell != now for row, back in zip(expected, found, strict=True) for cell, now in zip(row, back, strict=True)
        )
        found = [[original(cell) for cell in row] for row in found]
    assert found == expected
