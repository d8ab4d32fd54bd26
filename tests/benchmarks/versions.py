"""Does a tagger file give the same tags with the oldest and the newest libraries that are supported?

usage: python tests/benchmarks/versions.py [--folder FOLDER]

Writes a tagger file with the libraries of this Python, and makes two fresh virtual environments: one with the lowest
versions of numpy, scipy, pandas, scikit-learn and what they stand on that pyproject.toml allows, one with the newest
that there are (pip downloads both). In each, the file and the golden ones of all format versions are loaded and tag
some texts; a table of results is made too. Tags must be the same, and scores within 1e-9. FOLDER keeps the environments
for another run; default: they are thrown away. The exit code is 1 where a tag or a score differs.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1]
ROOT = TESTS.parent
NEEDED = ("numpy", "scipy", "pandas", "scikit-learn", "joblib", "threadpoolctl", "safetensors")
CLOSE = 1e-9
CHILD = """
import json, sys
import importlib.metadata as metadata
from themetagger.tagger.theme_tagger import ThemeTagger
from themetagger.tagger.describe import describe_tagger

asked = json.load(sys.stdin)
found = {}
for name, path in asked["files"].items():
    tagger = ThemeTagger.load(path)
    tagger.save("again.tagger")
    again = ThemeTagger.load("again.tagger")
    found[name] = {
        "tags": tagger.tag(asked["texts"]),
        "again": again.tag(asked["texts"]),
        "scores": tagger.scores(asked["texts"]).tolist(),
        "probabilities": tagger.predict_proba(asked["texts"]).tolist(),
        "status": [describe_tagger(path).themes["status"].tolist(), tagger.results["status"].tolist()],
    }
print(json.dumps({"versions": {name: metadata.version(name) for name in asked["packages"]}, "found": found}))
"""


def lowest(requirements: list[str]) -> dict[str, str]:
    """The lowest version of each package that a list of requirements allows.

    >>> lowest(["numpy>=1.26", "rich>=13.9"])
    {'numpy': '1.26', 'rich': '13.9'}
    """
    matches = (re.fullmatch(r"([\w-]+)>=([\d.]+)", requirement) for requirement in requirements)
    return {match[1]: match[2] for match in matches if match}


def answers(python: Path | str, files: dict[str, str], texts: list[str], folder: Path) -> Any:
    """What the libraries of a Python make of the files."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    asked = json.dumps({"files": files, "texts": texts, "packages": NEEDED})
    command = [str(python), "-c", CHILD]
    ended = subprocess.run(
        command, input=asked, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        raise RuntimeError(ended.stderr)
    return json.loads(ended.stdout)


def environment(folder: Path, packages: list[str]) -> Path:
    """The Python of a virtual environment with these packages; it is made where it is not there yet."""
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade", *packages]
    subprocess.run(command, check=True)
    return python


def furthest(one: Any, other: Any) -> float:
    """The largest difference between two lists of lists of numbers."""
    return max((abs(a - b) for row, line in zip(one, other, strict=True) for a, b in zip(row, line, strict=True)))


def compare(folder: Path) -> bool:
    """Print what each environment gives; whether all agree."""
    sys.path.insert(0, str(TESTS))
    from golden import make

    make.tagger().save(folder / "fresh.tagger")
    files = {"fresh": str(folder / "fresh.tagger")}
    files |= {path.stem: str(path) for path in sorted(make.HERE.glob("v*.tagger"))}
    here = answers(sys.executable, files, make.TEXTS, folder)
    with open(ROOT / "pyproject.toml", "rb") as file:
        bounds = lowest(tomllib.load(file)["project"]["dependencies"])
    print("written with: ", _listed(here["versions"]))
    good = True
    for name, packages in (
        ("oldest", [f"{package}=={bounds[package]}" for package in NEEDED]),
        ("newest", list(NEEDED)),
    ):
        there = answers(environment(folder / name, packages), files, make.TEXTS, folder)
        print(f"{name} libraries:", _listed(there["versions"]))
        for file_name, expected in here["found"].items():
            found = there["found"][file_name]
            same = all(found[what] == expected[what] for what in ("tags", "again", "status"))
            apart = [furthest(found[what], expected[what]) for what in ("scores", "probabilities")]
            good &= same and all(difference <= CLOSE for difference in apart)
            tags = sum(map(len, found["tags"]))
            said = f"{tags} tags {'the same' if same else 'DIFFER'}"
            print(f"  {file_name:6} {said}; scores differ by {apart[0]:.1e}, probabilities by {apart[1]:.1e}")
    return good


def _listed(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def main() -> None:
    """Run, print, and tell by the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", default=None, help="keeps the environments for another run")
    folder = parser.parse_args().folder
    if folder is not None:
        Path(folder).mkdir(parents=True, exist_ok=True)
        sys.exit(0 if compare(Path(folder).resolve()) else 1)
    with tempfile.TemporaryDirectory() as temporary:
        sys.exit(0 if compare(Path(temporary)) else 1)


if __name__ == "__main__":
    main()
