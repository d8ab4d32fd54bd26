"""The copy of the trials in a database: whole, once, and never in the way."""

from __future__ import annotations

import gc
import sqlite3
import sys
import warnings

import numpy as np
import optuna
import pytest
from servers import programs, server

from themetagger._utils.event_log import Log
from themetagger.search.storage.database import Database, DatabaseError, shown, sqlite_url
from themetagger.search.storage.database_sync import DatabaseSync
from themetagger.search.storage.trial_log import Record, TrialLog, scores_digest
from themetagger.search.trial_runner import frozen

needs_postgresql = pytest.mark.skipif(programs() is None, reason="PostgreSQL's programs are not installed")


def _record(number, state="COMPLETE", value=0.1 + 0.2):
    asked = {
        "alpha": {"name": "FloatDistribution", "attributes": {"step": None, "low": 0.05, "high": 20.0, "log": True}},
        "weight": {"name": "CategoricalDistribution", "attributes": {"choices": [None, "balanced"]}},
    }
    told = {"family": "ridge", "average_precision": 1 / 3}
    params = {"alpha": 0.1 + number, "weight": None}
    value = value if state == "COMPLETE" else None
    error = "no word" if state == "FAIL" else ""
    digest = scores_digest(np.zeros(2)) if state == "COMPLETE" else ""
    return Record(number, state, value, params, asked, {"weight": None}, 1, 1.5, 2.25, 0, 0, digest, error, told)


RECORDS = [_record(0), _record(1, "PRUNED"), _record(2, "FAIL"), _record(3, value=-1e-300)]


def _as_values(trials):
    names = ("number", "state", "value", "params", "distributions", "user_attrs", "system_attrs")
    return [[getattr(t, name) for name in names] + [t.datetime_start, t.datetime_complete] for t in trials]


def _check_a_copy(database):
    assert database.add("pay", RECORDS[:2]) == 2
    assert database.add("pay", RECORDS) == 2  # those that are there are left alone
    assert database.add("pay", RECORDS) == 0
    assert database.add("x" * 2000, RECORDS[:1]) == 1
    assert database.add("'; drop table trials; --", RECORDS[:1]) == 1
    assert _as_values(database.trials("pay")) == _as_values(map(frozen, RECORDS))


def test_sqlite_holds_the_trials_as_they_are(tmp_path):
    url = sqlite_url(tmp_path / "odd ?#%20 name.db")
    database = Database(url)
    _check_a_copy(database)
    study = optuna.load_study(study_name="pay", storage=url)  # as the dashboard does
    assert (study.best_trial.number, study.best_trial.user_attrs["family"]) == (0, "ridge")
    with sqlite3.connect(tmp_path / "odd ?#%20 name.db") as reader:
        assert reader.execute("PRAGMA journal_mode").fetchone() == ("wal",)  # it can be read while it is written
    reader.close()
    database.close()


@pytest.fixture
def _broken_connections():
    """What is left of connections to a server that was stopped is collected here, and not in another test."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.mark.slow
@needs_postgresql
@pytest.mark.usefixtures("_broken_connections")
# a driver's connections to a server that was stopped may be collected before anything can close them
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_postgresql_holds_the_trials_as_they_are_and_may_be_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr("themetagger.search.storage.database_sync.AGAIN", 0.0)
    with server() as made:
        database = Database(made.url, run="one/")
        _check_a_copy(database)
        other = Database(made.url, run="two/")
        other.add("pay", RECORDS[:1])
        assert len(database.trials("pay")) == 4
        third = Database(made.url, run="three/")
        third.add("pay", RECORDS)
        third.forget("two/")
        again = Database(made.url, run="two/")
        assert [len(x.trials("pay")) for x in (database, third, again)] == [4, 4, 0]
        third.close()
        again.close()
        gc.collect()

        trial_log = TrialLog(tmp_path / "staff", 2)
        sync = DatabaseSync({"staff": tmp_path / "staff"}, other, Log(tmp_path / "log.jsonl"))
        trial_log.add(RECORDS[0], np.zeros(2))
        sync.read()
        sync.copy()
        made.stop()
        trial_log.add(RECORDS[1], None)
        sync.read()
        sync.copy()
        assert sync.lost.startswith(f"postgresql://ann:***@127.0.0.1:{made.port}/postgres: the database was lost (")
        with pytest.raises(DatabaseError, match=r"cannot be opened \(.*\); check the address, and that the server"):
            Database(made.url)
        made.start()
        trial_log.add(RECORDS[2], None)
        sync.read()
        sync.copy()
        assert not sync.lost
        assert _as_values(other.trials("staff")) == _as_values(map(frozen, RECORDS[:3]))
        events = (tmp_path / "log.jsonl").read_text()
        assert [events.count(f'"{event}"') for event in ("trial finished", "trial failed", "database lost")] == [
            2,
            1,
            1,
        ]
        assert "database reached again" in events
        gc.collect()
        database.close()
        other.close()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("nonsense", r"^the storage: the database cannot be opened"),
        (
            "postgresql://ann:secret@127.0.0.1:1/x",
            r"^postgresql://ann:\*\*\*@127.0.0.1:1/x: the database cannot be open",
        ),
        ("postgresql://ann:secret@127.0.0.1:54x/x", r"^the storage: the database cannot be opened .*check the address"),
        ("postgresql://127.0.0.1:1/x?user=ann&password=secret", r"password=hidden.*: the database cannot be opened"),
        ("sqlite:////dev/null/x.db", r"unable to open database file\); make room there"),
    ],
)
def test_a_database_that_cannot_be_opened_is_told_without_its_password(url, told):
    with pytest.raises(DatabaseError, match=told) as caught:
        Database(url)
    assert "secret" not in str(caught.value)


def test_a_missing_driver_is_told_with_the_command_that_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(DatabaseError, match=r'its driver is missing .*; run pip install "themetagger\[postgresql\]"'):
        Database("postgresql://ann@127.0.0.1:1/x")


def test_a_url_is_shown_without_its_password():
    assert shown("postgresql://ann:secret@db/x?a=b&sslmode=no") == "postgresql://ann:***@db/x?a=hidden&sslmode=no"
    for url in ("ann:secret@db/x", "postgresql//ann:secret@db/x", "postgresql://ann:secret@db:54x/x"):
        assert "secret" not in shown(url)


@pytest.mark.slow
def test_a_database_that_is_away_is_asked_again_later(tmp_path, monkeypatch):
    database, calls = Database(sqlite_url(tmp_path / "x.db")), []

    def lost(theme, records):
        calls.append(theme)
        raise DatabaseError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(database, "add", lost)
        sync = DatabaseSync({"pay": tmp_path / "pay"}, database, Log(None))
        TrialLog(tmp_path / "pay", 2).add(RECORDS[1].__class__(**{**vars(RECORDS[1]), "number": 0}), None)
        with sync:
            sync.read()
            sync.copy()
            sync.read()
            sync.copy()
            assert (calls, sync.lost) == (["pay"], "gone")  # not at each look
        assert len(calls) == 2  # once more at the end
    sync.__enter__()
    sync.__exit__(None, None, None)
    assert (len(database.trials("pay")), sync.lost) == (1, "")
    database.close()
