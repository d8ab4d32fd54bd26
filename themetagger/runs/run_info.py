"""What ``run.json`` holds: the plan, tables and library versions of a run, and the trials that each call allowed."""

from __future__ import annotations

import json
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
from themetagger.corpus import Corpus
from themetagger.runs.errors import RunError
from themetagger.runs.fingerprint import Numbers, fingerprint, plan_json, tables_json, versions
from themetagger.runs.plan import Plan

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
    """

    name: str
    allowed: tuple[Mapping[str, Any], ...]
    notes: tuple[str, ...] = ()
    replaced: str = ""

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


def read_info(path: Path) -> dict[str, Any] | None:
    """What an earlier call has written; None where there is no file.

    Raises
    ------
    RunError
        If the file is damaged, or was written by a newer version.
    """
    if not path.exists():
        return None
    try:
        info = json.loads(path.read_bytes())
        readable = info["format"] <= FORMAT
        if readable and not _is_complete(info):
            raise ValueError("it is incomplete")
    except (ValueError, KeyError, TypeError) as error:
        raise RunError(f"{path} is damaged ({error}); {remedy()}.") from error
    if not readable:
        raise RunError(f"{path} was written by a newer version of themetagger; update this one, or {remedy()}.")
    return dict(info)


def has_vectors(info: Mapping[str, Any] | None) -> bool:
    """Whether a run of this ``run.json`` chooses among views with static vectors too; a new one (None) does.

    Examples
    --------
    >>> has_vectors(None), has_vectors({"format": 1}), has_vectors({"format": 1, "space": 2})
    (True, False, True)
    """
    return info is None or info.get("space", 1) >= SPACE


def name_in(path: Path) -> str:
    """The name of the run in a file; empty where it cannot be read."""
    try:
        return str(json.loads(path.read_bytes())["name"])
    except (ValueError, KeyError, TypeError):
        return ""


def now() -> str:
    """The time in UTC, to the second."""
    return datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="seconds")


def _is_complete(info: Mapping[str, Any]) -> bool:
    kinds = {"name": str, "plan": dict, "allowed": list, "data": dict, "versions": dict}
    if not all(isinstance(info.get(name), kind) for name, kind in kinds.items()) or not info["allowed"]:
        return False
    calls = all(isinstance(call["trials"], int) and isinstance(call["own"], dict) for call in info["allowed"])
    return calls and all({"rows", "themes", "sha256"} <= set(table) for table in info["data"].values())


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
