"""Spot checks: how often a verdict is wrong, and how many judgements it takes, exactly and in simulated checks.

Usage: python tests/benchmarks/spot_check.py [--tags 20000] [--most 3000] [--simulate 2000]

Prints, for each true precision, the chance that a check of --tags tags, looked at after every judgement, ends as shown
and as refuted within --most judgements, and the quartiles of the number of judgements. They are exact: the chance of
each number of wrong tags is followed from judgement to judgement. The last column is the share of simulated checks that
end as shown.
"""

from __future__ import annotations

import argparse

import numpy as np

from themetagger.selection.sequential import SpotTest

PRECISIONS = (0.7, 0.8, 0.85, 0.8999, 0.9, 0.92, 0.95, 0.97, 0.99, 1.0)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("--tags", 20_000), ("--most", 3000), ("--simulate", 2000)):
        parser.add_argument(name, type=int, default=default)
    options = parser.parse_args()
    for confidence in (0.95, 0.9):
        print(f"target 0.9, confidence {confidence}, {options.tags:,} tags")
        print("| precision | shown | refuted | median judgements | quartiles | shown, simulated |")
        print("| --- | --- | --- | --- | --- | --- |")
        limits = SpotTest(options.tags, 0.9, confidence).limits(min(options.most, options.tags))
        for number, precision in enumerate(PRECISIONS):
            wrong = options.tags - round(precision * options.tags)
            shown, refuted = exactly(wrong, options.tags, limits)
            ended = (shown + refuted).cumsum()
            low, middle, high = (_first(ended >= part) for part in (0.25, 0.5, 0.75))
            simulated = simulate(wrong, options.tags, limits, options.simulate, seed=number)
            print(
                f"| {precision} | {shown.sum():.4f} | {refuted.sum():.4f} | {middle} | {low} to {high} | "
                f"{simulated:.4f} |",
                flush=True,
            )


def exactly(wrong: int, tags: int, limits: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The chance of ending as shown, and as refuted, at each number of judgements."""
    most, least = limits
    chance = np.zeros(len(most) + 1)  # of each number of wrong tags among those judged, where nothing is decided yet
    chance[0] = 1.0
    found = np.arange(len(chance))
    shown, refuted = np.zeros(len(most)), np.zeros(len(most))
    for n in range(1, len(most)):
        step = np.clip((wrong - found) / (tags - n + 1), 0, 1) * chance
        chance = chance - step
        chance[1:] += step[:-1]
        for ended, where in ((shown, found <= most[n]), (refuted, found >= least[n])):
            ended[n] = chance[where].sum()
            chance[where] = 0.0
    return shown, refuted


def simulate(wrong: int, tags: int, limits: tuple[np.ndarray, np.ndarray], checks: int, *, seed: int) -> float:
    """The share of simulated checks that end as shown."""
    most, least = (limit[1:] for limit in limits)
    rng, right = np.random.default_rng(seed), 0
    population = np.arange(tags) < wrong
    for _ in range(checks):
        found = rng.choice(population, len(most), replace=False).cumsum()
        shown, refuted = (_first(reached) for reached in (found <= most, found >= least))
        right += shown != "-" and (refuted == "-" or int(shown) < int(refuted))
    return right / max(1, checks)


def _first(reached: np.ndarray) -> str:
    """The first place where it is reached, a dash where it is not."""
    return str(reached.argmax()) if reached.any() else "-"


if __name__ == "__main__":
    main()
