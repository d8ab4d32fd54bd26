"""Names compared by their spelling: clashes settled, names that look alike found."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations

from themetagger._utils.faces import option
from themetagger._utils.unicode_forms import normal_form
from themetagger.corpus.errors import TableError
from themetagger.corpus.labels.cells import Names
from themetagger.corpus.table_format import Alike

_SHOWN = 10  # clashes listed in one note
_LONGEST = 60  # characters up to which a name's spellings with one letter left out are tried


def settle_spellings(rows: list[Names], *, alike: Alike, source: str) -> tuple[list[Names], list[str]]:
    """Rows after themes that differ only by case, inner spaces or Unicode form were kept, merged or refused.

    >>> settle_spellings([["Staff"], ["staff"], ["Staff"]], alike="merge", source="a.csv")[0]
    [['Staff'], ['Staff'], ['Staff']]
    """
    counts = Counter(theme for names in rows for theme in names)
    clashes = _clashes(counts)
    if not clashes:
        return rows, []
    note = f"Themes differ only by case, spaces or Unicode form: {_listed_clashes(clashes, counts)}"
    if alike == "error":
        raise TableError(
            f"{source}: {note}; correct them, or pass {option('alike', 'merge')} or {option('alike', 'keep')}."
        )
    if alike == "keep":
        return rows, [f"{note}. They stay separate themes; {option('alike', 'merge')} makes them one."]
    chosen = {theme: themes[0] for themes in clashes for theme in themes}
    merged = [list(dict.fromkeys(chosen.get(theme, theme) for theme in names)) for names in rows]
    return merged, [f"{note}. They were merged into the first of each."]


def _clashes(counts: Mapping[str, int]) -> list[Names]:
    """Themes of one spelling, the most frequent first, where there are several."""
    spelled: dict[str, Names] = defaultdict(list)
    for theme in sorted(counts, key=lambda theme: (-counts[theme], theme)):
        spelled[spelling(theme)].append(theme)
    return [themes for themes in spelled.values() if len(themes) > 1]


def _listed_clashes(clashes: list[Names], counts: Mapping[str, int]) -> str:
    each = [" and ".join(f"{theme!r} ({counts[theme]})" for theme in themes) for themes in clashes]
    more = f" and {len(each) - _SHOWN} more" if len(each) > _SHOWN else ""
    return "; ".join(each[:_SHOWN]) + more


def spelling(theme: str) -> str:
    """A name by which spellings of one theme are equal: no case, single spaces, one Unicode form."""
    return " ".join(normal_form("NFKC", theme).casefold().split())


def same_spelling(one: str, other: str) -> bool:
    """Whether two names differ at most by case, spaces or Unicode form."""
    return spelling(one) == spelling(other)


def alike_names(themes: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of names that look alike: equal but for case, punctuation, a plural or a letter of a longer word.

    Names whose digits differ ("phase 1", "phase 2") are not alike. The work grows linearly with the themes.

    >>> alike_names(["work process", "staff", "work processes", "Staff", "phase 1", "phase 2"])
    [('work process', 'work processes'), ('staff', 'Staff')]
    """
    buckets: dict[str, list[int]] = defaultdict(list)
    for number, theme in enumerate(themes):
        for spelling in _spellings(_bare(theme)):
            buckets[spelling].append(number)
    pairs = {pair for numbers in buckets.values() for pair in combinations(numbers, 2)}
    bare = [_bare(theme) for theme in themes]
    return [(themes[a], themes[b]) for a, b in sorted(pairs) if _look_alike(bare[a], bare[b])]


def _bare(theme: str) -> str:
    """A name without case, plural endings and punctuation (C++ and C# are not C), one space between words."""
    return " ".join(_singular(word) for word in re.findall(r"[\w+#]+", spelling(theme)))


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    plural = len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return word[:-1] if plural else word


def _spellings(bare: str) -> set[str]:
    """A name, and it with any one letter (no digit) left out: names one letter apart share one of these."""
    joined = bare.replace(" ", "")
    places = [i for i, letter in enumerate(joined) if not letter.isdigit()] if len(joined) <= _LONGEST else []
    return {joined, *(joined[:i] + joined[i + 1 :] for i in places)} - {""}


def _look_alike(one: str, other: str) -> bool:
    if one.replace(" ", "") == other.replace(" ", ""):
        return True
    unequal = [pair for pair in zip(one.split(), other.split(), strict=False) if pair[0] != pair[1]]
    return len(unequal) == 1 and one.count(" ") == other.count(" ") and min(map(len, unequal[0])) >= 5
