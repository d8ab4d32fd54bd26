"""A PostgreSQL server of a test's own, in a folder that is removed with it."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from glob import glob
from pathlib import Path


def programs() -> Path | None:
    """The folder of the newest PostgreSQL's programs; None where there is none."""
    found = shutil.which("initdb")
    places = sorted(glob("/usr/lib/postgresql/*/bin/initdb")) or ([found] if found else [])
    return Path(places[-1]).parent if places else None


class Server:
    """A server that can be stopped and started."""

    def __init__(self, folder: Path) -> None:
        """Make its data; it does not run yet."""
        found = programs()
        assert found is not None
        self._programs, self._data = found, folder / "data"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._run("initdb", "-A", "trust", "-U", "ann", "-D", str(self._data), "--no-sync")
        self.url = f"postgresql://ann:secret@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = f"-p {self.port} -k {self._data} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._run("pg_ctl", "-D", str(self._data), "-o", settings, "-l", str(self._data / "log"), "-w", "start")

    def stop(self) -> None:
        """Stop it at once, whoever is connected."""
        self._run("pg_ctl", "-D", str(self._data), "-m", "immediate", "-w", "stop")

    def _run(self, program: str, *words: str) -> None:
        # the server refuses to be run by root
        user = {"user": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        subprocess.run(
            [str(self._programs / program), *words],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self._data.parent,
            **user,
        )


@contextmanager
def server() -> Iterator[Server]:
    """A server that runs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if os.geteuid() == 0:
            os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
        made = Server(folder)
        made.start()
        try:
            yield made
        finally:
            made.stop()


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of a server that runs."""
    with server() as made:
        yield made.url
