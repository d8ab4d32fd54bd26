"""Plan files: what they may say, what they become, and the one message of each mistake."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from toys import SMALL, toy

from themetagger import Costs, FBeta, PrecisionFirst, tune
from themetagger._utils.faces import CommandLine, speaking
from themetagger.corpus import TableFormat, corpus_from_frame, read_corpus
from themetagger.runs.errors import PlanError
from themetagger.runs.named_settings import OF_OBJECTIVE, OF_PROMISE
from themetagger.runs.plan import OVERRIDABLE
from themetagger.runs.plan_draft import draft_plan
from themetagger.runs.plan_file import plan_from, read_plan
from themetagger.runs.plan_keys import OBJECTIVE, PROMISE, RUN, SEARCH, of_table
from themetagger.runs.toml_places import line_of

PLAN = """\
[table]
train = "train.csv"

[run]
out = "run"
trials = 2
families = ["ridge"]
min_positives = 5
n_folds = 3
n_jobs = 1
target = 0.8
certify = 0.7

[themes]
drop = ["food"]
merge = { "staff" = "people" }

[theme.pay]
objective = "costs"
cost_false_negative = 5
cut = 0.25

[theme."people"]
trials = 1
target = 0.6
"""


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    toy().to_csv(tmp_path / "train.csv", index=False)
    path = tmp_path / "plan.toml"
    path.write_text(PLAN, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[run]\ntrials = " + "9" * 5_000, "plan.toml, line 2: the number 99999999999999999999... has too many digits"),
        ("[run]\ntrials = " + "[" * 100_000, "plan.toml: it is nested too deeply"),
    ],
)
def test_numbers_and_nesting_beyond_all_measure_are_refused(tmp_path, text, message):
    (tmp_path / "plan.toml").write_text(text)
    with pytest.raises(PlanError, match=f"^{re.escape(message)}"):
        read_plan(tmp_path / "plan.toml")


def test_a_plan_file_becomes_the_settings_of_a_run(plan: Path) -> None:
    made = plan_from(plan, {})
    assert (Path(str(made.train)), Path(str(made.out))) == (plan.parent / "train.csv", plan.parent / "run")
    assert (made.trials, made.families, made.objective) == (2, ["ridge"], PrecisionFirst(target=0.8))
    assert made.promise is not None
    assert made.promise.target == 0.7
    assert made.drop_themes == ("food",)
    assert made.theme_map == {"staff": "people"}
    pay, people = made.settings("pay"), made.settings("people")
    assert (pay["objective"], made.cut("pay")) == (Costs(false_negative=5), 0.25)
    assert pay["promise"].target == 0.7
    assert (people["objective"], people["trials"], made.cut("people")) == (PrecisionFirst(target=0.6), 1, None)
    assert made.remarks == ()


def test_a_run_by_a_plan_file_sets_the_cut_drops_and_merges_and_keeps_a_copy(plan: Path) -> None:
    run = tune(plan=plan, show_progress=False)
    results = run.results.set_index("theme")
    assert set(results.index) == {"pay", "people"}
    assert run.tagger.thresholds["pay"] == 0.25
    assert results.loc["pay", "reason"].startswith("threshold set by hand")
    assert results.loc["pay", "tp"] + results.loc["pay", "fn"] == results.loc["pay", "support"]
    assert results.loc["pay", "certified_flagged"] == 0
    assert (plan.parent / "run" / "plan-of-run.toml").read_text(encoding="utf-8") == PLAN
    plan.write_text(PLAN.replace("cut = 0.25", "cut = 0.5"), encoding="utf-8")  # which needs no search
    again = tune(plan=plan, resume=True, show_progress=False)
    assert again.tagger.thresholds["pay"] == 0.5
    plan.write_text(PLAN.replace("target = 0.6", "target = 0.7"), encoding="utf-8")
    with pytest.raises(ValueError, match=r"overrides was .* and is now"):
        tune(plan=plan, resume=True, show_progress=False)
    plan.write_text(PLAN.replace('drop = ["food"]', ""), encoding="utf-8")
    with pytest.raises(ValueError, match="drop_themes was"):
        tune(plan=plan, resume=True, show_progress=False)


def test_what_is_given_wins_everywhere_and_is_told(plan: Path) -> None:
    made = plan_from(plan, {"trials": 3}, face="on the command line")
    assert made.trials == 3
    assert made.settings("people")["trials"] == 3
    assert made.remarks == (
        "trials 3, given on the command line, takes the place of 2 (plan.toml, line 6).",
        "trials 3, given on the command line, also holds for 'people' (plan.toml).",
    )
    objective = plan_from(plan, {"objective": FBeta()})
    assert {type(objective.settings(theme)["objective"]) for theme in ("pay", "people")} == {FBeta}
    named = plan_from(plan, {"objective": "f1", "target": 0.3})
    assert (named.objective, named.settings("people")["objective"]) == (FBeta(target=0.3), FBeta(target=0.3))
    assert plan_from(plan, {"trials": 2}).remarks == (
        "trials 2, given in the call, also holds for 'people' (plan.toml).",
    )
    table = plan_from(plan, {"train": toy()})
    assert isinstance(table.train, pd.DataFrame)
    assert "(DataFrame), given in the call, takes the place of" in table.remarks[0]


MISTAKES: dict[str, tuple[str, str, str]] = {
    "a key": ("trials = 2", "trails = 2", "line 6: 'trails' is no setting of [run]; did you mean 'trials'?"),
    "a section": ("[themes]", "[thems]", "line 14: 'thems' is no section of a plan; did you mean 'themes'?"),
    "a key at home elsewhere": (
        "[table]",
        "trials = 2\n[table]",
        "line 1: 'trials' is no section of a plan; it belongs",
    ),
    "a key of a theme": (
        "cut = 0.25",
        "cutt = 0.25",
        "line 21: 'cutt' is no setting of [theme.\"pay\"]; did you mean 'c",
    ),
    "a key of a theme elsewhere": (
        "drop =",
        "cut = 1\ndrop =",
        "line 15: 'cut' is no setting of [themes]; it belongs bel",
    ),
    "a kind": ("trials = 2", 'trials = "2"', "line 6: trials must be a whole number, but is '2'"),
    "true is no number": ("n_folds = 3", "n_folds = true", "line 9: n_folds must be a whole number, but is True"),
    "a list": ('families = ["ridge"]', "families = [1]", "line 7: families must be a list of texts"),
    "a theme that is a value": ("[theme.pay]", "[theme]\npay = 1\n[theme.x]", "line 19: 'theme.pay' must be a section"),
    "a family": (
        'families = ["ridge"]',
        'families = ["rigde"]',
        "line 7: families cannot be 'rigde'; did you mean 'ri",
    ),
    "an objective": ('"costs"', '"cost"', "line 19: objective cannot be 'cost'; did you mean 'costs'?"),
    "a value of a run": ("trials = 2", "trials = 0", "line 6: trials must be at least 1 but is 0."),
    "a value of a theme": ("trials = 1", "trials = 0", "line 24: trials must be at least 1 but is 0."),
    "a share": ("target = 0.8", "target = 8", "line 11: target must lie between 0 and 1 but is 8; write 0.08 for 8 %."),
    "a share of a theme": (
        "target = 0.6",
        "target = 6",
        "line 25: target must lie between 0 and 1 but is 6; write 0.06 for 6 %.",
    ),
    "a promise": ("certify = 0.7", "certify = 1", "line 12: certify of a promise must lie strictly between 0 and 1"),
    "no meaning": ("cost_false_negative", "recall_floor", "line 20: recall_floor has no meaning for objective 'costs'"),
    "a cut": ("cut = 0.25", "cut = inf", "line 21: cut: a threshold must be a finite number, such as 0.25, but is inf"),
    "a theme": ("[theme.pay]", "[theme.pya]", "line 18: no row of train.csv has the theme 'pya'; did you mean 'pay'?"),
    "a dropped theme": (
        '["food"]',
        '["fodo"]',
        "line 15: no row of train.csv has the theme 'fodo'; did you mean 'food'",
    ),
    "a merged theme": (
        '"staff" =',
        '"stuff" =',
        "line 16: no row of train.csv has the theme 'stuff'; did you mean 'st",
    ),
    "dropped and set": ('["food"]', '["food", "pay"]', "line 18: 'pay' is dropped; leave one of both out."),
    "no TOML": ("trials = 2", "trials = two", "line 6: 'trials = two' is not TOML"),
    "no train": ('train = "train.csv"', "", "plan.toml: [table] has no train, and none was given"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_gets_one_message_with_file_line_key_and_value(plan: Path, name: str) -> None:
    old, new, message = MISTAKES[name]
    assert old in PLAN
    plan.write_text(PLAN.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PlanError, match=f"^plan.toml[,:] ?{re.escape(message.removeprefix('plan.toml: '))}"):
        tune(plan=plan, show_progress=False)
    assert not (plan.parent / "run" / "run.json").exists()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"trials": 0}, "^--trials must be at least 1 but is 0"),
        ({"target": 7}, "^--target must lie between 0 and 1 but is 7"),
        ({"recall_floor": 0.5, "objective": "f1"}, r"^--recall-floor has no meaning for objective 'f1' of plan\.toml"),
    ],
)
def test_a_mistake_in_what_is_given_speaks_of_options(plan: Path, given: dict[str, Any], message: str) -> None:
    with speaking(CommandLine()), pytest.raises(ValueError, match=message):
        plan_from(plan, given, face="on the command line")
    plan.write_text(PLAN.replace("trials = 2", "trials = 2.5"), encoding="utf-8")
    with speaking(CommandLine()), pytest.raises(PlanError, match=r"^plan\.toml, line 6: trials must be a whole number"):
        plan_from(plan, {})


def test_a_file_that_is_missing_or_of_another_encoding_is_told(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"cannot be read .*themetagger init"):
        read_plan(tmp_path / "none.toml")
    (tmp_path / "a.toml").write_bytes("[run]\nout = 'caf\xe9'".encode("latin-1"))
    with pytest.raises(PlanError, match=r"a\.toml, line 2: this is not UTF-8"):
        read_plan(tmp_path / "a.toml")
    (tmp_path / "b.toml").write_bytes(b"\xef\xbb\xbf[run]\r\nseed = 3\r\n")  # as an editor of Windows saves it
    assert read_plan(tmp_path / "b.toml").named == {"seed": 3}


NAMES = [
    "pay",
    "low pay",
    'say "hi"',
    "a.b",
    "[x]",
    "# no",
    "back\\slash",
    "two\nlines",
    "ünï",
    "=1",
    "'q'",
    "tab\tstop",
]


def test_a_draft_is_a_plan_whatever_the_themes_are_called(tmp_path: Path) -> None:
    frame = pd.DataFrame({"Body": ["a b c"] * 12, "Labels": NAMES})
    form = TableFormat(["Body"], theme_column="Labels", separator="|", alike="merge", encoding="utf-8")
    frame.to_csv(tmp_path / "t.csv", index=False)
    text = draft_plan(read_corpus(tmp_path / "t.csv", form), tmp_path / "t.csv", tmp_path / "plan.toml",
                      table_format=form, min_positives=1)  # fmt: skip
    uncommented = re.sub(r"^# (\[theme\..*\]   # )", r"\1", text, flags=re.M)
    (tmp_path / "plan.toml").write_text(uncommented, encoding="utf-8")
    read = read_plan(tmp_path / "plan.toml")
    assert set(read.themes) == set(NAMES)
    made = plan_from(tmp_path / "plan.toml", {})
    assert made.table_format == form
    assert Path(str(made.train)) == tmp_path / "t.csv"
    assert made.objective == PrecisionFirst()


def test_a_draft_of_few_texts_counts_what_is_there() -> None:
    corpus = corpus_from_frame(pd.DataFrame({"Processed Text": ["a", " ", "b"], "Themes": ["pay", "", ""]}))
    text = draft_plan(corpus, "t.csv", "plan.toml")
    assert "3 rows, 1 theme, 2 without a theme, 1 without a text." in text
    assert "# 1 theme with fewer is not tuned." in text


def test_keys_are_the_settings_that_there_are() -> None:
    assert set(OBJECTIVE) == {"objective", *OF_OBJECTIVE}
    assert set(PROMISE) == set(OF_PROMISE)
    assert {*SEARCH, "objective", "promise"} == set(OVERRIDABLE)
    assert not set(RUN) & set(of_table())


def test_a_line_is_found_below_arrays_and_comments() -> None:
    text = 'a = [\n  1,\n]\n# b = 1\n[s]\n"b c" = 1\nd.e = 2\n[s."x.y"]\nf = """\n[t]\n"""\n'
    where: dict[tuple[str, ...], int] = {("a",): 1, ("s", "b c"): 6, ("s", "d", "e"): 7, ("s", "x.y", "f"): 9}
    assert {path: line_of(text, path) for path in where} == where


@pytest.mark.parametrize(("given", "message"), [({}, "tune needs train"), ({"train": None}, "tune needs train")])
def test_a_run_needs_a_table_or_a_plan(given: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        tune(**given, **SMALL)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("[theme.Hash Table]", r'put a name that holds more .* in quotes: \[theme\."Hash Table"\]'),
        ("[theme.pay", r"a section stands in one pair of brackets"),
        ("target = 90 %", r"write 0\.9 for 90 %"),
        ("target = 0,9", r"write numbers with a point: target = 0\.9"),
        ("stop_at_target = True", r"write stop_at_target = true"),
        ("objective = costs  # mine", r'put texts in double quotes: objective = "costs"'),
        ("objective = “costs”", r'put texts in double quotes: objective = "costs"'),
        ('objective = "costs', r'close the quote: objective = "costs"'),
        ("target: 0.9", r"write = in place of the colon: target = 0\.9"),
        ("target =", r"give target a value"),
        ('train = "C:\\Users\\a.csv"', r'train = "C:/Users/a\.csv"'),
        ('families = ["ridge"', r"close the list above with \]"),
        ("seed = 1\nseed = 2", r"this setting is there already: keep one of both"),
        ("[table]", r"this section is there already: keep one of both"),
        ("some words", r"write a setting as name = value"),
    ],
)
def test_a_line_that_is_no_toml_is_shown_with_what_to_change(line: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(f"[table]\n[run]\n{line}\n[themes]\n", encoding="utf-8")
    with pytest.raises(PlanError, match=rf"^plan\.toml, line \d: .* is not TOML \(.*\); .*{told}"):
        read_plan(path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[run]\ntarget = "90 %"', r"line 2: target must be a number, but is '90 %'; write 0\.9 for 90 %\."),
        ('[run]\ntrials = "3"', r"trials must be a whole number, but is '3'; write 3, without quotes\."),
        ('[run]\nfamilies = "ridge, sparse_svm"', r'; write \["ridge", "sparse_svm"\]\.'),
        ("[run]\ncut = 0.2", r"""'cut' is no setting of \[run\]; it belongs below \[theme\."NAME"\]\."""),
        ('[run]\ndrop = ["pay"]', r"'drop' is no setting of \[run\]; it belongs below \[themes\]\."),
        ('[run]\ntrain = "a.csv"', r"'train' is no setting of \[run\]; it belongs below \[table\]\."),
        ("[themes.pay]\ntarget = 0.8", r"""; a section on one theme is called \[theme\."pay"\]\."""),
    ],
)
def test_what_stands_in_the_wrong_place_or_form_is_told_where_and_how(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PlanError, match=told):
        read_plan(path)


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ("target = 80", r"line 4: target must lie between 0 and 1 but is 80; write 0\.8 for 80 %\."),
        ("certify = 80", r"certify of a promise must lie .* but is 80; write 0\.8 for 80 %\."),
        ("cost_false_negative = 5", r"""leave it out, or set objective = "costs"\."""),
        ('objective = "costs"\ncost_false_negative = -5', r"line 5: cost_false_negative must be positive but is -5"),
    ],
)
def test_settings_of_one_theme_that_make_no_sense_are_told_with_a_remedy(own: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(f'[table]\ntrain = "a.csv"\n[theme.pay]\n{own}\n', encoding="utf-8")
    with pytest.raises(PlanError, match=told):
        plan_from(path, {})


def test_themes_that_were_merged_or_written_as_one_text_are_told(plan: Path) -> None:
    text = PLAN.replace('["food"]', '"food, pay"')
    plan.write_text(text, encoding="utf-8")
    with pytest.raises(PlanError, match=r"'food, pay'; write a list of its parts, each in quotes: 'food', 'pay'\."):
        tune(plan=plan, show_progress=False)
    plan.write_text(PLAN.replace('["food"]', '["staff"]'), encoding="utf-8")
    with pytest.raises(PlanError, match=r"has the theme 'staff', as it was merged; name '"):
        tune(plan=plan, show_progress=False)
