#!/usr/bin/env python3
"""The benchmark set of simulated scenes: Clearshore and its peers against the truth.

    suite.py [--size 2196] [--preset NAME] [--seed N] [--python-fmask PROGRAM]
             [--update docs/validation.md] [--picture docs/images/suite.png]

Run it by `./run validate`. Three seeds have the full size, two more half of it on a side. Scenes and masks are kept in
target/suite-SIZE: a mask is made anew when the program that made it, or its scene, has changed; delete that folder after
a change of the simulation. Two processes of one thread work at a time.
"""

import argparse
import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import time

import numpy as np
import rasterio
from PIL import Image, ImageDraw

from documents import update
from figures import LEAST_PIXELS, table_of_bars, table_of_groups

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "target" / "release" / "clearshore"
PEERS = pathlib.Path(__file__).with_name("peers.py")
PROCESSES = 2
ONE_THREAD = {name: "1" for name in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "GDAL_NUM_THREADS"]}

# Seeds, and those that are simulated at half the size: they are there for variety, and cost a quarter.
SEEDS, SMALL_SEEDS = [1, 2, 3, 4, 5], [4, 5]

# Tool: the numbers of its masks, as `clearshore evaluate` names them, and what stands in the table.
TOOLS = {
    "clearshore": ("clearshore", "Clearshore, 20 m"),
    "s2cloudless": ("s2cloudless", "s2cloudless 1.7.3, 60 m"),
    "csmask-6": ("csmask", "ukis-csmask 1.0.0, 6 bands, 30 m"),
    "csmask-4": ("csmask", "ukis-csmask 1.0.0, 4 bands, 30 m"),
}
PYTHON_FMASK = {"python-fmask": ("fmask", "python-fmask, 20 m")}

# The picture: scenes of one seed and one sun, side of a panel in pixels.
PICTURE_SEED, PICTURE_SUN, PANEL, LABEL = 1, 38, 190, 16
CLOUD, SHADOW = [224, 224, 30], [0, 255, 255]


def run(command: list, **options) -> subprocess.CompletedProcess:
    return subprocess.run([str(word) for word in command], check=True, stdin=subprocess.DEVNULL,
                          env=os.environ | ONE_THREAD, **options)


def run_json(command: list) -> dict:
    return json.loads(run(command, stdout=subprocess.PIPE).stdout)


class Scene:
    """A scene of the set and what lies where."""

    def __init__(self, folder: pathlib.Path, listed: dict):
        self.label, self.name, self.scene = listed["folder"], listed["name"], listed["scene"]
        self.folder, self.masks = folder / "scenes" / self.label, folder / "masks"

    @property
    def preset(self) -> str:
        return self.scene["preset"]

    @property
    def sun(self) -> int:
        return round(self.scene["sunElevation"])

    @property
    def product(self) -> pathlib.Path:
        return self.folder / f"{self.name}.SAFE"

    @property
    def truth(self) -> pathlib.Path:
        return self.folder / f"{self.name}_truth"

    @property
    def dem(self) -> list:
        """The option that names the elevation model; there is none of the open sea."""
        folder = self.folder / f"{self.name}_dem"
        return ["--dem-folder", folder] if any(folder.iterdir()) else []

    @functools.cached_property
    def digest(self) -> str:
        """Another one when the scene was written anew."""
        files = sorted(path for path in self.folder.rglob("*") if path.is_file())
        states = [(str(path.relative_to(self.folder)), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
        return hashlib.sha256(json.dumps(states).encode()).hexdigest()

    def mask(self, tool: str) -> pathlib.Path:
        end = "_clearshore_flags" if tool == "clearshore" else ""
        return self.masks / tool / self.label / f"{self.name}{end}.tif"

    def make_mask(self, tool: str, program: pathlib.Path | None) -> None:
        """Asks a tool, unless its mask of this scene is there."""
        mask = self.mask(tool)
        stamp, state = mask.parent / "made-of", f"{self.digest} {digest_of(tool, program)}\n"
        if mask.exists() and stamp.exists() and stamp.read_text() == state:
            return
        mask.parent.mkdir(parents=True, exist_ok=True)
        stamp.unlink(missing_ok=True)
        if tool == "clearshore":
            command = [PROGRAM, "mask", self.product, "--overwrite", "--threads", 1, "-o", mask.parent] + self.dem
        else:
            command = [sys.executable, PEERS, tool, self.product, mask] + ([program] if program else [])
        run(command, stdout=subprocess.DEVNULL)
        stamp.write_text(state)


@functools.cache
def digest_of(tool: str, program: pathlib.Path | None) -> str:
    """Of the program that makes the masks of a tool."""
    sources = [PROGRAM] if tool == "clearshore" else [PEERS] + ([program] if program else [])
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()


def suite(folder: pathlib.Path, options: argparse.Namespace) -> list[Scene]:
    """The scenes that are asked for; simulates those that are not there."""
    seeds = [options.seed] if options.seed else SEEDS

    def command(seed: int) -> list:
        size = options.size // 2 if seed in SMALL_SEEDS else options.size
        return [PROGRAM, "simulate", "--suite", "--json", "--threads", 1, "--size", size, "--seed", seed]

    def simulated(wanted: tuple[str, int]) -> None:
        preset, seed = wanted
        run(command(seed) + ["--preset", preset, "-o", folder / "scenes"], stdout=subprocess.DEVNULL)

    preset = ["--preset", options.preset] if options.preset else []
    listed = [scene for seed in seeds for scene in run_json(command(seed) + preset + ["--list"])["scenes"]]
    jobs = list(dict.fromkeys((each["scene"]["preset"], each["scene"]["seed"]) for each in listed))
    in_turn("simulating", simulated, jobs)
    scenes = [Scene(folder, each) for each in listed]
    return sorted(scenes, key=lambda scene: [scene.preset for scene in scenes].index(scene.preset))


def in_turn(what: str, do, jobs: list) -> list:
    """Does the jobs, a few at a time, and says how far it is and how long it took."""
    start, results = time.monotonic(), []
    with concurrent.futures.ThreadPoolExecutor(PROCESSES) as pool:
        for done, result in enumerate(pool.map(do, jobs), start=1):
            results.append(result)
            if done % 10 == 0 or done == len(jobs):
                print(f"{what}: {done} of {len(jobs)}, {time.monotonic() - start:.0f} s", file=sys.stderr)
    return results


def evaluate(tool: str, scene: Scene) -> dict:
    command = [PROGRAM, "evaluate", "--json", "--codes", TOOLS[tool][0], "--tolerance", 0, "--buffer", 0]
    (found,) = run_json(command + ["--truth", scene.truth, "--mask", scene.mask(tool)])["scenes"]
    return found["report"]


def command(options: argparse.Namespace) -> str:
    given = [("--size", options.size, 2196), ("--preset", options.preset, None), ("--seed", options.seed, None)]
    words = [f"{name} {value}" for name, value, usual in given if value != usual]
    return " ".join(["./run validate"] + words + (["--python-fmask PROGRAM"] if options.python_fmask else []))


def document(reports: dict[str, list[dict]], scenes: list[Scene], options: argparse.Namespace) -> str:
    def of(tool: str, wanted) -> list[dict]:
        return [report for report, scene in zip(reports[tool], scenes) if wanted(scene)]

    def everywhere(scene: Scene) -> bool:
        return True

    suns = sorted({scene.sun for scene in scenes}, reverse=True)
    relief = {scene.label: report["strata"].get("relief", {}).get("pixels", 0) >= LEAST_PIXELS
              for scene, report in zip(scenes, reports["clearshore"])}
    columns = {"Clearshore": of("clearshore", everywhere)}
    columns |= {f"sun at {sun}°": of("clearshore", lambda scene, sun=sun: scene.sun == sun) for sun in suns}
    columns |= {title: of("clearshore", lambda scene, has=has: relief[scene.label] == has)
                for title, has in [("with relief", True), ("without", False)]}
    columns |= {TOOLS[tool][1]: of(tool, everywhere) for tool in TOOLS if tool != "clearshore"}

    presets = list(dict.fromkeys(scene.preset for scene in scenes))
    wanted = {preset: lambda scene, preset=preset: scene.preset == preset for preset in presets}
    wanted |= {f"sun at {sun}°": lambda scene, sun=sun: scene.sun == sun for sun in suns}
    wanted["all"] = everywhere
    groups = {group: {TOOLS[tool][1]: of(tool, where) for tool in TOOLS} for group, where in wanted.items()}

    sizes = ", ".join(f"{sum(scene.scene['size'] == size for scene in scenes)} of {size} x {size}"
                      for size in sorted({scene.scene["size"] for scene in scenes}, reverse=True))
    return "\n".join([
        f"{len(scenes)} scenes ({sizes} pixels), `clearshore simulate --suite`. Command: `{command(options)}`. All figures in "
        "percent of pixels of 10 m, of all scenes together. \"-\": the mask does not tell, or there are fewer than 1000 "
        "such pixels.",
        "",
        "What must be reached. Clearshore's figure over all scenes is judged; beside it those of the scenes under each sun, "
        "of those with and without relief shadow, and the peers' over all scenes.",
        "",
        *table_of_bars(columns, "Clearshore"),
        "",
        "By kind of scene: of cloud, thick or thin, the producer's (PA), user's (UA) and balanced accuracy (BOA); the balanced "
        "accuracy of cloud shadow; then the share of clear pixels that are called cloud, by what they are.",
        "",
        *table_of_groups(groups),
    ]) + "\n"


def classes_in_colour(path: pathlib.Path, colours: dict[int, list[int]]) -> Image.Image:
    with rasterio.open(path) as file:
        values = file.read(1, out_shape=(PANEL, PANEL))
    picture = np.zeros((PANEL, PANEL, 3), np.uint8) + 70
    for value, colour in colours.items():
        picture[values == value] = colour
    return Image.fromarray(picture)


def true_colour(scene: Scene) -> Image.Image:
    (path,) = scene.product.glob("GRANULE/*/IMG_DATA/*_TCI.jp2")
    with rasterio.open(path) as file:
        shades = file.read(out_shape=(3, PANEL, PANEL), resampling=rasterio.enums.Resampling.average)
    # A lighter tone curve: water is dark, and it is what matters.
    shades = (255 * (shades / 255) ** (1 / 1.4)).astype(np.uint8)
    return Image.fromarray(np.moveaxis(shades, 0, -1))


def picture(path: pathlib.Path, scenes: list[Scene]) -> None:
    """A row for each preset: true colour, truth, masks."""
    palette = {row["value"]: row["colour"] for row in run_json([PROGRAM, "flags", "--json"])["classes"]}
    shown = [scene for scene in scenes if scene.scene["seed"] == PICTURE_SEED and scene.sun == PICTURE_SUN]
    titles = ["true colour", "truth", "Clearshore", "s2cloudless", "ukis-csmask, 6 bands"]
    step = PANEL + 4
    sheet = Image.new("RGB", (step * len(titles) - 4, LABEL + (LABEL + step) * len(shown)), (24, 24, 24))
    draw = ImageDraw.Draw(sheet)
    for column, title in enumerate(titles):
        draw.text((step * column + 2, 2), title, fill=(235, 235, 235))
    for row, scene in enumerate(shown):
        top = LABEL + (LABEL + step) * row
        draw.text((2, top + 2), scene.label, fill=(235, 235, 235))
        ours = scene.mask("clearshore").with_name(f"{scene.name}_clearshore_class.tif")
        panels = [
            true_colour(scene),
            classes_in_colour(scene.truth / "class.tif", palette),
            classes_in_colour(ours, palette),
            classes_in_colour(scene.mask("s2cloudless"), {1: CLOUD}),
            classes_in_colour(scene.mask("csmask-6"), {1: CLOUD, 2: SHADOW}),
        ]
        for column, panel in enumerate(panels):
            sheet.paste(panel, (step * column, top + LABEL))
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=2196, help="rows at 10 m, a multiple of 12, from 1104")
    parser.add_argument("--preset", help="the scenes of one preset alone")
    parser.add_argument("--seed", type=int, help="the scenes of one seed alone")
    parser.add_argument("--python-fmask", type=pathlib.Path,
                        help="the program fmask_sentinel2Stacked, to put python-fmask beside the other peers")
    parser.add_argument("--update", type=pathlib.Path, help="Markdown file whose marked block is replaced")
    parser.add_argument("--picture", type=pathlib.Path, help="PNG file to write a sheet of pictures to")
    options = parser.parse_args()
    if options.python_fmask:
        TOOLS.update(PYTHON_FMASK)

    folder = ROOT / "target" / f"suite-{options.size}"
    scenes = suite(folder, options)
    asked = [(tool, scene) for tool in TOOLS for scene in scenes]
    programs = {"python-fmask": options.python_fmask}
    for tool in TOOLS:
        in_turn(tool, lambda scene, tool=tool: scene.make_mask(tool, programs.get(tool)), scenes)
    judged = in_turn("judging", lambda pair: evaluate(*pair), asked)
    reports = {tool: [report for (of, _), report in zip(asked, judged) if of == tool] for tool in TOOLS}

    (folder / "reports.json").write_text(json.dumps(reports) + "\n")
    text = document(reports, scenes, options)
    print(text)
    if options.update:
        update(options.update, "bench:suite", text)
    if options.picture:
        picture(options.picture, scenes)


if __name__ == "__main__":
    main()
