"""What spot checks by people have shown of a tagger's tags, as its file keeps it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Self

from themetagger._utils.wording import number_of
from themetagger.selection.json_fields import (
    FIGURE,
    TEXT,
    WHOLE,
    JsonField,
    JsonType,
    one_of,
    read_fields,
    write_fields,
)
from themetagger.selection.sequential import VERDICTS, Verdict, check_levels

MOST_CHECKS = 10_000  # in one file; a check of each theme, and of all together, of several tables
LONGEST_NAME = 200  # characters of the name of a table


@dataclass(frozen=True)
class SpotCheckRecord:
    """The result of one spot check.

    Parameters
    ----------
    themes : whose tags were checked together; one, or several
    table : name of the table of tagged texts, at most `LONGEST_NAME` characters
    tags : distinct tags that it has of these themes
    judged, right : of them
    target : share that was to be right
    confidence : of the verdict
    verdict : "shown", "refuted" or "open"

    Raises
    ------
    ValueError
        If counts, shares or names do not fit.

    Examples
    --------
    >>> print(SpotCheckRecord(("pay",), "tagged.csv", 412, 39, 39, 0.9, 0.95, "shown"))
    pay: shown that at least 90 % of 412 tags in tagged.csv are right (39 of 39 judged, 95 % confidence)
    """

    themes: tuple[str, ...]
    table: str
    tags: int
    judged: int
    right: int
    target: float
    confidence: float
    verdict: Verdict

    def __post_init__(self) -> None:
        """Refuse what no check can say."""
        if not self.themes or len(set(self.themes)) < len(self.themes):
            raise ValueError("a spot check names no theme, or one of them twice")
        if len(self.table) > LONGEST_NAME:
            raise ValueError(f"the table of a spot check has a name of more than {LONGEST_NAME} characters")
        if not 0 <= self.right <= self.judged <= self.tags or not self.tags:
            raise ValueError("the counts of a spot check do not fit")
        check_levels(self.target, self.confidence)

    def __str__(self) -> str:
        """One line."""
        name = self.themes[0] if len(self.themes) == 1 else number_of(len(self.themes), "theme")
        target = f"{100 * self.target:g}"
        that = {
            "shown": f"shown that at least {target} %",
            "refuted": f"refuted that at least {target} %",
            "open": f"not decided whether at least {target} %",
        }
        counts = f"{self.right:,} of {self.judged:,} judged, {100 * self.confidence:g} % confidence"
        return f"{name}: {that[self.verdict]} of {self.tags:,} tags in {self.table} are right ({counts})"

    def to_json(self) -> dict[str, Any]:
        """The check as JSON values."""
        return write_fields(vars(self), _FIELDS, "of a spot check")

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read back what :meth:`to_json` gave; a ValueError where it does not fit."""
        return cls(**read_fields(data, _FIELDS, "spot check"))


def read_checks(entries: Any, known: Collection[str]) -> tuple[SpotCheckRecord, ...]:
    """The spot checks in a tagger file, whose themes are ``known``; a ValueError where they do not fit."""
    if not isinstance(entries, list) or len(entries) > MOST_CHECKS:
        raise ValueError(f"the spot checks are no list of at most {MOST_CHECKS:,}")
    checks = tuple(map(SpotCheckRecord.from_json, entries))
    themes = set(known)
    if any(theme not in themes for check in checks for theme in check.themes):
        raise ValueError("a spot check names a theme that the tagger does not have")
    return checks


def with_checks(kept: Sequence[SpotCheckRecord], new: Sequence[SpotCheckRecord]) -> tuple[SpotCheckRecord, ...]:
    """The checks of a tagger and new ones; of one table, themes and target the last one counts."""
    by_claim = {(check.themes, check.table, check.target): check for check in (*kept, *new)}
    return tuple(by_claim.values())[-MOST_CHECKS:]


def _names(value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ValueError(f"{where} must be a list of texts, but is {value!r:.80}.")
    return tuple(value)


_FIELDS = [
    JsonField("themes", JsonType(lambda value, where: list(value), _names)),
    JsonField("table", TEXT),
    JsonField("tags", WHOLE),
    JsonField("judged", WHOLE),
    JsonField("right", WHOLE),
    JsonField("target", FIGURE),
    JsonField("confidence", FIGURE),
    JsonField("verdict", one_of(VERDICTS)),
]
