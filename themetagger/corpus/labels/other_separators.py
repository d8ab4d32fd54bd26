"""Whether names were separated by something else than the table's separator: their parts are themes of other rows."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from themetagger._utils.faces import option
from themetagger._utils.wording import agreeing, number_of
from themetagger.corpus.labels.cells import Cell
from themetagger.corpus.labels.separators import PAIRS, bare, split_text

_USUAL = (";", "|", "\n", "\t", "，", "、", "；", "؛", "،", "｜", "<>", ",", "/", "#")
_DOUBTFUL = {"/", "#"}  # which also stand in names
_TAGS = re.compile(r"(?:<[^<>]+>\s*)+")
_CALLED = {"\n": "a line break", "\t": "a tab"}
_INNER = set("'’.-_()[]{}<>\"")  # signs that stand in names of all kinds
_LONGEST = 200  # characters of a name that is looked into for other names
_MOST = 1_000  # names that are looked into
_TRIED = 5  # texts between names that are tried
_NUMBER = re.compile(r"[-+]?\d+[.,]\d+")  # 1.2, which another note is about
_IN_PAIRS = r"(?:\{0}[^\{0}\{1}/]+\{1})+"
_LIST_POINT = re.compile(r"(?:^|\s)\d{1,2}[.)]\s")


def notes_on_separators(cells: Sequence[Cell], separator: str) -> tuple[list[str], set[str]]:
    """Notes that name another separator and the option to pass, and the names that it would divide.

    >>> cells = [Cell([name]) for name in ("pay; staff", "pay", "staff")]
    >>> notes_on_separators(cells, ", ")[0]
    ["1 of 3 themes holds ';', such as 'pay; staff', and its parts are themes of other rows: were they separated by \
it? Pass separator=';'."]
    """
    texts = [cell.names for cell in cells if cell.form == "text" and cell.names]
    themes = {name for row in texts for name in row}
    notes, divided = [], set[str]()
    if found := _found(texts, separator):
        mark, names = found
        divided.update(names)
        notes.append(_note(mark, names, themes, sum(len(row) > 1 for row in texts), separator))
    elif names := _glued(texts) or [name for name in themes if _is_list_of_points(name)]:
        divided.update(names)
        notes.append(_glued_note(sorted(names), themes))
    listed = [cell.names for cell in cells if cell.form not in ("text", "number") and cell.names]
    if found := _found(listed, ""):
        mark, names = found
        holds = f"{number_of(len(names), 'name')} in lists {agreeing(len(names), 'holds', 'hold')} {_called(mark)}"
        parts = agreeing(len(names), "its parts are", "their parts are")
        notes.append(f"{holds}, such as {names[0]!r}, and {parts} themes of other rows: write each as one member.")
    return notes, divided


def other_separator(names: Sequence[str], known: set[str], separator: str) -> str | None:
    """The usual separator by which a name falls into known themes only; None where there is none.

    >>> other_separator(["pay|staff", "new"], {"pay", "staff"}, ", ")
    '|'
    """
    for mark in _USUAL:
        if mark != bare(separator) and any(
            len(parts := _parts(name, mark)) > 1 and set(parts) <= known for name in names
        ):
            return mark
    return None


def _found(rows: Sequence[Sequence[str]], separator: str) -> tuple[str, list[str]] | None:
    """The separator that explains most names, and these names, the most frequent first."""
    counts = Counter(name for row in rows for name in row)
    if not counts:
        return None
    lonely = {name for row in rows if len(row) == 1 for name in row}
    for marks in (_USUAL, _between(counts, lonely), _unusual(counts)):
        tried = {mark: _explained(counts, mark, lonely) for mark in marks if mark != bare(separator or "\0")}
        best = max(tried, key=lambda mark: len(tried[mark]), default=None)
        if best is not None and tried[best]:
            return best, tried[best]
    return None


def _explained(counts: Counter[str], mark: str, lonely: set[str]) -> list[str]:
    """The names that fall into other themes at a mark; none where too few do for the mark to be a separator."""
    if mark == "<>":
        tagged = [name for name in counts if _TAGS.fullmatch(name)]
        every = len(tagged) > 2 and len(tagged) >= 0.9 * len(counts)
        return sorted(tagged, key=lambda name: -counts[name]) if every or any("><" in name for name in tagged) else []
    parts = {name: _parts(name, mark) for name in counts}
    holders = {name: own for name, own in parts.items() if len(own) > 1 and all(map(_says_something, own))}
    known = (set(counts) - set(holders)) | _recurring(holders, lonely)
    explained = [name for name, own in holders.items() if set(own) <= known]
    least, share = (1, 0.5) if mark in _USUAL and mark not in _DOUBTFUL else (2, 0.5) if mark in _DOUBTFUL else (3, 0.8)
    if len(explained) < max(least, share * len(holders)) or (mark not in _USUAL and len(explained) < len(counts) / 4):
        return []
    return sorted(explained, key=lambda name: -counts[name])


def _recurring(holders: Mapping[str, Sequence[str]], lonely: set[str]) -> set[str]:
    """Parts of several names that stand now at one place, now at another, as those of a hierarchy do not."""
    if not set(holders) <= lonely:
        return set()
    names, first = Counter[str](), defaultdict[str, set[bool]](set)
    for parts in holders.values():
        names.update(set(parts))
        for place, part in enumerate(parts):
            first[part].add(place == 0)
    moving = any(len(places) > 1 for places in first.values())
    return {part for part, n in names.items() if n > 1} if moving else set()


def _inner(name: str, known: set[str]) -> list[tuple[int, int]]:
    """Where a known name ends that begins another, and where one begins that ends it, behind that."""
    ends = [end for end in range(1, len(name)) if name[:end] in known]
    begins = [begin for begin in range(1, len(name)) if name[begin:] in known] if ends else []
    return [(end, begin) for end in ends for begin in begins if end <= begin]


def _between(counts: Counter[str], lonely: set[str]) -> list[str]:
    """What stands most often between two names that stand alone elsewhere, such as " and " or "<br>"."""
    found = Counter[str]()
    for name, _ in counts.most_common(_MOST):
        if len(name) <= _LONGEST and not _NUMBER.fullmatch(name):
            found.update({name[end:begin] for end, begin in _inner(name, lonely) if end < begin})
    return [mark for mark, _ in found.most_common(_TRIED)]


def _glued(rows: Sequence[Sequence[str]]) -> list[str]:
    """Names that are two or more others with nothing between them, where a quarter of all are such."""
    counts = Counter(name for row in rows for name in row)
    lonely = {row[0] for row in rows if len(row) == 1}
    looked = [name for name, _ in counts.most_common(_MOST) if len(name) <= _LONGEST]
    glued = [name for name in looked if any(end == begin for end, begin in _inner(name, lonely))]
    return glued if len(glued) >= max(3, len(counts) / 4) else []


def _is_list_of_points(name: str) -> bool:
    """Whether a name is a list with numbers, in one line.

    >>> _is_list_of_points("1. pay 2. staff"), _is_list_of_points("1. pay")
    (True, False)
    """
    return len(_LIST_POINT.findall(name)) > 1 and len(name.splitlines()) == 1


def _glued_note(names: Sequence[str], themes: set[str]) -> str:
    n = len(names)
    what = agreeing(n, "seems to be several themes", "seem to be several themes each")
    pair = next((pair for pair in PAIRS if all(map(re.compile(_IN_PAIRS.format(*pair)).fullmatch, names))), None)
    remedy = f"pass {option('separator', pair)}" if pair else "put the separator between them"
    return f"{n:,} of {number_of(len(themes), 'theme')} {what}, such as {names[0]!r}: {remedy}."


def _unusual(counts: Counter[str]) -> list[str]:
    """Other signs in names that may separate them."""
    signs = {" - "} if any(" - " in name for name in counts) else set()
    signs |= {sign for name in counts for sign in name if not sign.isalnum()} - _INNER - set(_USUAL)
    return sorted(sign for sign in signs if sign.isprintable())


def _parts(name: str, mark: str) -> list[str]:
    if mark == "<>":
        return re.findall("<([^<>]+)>", name)
    return split_text(name, mark)


def _says_something(part: str) -> bool:
    return any(character.isalnum() for character in part)


def _called(mark: str) -> str:
    return _CALLED.get(mark, repr(mark) if mark != " " else "a space")


def _note(mark: str, names: Sequence[str], themes: set[str], several: int, separator: str) -> str:
    n = len(names)
    if mark == "<>":
        what = f"{n:,} of {number_of(len(themes), 'theme')} {agreeing(n, 'stands', 'stand')} in < and >"
        return f"{what}, such as {names[0]!r}; pass {option('separator', mark)}."
    holds = f"{n:,} of {number_of(len(themes), 'theme')} {agreeing(n, 'holds', 'hold')} {_called(mark)}"
    parts = agreeing(n, "its parts are", "their parts are")
    note = f"{holds}, such as {names[0]!r}, and {parts} themes of other rows: were they separated by it?"
    if several:
        cells = agreeing(several, "1 other cell is", f"{several:,} other cells are")
        return f"{note} Pass {option('separator', mark)}; but {cells} separated by {separator!r}: write one everywhere."
    return f"{note} Pass {option('separator', mark)}."
