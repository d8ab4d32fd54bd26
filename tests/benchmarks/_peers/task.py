"""What a system is given, and what it gives back; as files between the command and a system's own process."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
BUSY = 1.5  # load a core from which on the machine had other work to do; what ran before adds up to 1


class Unavailable(Exception):
    """The system cannot work here; the message says why, and stands in its cell."""


@dataclass(frozen=True)
class Task:
    """One system on one data set.

    Parameters
    ----------
    train_texts, test_texts : n and m texts
    labels : (n, T) of 0 and 1
    themes : T names
    folder : the data set's folder
    budget : seconds for everything from the start of the process to the scores of the test texts
    began : clock (``time.time``) of that start
    seed : of the system, where it has one
    minilm, static : folders of a sentence encoder and of a model2vec model; empty where there is none
    min_positives : train texts that each theme has at least
    """

    train_texts: list[str]
    test_texts: list[str]
    labels: Array
    themes: list[str]
    folder: str
    budget: float
    began: float
    seed: int
    minilm: str = ""
    static: str = ""
    min_positives: int = 30

    def seconds_left(self, reserve: float = 0.0) -> float:
        """Until the budget is used up, less a share ``reserve`` of it."""
        return self.began + (1 - reserve) * self.budget - time.time()

    def write(self, where: Path) -> None:
        """As ``task.json`` and ``labels.npy``."""
        rest = {name: value for name, value in vars(self).items() if name != "labels"}
        (where / "task.json").write_text(json.dumps(rest), encoding="utf-8")
        np.save(where / "labels.npy", self.labels)

    @classmethod
    def read(cls, where: Path) -> Task:
        """What ``write`` wrote."""
        rest = json.loads((where / "task.json").read_text(encoding="utf-8"))
        return cls(labels=np.load(where / "labels.npy"), **rest)


@dataclass(frozen=True)
class Outcome:
    """What a system made of a task.

    Parameters
    ----------
    scores : of the test texts, (m, T): the larger, the likelier
    decisions : what it assigns by its own cuts, (m, T) of 0 and 1
    finished : whether more time would change nothing, default True
    note : what a reader of the table should know, default ""
    certified : themes whose precision it certifies, default None: it certifies nothing
    versions : package -> version
    """

    scores: Array
    decisions: Array
    finished: bool = True
    note: str = ""
    certified: Sequence[str] | None = None
    versions: dict[str, str] = field(default_factory=dict)

    def write(self, where: Path) -> None:
        """As ``outcome.json``, written last, beside the arrays."""
        np.save(where / "scores.npy", np.asarray(self.scores, dtype=np.float64))
        np.save(where / "decisions.npy", np.asarray(self.decisions).astype(np.uint8))
        rest = {name: value for name, value in vars(self).items() if name not in ("scores", "decisions")}
        (where / "outcome.json").write_text(json.dumps(rest), encoding="utf-8")

    @classmethod
    def read(cls, where: Path) -> Outcome:
        """What ``write`` wrote."""
        rest = json.loads((where / "outcome.json").read_text(encoding="utf-8"))
        return cls(np.load(where / "scores.npy"), np.load(where / "decisions.npy"), **rest)


def write_refusal(where: Path, reason: str) -> None:
    """A system that cannot work here says why."""
    (where / "unavailable.json").write_text(json.dumps({"reason": reason}), encoding="utf-8")


@dataclass(frozen=True)
class Cell:
    """One line of the results file.

    Parameters
    ----------
    data, peer, budget, seed : which cell: name of the folder, key of ``PEERS``, seconds, seed of the system
    status : "done", "over budget", "unavailable" or "failed"
    reason : why it is not done, default ""
    seconds : wall time of the whole process, default 0
    peak_mib : largest memory of the process and all that it started, in MiB, default 0
    memory : how that was measured, default ""
    load : of the machine when it began, processes that ran or waited a core, default 0
    figures : as of `metrics.figures`, with ``certified``, ``certified_precision`` and ``certified_recall`` where a
        system certifies, default empty
    finished : whether more time would change nothing, default False
    note : remark of the system, default ""
    versions : package -> version, default empty
    """

    data: str
    peer: str
    budget: float
    seed: int
    status: str
    reason: str = ""
    seconds: float = 0.0
    peak_mib: float = 0.0
    memory: str = ""
    load: float = 0.0
    figures: dict[str, float] = field(default_factory=dict)
    finished: bool = False
    note: str = ""
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, float, int]:
        """What tells it from other cells."""
        return self.data, self.peer, self.budget, self.seed

    def append_to(self, results: Path) -> None:
        """As one more line of a file."""
        results.parent.mkdir(parents=True, exist_ok=True)
        with results.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(asdict(self), allow_nan=True) + "\n")


def read_cells(results: Path) -> dict[tuple[str, str, float, int], Cell]:
    """The cells of a results file by key, the last line of each; a line that was cut short is left out."""
    cells: dict[tuple[str, str, float, int], Cell] = {}
    if not results.exists():
        return cells
    for line in results.read_text(encoding="utf-8").splitlines():
        try:
            cell = Cell(**json.loads(line))
        except json.JSONDecodeError:
            continue
        cells[cell.key] = cell
    return cells
