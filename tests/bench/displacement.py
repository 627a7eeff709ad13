#!/usr/bin/env python3
"""What the displacement rules cost in real cloud: clouds of every kind over land and sea, and which of them are called ground.

    displacement.py [--size 1104] [--seeds 3] [--update docs/validation.md]

Run it by `./run bench displacement`. For each kind of cloud scenes of a coast with that kind alone are simulated, in
target/bench/displacement, and masked with their evidence. A pixel of true cloud is lost when the evidence says that it
was cleared for it does not stand apart from the ground, or for it looks like sand that does not.
"""

import argparse
import json
import pathlib
import subprocess

import numpy as np
import rasterio
from scipy import ndimage

from documents import machine, update
from whole_tile import BENCH, PROGRAM

KINDS = {"cumulus": 0.15, "humilis": 0.15, "stratus": 0.4, "fog": 0.1, "cirrus": 0.15}
SUNS = (62, 38, 18)
# Classes of the truth, and evidence.
THICK, THIN = 4, 5
CLEARED = ["DISPLACEMENT_CLEARED", "SAND_CLEARED"]
# Upper ends of the sizes of clouds, square metres: noise apart, small ones by shadow, those the rule may judge.
SIZES = [("below 0.01 km²", 1e4), ("0.01 to 0.2 km²", 2e5), ("0.2 to 4 km²", 4e6), ("above 4 km²", np.inf)]
PIXEL_AREA = 400.0


def run(command: list) -> str:
    return subprocess.run([str(word) for word in command], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          text=True).stdout


def read(path: pathlib.Path) -> np.ndarray:
    with rasterio.open(path) as file:
        return file.read(1)


def scene(kind: str, seed: int, sun: int, size: int) -> pathlib.Path:
    """Folder of a scene; simulated unless it is there."""
    folder = BENCH / "displacement" / f"{kind}-{size}-seed{seed}-sun{sun}"
    if not (folder / "done").exists():
        run([PROGRAM, "simulate", "--preset", "coast", "--size", size, "--seed", seed, "--sun", f"{sun},155", "--clouds",
             f"{kind}={KINDS[kind]}", "-o", folder])
        (folder / "done").touch()
    return folder


def losses(folder: pathlib.Path, bits: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Of the pixels of true cloud, at 20 m: area of the cloud, whether it is thick, over water, lost."""
    (product,) = folder.glob("*.SAFE")
    masks = folder / "masks"
    run([PROGRAM, "mask", product, "-o", masks, "--overwrite", "--copy-evidence", "--dem-folder",
         folder / f"{product.stem}_dem"])
    evidence = read(masks / f"{product.stem}_clearshore_evidence.tif")
    flags = read(masks / f"{product.stem}_clearshore_flags.tif")
    truth = folder / f"{product.stem}_truth"
    classes, water = (read(truth / f"{name}.tif")[::2, ::2] for name in ["class", "water"])
    cloud = (classes == THICK) | (classes == THIN)
    labels, count = ndimage.label(cloud, np.ones((3, 3)))
    areas = np.bincount(labels.ravel(), minlength=count + 1) * PIXEL_AREA
    is_cloud = (flags & 0b10) != 0
    lost = ((evidence & bits) != 0) & ~is_cloud
    return areas[labels][cloud], (classes == THICK)[cloud], (water == 1)[cloud], lost[cloud]


def row(name: str, found: list) -> str:
    areas, thick, water, lost = (np.concatenate(parts) for parts in zip(*found))

    def share(where: np.ndarray) -> str:
        return f"{100 * lost[where].mean():.2f}" if where.sum() >= 500 else "-"

    sizes, least = [], 0.0
    for _, most in SIZES:
        sizes.append(share((areas >= least) & (areas < most)))
        least = most
    return f"| {name} | {len(areas)} | " + " | ".join([share(thick), share(~thick), share(~water), share(water), *sizes]) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=1104, help="rows at 10 m, a multiple of 12")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--update", type=pathlib.Path, help="Markdown file whose marked block is replaced")
    options = parser.parse_args()

    listed = json.loads(run([PROGRAM, "flags", "--json"]))["evidence"]
    bits = sum(1 << one["bit"] for one in listed if one["name"] in CLEARED)
    lines = [f"| cloud | pixels of 20 m | thick | thin | over land | over water | {' | '.join(name for name, _ in SIZES)} |",
             "|---" * (6 + len(SIZES)) + "|"]
    for kind in KINDS:
        scenes = [scene(kind, seed, sun, options.size) for seed in range(1, options.seeds + 1) for sun in SUNS]
        lines.append(row(kind, [losses(folder, bits) for folder in scenes]))
    text = "\n".join([
        f"{options.seeds} seeds under suns of {', '.join(f'{sun}°' for sun in SUNS)}, {options.size} pixels of 10 m, {machine()}. Command: "
        "`./run bench displacement`. Percent of the pixels of true cloud that were cleared; by their optical depth, by what lies "
        "below, by the area of the cloud. \"-\": fewer than 500 pixels.", "", *lines]) + "\n"
    print(text)
    if options.update:
        update(options.update, "bench:displacement", text)


if __name__ == "__main__":
    main()
