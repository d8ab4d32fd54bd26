"""The themes of a run: whether the tables have those that its settings name, and whether a file can hold them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from themetagger._utils.faces import option
from themetagger._utils.limits import ALL_NAMES, LONGEST_NAME
from themetagger.corpus import Corpus, TableError
from themetagger.runs.errors import PlanError
from themetagger.runs.plan import Plan
from themetagger.runs.toml_places import line_of
from themetagger.selection.by_hand import did_you_mean


def check_themes(plan: Plan, tables: Mapping[str, Corpus]) -> None:
    """Refuse settings of themes that no table has.

    Raises
    ------
    PlanError
        If ``overrides``, ``drop_themes`` or the merged themes of a plan file name such a theme; it names the nearest.
    """
    train = tables["train"]
    known = list(dict.fromkeys(theme for corpus in tables.values() for theme in corpus.themes))
    left = [theme for theme in known if theme not in plan.drop_themes]
    if plan.plan_file is not None and isinstance(plan.theme_map, Mapping):
        fine = list(
            dict.fromkeys(theme for corpus in tables.values() for row in corpus.original or () for theme in row)
        )
        for theme in plan.theme_map:
            if theme not in set(fine):
                raise _unknown(plan, ("themes", "merge"), "merge", theme, train.source, fine)
    for theme in plan.drop_themes:
        if theme not in known:
            raise _unknown(plan, ("themes", "drop"), "drop_themes", theme, train.source, known)
    for theme in plan.overrides:
        if theme in known and theme not in left:
            raise PlanError(
                f"{_place(plan, ('theme', theme), 'overrides')}: {theme!r} is dropped; leave one of both out."
            )
        if theme not in known:
            raise _unknown(plan, ("theme", theme), "overrides", theme, train.source, left)


def check_names(corpus: Corpus) -> None:
    """Refuse names of themes that no tagger file holds, before anything is tuned.

    Raises
    ------
    TableError
        If a theme has a name of more than 1,000 characters, or all of them together have more than 2,000,000.
    """
    remedy = f"look whether {option('theme_column')} and {option('separator')} are right, or shorten"
    for theme in corpus.themes:
        if len(theme) > LONGEST_NAME:
            row = int(corpus.column(theme).argmax()) + 1
            raise TableError(
                f"{corpus.source}: text {row:,} has a theme of {len(theme):,} characters, {theme[:40]!r}..., and a "
                f"name may have {LONGEST_NAME:,}; {remedy} it."
            )
    together = sum(map(len, corpus.themes))
    if together > ALL_NAMES:
        raise TableError(
            f"{corpus.source}: the names of its {len(corpus.themes):,} themes have {together:,} characters, and may "
            f"have {ALL_NAMES:,}; {remedy} them."
        )


def _unknown(
    plan: Plan, keys: tuple[str, ...], setting: str, theme: str, source: str, known: Iterable[str]
) -> PlanError:
    near = did_you_mean(theme, list(known))
    if isinstance(plan.theme_map, Mapping) and keys != ("themes", "merge") and theme in plan.theme_map:
        near = f", as it was merged; name {plan.theme_map[theme]!r}."
    parts = [part.strip() for part in theme.split(",")]
    if len(parts) > 1 and set(parts) <= set(known):
        near = f"; write a list of its parts, each in quotes: {', '.join(map(repr, parts))}."
    return PlanError(f"{_place(plan, keys, setting)}: no row of {source} has the theme {theme!r}{near}")


def _place(plan: Plan, keys: tuple[str, ...], setting: str) -> str:
    """Where a theme is named: a line of the plan file, or the setting."""
    if plan.plan_file is None:
        return setting
    path = Path(plan.plan_file)
    return f"{path.name}, line {line_of(path.read_text(encoding='utf-8-sig'), keys)}"
