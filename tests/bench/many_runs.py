#!/usr/bin/env python3
"""Many runs of the SNAP operator in one JVM: does its memory grow?

    many_runs.py [--runs 200] [--size 1098] [--threads 2] [--update docs/validation.md]

Run it by `./run bench`. The memory of the process is read after each run. The heap has its whole size from the start, so
that what grows is not the heap that Java takes bit by bit.
"""

import argparse
import pathlib
import subprocess

from documents import machine, update
from whole_tile import operator, product_of

# After so many runs the code is compiled and the memory allocator has its pools.
WARM = 10
HEAP = ["-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--size", type=int, default=1098, help="rows at 10 m, a multiple of 6")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--update", type=pathlib.Path, help="Markdown file whose marked block is replaced")
    options = parser.parse_args()

    command = operator(product_of(options.size), options.runs, options.threads, HEAP)
    output = subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout
    memory = [int(line.split()[0]) for line in output.splitlines()]
    middle = (WARM + len(memory)) // 2
    warm, first_half, second_half = (max(part) for part in (memory[:WARM], memory[WARM:middle], memory[middle:]))
    text = (f"{options.runs} runs of the operator in one JVM on a simulated tile of {options.size} x {options.size} pixels, "
            f"{machine()}. Memory of the process at most: {warm} MiB in the first {WARM} runs, {first_half} MiB in the first "
            f"half of the others, {second_half} MiB in the second. Command: "
            f"`.venv/bin/python tests/bench/many_runs.py --runs {options.runs} --size {options.size}`.\n")
    print(text)
    if options.update:
        update(options.update, "bench:many_runs", text)


if __name__ == "__main__":
    main()
