"""A spot check of the tags of a table: draws tags, reads what people say of them, and tells when it is decided."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from themetagger._utils.faces import option
from themetagger._utils.files import write_atomically
from themetagger._utils.wording import agreeing, number_of
from themetagger.corpus import DEFAULT_FORMAT, TableError, TableFormat, check_writable, write_table
from themetagger.corpus.formulas import neutralised_table
from themetagger.insights.spot_check.drawing import Scope, Tag, scopes_of
from themetagger.insights.spot_check.judgements import KEY, RESOLVED, VERDICT, Agreement, Judgements, read_judgements
from themetagger.insights.spot_check.tagged import TaggedTexts, read_tagged
from themetagger.selection.by_hand import did_you_mean
from themetagger.selection.sequential import SpotTest, check_levels
from themetagger.tagger.theme_tagger import ThemeTagger

LONGEST = 30_000  # characters of a text that are shown; a cell of a spreadsheet holds 32,767
STATE = ".json"  # what the name of the file with the settings has behind that of the table


@dataclass(frozen=True)
class CheckSettings:
    """What is to be shown, and how tags are drawn.

    Parameters
    ----------
    themes : whose tags are checked, default () for all
    each_theme : whether each theme is checked by itself; default False: all tags together
    target : share of the tags that is to be right, default 0.9
    confidence : of the verdict, default 0.95
    batch : tags that are added at a time, to each check that is not decided yet, default 20
    seed : decides the order in which tags are drawn, default 0
    judges : names of people who judge apart from one another, default () for one column of verdicts

    Raises
    ------
    ValueError
        If a number is out of its range, or two judges have one name.
    """

    themes: tuple[str, ...] = ()
    each_theme: bool = False
    target: float = 0.9
    confidence: float = 0.95
    batch: int = 20
    seed: int = 0
    judges: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check the ranges."""
        check_levels(self.target, self.confidence)
        if self.batch < 1:
            raise ValueError(f"{option('batch')} must be 1 or more, but is {self.batch}.")
        for name in ("themes", "judges"):
            object.__setattr__(self, name, tuple(dict.fromkeys(getattr(self, name))))
        if len({judge.strip().casefold() for judge in self.judges}) < len(self.judges) or not all(
            judge.strip() for judge in self.judges
        ):
            raise ValueError(f"{option('judges')} must be different names, but are {list(self.judges)}.")

    @property
    def columns(self) -> list[str]:
        """The columns that people fill in."""
        if not self.judges:
            return [VERDICT]
        return [*(f"{VERDICT} {judge.strip()}" for judge in self.judges), *([RESOLVED] if len(self.judges) > 1 else [])]


@dataclass(frozen=True)
class SpotCheck:
    """What a spot check says so far.

    Attributes
    ----------
    table : DataFrame, one row a check: ``check`` ("all themes", or a theme), ``tags`` that there are, ``judged``,
        ``right``, ``precision`` of the judged ones, ``at_least`` and ``at_most``, which bound the share of right tags
        among all, each at the confidence, ``verdict`` ("shown", "refuted" or "open"), ``more_low`` and ``more_high``,
        the likely number of judgements that are still needed
    settings : that it was begun with
    waiting : tags in the table that nobody has judged, those just added included
    added : tags just added
    agreement : of several judges, else None
    notes : sentences on the data
    themes : whose tags each row of the table is about
    judged : the tags that have been judged
    """

    table: pd.DataFrame
    settings: CheckSettings
    waiting: int
    added: int
    agreement: Agreement | None
    notes: tuple[str, ...]
    themes: tuple[tuple[str, ...], ...] = field(default=(), repr=False)
    judged: tuple[Tag, ...] = field(default=(), repr=False)

    @property
    def decided(self) -> bool:
        """Whether every check is shown or refuted, so that nothing is left to judge."""
        return not (self.table["verdict"] == "open").any()


def verify(
    tagged: str | os.PathLike[str] | pd.DataFrame,
    out: str | os.PathLike[str],
    *,
    tagger: ThemeTagger | None = None,
    tag_column: str | None = None,
    table_format: TableFormat = DEFAULT_FORMAT,
    **settings: Any,
) -> SpotCheck:
    """Begin a spot check of the tags of a table, or go on with it once its table is filled in.

    Tags are drawn at random without replacement; a text that occurs several times is drawn once. The first call writes
    ``out``, a table with a column "verdict" to fill with right or wrong. Later calls with the same arguments read it
    back, say what is decided, and add the next tags to it where something is not. The test is exact however often it is
    called, and whenever one stops (`themetagger.selection.sequential`).

    Parameters
    ----------
    tagged : a table of tagged texts, as `tag` writes it: a file or a DataFrame
    out : table to judge; its settings are kept beside it, in a file of this name with ".json" behind it
    tagger : that has tagged the table: it knows how the table is read. Default None
    tag_column : column of tags, default "Predicted Themes", else "Themes"
    table_format : how ``tagged`` is read: its text columns and separator; default as the tagger was tuned on
    **settings : the fields of `CheckSettings`; a check that was begun has kept them

    Raises
    ------
    TableError
        If a table cannot be read or written, a verdict is none, ``tagged`` is another table than the check was begun
        with, or a setting differs. Nothing is written then.
    ValueError
        If a setting is out of its range.

    Examples
    --------
    >>> import tempfile
    >>> tagged = pd.DataFrame({"Processed Text": ["Low pay", "Thanks"], "Themes": ["pay", ""]})
    >>> folder = tempfile.mkdtemp()
    >>> check = verify(tagged, f"{folder}/check.csv")
    >>> check.added, check.table.loc[0, "verdict"]
    (1, 'open')
    """
    target = check_writable(out, inputs=[tagged])
    chosen = _settings(target, settings)
    texts = read_tagged(tagged, tagger, tag_column=tag_column, table_format=table_format)
    scopes = scopes_of(texts.tags, _themes(texts, chosen), each_theme=chosen.each_theme, seed=chosen.seed)
    if not scopes:
        raise TableError(f"{texts.source}, column {texts.column!r}: no text has a tag that could be checked.")
    state = {"settings": asdict(chosen), "tags": _digest(scopes)}
    judged = None
    if target.exists():
        _check_state(target, state, texts.source)
        judged = read_judgements(target, {tag.key for scope in scopes for tag in scope.tags})
    rows, wanted = [], list[Tag]()
    for scope in scopes:
        row, more = _progress(scope, judged, chosen, target.name)
        rows.append(row)
        wanted += more
    _write(target, state, judged, wanted, chosen, scopes)
    waiting = len(wanted) + (0 if judged is None else len(judged.keys) - len(judged.right))
    notes = (*texts.notes, *(() if judged is None else (*judged.notes, *_disputes(judged))))
    said = {} if judged is None else judged.right
    return SpotCheck(
        pd.DataFrame(rows),
        chosen,
        waiting,
        len(wanted),
        None if judged is None else judged.agreement,
        notes,
        tuple(scope.themes for scope in scopes),
        tuple(tag for scope in scopes for tag in scope.tags if tag.key in said),
    )


def _settings(target: Path, given: dict[str, Any]) -> CheckSettings:
    """The settings of a check: those given, and of one that was begun all others as they were."""
    kept: dict[str, Any] = _state(target).get("settings", {}) if target.exists() else {}
    kept = {name: tuple(one) if isinstance(one, list) else one for name, one in kept.items()}
    try:
        before = CheckSettings(**kept)
    except (TypeError, ValueError) as error:
        raise TableError(
            f"{_beside(target)}: is damaged ({error}); begin again with another {option('out')}."
        ) from None
    chosen = CheckSettings(**{**asdict(before), **given})
    for name, value in asdict(before).items() if kept else ():
        if getattr(chosen, name) != value:
            begun = f"with {option(name, value)}" if value not in ((), False) else f"without {option(name)}"
            raise TableError(
                f"{target.name}: this check was begun {begun}; leave {option(name)} out, or choose "
                f"another {option('out')}."
            )
    return chosen


def _themes(texts: TaggedTexts, settings: CheckSettings) -> list[str]:
    """The themes whose tags are checked, in the order of the alphabet where none are named."""
    present = sorted({tag.theme for tag in texts.tags})
    for theme in settings.themes:
        if theme not in present:
            raise TableError(
                f"{texts.source}, column {texts.column!r}: no text is tagged {theme!r}{did_you_mean(theme, present)}"
            )
    return list(settings.themes) or present


def _digest(scopes: Sequence[Scope]) -> str:
    keys = sorted(f"{scope.name}\0{tag.key}" for scope in scopes for tag in scope.tags)
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()


def _beside(target: Path) -> Path:
    return target.with_name(target.name + STATE)


def _state(target: Path) -> dict[str, Any]:
    try:
        state = json.loads(_beside(target).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise TableError(
            f"{_beside(target)}: cannot be read ({error}); delete it to go by the settings given."
        ) from None
    if not isinstance(state, dict) or not isinstance(state.get("settings"), dict):
        raise TableError(f"{_beside(target)}: holds no settings of a spot check; delete it to go by those given.")
    return state


def _check_state(target: Path, state: dict[str, Any], source: str) -> None:
    before = _state(target)
    if before and before.get("tags") != state["tags"]:
        raise TableError(
            f"{source}: the tags are not those that {target.name} was begun with; pass the same table, or choose "
            f"another {option('out')}."
        )


def _progress(
    scope: Scope, judged: Judgements | None, settings: CheckSettings, source: str
) -> tuple[dict[str, Any], list[Tag]]:
    """What is known of a scope, and the tags that its table lacks."""
    present = {} if judged is None else {scope.positions[key] for key in judged.keys if key in scope.positions}
    drawn = max(present, default=-1) + 1
    right: list[bool] = []
    for tag in scope.tags[:drawn]:
        if judged is None or tag.key not in judged.right:
            break
        right.append(judged.right[tag.key])
    test = SpotTest(len(scope.tags), settings.target, settings.confidence)
    verdict, (low, high), more = test.verdict(right), test.bounds(right), test.forecast(right, seed=settings.seed)
    lost = [tag for position, tag in enumerate(scope.tags[:drawn]) if position not in present]
    if len(lost) > len(present):
        raise TableError(
            f"{source}: its tags are not those drawn first from {scope.name!r} with {option('seed', settings.seed)}; "
            f"pass the settings that it was begun with, or choose another {option('out')}."
        )
    further = scope.tags[drawn : drawn + settings.batch] if verdict == "open" and len(right) == drawn else ()
    row = {
        "check": scope.name,
        "tags": len(scope.tags),
        "judged": len(right),
        "right": sum(right),
        "precision": float(np.mean(right)) if right else float("nan"),
        "at_least": low,
        "at_most": high,
        "verdict": verdict,
        "more_low": more.low,
        "more_high": more.high,
    }
    return row, [] if verdict != "open" else [*lost, *further]


def _write(
    target: Path,
    state: dict[str, Any],
    judged: Judgements | None,
    wanted: Sequence[Tag],
    settings: CheckSettings,
    scopes: Sequence[Scope],
) -> None:
    """Add tags to the table; its other cells stay as they are."""
    write_atomically(_beside(target), json.dumps(state, ensure_ascii=False, indent=1).encode())
    if not wanted:
        return
    numbers = {tag.key: position + 1 for scope in scopes for position, tag in enumerate(scope.tags)}
    cells = [(numbers[tag.key], tag.place, tag.theme, tag.text[:LONGEST], tag.key) for tag in wanted]
    new = pd.DataFrame(cells, columns=["number", "place", "theme", "text", KEY])
    for position, name in enumerate(settings.columns):
        new.insert(4 + position, name, "")
    if judged is None:
        write_table(new, target)
        return
    delimited = target.suffix.lower() in (".csv", ".tsv")
    safe = neutralised_table(new)[0] if delimited else new
    named = {str(name).strip().casefold(): name for name in judged.frame.columns}
    safe = safe.rename(columns={name: named.get(name.casefold(), name) for name in safe.columns})
    absent = [name for name in safe.columns if name not in judged.frame.columns]
    whole = pd.concat([judged.frame, safe.drop(columns=absent).astype(object)], ignore_index=True)
    whole = whole.astype(object).where(whole.notna(), "" if delimited else None)
    write_table(whole, target, formulas="keep", delimiter=judged.delimiter)


def _disputes(judged: Judgements) -> list[str]:
    if not judged.disputed:
        return []
    n = judged.disputed
    count = agreeing(n, "it counts", "they count")
    return [
        f"Judges disagree about {number_of(n, 'tag')}; {count} as wrong until the column {RESOLVED!r} says otherwise."
    ]
