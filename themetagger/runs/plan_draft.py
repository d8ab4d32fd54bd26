"""A first plan file for a table: what was seen in the table, and every setting with its default, to be changed."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from themetagger._utils.wording import agreeing, number_of
from themetagger.corpus import Corpus, TableFormat

OBJECTIVES = """\
objective = "precision-first"  # or "f1", "recall-first" or "costs"
target = 0.90          # precision that each theme should reach (f1: F-beta; recall-first: recall)
recall_floor = 0.50    # precision-first: smallest share of its texts that a theme may find
# precision_floor = 0.50      # recall-first: smallest precision
# beta = 1                    # f1: how many times as much recall counts as precision
# cost_false_positive = 1     # costs: what a wrong tag costs
# cost_false_negative = 1     # costs: what a missing tag costs
"""
RUN = """\
# trials = 16          # configurations tried per theme at most; default: 16, fewer on very large tables
min_positives = 30     # themes with fewer texts are not tuned
# families = ["ridge", "sparse_svm"]  # default: all; on large tables the quick ones
# time_budget = 600    # seconds for the run; default: no limit
# certify = 0.90       # precision to promise where it can be certified; default: that of the objective
# confidence = 0.90    # probability that a promise is kept
# seed = 0
"""
EXAMPLE = """\
# A section for one theme changes what holds for it alone: objective, target and the others of its kind, certify,
# confidence, families, trials, patience, min_positives, minimum_quality, sampler, stop_early, theme_time_budget.
# "cut" sets the score from which a text gets the theme, in place of the one that is chosen (the column threshold of
# results.csv, the slider of the report); nothing is promised of such a theme. For instance:
#
# [theme.{name}]
# target = 0.80
# families = ["ridge"]
# cut = 0.25
"""


def draft_plan(corpus: Corpus, train: str | os.PathLike[str], plan: str | os.PathLike[str], **known: Any) -> str:
    """The text of a plan file.

    Parameters
    ----------
    corpus : the table as it was read
    train : the file that it was read from
    plan : the plan file that is to be written
    **known : ``table_format`` that it was read by (default: the usual one), and ``min_positives`` (default 30)

    Examples
    --------
    >>> import pandas as pd
    >>> from themetagger.corpus import corpus_from_frame
    >>> corpus = corpus_from_frame(pd.DataFrame({"Processed Text": ["low pay"], "Themes": ["pay"]}))
    >>> print("\\n".join(draft_plan(corpus, "reviews.csv", "plan.toml").splitlines()[4:8]))
    [table]
    train = "reviews.csv"
    # test = "later.csv"          # texts to measure on that are not tuned on; or hold_out, below
    text_columns = ["Processed Text"]
    """
    form, least = known.get("table_format", TableFormat()), known.get("min_positives", 30)
    folder = Path(plan).absolute().parent
    try:
        name = Path(os.path.relpath(Path(train).absolute(), folder)).as_posix()
    except ValueError:  # on another drive
        name = Path(train).absolute().as_posix()
    parts = [
        f"# Settings for:  themetagger tune --plan {Path(plan).name}\n"
        f"# Lines that begin with # are comments: take the # away to use a setting. Paths are relative to this file.\n"
        f"# {_seen(corpus)}\n",
        _table(name, form),
        f'[run]\nout = "run"\n{HOLD_OUT}' + OBJECTIVES + RUN,
        "[themes]\n# Themes that are left out; their texts stay, without them.\n# drop = []\n"
        '# Themes that are joined or renamed, "old" = "new".\n# merge = {}\n',
        EXAMPLE.format(name=key(corpus.themes[0]) if corpus.themes else "pay"),
        _listed(corpus, least),
    ]
    return "\n".join(parts)


HOLD_OUT = "# hold_out = 0.25       # share of the table to hold out for measuring, where there is no test table\n"


def _seen(corpus: Corpus) -> str:
    without = len(corpus) - int((corpus.labels.sum(axis=1) > 0).sum())
    empty = sum(not text.strip() for text in corpus.texts)
    counted = [f"{number_of(len(corpus), 'row')}", f"{number_of(len(corpus.themes), 'theme')}"]
    counted += [f"{without:,} without a theme"] * bool(without) + [f"{empty:,} without a text"] * bool(empty)
    return f"{_comment(corpus.source)}: {', '.join(counted)}."


def _table(name: str, form: TableFormat) -> str:
    lines = [f"train = {quoted(name)}"]
    lines += ['# test = "later.csv"          # texts to measure on that are not tuned on; or hold_out, below']
    lines += [f"text_columns = {_value(list(form.texts))}"]
    if form.theme_columns is None:
        lines += [f"theme_column = {_value(form.theme_column)}"]
        lines += [f"separator = {quoted(form.separator)}         # what stands between the themes of a text"]
    usual = TableFormat()
    done = ("text_columns", "theme_column", "separator")
    for field in fields(TableFormat):
        value = getattr(form, field.name)
        if field.name not in done and value != getattr(usual, field.name):
            lines.append(f"{field.name} = {_value(value)}")
    return "[table]\n" + "\n".join(lines) + "\n"


def _listed(corpus: Corpus, least: int) -> str:
    """A commented section for each theme with how many texts have it, the most frequent first."""
    support = [int(count) for count in corpus.support()]
    tuned = [(theme, count) for theme, count in zip(corpus.themes, support, strict=True) if count >= least]
    rare = len(support) - len(tuned)
    lines = [f"# {number_of(len(tuned), 'theme')} with {least} texts or more:"]
    lines += [f"# [theme.{key(theme)}]   # {number_of(count, 'text')}" for theme, count in tuned]
    if rare:
        lines.append(f"# {number_of(rare, 'theme')} with fewer {agreeing(rare, 'is', 'are')} not tuned.")
    return "\n".join(lines) + "\n"


def key(name: str) -> str:
    """A name as a key of TOML: bare where that is possible.

    Examples
    --------
    >>> key("pay"), key("low pay"), key('say "hi"')
    ('pay', '"low pay"', '"say \\\\"hi\\\\""')
    """
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else quoted(name)


def quoted(text: str) -> str:
    """A text as TOML writes it, on one line."""
    return json.dumps(text.encode("utf-8", "replace").decode(), ensure_ascii=False).replace("\x7f", "\\u007f")


def _comment(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f]", " ", text)


def _value(value: Any) -> str:
    """A setting as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key(str(name))} = {_value(item)}" for name, item in value.items()) + " }"
    if isinstance(value, Sequence | set) and not isinstance(value, str):
        items: Iterable[Any] = value
        return "[" + ", ".join(map(_value, items)) + "]"
    return str(value) if isinstance(value, int | float) else quoted(os.fspath(value))
