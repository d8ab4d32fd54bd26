"""The themes that a command is about."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from themetagger.cli.group import Mistake

if TYPE_CHECKING:
    from themetagger.tagger.theme_tagger import ThemeTagger


def chosen_themes(tagger: ThemeTagger, theme: str | None) -> list[str]:
    """The theme named, or all that have a model; a Mistake where that, or each, has none."""
    if theme is None and not tagger.themes:
        why = next((f" ({w.theme}: {w.reason})" for w in tagger.theme_results if w.reason), "")
        raise Mistake(f"no theme has a model{why}.")
    if theme is None or theme in tagger.themes:
        return tagger.themes if theme is None else [theme]
    why = next((f"{w.status}: {w.reason}" for w in tagger.theme_results if w.theme == theme), "")
    if why:
        raise Mistake(f"theme {theme!r} has no model ({why}); those that have: {', '.join(tagger.themes) or 'none'}.")
    near = difflib.get_close_matches(theme, tagger.themes, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"those that were: {', '.join(tagger.themes) or 'none'}."
    raise Mistake(f"no theme {theme!r} was tuned; {hint}")
