#!/usr/bin/env python3
"""The whole program and the SNAP operator on one tile, beside GDAL decoding the same bands and beside s2cloudless, in one run.

    whole_tile.py [--size 10980] [--threads 2] [--rounds 3] [--update docs/validation.md]

Run it by `./run bench`, on a machine that does nothing else. The programs take turns, so that a slow minute of the
machine hits all of them; figures are medians over the rounds, memory is the largest. The product is simulated once
and kept in target/bench; delete that folder after a change of the simulation.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

from documents import machine, update

ROOT = pathlib.Path(__file__).resolve().parents[2]
BENCH = ROOT / "target" / "bench"
PROGRAM = ROOT / "target" / "release" / "clearshore"
PEERS = pathlib.Path(__file__).with_name("peers.py")

OUR_BANDS = ["B02:0", "B03:0", "B04:0", "B8A", "B11", "B12", "B10"]
PHYSICS_BANDS = ["B02:0", "B03:0", "B04:0", "B08:0", "B07", "B8A", "B11", "B12", "B10"]

# Largest CPU-seconds at 20 m for one CPU-second of GDAL decoding PHYSICS_BANDS; largest wall for one CPU-second on
# two cores; largest peak memory in GiB at 20 m and 10 m; largest CPU-seconds of the operator for one of the program, and
# its largest peak memory, heap and native together.
BAR_DECODING, BAR_WALL, BAR_MEMORY_20, BAR_MEMORY_10 = 1.35, 0.60, 1.5, 5.0
BAR_OPERATOR, BAR_MEMORY_OPERATOR = 1.3, 2.0


def measure(command: list, environment: dict[str, str]) -> dict:
    """Runs a command to its end: CPU-seconds (user and system, all its threads), wall seconds, peak GiB."""
    start = time.monotonic()
    child = subprocess.Popen([str(word) for word in command], env=os.environ | environment,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    output = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"exit code {child.returncode}: {' '.join(map(str, command))}")
    figures = {"cpu": usage.ru_utime + usage.ru_stime, "wall": time.monotonic() - start,
               "memory": usage.ru_maxrss / 2**20}
    if str(PEERS) in map(str, command):
        figures |= json.loads(output)
    return figures


def product_of(size: int) -> pathlib.Path:
    folder = BENCH / f"scene-{size}"
    products = list(folder.glob("*.SAFE"))
    if not products:
        print(f"simulating a scene of {size} x {size} pixels ...", file=sys.stderr)
        options = ["--preset", "coast", "--size", str(size), "--no-data-edge", "west"]
        subprocess.run([PROGRAM, "simulate", "-o", folder] + options, check=True, stdout=subprocess.DEVNULL)
        products = list(folder.glob("*.SAFE"))
    (product,) = products
    return product


def operator(product: pathlib.Path, runs: int, threads: int, heap: list[str]) -> list:
    """Runs the operator in the driver of its tests; `mvn verify` has built it."""
    module, declarations = ROOT / "snap-module" / "target", ROOT / "tests" / "snap-api" / "target"
    (library,) = (ROOT / "java" / "target").glob("clearshore-java-*[0-9].jar")
    places = [module / "test-classes", module / "classes", declarations / "classes", library]
    return ["java"] + heap + [f"-Dsnap.parallelism={threads}", "-cp", os.pathsep.join(map(str, places)),
            "org.clearshore.snap.OperatorBench", product, runs]


def cases(product: pathlib.Path, threads: int) -> dict[str, tuple[list, dict[str, str]]]:
    mask = [PROGRAM, "mask", product, "--overwrite", "--threads", threads, "-o"]
    peer = [sys.executable, PEERS]
    gdal = {"GDAL_NUM_THREADS": str(threads)}
    return {
        "clearshore mask, 20 m": (mask + [BENCH / "out-20"], {}),
        "GDAL decodes the bands of that": (peer + ["decode", product] + OUR_BANDS, gdal),
        "GDAL decodes the bands of the physics": (peer + ["decode", product] + PHYSICS_BANDS, gdal),
        f"s2cloudless, 60 m, {threads} threads": (
            peer + ["s2cloudless", product], gdal | {"OMP_NUM_THREADS": str(threads)}),
        "s2cloudless, 60 m, default threads": (peer + ["s2cloudless", product], {}),
        "SNAP operator, 20 m": (operator(product, 1, threads, ["-Xmx512m"]), {}),
        "clearshore mask, 10 m": (mask + [BENCH / "out-10", "--resolution", 10], {}),
    }


def judge(figures: dict[str, dict], threads: int) -> list[tuple[str, float, float | None]]:
    """Figure, value, bar (the value must not be larger); None where there is no bar."""
    ours, ours_10 = figures["clearshore mask, 20 m"], figures["clearshore mask, 10 m"]
    snap = figures["SNAP operator, 20 m"]

    def times(peer: str) -> float:
        return ours["cpu"] / figures[peer]["cpu"]

    return [
        ("CPU at 20 m / GDAL decoding the bands of the physics", times("GDAL decodes the bands of the physics"),
         BAR_DECODING),
        ("CPU at 20 m / GDAL decoding the bands it reads", times("GDAL decodes the bands of that"), None),
        ("CPU at 20 m / s2cloudless at 60 m", times(f"s2cloudless, 60 m, {threads} threads"), None),
        ("wall / CPU at 20 m", ours["wall"] / ours["cpu"], BAR_WALL if threads == 2 else None),
        ("CPU of the operator / of the program, 20 m", snap["cpu"] / ours["cpu"], BAR_OPERATOR),
        ("peak memory at 20 m, GiB", ours["memory"], BAR_MEMORY_20),
        ("peak memory of the operator at 20 m, GiB", snap["memory"], BAR_MEMORY_OPERATOR),
        ("peak memory at 10 m, GiB", ours_10["memory"], BAR_MEMORY_10),
    ]


def report(result: dict) -> str:
    """The result as Markdown."""
    lines = [
        f"One simulated tile, {result['size']} x {result['size']} pixels at 10 m, {result['threads']} threads, "
        f"{result['rounds']} rounds in turn, {result['machine']}, GDAL {result['gdal']}. Command: "
        f"`./run bench --size {result['size']} --threads {result['threads']} --rounds {result['rounds']}`.",
        "",
        "| program | CPU-s | wall, s | peak memory, GiB |",
        "|---|---|---|---|",
    ]
    lines += [f"| {name} | {row['cpu']:.1f} | {row['wall']:.1f} | {row['memory']:.2f} |"
              for name, row in result["figures"].items()]
    lines += ["", "| figure | value | bar | |", "|---|---|---|---|"]
    for name, value, bar in result["judged"]:
        verdict = "" if bar is None else "met" if value <= bar else "missed"
        lines.append(f"| {name} | {value:.2f} | {'-' if bar is None else f'<= {bar}'} | {verdict} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=10980, help="rows at 10 m, a multiple of 6")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--update", type=pathlib.Path, help="Markdown file whose marked block is replaced")
    options = parser.parse_args()

    product = product_of(options.size)
    for path in product.rglob("*.jp2"):
        path.read_bytes()  # into the file cache, for everyone alike
    rows: dict[str, list[dict]] = {}
    for _ in range(options.rounds):
        for name, (command, environment) in cases(product, options.threads).items():
            print(f"{name} ...", file=sys.stderr)
            rows.setdefault(name, []).append(measure(command, environment))
    figures = {name: {"cpu": statistics.median(row["cpu"] for row in runs),
                      "wall": statistics.median(row["wall"] for row in runs),
                      "memory": max(row["memory"] for row in runs)} for name, runs in rows.items()}
    result = {
        "size": options.size,
        "threads": options.threads,
        "rounds": options.rounds,
        "machine": machine(),
        "gdal": rows["GDAL decodes the bands of that"][0]["gdal"],
        "figures": figures,
        "judged": judge(figures, options.threads),
        "runs": rows,
    }
    (BENCH / "whole_tile.json").write_text(json.dumps(result, indent=1) + "\n")
    text = report(result)
    print(text)
    if options.update:
        update(options.update, "bench:whole_tile", text)


if __name__ == "__main__":
    main()
