"""What workers share goes with the run, and where that was killed, with the next one."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from themetagger.search.workers import work_folder as module
from themetagger.search.workers.work_folder import PREFIX, sweep, work_folder

KILLED = """
import os, pathlib, sys
from themetagger.search.workers.work_folder import work_folder
with work_folder(pathlib.Path(sys.argv[1])) as folder:
    (folder / "features").write_bytes(b"large")
    os.kill(os.getpid(), 9)
"""


def test_it_is_there_within_and_gone_afterwards(tmp_path):
    with work_folder(tmp_path) as folder:
        (folder / "features").write_bytes(b"large")
        sweep(tmp_path)  # as another run in the same place does
        assert (folder / "features").exists()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_swept_and_nothing_else(tmp_path, monkeypatch):
    shm = tmp_path / "shm"
    monkeypatch.setattr(module, "_SEMAPHORES", shm)
    tmp_path = tmp_path / "run"
    shm.mkdir()
    tmp_path.mkdir()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], env=environment, check=False)
    (left,) = tmp_path.iterdir()
    assert (left / "features").exists()
    number = (left / "held").read_text().split()[0]
    names = [f"sem.loky-{number}-a", f"sem.loky-{os.getpid()}-a", f"sem.loky-{number}1-a", "sem.other"]
    for name in names:
        (shm / name).touch()
    victim, file, fresh = tmp_path / "victim", tmp_path / f"{PREFIX}file", tmp_path / f"{PREFIX}fresh"
    victim.mkdir()
    (victim / "held").touch()
    (tmp_path / f"{PREFIX}link").symlink_to(victim)
    file.touch()
    fresh.mkdir()  # whose file is about to be made
    with work_folder(tmp_path):
        assert not left.exists()
    assert {path.name for path in tmp_path.iterdir()} == {"victim", file.name, f"{PREFIX}link", fresh.name}
    assert (victim / "held").exists()
    assert {path.name for path in shm.iterdir()} == set(names[1:])


def test_without_a_place_it_is_among_temporary_files():
    with work_folder() as folder:
        assert folder.parent == Path(tempfile.gettempdir())
