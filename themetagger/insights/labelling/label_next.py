"""What to label next: of many texts the few whose labels would teach a tagger most."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from themetagger._utils.faces import option
from themetagger._utils.wording import number_of
from themetagger.corpus import Corpus, duplicate_groups
from themetagger.insights.labelling.batch_choice import Chosen, choose, first_rows_of_groups, likenesses, uncertainty
from themetagger.insights.labelling.prospects import Candidates, Look, asked_of, survivors
from themetagger.tagger.theme_tagger import ThemeTagger

if TYPE_CHECKING:
    import pandas as pd


CANDIDATES, PER_TEXT = 1_000, 20  # texts that stay in play: as many at least, and so many for each that is asked for
AT_RANDOM = 0.1  # share of a batch
SPARE = 3  # texts drawn for each that is wanted at random, as some may repeat others
SHOWN, TELLING = 3, 0.1  # themes named in one reason at most, and worth how much of the first at least
COLUMNS = ("rank", "row", "text", "why", "theme", "probability", "likeness", "proposed")


def label_next(
    tagger: ThemeTagger,
    texts: Sequence[str],
    *,
    count: int = 50,
    labelled: Corpus | None = None,
    themes: Sequence[str] | None = None,
    at_random: float = AT_RANDOM,
    seed: int = 0,
    show: bool = False,
) -> pd.DataFrame:
    """The texts to label next: uncertain of themes that need labels, and unlike one another.

    A text is worth the sum over themes of its uncertainty, by the labels that the theme has; each text of the batch
    makes the next for the same themes worth less, and so does likeness (a cosine) to a text that is chosen or labelled.
    Near duplicates of one another, or of labelled texts, are never chosen, and empty texts neither. A share is drawn at
    random, because the figures of a tagger that saw nothing but hard texts would not be those of new ones.

    The idea of a batch of uncertain and different texts is that of BADGE (Ash and others 2020); the diminishing worth
    is that of a submodular function, which a greedy choice comes near (Nemhauser, Wolsey & Fisher 1978).
    ``tests/benchmarks/label_next.py`` measures it: after 250 random labels, 5 batches of 50, on the test.csv of
    reuters21578 (five seeds) macro average precision .708, .605 with those of highest mean entropy, .480 with random
    ones; leetcode_topics .404, .391, .389.

    Parameters
    ----------
    tagger : of a run on the texts labelled so far
    texts : n unlabelled texts; they are taken a chunk at a time, so that memory stays level
    count : how many to choose, default 50; fewer are returned where there are no more
    labelled : the texts labelled so far, default None: then likeness to them is not considered, and a theme without
        a model has no say
    themes : those that count, default all; a certified theme counts a fifth of another
    at_random : share of the texts that is drawn at random, 0 to 1, default 0.1
    seed : default 0
    show : whether progress is shown on standard error, default False

    Returns
    -------
    DataFrame with a row for each text, best first: ``rank`` from 1; ``row``, its place in ``texts``; ``text``; ``why``,
    in words; ``theme`` that it tells most about, and its ``probability`` (empty and nan where drawn at random);
    ``likeness`` to the nearest text chosen before or labelled, 0 to 1; ``proposed``, the list of tags that the tagger
    gives now. ``attrs["notes"]`` holds remarks.

    Raises
    ------
    ValueError
        If ``count``, ``at_random`` or ``seed`` makes no sense, or a theme is unknown.

    Examples
    --------
    >>> label_next(tagger, ["The pay is fine.", "Nobody listens."], count=1)["row"].tolist()  # doctest: +SKIP
    [1]
    """
    _check(texts, count, at_random, seed)
    import pandas as pd

    look = Look(tagger, labelled, asked_of(tagger, labelled, themes))
    n_random = count if look.mute.all() else round(at_random * count)
    known = () if labelled is None else labelled.texts
    pool = _pool(look, texts, known, count, n_random, seed, show=show)
    table = pd.DataFrame(_batch(look, texts, pool, count), columns=list(COLUMNS[1:]))
    table.insert(0, "rank", np.arange(1, len(table) + 1))
    table.attrs["notes"] = tuple(_notes(look, labelled, count, table))
    return table


def _check(texts: Sequence[str], count: int, at_random: float, seed: int) -> None:
    if isinstance(texts, str) or hasattr(texts, "columns"):
        raise TypeError("texts must be a list of texts; write [text], or list(table[column]).")
    for i, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(f"text {i} is {text!r}, expected a string; fill missing texts with ''.")
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise ValueError(f"{option('count')} must be a whole number of at least 1 but is {count!r}.")
    if not 0 <= at_random <= 1:
        raise ValueError(f"{option('at_random')} must lie between 0 and 1 but is {at_random!r}.")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise ValueError(f"{option('seed')} must be a whole number of at least 0 but is {seed!r}.")


@dataclass(frozen=True)
class _Pool:
    """What a batch is put together from: candidates, best first, and texts drawn at random, no two near duplicates."""

    candidates: Candidates
    random: Candidates


def _pool(
    look: Look, texts: Sequence[str], known: Sequence[str], count: int, n_random: int, seed: int, *, show: bool
) -> _Pool:
    """``n_random`` texts are drawn before anything is chosen, so that no choice bears on them."""
    most = max(CANDIDATES, PER_TEXT * count)
    nothing = np.zeros(0, dtype=np.int64)
    candidates = look.at([], nothing) if n_random == count else survivors(look, texts, most, show=show)
    with_words = np.flatnonzero([bool(text.strip()) for text in texts])
    drawn = np.random.default_rng(seed).permutation(with_words)[: most if n_random == count else SPARE * n_random]
    groups = duplicate_groups([*known, *(texts[row] for row in (*drawn, *candidates.rows))]).tolist()
    taken, of_drawn, of_candidates = np.split(np.array(groups), [len(known), len(known) + len(drawn)])
    random = first_rows_of_groups(of_drawn, taken)[:n_random]
    others = first_rows_of_groups(of_candidates, [*taken, *of_drawn[random]])
    return _Pool(candidates.take(others), look.at([texts[row] for row in drawn[random]], drawn[random]))


def _batch(look: Look, texts: Sequence[str], pool: _Pool, count: int) -> list[dict[str, Any]]:
    """The rows of the table, in order, the texts drawn at random spread among the others."""
    candidates, random = pool.candidates, pool.random
    vectors, random_vectors = (look.vectors([texts[row] for row in part.rows]) for part in (candidates, random))
    chosen = choose(
        uncertainty(candidates.chances),
        vectors,
        count=count - len(random.rows),
        weights=look.asked.weights,
        labels=look.asked.labels,
        near=np.maximum(likenesses(vectors, look.known), likenesses(vectors, random_vectors)),
    )
    rows = [_chosen_row(look, texts, candidates, one) for one in chosen]
    random_likeness = likenesses(random_vectors, look.known)
    random_rows = [_random_row(texts, random, i, likeness) for i, likeness in enumerate(random_likeness)]
    places = np.linspace(0, len(rows), len(random_rows) + 1)[1:].round().astype(int)
    for place, row in reversed(list(zip(places, random_rows, strict=True))):
        rows.insert(int(place), row)
    return rows


def _chosen_row(look: Look, texts: Sequence[str], candidates: Candidates, one: Chosen) -> dict[str, Any]:
    """A text that was chosen, and why: the themes that it is worth most for, first the one it was chosen for."""
    chances, worth = candidates.chances[one.row], look.worth(candidates.take([one.row]))[0]
    others = [j for j in np.argsort(-worth, kind="stable") if worth[j] >= TELLING * worth.max() and j != one.theme]
    names = ", ".join(f"{look.asked.names[j]!r} {chances[j]:.2f}" for j in [one.theme, *others][:SHOWN])
    theme, probability = look.asked.names[one.theme], round(float(chances[one.theme]), 4)
    row = _row(texts, candidates, one.row, one.likeness)
    return {**row, "why": f"uncertain: {names}", "theme": theme, "probability": probability}


def _random_row(texts: Sequence[str], random: Candidates, i: int, likeness: float) -> dict[str, Any]:
    """A text that was drawn at random."""
    return {**_row(texts, random, i, likeness), "why": "at random", "theme": "", "probability": math.nan}


def _row(texts: Sequence[str], candidates: Candidates, i: int, likeness: float) -> dict[str, Any]:
    row, tags = int(candidates.rows[i]), candidates.tags[i]
    return {"row": row, "text": texts[row], "likeness": round(float(likeness), 4), "proposed": tags}


def _notes(look: Look, labelled: Corpus | None, count: int, table: pd.DataFrame) -> list[str]:
    notes = []
    if look.mute.all():
        notes.append("No theme that was asked for has a model, so all texts are drawn at random.")
    unknown = [name for name, mute in zip(look.asked.names, look.mute, strict=True) if mute]
    if unknown and not look.mute.all():
        named = ", ".join(map(repr, unknown[:SHOWN])) + (", ..." if len(unknown) > SHOWN else "")
        one = len(unknown) == 1
        without = (
            f"{number_of(len(unknown), 'theme')} {'has' if one else 'have'} no model and {'was' if one else 'were'}"
        )
        remedy = f"; pass the texts labelled so far by {option('labelled')} to include {'it' if one else 'them'}"
        notes.append(f"{without} ignored ({named}){'' if labelled is not None else remedy}.")
    if len(table) < count:
        notes.append(
            f"{number_of(len(table), 'text')} instead of {count}: the others are empty, repeat one another, or are "
            "labelled."
        )
    return notes
