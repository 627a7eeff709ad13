#!/usr/bin/env python3
"""Many runs of the SNAP operator in one JVM: does its memory grow?

    many_runs.py [--runs 200] [--size 1098] [--threads 2] [--update docs/validation.md]

Run it by `./run bench`. The memory of the process, heap and native together, is read after each run.
"""

import argparse
import pathlib
import subprocess

from documents import machine, update
from whole_tile import operator, product_of

# After so many runs the heap has its size and the code is compiled.
WARM = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--size", type=int, default=1098, help="rows at 10 m, a multiple of 6")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--update", type=pathlib.Path, help="Markdown file whose marked block is replaced")
    options = parser.parse_args()

    command = operator(product_of(options.size), options.runs, options.threads)
    output = subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout
    memory = [int(line.split()[0]) for line in output.splitlines()]
    warm, last = max(memory[:WARM]), memory[-WARM:]
    text = (f"{options.runs} runs of the operator in one JVM on a simulated tile of {options.size} x {options.size} pixels, "
            f"{machine()}: {warm} MiB at most in the first {WARM} runs, {max(memory[WARM:])} MiB at most after them, "
            f"{min(last)} to {max(last)} MiB in the last {WARM}. Command: "
            f"`.venv/bin/python tests/bench/many_runs.py --runs {options.runs} --size {options.size}`.\n")
    print(text)
    if options.update:
        update(options.update, "bench:many_runs", text)


if __name__ == "__main__":
    main()
