"""What is written for an annotation tool: texts with proposed themes, and how the tool names its fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, count
from typing import Any


@dataclass(frozen=True)
class Item:
    """A text that is given to an annotation tool.

    Parameters
    ----------
    text : what is to be read
    tags : the themes that are proposed
    row : other cells of its row
    given : the themes that a person has given it, default None: nobody has
    certainty : of the least certain of its themes, 0.5 to 1, default None: not known
    """

    text: str
    tags: Sequence[str]
    row: Mapping[str, Any] = field(default_factory=dict)
    given: Sequence[str] | None = None
    certainty: float | None = None

    def beside(self, own: Mapping[str, Any]) -> dict[str, Any]:
        """A record of a tool's own fields, and of the other cells of the row, by names that those do not have.

        >>> Item("low pay", ["pay"], {"id": 7, "text": "old"}).beside({"text": "low pay"})
        {'text': 'low pay', 'id': 7, 'text (2)': 'old'}
        """
        record = dict(own)
        for name, cell in self.row.items():
            names = chain([str(name)], (f"{name} ({number})" for number in count(2)))
            record[next(one for one in names if one not in record)] = cell
        return record


@dataclass(frozen=True)
class Layout:
    """How a tool is set up.

    Parameters
    ----------
    themes : all that may be chosen
    question : name of what is asked, in Label Studio that of the Choices tag and in Argilla of the question
    text : name of the text, in Label Studio that of the Text tag and of its value
    model : what is said to have proposed the themes
    """

    themes: Sequence[str] = ()
    question: str = "themes"
    text: str = "text"
    model: str = "themetagger"
