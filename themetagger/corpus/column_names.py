"""Names of columns: which column a user means by a name, and how names are shown in messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from themetagger._utils.unicode_forms import normal_form
from themetagger.corpus.errors import TableError

JOINT = ": "  # between the names that stand above one another in a header of several rows
_CUT = 60  # characters of a name that are shown
_LISTED = 20  # names in one message
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u2060\ufeff\u00ad"))  # no width: nobody sees or types them


class KeptName(str):
    """The name of a column that nobody has written: the tagger file has kept it."""

    __slots__ = ()


def plain(name: str) -> str:
    r"""A name as people type it: one Unicode form, single spaces, no line breaks, nothing invisible.

    >>> plain("What  should\nwe change?")
    'What should we change?'
    """
    return " ".join(normal_form("NFC", name.translate(_INVISIBLE)).split())


def looks_like(name: str) -> str:
    """A name in one Unicode form, which looks the same whichever it was."""
    return normal_form("NFC", name).strip()


class ColumnNames(tuple[str, ...]):
    """The names of all columns of a table, of which many can be looked up one after the other."""

    @cached_property
    def every(self) -> frozenset[str]:
        """The names."""
        return frozenset(self)

    @cached_property
    def by_plain(self) -> dict[str, list[str]]:
        """`plain` form -> the names that have it."""
        found: dict[str, list[str]] = {}
        for name in self:
            found.setdefault(plain(name), []).append(name)
        return found


def column_meant(
    wanted: str, names: Sequence[str], aliases: Mapping[str, str] | None = None, *, source: str
) -> str | None:
    r"""The column that a user means; None where there is none.

    Parameters
    ----------
    wanted : what the user wrote
    names : of all columns; `ColumnNames` where several are looked up
    aliases : shorter names of columns, default none
    source : name of the table, for messages

    Returns
    -------
    The column of exactly this name; else the one that differs only by Unicode form, white space or invisible
    characters; else the one with this alias, or the only one whose name ends in it, as those that were joined do.

    Raises
    ------
    TableError
        If several columns differ from it only so.

    Examples
    --------
    >>> column_meant("What should we change?", ["Site", "What should\nwe change?"], source="a.csv")
    'What should\nwe change?'
    """
    names = names if isinstance(names, ColumnNames) else ColumnNames(names)
    if wanted in names.every:
        return wanted
    typed = plain(wanted)
    alike = names.by_plain.get(typed, []) if typed else []
    if len(alike) > 1:
        both = " and ".join(map(ascii, alike[:_LISTED]))
        raise TableError(
            f"{source}: the columns {both} differ only in what cannot be seen; rename all but one of them."
        )
    if alike or typed in (aliases or {}):
        return alike[0] if alike else (aliases or {})[typed]
    lower = [name for name in names if JOINT in name and plain(name).endswith(JOINT + typed)] if typed else []
    return lower[0] if len(lower) == 1 else None


def shown(name: str) -> str:
    """A name in quotes, cut where it is long.

    >>> shown("pay"), len(shown("x" * 100))
    ("'pay'", 65)
    """
    return repr(name) if len(name) <= _CUT else f"{name[:_CUT]!r}..."


def listed(names: Sequence[str]) -> str:
    """Names in quotes, so many that a message can be read.

    >>> listed(["pay", "staff"]), len(listed([f"option {number}" for number in range(500)]))
    ("'pay', 'staff'", 261)
    """
    more = f" and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
    return ", ".join(map(shown, names[:_LISTED])) + more


def unnamed_told_apart(names: Sequence[str]) -> list[str]:
    """The names, those of columns without one as spaces: the second as one space, the third as two, and so on.

    So they stay apart in a table of unique names, and look as they did when it is written again.

    >>> unnamed_told_apart(["", "pay", "", ""])
    ['', 'pay', ' ', '  ']
    """
    found, without = [], 0
    for name in names:
        found.append(name or " " * without)
        without += not name
    return found
