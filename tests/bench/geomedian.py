"""Geometric medians and distances: our kernel beside hdstats, CPU-seconds of one core, in the same run.

Ours is timed with its start, reading and writing; hdstats without. hdstats is asked for steps as short as ours (1e-7), and
with its own 1e-4, where it stops 3e-4 before the median.
"""

import argparse
import pathlib
import sys
import tempfile

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "reference"))
import geomedians  # noqa: E402

STEPS = [1e-7, 1e-4]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pixels", type=int, default=40_000)
    parser.add_argument("--dates", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    program = geomedians.program(release=True)
    values = geomedians.stack(options.pixels, options.dates, seed=1)
    with tempfile.TemporaryDirectory() as folder:
        rounds = [geomedians.ours(program, values, pathlib.Path(folder)) for _ in range(options.rounds)]
    ours = min(seconds for _, seconds in rounds)
    print(f"{options.pixels} pixels, {options.dates} dates, best of {options.rounds} rounds")
    print(f"clearshore      {1e6 * ours / options.pixels:8.2f} us a pixel")
    for step in STEPS:
        runs = [geomedians.theirs(values, step) for _ in range(options.rounds)]
        theirs = min(seconds for _, seconds in runs)
        apart = np.nanmax(abs(runs[0][0] - rounds[0][0]))
        print(f"hdstats {step:7.0e} {1e6 * theirs / options.pixels:8.2f} us a pixel, {theirs / ours:5.1f} times ours, "
              f"values differ by {apart:.1e}")


if __name__ == "__main__":
    main()
