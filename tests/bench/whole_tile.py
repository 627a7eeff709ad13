#!/usr/bin/env python3
"""The whole program and the SNAP operator on two tiles, beside GDAL decoding the same bands and beside s2cloudless, in one run.

    whole_tile.py [--size 10980] [--threads 2] [--rounds 3] [--python-fmask PROGRAM] [--update docs/validation.md]

Run it by `./run bench`, on a machine that does nothing else. The programs take turns, so that a slow minute of the
machine hits all of them; figures are medians over the rounds, memory is the largest. The products are simulated once
and kept in target/bench; delete that folder after a change of the simulation. One is a coast as the preset has it, the
other the worst case for clouds and their shadows: very many small clouds under a low sun.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

import numpy as np
import rasterio
from scipy import ndimage

from documents import machine, update

ROOT = pathlib.Path(__file__).resolve().parents[2]
BENCH = ROOT / "target" / "bench"
PROGRAM = ROOT / "target" / "release" / "clearshore"
PEERS = pathlib.Path(__file__).with_name("peers.py")

PHYSICS_BANDS = ["B02:0", "B03:0", "B04:0", "B08:0", "B07", "B8A", "B11", "B12", "B10"]

# What is simulated, by the name of its folder.
SCENES = {
    "scene": ["--preset", "coast", "--no-data-edge", "west"],
    "cumulus": ["--preset", "coast", "--clouds", "humilis=0.3", "--date", "2025-01-14", "--sun", "15,160"],
}
TITLES = {"scene": "coast", "cumulus": "broken cumulus, sun at 15°"}
CLOUD, THIN_CLOUD = 4, 5  # clearshore_class

# Largest CPU-seconds at 20 m for one CPU-second of GDAL decoding PHYSICS_BANDS; largest wall for one CPU-second on
# two cores; largest CPU-seconds for one of python-fmask's; largest peak memory in GiB at 20 m and 10 m; largest
# CPU-seconds of the operator for one of the program, and its largest peak memory, heap and native together.
BAR_DECODING, BAR_WALL, BAR_FMASK, BAR_MEMORY_20, BAR_MEMORY_10 = 1.35, 0.60, 1 / 3, 1.5, 5.0
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
    if command[0] == PROGRAM:
        (product,) = json.loads(output)["products"]
        figures["stages"] = {stage["stage"]: [stage["cpu"], stage["wall"]] for stage in product["timings"]}
    return figures


def product_of(size: int, scene: str = "scene") -> pathlib.Path:
    folder = BENCH / f"{scene}-{size}"
    products = list(folder.glob("*.SAFE"))
    if not products:
        print(f"simulating a scene of {size} x {size} pixels ...", file=sys.stderr)
        command = [PROGRAM, "simulate", "-o", folder, "--size", str(size)] + SCENES[scene]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        products = list(folder.glob("*.SAFE"))
    (product,) = products
    return product


def clouds_of(product: pathlib.Path) -> int:
    """Clouds of the truth on the grid of 20 m, corners joining."""
    with rasterio.open(product.with_name(f"{product.stem}_truth") / "class.tif") as file:
        classes = file.read(1)
    cloudy = (classes == CLOUD) | (classes == THIN_CLOUD)
    rows, columns = (side // 2 for side in cloudy.shape)
    cloudy = cloudy[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2).any((1, 3))
    return int(ndimage.label(cloudy, np.ones((3, 3)))[1])


def operator(product: pathlib.Path, runs: int, threads: int, heap: list[str]) -> list:
    """Runs the operator in the driver of its tests; `mvn verify` has built it."""
    module, declarations = ROOT / "snap-module" / "target", ROOT / "tests" / "snap-api" / "target"
    (library,) = (ROOT / "java" / "target").glob("clearshore-java-*[0-9].jar")
    places = [module / "test-classes", module / "classes", declarations / "classes", library]
    return ["java"] + heap + [f"-Dsnap.parallelism={threads}", "-cp", os.pathsep.join(map(str, places)),
            "org.clearshore.snap.OperatorBench", product, runs]


def cases(product: pathlib.Path, threads: int, python_fmask: pathlib.Path | None) -> dict[str, tuple[list, dict[str, str]]]:
    mask = [PROGRAM, "mask", product, "--overwrite", "--json", "--timings", "--threads", threads, "-o"]
    peer = [sys.executable, PEERS]
    gdal = {"GDAL_NUM_THREADS": str(threads)}
    fmask = {"python-fmask, 20 m": (peer + ["python-fmask", product, "-", python_fmask], gdal)} if python_fmask else {}
    return {
        "clearshore mask, 20 m": (mask + [BENCH / "out-20"], {}),
        "GDAL decodes the bands of the physics": (peer + ["decode", product] + PHYSICS_BANDS, gdal),
        f"s2cloudless, 60 m, {threads} threads": (
            peer + ["s2cloudless", product], gdal | {"OMP_NUM_THREADS": str(threads)}),
        "SNAP operator, 20 m": (operator(product, 1, threads, ["-Xmx512m"]), {}),
        "clearshore mask, 10 m": (mask + [BENCH / "out-10", "--resolution", 10], {}),
    } | fmask


def judge(figures: dict[str, dict], threads: int) -> list[tuple[str, float, float | None]]:
    """Figure, value, bar (the value must not be larger); None where there is no bar."""
    ours, ours_10 = figures["clearshore mask, 20 m"], figures["clearshore mask, 10 m"]
    snap = figures["SNAP operator, 20 m"]

    def times(peer: str) -> float:
        return ours["cpu"] / figures[peer]["cpu"]

    fmask = "python-fmask, 20 m"
    return [
        ("CPU at 20 m / GDAL decoding the bands of the physics", times("GDAL decodes the bands of the physics"),
         BAR_DECODING),
        ("CPU at 20 m / s2cloudless at 60 m", times(f"s2cloudless, 60 m, {threads} threads"), None),
    ] + ([("CPU at 20 m / python-fmask at 20 m", times(fmask), BAR_FMASK)] if fmask in figures else []) + [
        ("wall / CPU at 20 m", ours["wall"] / ours["cpu"], BAR_WALL if threads == 2 else None),
        ("CPU of the operator / of the program, 20 m", snap["cpu"] / ours["cpu"], BAR_OPERATOR),
        ("peak memory at 20 m, GiB", ours["memory"], BAR_MEMORY_20),
        ("peak memory of the operator at 20 m, GiB", snap["memory"], BAR_MEMORY_OPERATOR),
        ("peak memory at 10 m, GiB", ours_10["memory"], BAR_MEMORY_10),
    ]


def stages(figures: dict[str, dict]) -> list[str]:
    """Seconds of each stage, a column pair for each run of the program."""
    runs = {name: row["stages"] for name, row in figures.items() if "stages" in row}
    names = list(dict.fromkeys(stage for run in runs.values() for stage in run))
    titles = [name.removeprefix("clearshore mask, ") for name in runs]
    lines = ["| stage | " + " | ".join(f"{title}: CPU-s | wall, s" for title in titles) + " |",
             "|---" * (1 + 2 * len(titles)) + "|"]
    for stage in names:
        seconds = [f"{part:.2f}" for run in runs.values() for part in run.get(stage, [0.0, 0.0])]
        lines.append(f"| {stage} | " + " | ".join(seconds) + " |")
    return lines


def report(result: dict) -> str:
    """The result as Markdown."""
    given = "".join(f" --{key} {result[key]}" for key in ["size", "threads", "rounds"])
    given += " --python-fmask PROGRAM" if result["python_fmask"] else ""
    lines = [
        f"Simulated tiles, {result['size']} x {result['size']} pixels at 10 m, {result['threads']} threads, "
        f"{result['rounds']} rounds in turn, {result['machine']}, GDAL {result['gdal']}. Command: `./run bench{given}`.",
        "",
    ]
    for scene, found in result["scenes"].items():
        lines += [f"*{TITLES[scene]}*: {found['clouds']} clouds on the grid of 20 m; "
                  f"`clearshore simulate {' '.join(SCENES[scene])}`.", "",
                  "| program | CPU-s | wall, s | peak memory, GiB |", "|---|---|---|---|"]
        lines += [f"| {name} | {row['cpu']:.1f} | {row['wall']:.1f} | {row['memory']:.2f} |"
                  for name, row in found["figures"].items()]
        lines += [""] + stages(found["figures"]) + ["", "| figure | value | bar | |", "|---|---|---|---|"]
        for name, value, bar in found["judged"]:
            verdict = "" if bar is None else "met" if value <= bar else "missed"
            lines.append(f"| {name} | {value:.2f} | {'-' if bar is None else f'<= {bar:.3g}'} | {verdict} |")
        lines.append("")
    return "\n".join(lines)


def pooled(runs: list[dict]) -> dict:
    """Figures of one program over the rounds."""
    figures = {key: statistics.median(run[key] for run in runs) for key in ["cpu", "wall"]}
    figures["memory"] = max(run["memory"] for run in runs)
    if "stages" in runs[0]:
        figures["stages"] = {stage: [statistics.median(run["stages"][stage][part] for run in runs) for part in [0, 1]]
                             for stage in runs[0]["stages"]}
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=10980, help="rows at 10 m, a multiple of 6")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--python-fmask", type=pathlib.Path, help="the program fmask_sentinel2Stacked, to measure it too")
    parser.add_argument("--update", type=pathlib.Path, help="Markdown file whose marked block is replaced")
    options = parser.parse_args()

    products = {scene: product_of(options.size, scene) for scene in SCENES}
    rows: dict[str, dict[str, list[dict]]] = {scene: {} for scene in SCENES}
    for _ in range(options.rounds):
        for scene, product in products.items():
            for path in product.rglob("*.jp2"):
                path.read_bytes()  # into the file cache, for everyone alike
            for name, (command, environment) in cases(product, options.threads, options.python_fmask).items():
                print(f"{TITLES[scene]}: {name} ...", file=sys.stderr)
                rows[scene].setdefault(name, []).append(measure(command, environment))
    scenes = {}
    for scene, runs in rows.items():
        figures = {name: pooled(each) for name, each in runs.items()}
        scenes[scene] = {"clouds": clouds_of(products[scene]), "figures": figures,
                         "judged": judge(figures, options.threads), "runs": runs}
    result = {
        "size": options.size,
        "threads": options.threads,
        "rounds": options.rounds,
        "python_fmask": options.python_fmask is not None,
        "machine": machine(),
        "gdal": rows["scene"]["GDAL decodes the bands of the physics"][0]["gdal"],
        "scenes": scenes,
    }
    (BENCH / "whole_tile.json").write_text(json.dumps(result, indent=1) + "\n")
    text = report(result)
    print(text)
    if options.update:
        update(options.update, "bench:whole_tile", text)


if __name__ == "__main__":
    main()
