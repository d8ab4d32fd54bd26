"""Lists and objects that are written as text: what is read, what is refused, what is left alone."""

from __future__ import annotations

from typing import Any

import pytest

from themetagger.corpus.labels.errors import CellError
from themetagger.corpus.labels.literals import bare_list, is_bracketed, literal


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("['pay', 'staff']", ["pay", "staff"]),
        ('["pay, bonus", "staff"]', ["pay, bonus", "staff"]),
        ("('pay', 'staff')", ["pay", "staff"]),
        ("('pay',)", ["pay"]),
        ("('pay')", ["pay"]),
        ("{'pay'}", ["pay"]),
        ("[]", []),
        ("( )", []),
        ("{}", {}),
        ("set()", []),
        ("frozenset({'pay'})", ["pay"]),
        ("['pay' 'staff'\n 'food']", ["pay", "staff", "food"]),
        ("array(['pay', 'staff'], dtype=object)", ["pay", "staff"]),
        ("[np.str_('pay'), np.str_('staff')]", ["pay", "staff"]),
        ("['pay', nan, None, null]", ["pay", None, None, None]),
        ('["caf\\u00e9", "a\\/b"]', ["café", "a/b"]),
        ("[0, 1]", [0, 1]),
        ("[0. 1. 0.]", [0.0, 1.0, 0.0]),
        ("[True, false]", [True, False]),
        ("[-1, 2]", [-1, 2]),
        ('{"choices": ["pay"]}', {"choices": ["pay"]}),
        ("{'label': 'pay'}", {"label": "pay"}),
        ("[['pay']]", [["pay"]]),
        (r"['it\'s', 'd\'or']", ["it's", "d'or"]),
    ],
)
def test_what_python_json_and_numpy_write_is_read(text: str, value: Any) -> None:
    assert literal(f" {text}\n") == value


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "pay",
            "pay, staff",
            "[pay, staff]",
            "(other)",
            "(none)",
            "(1)",
            "[a], [b]",
            "(a) pay, staff (b)",
            "f(x)",
        ),
        *(
            "Pay (basic)",
            "[red] pay",
            "os.remove('x')",
            "{pay: 1}",
            "lambda: 1",
            "[1",
            ":)",
            "('90s) music",
            "(" * 5000,
        ),
    ],
)
def test_other_texts_are_names(text: str) -> None:
    assert literal(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "['pay', 'sta",
        "['it's', 'x']",
        '["pay", "staff"',
        "['a', 'b' 'c']",
        "['pay' staff]",
        "['a'], x ['b']",
        "('pay', staff)",
        "{'a': open('x')}",
    ],
)
def test_a_list_that_is_broken_is_refused_and_never_cut(text: str) -> None:
    with pytest.raises(CellError, match="list"):
        literal(text)


@pytest.mark.parametrize(
    ("text", "separator", "names"),
    [
        ("[pay, low staff]", ", ", ["pay", "low staff"]),
        ('{pay,"bonus, pension"}', ", ", ["pay", "bonus, pension"]),
        ("[pay; staff]", ";", ["pay", "staff"]),
        ("(pay, staff)", ", ", ["pay", "staff"]),
        ("(bays, permits)", "; ", ["bays, permits"]),
        ("[nan]", ", ", []),
        ("{NULL,pay}", ", ", ["pay"]),
        ("[a], [b]", ", ", None),
        ("pay", ", ", None),
    ],
)
def test_lists_without_quotes_are_divided(text: str, separator: str, names: list[str] | None) -> None:
    assert bare_list(text, separator) == names


def test_brackets_enclose_a_text_where_the_first_closes_last() -> None:
    assert is_bracketed("(a (b) c)")
    assert is_bracketed("[what's new]")
    assert not is_bracketed("(a) or (b)")
    assert not is_bracketed("[a)")
