"""Names that hold a value beside a theme, such as "pay: no", "pay (0.2)" or "not pay": refused, or told in a note."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from themetagger._utils.faces import option
from themetagger._utils.wording import agreeing, number_of
from themetagger.corpus.labels.cells import Cell, Names

_SHOWN = 3  # themes in one note
_WORDS = "yes|no|true|false|y|n|ja|nein|oui|non|on|off|absent|present"
_NUMBERS = r"[01](?:\.\d+)?|\.\d+|\d{1,3}(?:\.\d+)? ?%"
_VALUED = re.compile(
    rf"(?P<stem>.+?)\s*(?:(?:=>|[:=])\s*(?P<said>{_WORDS}|{_NUMBERS})"
    rf"|[(\[]\s*(?P<within>{_WORDS}|\d+(?:\.\d+)? ?%?)\s*[)\]])",
    re.IGNORECASE | re.DOTALL,
)
_COUNTED = re.compile(r"(?P<value>\d{1,2})\s*[.):]\s*(?P<stem>\D.*)", re.DOTALL)  # 1. pay, 2. pay
_NEGATED = re.compile(r"(?:(?:not|no|non|kein|keine|nicht)[\s_-]+|[-!¬~–])(?P<stem>\w.*)", re.IGNORECASE | re.DOTALL)
_BETWEEN = re.compile(r"[;|\n,]")  # that may stand between such names, whatever the separator of the table
_FALSE = {"no", "false", "n", "nein", "non", "off", "absent", "0", "0.0"}
_ENOUGH = 3  # cells that say of the same themes whether they hold, before no other reading is possible

Said = tuple[str, str]  # a theme, and what is said of it


def first_of_values(cells: Sequence[Cell]) -> int | None:
    """The first cell of a column whose cells all say of the same themes whether each holds; else None.

    >>> first_of_values([Cell(["pay=1", "staff=0"]), Cell(["pay=0", "staff=0"]), Cell(["pay=0", "staff=1"])])
    0
    """
    filled = [row for row, cell in enumerate(cells) if cell.names]
    if len(filled) < _ENOUGH:
        return None
    themes, values = set[str](), set[str]()
    for row in filled:
        said = _said_in(cells[row].names)
        stems = {stem for stem, _ in said}
        if len(stems) < 2 or len(stems) < len(said) or (themes and stems != themes):
            return None
        themes = stems
        values.update(value for _, value in said)
    denied = any(value in _FALSE or _is_small(value) for value in values)
    return filled[0] if len(values) > 1 and denied else None


def notes_on_values(cells: Sequence[Cell]) -> list[str]:
    """Notes on names that say a value of a theme, where the same theme has another value or none elsewhere.

    >>> notes_on_values([Cell(["+pay", "-staff"]), Cell(["+staff"])])
    ["1 name says that a theme does not hold and is read as a theme: '-staff'. Take it out of the cells."]
    """
    counts = Counter(name for cell in cells for name in cell.names)
    return [*_valued_notes(counts), *_negated_notes(counts)]


def _valued_notes(counts: Counter[str]) -> list[str]:
    spelled: dict[str, Names] = defaultdict(list)
    for name, _ in counts.most_common():
        if said := _valued(name) or _counted(name):
            spelled[said[0]].append(name)
    several = {stem: names for stem, names in spelled.items() if len(names) > 1}
    if not several:
        return []
    n = len(several)
    shown = "; ".join(" and ".join(map(repr, names[:_SHOWN])) for names in list(several.values())[:_SHOWN])
    those = f"{number_of(n, 'theme')} {agreeing(n, 'is', 'are')} in names with different values: {shown}"
    return [f"{those}. If these are {agreeing(n, 'one theme', 'one theme each')}, write its name alone."]


def _negated_notes(counts: Counter[str]) -> list[str]:
    """Names that begin with a negation of another name."""
    known = {name.casefold().lstrip("+") for name in counts}
    negated = [name for name, _ in counts.most_common() if (stem := _negated(name)) and stem in known]
    if not negated:
        return []
    n = len(negated)
    shown = ", ".join(map(repr, negated[:_SHOWN])) + (f" and {n - _SHOWN:,} more" if n > _SHOWN else "")
    says = agreeing(n, "name says that a theme does not hold and is", "names say that themes do not hold and are")
    read = agreeing(n, "read as a theme", "read as themes")
    return [f"{n:,} {says} {read}: {shown}. Take {agreeing(n, 'it', 'them')} out of the cells."]


def values_remedy() -> str:
    """What is wrong with a cell of `first_of_values`, and the remedy."""
    remedy = f"write the names that hold, or one column a theme and pass {option('theme_columns')}"
    return f"says of each theme whether it holds; {remedy}"


def _said_in(names: Iterable[str]) -> list[Said]:
    """What the names of a cell say, each of one theme: a name without a value says that it holds."""
    parts = [part.strip() for name in names for part in _BETWEEN.split(name) if part.strip()]
    return [_valued(part) or _denied(part) or (part.casefold().lstrip("+"), "yes") for part in parts]


def _denied(name: str) -> Said | None:
    return (stem, "no") if (stem := _negated(name)) else None


def _valued(name: str) -> Said | None:
    """A theme and the value behind it.

    >>> _valued("pay: no"), _valued("pay (0.9)"), _valued("Heap (Priority Queue)"), _valued("pay")
    (('pay', 'no'), ('pay', '0.9'), None, None)
    """
    found = _VALUED.fullmatch(name)
    return None if found is None else (found["stem"].casefold(), (found["said"] or found["within"]).casefold())


def _counted(name: str) -> Said | None:
    found = _COUNTED.fullmatch(name)
    return None if found is None else (found["stem"].casefold(), found["value"])


def _negated(name: str) -> str:
    """The theme that a name denies; "" where it denies none."""
    found = _NEGATED.fullmatch(name)
    return "" if found is None else found["stem"].casefold()


def _is_small(value: str) -> bool:
    number = value.rstrip(" %")
    return number.replace(".", "", 1).isdigit() and float(number) < (50 if "%" in value else 0.5)
