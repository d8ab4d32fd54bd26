"""The names of all files in a run folder: what the search, the report and a run write there, and read again."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path


@dataclass(frozen=True)
class ThemePaths:
    """What the study of one theme leaves, in a folder of its own.

    Examples
    --------
    >>> ThemePaths(Path("run/themes/pay-a1b2c3d4")).scores_of(7).as_posix()
    'run/themes/pay-a1b2c3d4/scores/0007.npy'
    """

    folder: Path

    @property
    def trials(self) -> Path:
        """One JSON line per finished trial."""
        return self.folder / "trials.jsonl"

    @property
    def scores(self) -> Path:
        """The folder of out-of-fold scores."""
        return self.folder / "scores"

    def scores_of(self, trial: int) -> Path:
        """The out-of-fold scores of one trial that was tried on all folds."""
        return self.scores / f"{trial:04d}.npy"

    @property
    def finished_study(self) -> Path:
        """The winner, its models, and which trial was chosen."""
        return self.folder / "winner.models"

    @property
    def cost(self) -> Path:
        """The memory that the study took."""
        return self.folder / "cost.json"

    @property
    def learning_curve(self) -> Path:
        """What the winner gets from growing shares of the labels."""
        return self.folder / "learning_curve.csv"


@dataclass(frozen=True)
class RunPaths:
    """Where each file of a run is.

    Examples
    --------
    >>> paths = RunPaths(Path("run"))
    >>> paths.tagger.as_posix(), paths.theme("Pay & benefits").trials.as_posix()
    ('run/tagger.tagger', 'run/themes/pay-benefits-c514c6b7/trials.jsonl')
    """

    folder: Path

    # who has the folder

    @property
    def lock(self) -> Path:
        """Held by the process of the run."""
        return self.folder / ".lock"

    @property
    def workers(self) -> Path:
        """Held by the workers of the run while they live."""
        return self.folder / ".workers"

    # what the run is

    @property
    def info(self) -> Path:
        """The plan, the tables and the library versions that the run was made from, and the trials it was allowed."""
        return self.folder / "run.json"

    @property
    def plan(self) -> Path:
        """A copy of the plan file that the run was made from."""
        return self.folder / "plan-of-run.toml"

    @property
    def clearing(self) -> Path:
        """What ``run.json`` is called while the run is thrown away."""
        return self.folder / ".clearing"

    @property
    def rows(self) -> Path:
        """A number for each row of each table, which changes when the row does."""
        return self.folder / "rows.npz"

    @property
    def split(self) -> Path:
        """The fold of each text that was tuned on, and whether calibration rows were set aside before."""
        return self.folder / "split.npz"

    # what the search leaves

    @property
    def themes(self) -> Path:
        """The folder of the themes' folders."""
        return self.folder / "themes"

    def theme(self, theme: str) -> ThemePaths:
        """The files of one theme."""
        return ThemePaths(self.themes / folder_name(theme))

    @property
    def warm_start(self) -> Path:
        """Where the studies of the themes begin."""
        return self.folder / "warm_start.json"

    @property
    def older_warm_start(self) -> Path:
        """The same in the folder of a run that an older version began."""
        return self.folder / "advice.json"

    @property
    def database(self) -> Path:
        """The trials as Optuna studies, where no other database was asked for."""
        return self.folder / "studies.db"

    @property
    def log(self) -> Path:
        """One JSON line per event."""
        return self.folder / "log.jsonl"

    # the results

    @property
    def tagger(self) -> Path:
        """The tagger file."""
        return self.folder / "tagger.tagger"

    @property
    def results(self) -> Path:
        """The results table, one row per theme."""
        return self.folder / "results.csv"

    @property
    def averages(self) -> Path:
        """The averages of the results table."""
        return self.folder / "averages.csv"

    @property
    def about(self) -> Path:
        """Title and remarks of the results."""
        return self.folder / "about.json"

    # what people look at

    @property
    def page(self) -> Path:
        """The report as one HTML page."""
        return self.folder / "report.html"

    @property
    def markdown(self) -> Path:
        """The results as Markdown."""
        return self.folder / "results.md"

    @property
    def picture(self) -> Path:
        """The results as a picture."""
        return self.folder / "results.png"

    @property
    def workbook(self) -> Path:
        """The results as an Excel workbook."""
        return self.folder / "results.xlsx"


def folder_name(theme: str) -> str:
    """The name of a theme's folder: readable, and safe whatever the theme is called.

    Examples
    --------
    >>> folder_name("Pay & benefits"), folder_name("../x")
    ('pay-benefits-c514c6b7', 'x-d6b96a97')
    """
    readable = re.sub(r"[^a-z0-9]+", "-", theme.lower()).strip("-")[:40].strip("-")
    return "-".join(filter(None, (readable, sha256(theme.encode("utf-8", "surrogatepass")).hexdigest()[:8])))


def tagger_at(place: str | os.PathLike[str]) -> Path:
    """The tagger file at a place: the file itself, or the one in a run folder.

    >>> tagger_at("pay.tagger").as_posix()
    'pay.tagger'
    """
    path = Path(place)
    inside = RunPaths(path).tagger
    return inside if os.path.isfile(inside) else path
