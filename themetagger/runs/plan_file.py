"""A plan file: the settings of a run in TOML, read, checked, and joined with what is given beside it.

    [table]                      # files, and how they are read
    [run]                        # settings of the run, by the names that the options have
    [themes]                     # drop, merge
    [theme."pay and benefits"]   # what one theme has otherwise

Paths of tables in it are relative to the folder of the file, and so is ``out``.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from themetagger._utils.faces import option, speaking
from themetagger.runs.errors import PlanError
from themetagger.runs.named_settings import OF_OBJECTIVE, OF_PROMISE, objective_with, settings_of, without_meaning
from themetagger.runs.plan import Plan
from themetagger.runs.plan_keys import CHOICES, NUMBER, RUN, TEXTS, THEME, THEMES, WHOLE, fits, of_table
from themetagger.runs.toml_mistakes import for_number, remedy
from themetagger.runs.toml_places import line_of
from themetagger.selection.by_hand import did_you_mean

SECTIONS = ("table", "run", "themes", "theme")
PATHS = ("train", "test", "theme_map", "out")


@dataclass(frozen=True)
class PlanFile:
    """A plan file that was read and checked.

    Parameters
    ----------
    path : of the file
    text : of the file
    named : settings of the tables and of the run, by their names
    themes : theme -> its own settings, by their names
    drop : themes that are left out of the run
    merge : theme -> the theme that it becomes
    """

    path: Path
    text: str
    named: Mapping[str, Any]
    themes: Mapping[str, Mapping[str, Any]]
    drop: tuple[str, ...] = ()
    merge: Mapping[str, str] | None = None

    def place(self, *keys: str) -> str:
        """Where a key stands, for messages: "plan.toml, line 7"."""
        return place_in(self.path, self.text, *keys)

    def section_of(self, name: str) -> str:
        """The section that a setting of the tables or of the run belongs to."""
        return "run" if name in RUN else "table"


def place_in(path: str | os.PathLike[str], text: str, *keys: str) -> str:
    """Where a key stands in a plan file, for messages."""
    return f"{Path(path).name}, line {line_of(text, keys)}"


def read_plan(path: str | os.PathLike[str]) -> PlanFile:
    """Read a plan file and check its keys and kinds of values.

    Raises
    ------
    PlanError
        If the file cannot be read, a key is unknown, or a value is of the wrong kind.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "plan.toml"
    >>> _ = path.write_text('[run]\\ntrails = 5\\n')
    >>> read_plan(path)
    Traceback (most recent call last):
    themetagger.runs.errors.PlanError: plan.toml, line 2: 'trails' is no setting of [run]; did you mean 'trials'?
    """
    path = Path(path)
    text = _text_of(path)
    try:
        data = tomllib.loads(text)
    except RecursionError:
        raise PlanError(f"{path.name}: it is nested too deeply; a plan needs lists of texts at most.") from None
    except ValueError as error:
        raise PlanError(f"{path.name}, {_reason(error, text)}") from error
    checked = _Checked(path, text)
    checked.section(data, SECTIONS, ())
    for name, known in (("table", of_table()), ("run", RUN), ("themes", THEMES)):
        checked.values(data.get(name, {}), known, (name,))
    themes = data.get("theme", {})
    checked.is_table(themes, ("theme",))
    for theme, own in themes.items():
        checked.values(own, THEME, ("theme", theme))
    named = {**data.get("table", {}), **data.get("run", {})}
    named |= {name: os.fspath(path.parent / named[name]) for name in PATHS if name in named}
    chosen = data.get("themes", {})
    drop = chosen.get("drop", ())
    return PlanFile(path, text, named, themes, (drop,) if isinstance(drop, str) else tuple(drop), chosen.get("merge"))


def _reason(error: ValueError, text: str) -> str:
    """Where a text is no TOML, and why."""
    if not isinstance(error, tomllib.TOMLDecodeError):  # a whole number that Python does not take
        number = max(re.finditer(r"[0-9_]+", text), key=lambda found: len(found[0]))
        at = text.count("\n", 0, number.start()) + 1
        return f"line {at}: the number {number[0][:20]}... has too many digits; correct it."
    line = re.search(r"at line (\d+)", str(error))
    where = f"line {line[1]}" if line else "at its end"
    what = re.sub(r" \(at .*\)$", "", str(error))
    wrong = text.splitlines()[int(line[1]) - 1] if line else ""
    return f"{where}: {wrong.strip()[:60]!r} is not TOML ({what}); {remedy(wrong, what)}."


def _text_of(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise PlanError(
            f"{path}: the plan file cannot be read ({error.strerror}); check the path, or write one with "
            "`themetagger init TABLE`."
        ) from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise PlanError(f"{path.name}, line {line}: this is not UTF-8; save the file as UTF-8.") from error


@dataclass(frozen=True)
class _Checked:
    """Checks what is in a plan file, and says where it does not fit."""

    path: Path
    text: str

    def error(self, what: str, *keys: str) -> PlanError:
        return PlanError(f"{place_in(self.path, self.text, *keys)}: {what}")

    def is_table(self, value: Any, keys: tuple[str, ...]) -> None:
        if not isinstance(value, dict):
            title = ".".join(keys)
            example = '[theme."NAME"]' if keys[0] == "theme" else f"[{title}]"
            raise self.error(f"{title!r} must be a section, {example}, but is {value!r}.", *keys)

    def section(self, data: Mapping[str, Any], known: Any, keys: tuple[str, ...]) -> None:
        for name in data:
            if name not in known:
                where = f" of [{_title(keys)}]" if keys else ""
                what = "setting" if keys else "section of a plan"
                home = _home(name, keys, data[name])
                raise self.error(f"{name!r} is no {what}{where}{home or did_you_mean(name, list(known))}", *keys, name)

    def values(self, data: Any, known: Mapping[str, str], keys: tuple[str, ...]) -> None:
        self.is_table(data, keys)
        self.section(data, known, keys)
        for name, value in data.items():
            if not fits(value, known[name]):
                hint = for_number(value) if known[name] in (NUMBER, WHOLE) and isinstance(value, str) else ""
                raise self.error(f"{name} must be {known[name]}, but is {value!r}{hint}.", *keys, name)
            for one in [value] if isinstance(value, str) else value if known[name] == TEXTS else ():
                if name in CHOICES and one not in CHOICES[name]:
                    parts = [part.strip() for part in one.split(",")]
                    several = known[name] == TEXTS and len(parts) > 1 and set(parts) <= set(CHOICES[name])
                    a_list = ", ".join(f'"{part}"' for part in parts)
                    near = f"; write [{a_list}]." if several else did_you_mean(one, CHOICES[name])
                    raise self.error(f"{name} cannot be {one!r}{near}", *keys, name)


def _home(name: str, keys: tuple[str, ...], value: Any) -> str:
    """Where a setting that stands in the wrong section belongs; empty where it belongs nowhere."""
    if keys == ("themes",) and isinstance(value, dict):
        return f'; a section on one theme is called [theme."{name}"].'
    homes = (("[table]", of_table()), ("[run]", RUN), ('[theme."NAME"]', THEME), ("[themes]", THEMES))
    where = [title for title, known in homes if name in known and title != f"[{_title(keys)}]"]
    return f"; it belongs below {' or '.join(where)}." if where else ""


def _title(keys: tuple[str, ...]) -> str:
    return ".".join([*keys[:1], *(f'"{key}"' for key in keys[1:])])


def plan_from(
    file: str | os.PathLike[str], given: Mapping[str, Any], *, face: str = "in the call", need: tuple[str, ...] = ()
) -> Plan:
    """The plan of a plan file and of what is given beside it, which wins and is told in the plan's ``remarks``.

    Parameters
    ----------
    file : a plan file
    given : settings that take the place of those in the file, also of those of single themes: by the names that they
        have in a plan file, or by the names of `Plan`'s fields
    face : where they were given, for the remarks, default "in the call"
    need : settings that there must be, default none; "train" is always needed

    Raises
    ------
    PlanError
        If the file cannot be used, or a setting makes no sense; it names file, line, key and value.
    """
    read = read_plan(file)
    named, themes, remarks = _joined(read, given, face)
    for name in ("train", *need):
        if name not in named:
            section = read.section_of(name)
            raise PlanError(f"{read.path.name}: [{section}] has no {name}, and none was given {face}; give it.")
    settings = _converted(read, named, ("run",), given)
    overrides = {theme: _of_theme(read, theme, own, named, given) for theme, own in themes.items()}
    if read.merge:
        if "theme_map" in settings:
            raise PlanError(f"{read.place('themes', 'merge')}: give either merge or theme_map, not both.")
        settings["theme_map"] = dict(read.merge)
    for name in ("families", "text_steps", "text_columns", "theme_columns"):
        if isinstance(settings.get(name), str):
            settings[name] = [settings[name]]
    added: dict[str, Any] = {"overrides": overrides, "drop_themes": read.drop, "plan_file": os.fspath(file)}
    made = {**added, **settings, "remarks": remarks}
    try:
        with speaking(None):  # which calls settings by the names that keys have
            return Plan(**made)
    except ValueError as error:
        located = _located(read, error, given)
        if located is not None:
            raise located from error
    return Plan(**made)  # what was given is called by its name in the call


def _joined(
    read: PlanFile, given: Mapping[str, Any], face: str
) -> tuple[dict[str, Any], dict[str, Any], tuple[str, ...]]:
    """The settings of the run and of each theme, with those that are given in the place of the file's; and remarks."""
    replaced = set(given)
    if "objective" in given:
        replaced |= set(OF_OBJECTIVE)
    if "promise" in given or ("objective" in given and not isinstance(given["objective"], str)):
        replaced |= set(OF_PROMISE)
    remarks = []
    for name in given:
        before = read.named.get(name)
        if before is not None and _shown(before) != _shown(given[name]):
            place = read.place(read.section_of(name), name)
            remarks.append(
                f"{name} {_shown(given[name])}, given {face}, takes the place of {_shown(before)} ({place})."
            )
        own = [
            theme
            for theme, settings in read.themes.items()
            if _shown(settings.get(name, given[name])) != _shown(given[name])
        ]
        if own:
            listed = ", ".join(map(repr, own[:5])) + (f" and {len(own) - 5} more" if len(own) > 5 else "")
            remarks.append(f"{name} {_shown(given[name])}, given {face}, also holds for {listed} ({read.path.name}).")
    named = {name: value for name, value in read.named.items() if name not in replaced} | dict(given)
    themes = {
        theme: {name: value for name, value in own.items() if name not in replaced}
        for theme, own in read.themes.items()
    }
    return named, {theme: own for theme, own in themes.items() if own}, tuple(remarks)


def _shown(value: Any) -> str:
    """A value in a remark; of a table that is no file, its class."""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value) if isinstance(value, str | int | float | os.PathLike) else f"({type(value).__name__})"


def _converted(
    read: PlanFile, named: Mapping[str, Any], keys: tuple[str, ...], given: Mapping[str, Any]
) -> dict[str, Any]:
    """Settings as `Plan` takes them; ``keys`` lead to them in the file, unless they are given."""
    wrong = without_meaning(named) if isinstance(named.get("objective", ""), str) else ""
    if wrong:
        objective = named.get("objective", "precision-first")
        name, of = (option(wrong), f" of {read.path.name}") if wrong in given else (wrong, "")
        place = "" if wrong in given else f"{read.place(*keys, wrong)}: "
        whose = objective_with(wrong)
        instead = f', or set objective = "{whose}"' if whose and not of else ""
        raise PlanError(f"{place}{name} has no meaning for objective {objective!r}{of}; leave it out{instead}.")
    try:
        with speaking(None):
            made = settings_of(named)
    except ValueError as error:
        name = _name_in(str(error), named)
        if name not in given:
            said = f"{name} {str(error).partition(' ')[2]}" if name else str(error)
            raise PlanError(f"{read.place(*keys, *([name] if name else []))}: {said}") from error
        made = settings_of(named)  # which fails again, and calls it by its name in the call
    return made | ({"promise": named["promise"]} if "promise" in named else {})


def _of_theme(
    read: PlanFile, theme: str, own: Mapping[str, Any], named: Mapping[str, Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    """The overrides of one theme: an objective of its own begins with that objective's defaults."""
    inherited = {name: named[name] for name in ("objective", *OF_OBJECTIVE, *OF_PROMISE) if name in named}
    if "objective" in own:
        inherited = {name: value for name, value in inherited.items() if name in OF_PROMISE}
    made = _converted(read, {**inherited, **own}, ("theme", theme), given)
    if not set(own) & {"objective", *OF_OBJECTIVE, *OF_PROMISE}:
        del made["objective"], made["promise"]
    if isinstance(made.get("families"), str):
        made["families"] = [made["families"]]
    return made


def _name_in(message: str, named: Mapping[str, Any]) -> str:
    """The setting that a message of an objective or of a promise is about."""
    word = message.split(" ")[0]
    pairs = (OF_PROMISE if " of a promise " in message else OF_OBJECTIVE).items()
    return next((name for name, field in pairs if field == word and name in named), "")


def _located(read: PlanFile, error: ValueError, given: Mapping[str, Any]) -> PlanError | None:
    """The error of a plan with the place of the setting that it is about; None where that is not in the file."""
    message = str(error)
    found = re.match(r"(?:overrides\[(.+?)\]: )?(\w+)(?:: a threshold)? (?:must|cannot)", message)
    if not found or found[2] in given:
        return None
    if found[1]:
        theme = next((theme for theme in read.themes if repr(theme) == found[1]), "")
        return PlanError(f"{read.place('theme', theme, found[2])}: {message.removeprefix(f'overrides[{found[1]}]: ')}")
    if found[2] not in read.named:
        return None
    return PlanError(f"{read.place(read.section_of(found[2]), found[2])}: {message}")
