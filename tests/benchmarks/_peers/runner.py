"""Runs the cells that the results file does not have yet, one after the other."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from .catalogue import PEERS
from .data import DataSet, read_data
from .environments import python_of
from .metrics import figures, pooled
from .processes import Ended, run_limited
from .task import BUSY, Cell, Outcome, Task, read_cells

GRACE = 1.2  # a system is stopped at so many times its budget


@dataclass(frozen=True)
class Bench:
    """Where things are, and what is measured.

    Parameters
    ----------
    results : JSON-lines file of cells, which is added to
    environments : folder of the virtual environments
    peers, budgets, seeds : keys of ``PEERS``, seconds, seeds
    minilm, static : folders of models, empty for what the environments carry
    min_positives : themes with fewer train texts are left out
    again : whether cells that are not done are run again
    """

    results: Path
    environments: Path
    peers: Sequence[str]
    budgets: Sequence[float]
    seeds: Sequence[int]
    minilm: str = ""
    static: str = ""
    min_positives: int = 30
    again: bool = False

    def run(self, folders: Iterable[Path]) -> None:
        """Measure each system on each data set within each budget."""
        for folder in folders:
            data = read_data(folder, min_positives=self.min_positives)
            print(f"{data.name}: {len(data.train_texts)} / {len(data.test_texts)} texts, {len(data.themes)} themes")
            for budget in sorted(self.budgets):
                for seed in self.seeds:
                    for peer in self.peers:
                        self._fill(data, peer, budget, seed)

    def _fill(self, data: DataSet, peer: str, budget: float, seed: int) -> None:
        """Run one cell, or take it from a smaller budget that was enough."""
        cells = read_cells(self.results)
        there = cells.get((data.name, peer, budget, seed))
        if there is not None and (there.status == "done" or not self.again):
            return
        same = [c for c in cells.values() if (c.data, c.peer, c.seed) == (data.name, peer, seed) and c.finished]
        enough = min((c for c in same if c.budget < budget), key=lambda c: c.budget, default=None)
        cell = self._measure(data, peer, budget, seed) if enough is None else replace(enough, budget=budget)
        cell.append_to(self.results)
        print(f"  {budget:4g} s  {peer:30s} {_in_short(cell)}", flush=True)

    def _measure(self, data: DataSet, peer: str, budget: float, seed: int) -> Cell:
        """Run a system in its own environment and process."""
        system = PEERS[peer]
        blank = Cell(data.name, peer, budget, seed, "failed")
        try:
            python = python_of(system.environment, self.environments)
        except RuntimeError as error:
            return replace(blank, status="unavailable", reason=str(error))
        with tempfile.TemporaryDirectory() as name:
            where = Path(name)
            self._task(data, budget, seed).write(where)
            command = [str(python), "-m", "_peers.worker", system.module, system.variant, name]
            log, load = where / "log.txt", os.getloadavg()[0] / (os.cpu_count() or 1)
            ended = run_limited(command, limit=GRACE * budget, environment=_environment(), log=log)
            took = {"seconds": ended.seconds, "peak_mib": ended.peak_mib, "memory": ended.memory}
            measured = replace(blank, load=load, **took)
            return _judged(measured, ended, where, data)

    def _task(self, data: DataSet, budget: float, seed: int) -> Task:
        return Task(
            train_texts=data.train_texts,
            test_texts=data.test_texts,
            labels=data.labels,
            themes=data.themes,
            folder=str(data.folder),
            budget=budget,
            began=time.time(),
            seed=seed,
            minilm=self.minilm,
            static=self.static,
            min_positives=self.min_positives,
        )


def _judged(cell: Cell, ended: Ended, where: Path, data: DataSet) -> Cell:
    """The cell with what came of it."""
    refusal = where / "unavailable.json"
    if ended.status is None:
        return replace(cell, status="over budget", reason=f"stopped after {ended.seconds:.0f} s")
    if refusal.exists():
        return replace(cell, status="unavailable", reason=json.loads(refusal.read_text(encoding="utf-8"))["reason"])
    if ended.status != 0 or not (where / "outcome.json").exists():
        lines = (where / "log.txt").read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return replace(
            cell, reason=" ".join(" ".join(lines[-3:]).split())[-300:] if lines else f"exit status {ended.status}"
        )
    outcome = Outcome.read(where)
    found = figures(data.truth, outcome.scores, outcome.decisions)
    if outcome.certified is not None:
        columns = [data.themes.index(theme) for theme in outcome.certified]
        precision, recall = pooled(data.truth[:, columns], outcome.decisions[:, columns])
        found |= {"certified": len(columns), "certified_precision": precision, "certified_recall": recall}
    return replace(
        cell,
        status="done",
        figures=found,
        finished=outcome.finished,
        note=outcome.note,
        versions={"python": ".".join(map(str, sys.version_info[:3])), **outcome.versions},
    )


def _environment() -> dict[str, str]:
    """Of a system's process: it finds this package, and not what is installed around the command."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "VIRTUAL_ENV")}
    return kept | {"PYTHONPATH": str(Path(__file__).resolve().parents[1])}


def _in_short(cell: Cell) -> str:
    if cell.status != "done":
        return f"{cell.status}: {cell.reason}"
    f = cell.figures
    took = f"{cell.seconds:6.1f} s {cell.peak_mib:6.0f} MiB" + (f" (load {cell.load:.1f})" if cell.load > BUSY else "")
    certified = f" certified {f['certified']:.0f}" if np.isfinite(f.get("certified", np.nan)) else ""
    return (
        f"{took}  AP {f['ap']:.3f} R@P90 {f['r_at_p90']:.3f} F1 {f['micro_f1']:.3f} / {f['macro_f1']:.3f}{certified}"
        f"  {cell.note}"
    )
