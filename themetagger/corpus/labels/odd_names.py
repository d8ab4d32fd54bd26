"""Notes on names that look like something else: pieces of lists, nothing, numbers, two halves of one name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from themetagger._utils.faces import option
from themetagger._utils.wording import agreeing, number_of
from themetagger.corpus.labels.cells import Cell
from themetagger.corpus.labels.other_separators import notes_on_separators
from themetagger.corpus.labels.said_values import notes_on_values

_SHOWN = 5  # names in one note
_ENOUGH = 5  # rows in which one name follows another before it is said
_NOTHING = {
    word.strip()
    for word in r"""
    nan|none|null|nil|nat|n/a|na|n.a.|n.a|#n/a|#na|#ref!|#value!|#name?|#null!|#num!|#div/0!|<na>|\n|undefined|-|--|---
    –|—|?|??|???|.|(blank)|(none)|(empty)|blank|empty|''|""|``|missing|no|false|o|no theme|no themes|no topic|no topics
    no code|no codes|no label|no labels|no tag|no tags|none of the above|none of these|none of them|not applicable
    no answer|no response|no comment|no data|not coded|not labelled|not labeled|uncoded|unlabelled|unlabeled|untagged
    uncategorised|uncategorized|unclassified|keine|keines|nichts|entfällt|k.a.|keine angabe|kein thema|aucun|aucune
    néant|sans objet|aucun thème|ninguno|ninguna|no aplica|ninguno de los anteriores|nessuno|nessuna|geen|nvt|nenhum|нет
    无|没有|なし""".replace("\n", "|").split("|")
}
_NO_ANSWER = {"-1", "-7", "-8", "-9", "-77", "-88", "-99", "-999", "77", "88", "98", "99", "998", "999", "9999"}
_CODES = 70  # codes are below, where such numbers stand for a missing answer
_AMONG = 3  # names among which a single number is none
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d:\d\d)?")
_BRACKETS = ("[]", "()", "{}")
_WHOLE = ("[]", "{}", "''", '""', "``", "“”", "„“", "«»")
_POINT = re.compile(r"^\w{1,3}\)")  # of a list: a) pay
_SMILEY = 3  # characters of :-)
_YES_NO = ({"yes", "no"}, {"y", "n"}, {"x"}, {"ja", "nein"}, {"oui", "non"})


def notes_on_names(cells: Sequence[Cell], separator: str) -> list[str]:
    """Notes on the names in the cells of all columns of themes, none where they are as names are.

    >>> notes_on_names([Cell(["pay"]), Cell(["nan"]), Cell(["nan"])], ", ")
    ["2 cells hold the theme 'nan', which often stands for none; if it does here, empty them, or drop the theme in a \
plan file."]
    """
    texts = [cell for cell in cells if cell.form == "text" and cell.names]
    followed = _followed(texts)
    halves = {name for chain, _ in followed for name in chain}
    said, divided = notes_on_separators(cells, separator)
    return [
        *said,
        *_nothing(cells),
        *_lines(texts, divided),
        *_pieces(texts, halves | divided),
        *_followed_notes(followed),
        *notes_on_values(cells),
        *_numbers(cells),
        *_answers(cells),
    ]


def _nothing(cells: Iterable[Cell]) -> list[str]:
    """Names that stand for nothing, wherever they occur, alone in their cells."""
    alone, beside = Counter[str](), set[str]()
    also = _numbers_for_none({name for cell in cells for name in cell.names})
    for cell in cells:
        odd = [name for name in cell.names if name.casefold() in _NOTHING or name in also]
        if len(cell.names) == 1:
            alone.update(odd)
        else:
            beside.update(odd)
    found = {name: n for name, n in alone.most_common() if name not in beside}
    if not found:
        return []
    n, names = sum(found.values()), " or ".join(map(repr, found))
    return [
        f"{number_of(n, 'cell')} {agreeing(n, 'holds', 'hold')} the theme {names}, which often stands for none; "
        f"if it does here, empty {agreeing(n, 'it', 'them')}, or drop the theme in a plan file."
    ]


def _numbers_for_none(names: set[str]) -> set[str]:
    """Numbers that are no names: one among words, or one of those that stand for a missing answer among codes.

    >>> _numbers_for_none({"0", "pay", "staff", "food"}), _numbers_for_none({"1", "2", "3", "99"})
    ({'0'}, {'99'})
    """
    numbers = {name for name in names if _NUMBER.fullmatch(name)}
    if len(numbers) == 1 and len(names) > _AMONG:
        return numbers
    codes = {name for name in numbers - _NO_ANSWER if name.isdecimal() and int(name) < _CODES}
    return numbers & _NO_ANSWER if codes and codes == numbers - _NO_ANSWER else set()


def _lines(cells: Iterable[Cell], divided: set[str]) -> list[str]:
    """Names of several lines, which are more likely one name a line."""
    names = Counter(name for cell in cells for name in cell.names if name not in divided and len(name.splitlines()) > 1)
    if not names:
        return []
    holds = agreeing(len(names), "theme holds a line break", "themes hold line breaks")
    separator = option("separator", "\n")
    return [f"{len(names):,} {holds}: {_listed(names)}; if each line is a theme, pass {separator}."]


def _pieces(cells: Iterable[Cell], known: set[str]) -> list[str]:
    """Names with half a pair of brackets or quotes at an end, or in brackets or quotes as a whole."""
    names = Counter(name for cell in cells for name in cell.names if name not in known and _is_piece(name))
    if not names:
        return []
    n = len(names)
    looks = agreeing(n, "theme looks like a piece of a list", "themes look like pieces of lists")
    return [f"{n:,} {looks}: {_listed(names)}; see how the cells are written, and whether {option('separator')} fits."]


def _is_piece(name: str) -> bool:
    """Whether brackets or quotes say that a name is a part of something, or the whole of a list.

    >>> [_is_piece(name) for name in ("['pay", "pay]", "'pay'", "[pay]", "Pay (basic)", "a) pay", ":)", 'screens 5"')]
    [True, True, True, True, False, False, False, False]
    """
    if (len(name) > 2 and name[0] + name[-1] in _WHOLE) or name in "[](){}":
        return True
    quoted = name[0] == '"' or (name[-1] == '"' and not name[-2:-1].isdigit())  # 5" are inches
    rest = "" if len(name) <= _SMILEY else _POINT.sub("", name)
    return (quoted and name.count('"') % 2 == 1) or any(
        rest.count(pair[0]) != rest.count(pair[1]) for pair in _BRACKETS
    )


def _followed(cells: Sequence[Cell]) -> list[tuple[list[str], int]]:
    """Names that always stand in this order and never without each other, and in how many rows.

    Where all cells are sorted, or a name begins with the other, as in a hierarchy, that they do says nothing.
    """
    rows = [cell.names for cell in cells]
    counts = Counter(name for names in rows for name in names)
    after, before = _neighbours(rows), _neighbours([names[::-1] for names in rows])
    ways: list[Callable[[str], str]] = [str, str.casefold]
    sorts = [way for way in ways if all(names == sorted(names, key=way) for names in rows)]

    def halves(one: str, other: str | None) -> bool:
        if other is None or before[other] != one or other.startswith(one):
            return False
        return not any(way(one) <= way(other) for way in sorts)

    chains = []
    for name, n in counts.items():
        leading, chain = before[name], [name]
        if n < _ENOUGH or (leading is not None and after[leading] == name and halves(leading, name)):
            continue
        while (following := after[chain[-1]]) is not None and halves(chain[-1], following) and following != name:
            chain.append(following)
        if len(chain) > 1:
            chains.append((chain, n))
    return chains


def _neighbours(rows: Iterable[Sequence[str]]) -> dict[str, str | None]:
    """The name that always stands next after each; None where none does."""
    after: dict[str, str | None] = {}
    for names in rows:
        for here, following in zip(names, [*names[1:], None], strict=True):
            after[here] = following if after.get(here, following) == following else None
    return after


def _followed_notes(chains: Sequence[tuple[list[str], int]]) -> list[str]:
    notes = [
        f"{chain[0]!r} is always followed by {' and '.join(map(repr, chain[1:]))} ({number_of(n, 'row')}), and neither "
        f"stands alone: is it one theme whose name holds the separator? Then let {option('theme_map')} give "
        f"{agreeing(len(chain) - 1, 'both', 'all')} one name."
        for chain, n in chains[:_SHOWN]
    ]
    more = len(chains) - _SHOWN
    return (
        [*notes, f"{number_of(more, 'more pair')} of names always {agreeing(more, 'stands', 'stand')} so."]
        if more > 0
        else notes
    )


def _numbers(cells: Sequence[Cell]) -> list[str]:
    """Names that are numbers, where most are, or where a number with a fraction stands among whole ones."""
    counts = Counter(name for cell in cells for name in cell.names)
    numbers = [name for name in counts if _NUMBER.fullmatch(name)]
    dates = Counter({name: counts[name] for name in counts if _DATE.fullmatch(name)})
    notes = []
    if dates:
        notes.append(f"Themes look like dates: {_listed(dates)}; a spreadsheet makes such of codes like 1-2.")
    if not numbers or len(numbers) < len(counts) / 2:
        return notes
    fractions = Counter({name: counts[name] for name in numbers if not name.lstrip("+-").isdigit()})
    whole = len(numbers) > len(fractions)
    note = (
        f"{len(numbers):,} of {number_of(len(counts), 'theme')} {agreeing(len(numbers), 'is a number', 'are numbers')}"
    )
    if fractions and whole:
        note += f"; {_listed(fractions)} may be several codes that a spreadsheet has made one number: check these cells"
    else:
        note += f", such as {next(iter(numbers))!r}; {option('theme_map')} can give them names"
    return [*notes, f"{note}."]


def _answers(cells: Iterable[Cell]) -> list[str]:
    """The note on a column whose only names are answers: it is one theme rather than several."""
    names = {name for cell in cells for name in cell.names}
    if {name.casefold() for name in names} not in [*_YES_NO, {"yes"}, {"y"}]:
        return []
    only = " and ".join(map(repr, sorted(names, key=str.casefold, reverse=True)))
    remedy = f"if the column itself is a theme, pass it as {option('theme_columns')}"
    return [f"The only {agreeing(len(names), 'theme is', 'themes are')} {only}; {remedy}."]


def _listed(names: Counter[str]) -> str:
    shown = ", ".join(repr(name) for name, _ in names.most_common(_SHOWN))
    return f"{shown} and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else shown
