"""What ``run.json`` holds: the plan, tables and library versions of a run, and the trials that each call allowed."""

from __future__ import annotations

import json
import os
import re
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

from themetagger._utils.faces import option
from themetagger._utils.files import write_atomically
from themetagger._utils.own_files import read_own
from themetagger.corpus import Corpus
from themetagger.models.storage.strict_json import read_json
from themetagger.runs.errors import RunError
from themetagger.runs.fingerprint import Numbers, fingerprint, plan_json, tables_json, versions
from themetagger.runs.plan import Plan
from themetagger.runs.run_schema import MOST_BYTES, checked, sealed

FORMAT = 1
SPACE = 2  # the search space that a run was begun with; 1, or none given: of n-grams alone


@dataclass(frozen=True)
class RunInfo:
    """Which run this is.

    Parameters
    ----------
    name : of the run, made when it began
    allowed : the trials that each call so far allowed, in order: ``trials`` for all themes, ``own`` of single ones
    notes : remarks, on libraries that have other versions than when the run began
    replaced : the name of a run in the same folder that was thrown away; empty where there was none
    sealed : whether the files that a later call relies on have checksums; those of older runs have none
    """

    name: str
    allowed: tuple[Mapping[str, Any], ...]
    notes: tuple[str, ...] = ()
    replaced: str = ""
    sealed: bool = False

    def earlier_trials(self, theme: str) -> tuple[int, ...]:
        """The numbers of trials that earlier calls allowed a theme, where the next call allowed more."""
        numbers = [_trials(call, theme) for call in self.allowed]
        return tuple(number for number, later in pairwise(numbers) if later != number)


def remedy() -> str:
    """What to do about a folder that holds another run."""
    return f"choose another {option('out')}, or discard it with {option('start_over', True)}"


def new_info(
    plan: Plan,
    tables: Mapping[str, Corpus],
    numbers: Mapping[str, Numbers],
    folder: Path,
    models: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """What ``run.json`` holds of a run that begins now, as JSON values.

    Parameters
    ----------
    plan, tables : of the run, the tables by their names in the plan
    numbers : a number for each row of each table, see `themetagger.runs.fingerprint.row_numbers`
    folder : of the run
    models : the SHA-256 of each text encoder that the user named, by its view; default none
    """
    own = {theme: settings["trials"] for theme, settings in plan.overrides.items() if "trials" in settings}
    return {
        "format": FORMAT,
        "space": SPACE,
        "checksums": True,  # of what a later call relies on; older runs had none
        "name": uuid.uuid4().hex[:12],
        "begun": now(),
        "place": str(folder.absolute()),
        "plan": plan_json(plan) | ({"models": dict(models)} if models else {}),
        "allowed": [{"trials": plan.trials, "own": own}],
        "data": {name: fingerprint(corpus, numbers[name]) for name, corpus in tables.items()},
        "tables": tables_json(plan),
        "versions": versions(),
    }


def resumed_info(earlier: Mapping[str, Any], new: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """What ``run.json`` holds of a run that an ``earlier`` call began, when a ``new`` one goes on with it.

    A copy of a run folder gets a name of its own, for its trials are no longer those of the other one.

    Raises
    ------
    RunError
        If fewer trials are asked for than before.
    """
    same_place = earlier.get("place") == new["place"]
    return {
        **earlier,
        "allowed": _all_allowed(folder, earlier["allowed"], new["allowed"][0]),
        "name": earlier["name"] if same_place else new["name"],
        "place": new["place"],
        "tables": new["tables"],
    }


def read_info(path: Path, *, tuning: bool = True) -> dict[str, Any] | None:
    """What an earlier call has written; None where there is no file.

    Parameters
    ----------
    path : of the file
    tuning : whether a run is to go on from it (default), which decides on the remedy

    Raises
    ------
    RunError
        If the file is damaged, was changed, is a link, or was written by a newer version.
    """
    if not os.path.lexists(path):
        return None
    end = remedy() if tuning else "tune again"
    try:
        info = _parsed(path)
        newer = isinstance(info, Mapping) and type(info.get("format")) is int and info["format"] > FORMAT
        if not newer:
            return checked(info)
    except (ValueError, OSError) as error:
        raise RunError(f"{path} is damaged ({error}); {end}.") from error
    raise RunError(f"{path} was written by a newer version of themetagger; update this one, or {end}.")


def write_info(path: Path, info: Mapping[str, Any]) -> None:
    """Write ``run.json`` with its seal; an OSError where that is not possible."""
    write_atomically(path, json.dumps(sealed(info), indent=1).encode())


def _parsed(path: Path) -> Any:
    return read_json(read_own(path, most=MOST_BYTES).decode(), finite=False)


def has_vectors(info: Mapping[str, Any] | None) -> bool:
    """Whether a run of this ``run.json`` chooses among views with static vectors too; a new one (None) does.

    Examples
    --------
    >>> has_vectors(None), has_vectors({"format": 1}), has_vectors({"format": 1, "space": 2})
    (True, False, True)
    """
    return info is None or info.get("space", 1) >= SPACE


def name_in(path: Path, folder: Path) -> str:
    """The name under which a run in this folder has put its trials into a database; empty where it cannot be read.

    Also where its file says that it was made in another place: then the trials of that name are those of another run.
    """
    try:
        info = _parsed(path)
        name, place = info["name"], info["place"]
    except (ValueError, KeyError, TypeError, OSError):
        return ""
    own = isinstance(name, str) and re.fullmatch("[0-9a-f]{12}", name) and place == str(folder.absolute())
    return name if own else ""


def now() -> str:
    """The time in UTC, to the second."""
    return datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="seconds")


def _trials(call: Mapping[str, Any], theme: str) -> int:
    return int(call["own"].get(theme, call["trials"]))


def _all_allowed(
    folder: Path, earlier: Sequence[Mapping[str, Any]], new: Mapping[str, Any]
) -> Sequence[Mapping[str, Any]]:
    """The trials that each call allowed, with those of a new call; a RunError where there are fewer than before."""
    last = earlier[-1]
    for theme in {**last["own"], **new["own"], "": None}:
        allowed, asked = _trials(last, theme), _trials(new, theme)
        if asked < allowed:
            of_theme = f" of theme {theme!r}" if theme else ""
            raise RunError(
                f"{folder}: trials{of_theme} was {allowed} and is now {asked}; a run can be given more trials, but "
                f"not fewer. Give at least {allowed}, or {remedy()}."
            )
    return earlier if new == last else [*earlier, new]
