"""A virtual environment a system, made when it is first needed and made again when what it should hold changes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from .catalogue import ENVIRONMENTS

STAMP = "requirements.json"


def python_of(name: str, folder: Path) -> Path:
    """The interpreter of an environment below ``folder``, which is made if it is not there.

    Raises
    ------
    RuntimeError
        If its packages cannot be installed; it ends with what pip said last.
    """
    home = folder.resolve() / name
    python = home / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    wanted = [sys.version, *ENVIRONMENTS[name]]
    stamp = home / STAMP
    if stamp.exists() and json.loads(stamp.read_text(encoding="utf-8")) == wanted:
        return python
    print(f"making the environment {name}: {' '.join(ENVIRONMENTS[name])}", flush=True)
    shutil.rmtree(home, ignore_errors=True)
    venv.create(home, with_pip=True)
    command = [str(python), "-m", "pip", "install", "--quiet", *ENVIRONMENTS[name]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"environment {name}: pip failed: {' '.join(done.stderr.strip().splitlines()[-1:])}")
    stamp.write_text(json.dumps(wanted), encoding="utf-8")  # last: without it the next call begins anew
    return python
