"""Text steps, each by what it does to a text, and as a chain."""

from __future__ import annotations

import pytest

from themetagger.features.preprocessing import DEFAULT_STEPS, STEPS, check_steps, clean


@pytest.mark.parametrize(
    ("step", "text", "cleaned"),
    [
        ("nfc", "cafe\u0301", "caf\u00e9"),
        ("nfc", "\ufb01x \u2460", "\ufb01x \u2460"),
        ("nfkc", "\ufb01x \u2460", "fix 1"),
        ("lower", "ÄRGER Is", "ärger is"),
        ("accents", "Crème Brûlée Ångström", "Creme Brulee Angstrom"),
        ("urls", "see https://x.org/a?b=1 or www.y.de now", "see  urlurl  or  urlurl  now"),
        ("urls", "HTTP://X.ORG Www.y.de", " urlurl   urlurl "),
        ("urls", "no link, www is none", "no link, www is none"),
        ("numbers", "3 of 4,500.25 km", " 00  of  00  km"),
        ("numbers", "route66", "route 00 "),
        ("stop_words", "The boss is not the problem", " boss    problem"),
        ("stop_words", "isle of wight", "isle  wight"),
    ],
)
def test_a_step_does_what_its_name_says(step, text, cleaned):
    assert clean([text], (step,)) == [cleaned]


@pytest.mark.parametrize("step", STEPS)
def test_a_step_leaves_an_empty_text_empty(step):
    assert clean([""], (step,)) == [""]


@pytest.mark.parametrize("step", STEPS)
def test_a_step_run_twice_changes_no_token(step):
    texts = ["The 12 Cafés, see https://x.org: ﬁne!"]
    once = clean(texts, (step,))
    assert clean(once, (step,))[0].split() == once[0].split()


def test_steps_run_in_their_order():
    assert clean(["É"], ("accents", "lower")) == clean(["É"], ("lower", "accents")) == ["e"]
    assert clean(["see http://x.org/7"], ("urls", "numbers")) == ["see  urlurl "]
    assert clean(["see http://x.org/7"], ("numbers", "urls")) == ["see  urlurl  00 "]


def test_without_steps_a_text_stays_as_it_is():
    assert clean(["ÄB 1"], ()) == ["ÄB 1"]


def test_the_default_is_composed_unicode_in_lower_case():
    assert DEFAULT_STEPS == ("nfc", "lower")
    assert clean(["CAFE\u0301"]) == ["caf\u00e9"]


@pytest.mark.parametrize("steps", [["lower", "stem"], "lower"])
def test_an_unknown_step_is_refused_with_the_ones_there_are(steps):
    with pytest.raises(ValueError, match=r"text step '.+' is unknown; choose from nfc, nfkc, lower"):
        check_steps(steps)


def test_a_step_may_be_named_again_and_not_without_end():
    assert check_steps(["nfc", "lower", "nfc"]) == ("nfc", "lower", "nfc")
    with pytest.raises(ValueError, match="text step 'numbers' is named 3 times, and may be 2 times; name it once"):
        check_steps(["numbers", "lower", "numbers", "numbers"])
