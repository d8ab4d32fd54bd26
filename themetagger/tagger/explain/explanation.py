"""Why a text has a theme: what each of its words contributes to the score, and which words it could not do without.

A linear model's score is a sum over terms. What a term adds is shared out to the words in which it occurs: a pair of
words to both, character n-grams to their word. Where models also see the vectors of a text encoder, these add a share
of their own, the meaning of the whole text; a word's part in it is what the share loses without the word (occlusion).
So what all words contribute, what is left of the shares, and a base sum to the score. Where a model is not linear, a
word's contribution is what the score loses without it. In scripts without spaces between words, such as the Chinese or
the Thai, each sign is a word of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from themetagger.tagger.explain.dense_shares import whole_text

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Word:
    """A word of a text, its place (``text[start:end]``), and what it contributes to the score in all.

    ``of_meaning`` is so much of the contribution as is its part in what text encoders add, 0 where there is none.
    """

    text: str
    start: int
    end: int
    contribution: float
    of_meaning: float = 0.0


@dataclass(frozen=True)
class Explanation:
    """Why a theme's score of a text is what it is.

    ``base``, the contributions of all words and ``beyond_words`` sum to the score.

    Attributes
    ----------
    text, theme : what is explained
    score, threshold : of the theme; it is assigned from the threshold on
    words : every word in its order, with its contribution
    base : the score without any contribution
    exact : whether all models of the theme are linear, so that contributions are shares of the score. Otherwise they
        are found by occlusion
    needed : the fewest words, greatest contribution first, without which the theme would not be assigned; empty where
        it is not assigned, or would be without any word, or where it would take too long to find out
    text_contributions : what each text encoder adds to the score of linear models, which see its vectors of the whole
        text; with ``base`` and the words' contributions less their ``of_meaning`` these too sum to the score
    beyond_words : what the single words' parts leave of ``text_contributions``
    left_out : which words were left out by occlusion: "each word" by itself; "neighbours" together, who share the
        loss, where a text is very long or a text encoder slow; "" where there was no need, or no time: the words'
        contributions are then those of n-grams alone
    """

    text: str
    theme: str
    score: float
    threshold: float
    words: tuple[Word, ...]
    base: float
    exact: bool
    needed: tuple[str, ...] = ()
    text_contributions: Mapping[str, float] = field(default_factory=dict)
    beyond_words: Mapping[str, float] = field(default_factory=dict)
    left_out: str = ""

    @property
    def assigned(self) -> bool:
        """Whether the text has the theme."""
        return self.score >= self.threshold

    def leading(self, most: int = 5) -> list[str]:
        """The words that count most for the theme, at most so many, greatest contribution first."""
        added: dict[str, float] = defaultdict(float)
        for word in self.words:
            added[word.text] += word.contribution
        ranked = sorted((-contribution, word) for word, contribution in added.items() if contribution > 0)
        return [word for _, word in ranked[:most]]

    def table(self) -> pd.DataFrame:
        """A row for each different word, greatest contribution first; contributions sum to the score less the base.

        Columns: ``word``; ``times``; ``contribution`` of all its places; ``of_meaning``, so much of it as is its part
        in what text encoders add (nan where models are not linear, so that this is not told apart). What is left of
        that has a row of its own for each encoder, "meaning of the whole text (static vectors)".
        """
        import pandas as pd

        rows: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for word in self.words:
            rows[word.text].append((word.contribution, word.of_meaning if self.exact else np.nan))
        records = [(word, len(parts), *map(float, np.sum(parts, axis=0))) for word, parts in rows.items()]
        records += [(whole_text(source), 1, part, part) for source, part in self.beyond_words.items()]
        table = pd.DataFrame(records, columns=["word", "times", "contribution", "of_meaning"])
        return table.sort_values("contribution", ascending=False, kind="stable", ignore_index=True)

    def notes(self) -> list[str]:
        """What a reader of the words should know of the rest: a sentence for each text encoder, and on occlusion."""
        said = [
            f"The {whole_text(source)} adds {share:+.3f} to the score" + _PARTS[self.left_out]
            for source, share in self.text_contributions.items()
        ]
        if not self.exact:
            said.append("A word's figure is what the score loses without it" + _ALONE[self.left_out])
        return said

    def _repr_html_(self) -> str:
        """The text with coloured words: the stronger, the more they contribute; orange against the theme."""
        most = max((abs(word.contribution) for word in self.words), default=0.0) or 1.0
        parts, place = [], 0
        for word in self.words:
            parts.append(escape(self.text[place : word.start]))
            hue, strength = (
                ("46,125,50" if word.contribution > 0 else "230,110,20"),
                0.55 * abs(word.contribution) / most,
            )
            style = f"background:rgba({hue},{strength:.2f});border-radius:3px"
            shown = escape(self.text[word.start : word.end])
            title = f"{word.contribution:+.3f}" + f", {word.of_meaning:+.3f} of it by meaning" * bool(word.of_meaning)
            parts.append(f'<span style="{style}" title="{title}">{shown}</span>')
            place = word.end
        parts.append(escape(self.text[place:]))
        verdict = "assigned" if self.assigned else "not assigned"
        needs = f"; without {escape(', '.join(self.needed))} it would not be" if self.needed else ""
        head = f"<b>{escape(self.theme)}</b>: {verdict}, score {self.score:.3f}, threshold {self.threshold:.3f}{needs}"
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes())
        return f'<p>{head}</p><p style="white-space:pre-wrap">{"".join(parts)}</p>{notes}'


# what notes say of the words, by ``left_out``
_ALONE = {"each word": ".", "neighbours": "; neighbours that were left out together share theirs.", "": "."}
_PARTS = {
    "each word": "; the part of a word is what that loses without it, and is counted with the word.",
    "neighbours": "; the parts of words, counted with them, are what that loses without several neighbours at a time.",
    "": "; the words' parts in it are not told apart, so that their figures are those of n-grams alone.",
}


class Explanations(list[Explanation]):
    """Explanations of one text, a theme each; shown one below the other in a notebook."""

    def _repr_html_(self) -> str:
        return "".join(explanation._repr_html_() for explanation in self) or "<p>No theme is assigned.</p>"
