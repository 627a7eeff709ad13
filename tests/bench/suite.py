#!/usr/bin/env python3
"""The benchmark set of simulated scenes: Clearshore and its peers against the truth.

    suite.py [--size 2196] [--preset NAME] [--seed N] [--update docs/validation.md] [--picture docs/images/suite.png]

Run it by `./run validate`. Scenes and the masks of peers are kept in target/suite-SIZE, so that a run that was stopped goes
on where it was; delete that folder after a change of the simulation. Clearshore's own masks are made anew each time.
Two processes work at a time.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

import numpy as np
import rasterio
from PIL import Image, ImageDraw

from documents import update

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "target" / "release" / "clearshore"
PEERS = pathlib.Path(__file__).with_name("peers.py")
PROCESSES = 2

# Tool: the numbers of its masks, as `clearshore evaluate` names them, and what stands in the table.
TOOLS = {
    "clearshore": ("clearshore", "Clearshore, 20 m"),
    "s2cloudless": ("s2cloudless", "s2cloudless 1.7.3, 60 m"),
    "csmask-6": ("csmask", "ukis-csmask 1.0.0, 6 bands, 30 m"),
    "csmask-4": ("csmask", "ukis-csmask 1.0.0, 4 bands, 30 m"),
}
STRATA = ["sand", "surf", "glint", "turbid", "reef", "snow", "relief"]
# A figure of fewer pixels than this says nothing.
LEAST_PIXELS = 1_000

# The picture: scenes of one seed and one sun, side of a panel in pixels.
PICTURE_SEED, PICTURE_SUN, PANEL, LABEL = 1, 38, 190, 16
CLOUD, SHADOW = [224, 224, 30], [0, 255, 255]


def run(command: list, **options) -> subprocess.CompletedProcess:
    return subprocess.run([str(word) for word in command], check=True, stdin=subprocess.DEVNULL, **options)


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

    def mask(self, tool: str) -> pathlib.Path:
        end = "_clearshore_flags" if tool == "clearshore" else ""
        return self.masks / tool / f"{self.name}{end}.tif"

    def ask_peer(self, tool: str) -> None:
        mask = self.mask(tool)
        if mask.exists() and mask.stat().st_mtime > (self.truth / "scene.json").stat().st_mtime:
            return
        mask.parent.mkdir(parents=True, exist_ok=True)
        one = {"OMP_NUM_THREADS": "1", "GDAL_NUM_THREADS": "1"}
        run([sys.executable, PEERS, tool, self.product, mask], env=os.environ | one, stdout=subprocess.DEVNULL)


def evaluate(tool: str, scenes: list[Scene]) -> list[dict]:
    """A report for each scene."""
    command = [PROGRAM, "evaluate", "--json", "--codes", TOOLS[tool][0], "--tolerance", 0, "--buffer", 0]
    for scene in scenes:
        command += ["--truth", scene.truth, "--mask", scene.mask(tool)]
    return [scene["report"] for scene in run_json(command)["scenes"]]


def pooled(reports: list[dict]) -> dict[str, float | None]:
    """Figures of the pixels of several scenes together; None where there are too few."""

    def figures(experiment: str) -> dict:
        found = [report["scores"]["plain"]["experiments"].get(experiment) for report in reports]
        tp, fp, fn, tn = (sum(one[key] for one in found if one) for key in ("tp", "fp", "fn", "tn"))

        def share(part: int, whole: int) -> float | None:
            return part / whole if whole >= LEAST_PIXELS else None

        pa, ua, tnr = share(tp, tp + fn), share(tp, tp + fp), share(tn, tn + fp)
        return {"pa": pa, "ua": ua, "boa": None if pa is None or tnr is None else (pa + tnr) / 2}

    result = {f"cloud {key}": value for key, value in figures("cloud").items()}
    result["shadow boa"] = figures("shadow")["boa"]
    for stratum in STRATA:
        found = [report["strata"][stratum] for report in reports if stratum in report["strata"]]
        clear = sum(one["clear_pixels"] for one in found)
        false = sum(one["clear_pixels"] * (one["false_cloud"] or 0.0) for one in found)
        result[stratum] = false / clear if clear >= LEAST_PIXELS else None
    return result


def table(reports: dict[str, list[dict]], scenes: list[Scene], groups: dict[str, list[int]]) -> list[str]:
    lines = [
        "| scenes | mask | cloud PA | UA | BOA | shadow BOA | " + " | ".join(STRATA) + " |",
        "|---" * (6 + len(STRATA)) + "|",
    ]
    for group, members in groups.items():
        for tool, (_, name) in TOOLS.items():
            figures = pooled([reports[tool][index] for index in members])
            cells = ["-" if value is None else f"{100 * value:.1f}" for value in figures.values()]
            lines.append(f"| {group} | {name} | " + " | ".join(cells) + " |")
    return lines


def command(options: argparse.Namespace) -> str:
    given = [("--size", options.size, 2196), ("--preset", options.preset, None), ("--seed", options.seed, None)]
    return " ".join(["./run validate"] + [f"{name} {value}" for name, value, usual in given if value != usual])


def document(reports: dict[str, list[dict]], scenes: list[Scene], options: argparse.Namespace) -> str:
    def where(wanted) -> list[int]:
        return [index for index, scene in enumerate(scenes) if wanted(scene)]

    presets = list(dict.fromkeys(scene.preset for scene in scenes))
    suns = sorted({scene.sun for scene in scenes}, reverse=True)
    groups = {preset: where(lambda scene, preset=preset: scene.preset == preset) for preset in presets}
    groups |= {f"sun at {sun}°": where(lambda scene, sun=sun: scene.sun == sun) for sun in suns}
    groups["all"] = where(lambda scene: True)
    lines = [
        f"{len(scenes)} scenes of {options.size} x {options.size} pixels, `clearshore simulate --suite`. Command: "
        f"`{command(options)}`. All figures in percent of pixels of 10 m: of cloud, thick or thin, the producer's (PA), user's (UA) "
        "and balanced accuracy (BOA); the balanced accuracy of cloud shadow; then the share of clear pixels that are called "
        "cloud, by what they are. \"-\": the mask does not tell, or there are fewer than 1000 such pixels.",
        "",
    ]
    return "\n".join(lines + table(reports, scenes, groups)) + "\n"


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
        ours = scene.masks / "clearshore" / f"{scene.name}_clearshore_class.tif"
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
    parser.add_argument("--size", type=int, default=2196, help="rows at 10 m, a multiple of 6")
    parser.add_argument("--preset", help="the scenes of one preset alone")
    parser.add_argument("--seed", type=int, help="the scenes of one seed alone")
    parser.add_argument("--update", type=pathlib.Path, help="Markdown file whose marked block is replaced")
    parser.add_argument("--picture", type=pathlib.Path, help="PNG file to write a sheet of pictures to")
    options = parser.parse_args()

    folder = ROOT / "target" / f"suite-{options.size}"
    suite = [PROGRAM, "simulate", "--suite", "--size", options.size, "--json"]
    suite += ["--preset", options.preset] if options.preset else []
    suite += ["--seed", options.seed] if options.seed else []
    print("simulating ...", file=sys.stderr)
    run(suite + ["-o", folder / "scenes"], stdout=subprocess.DEVNULL)
    scenes = [Scene(folder, listed) for listed in run_json(suite + ["--list"])["scenes"]]

    print("masking ...", file=sys.stderr)
    mask = [PROGRAM, "mask", "--overwrite", "-o", folder / "masks" / "clearshore"]
    for scene in scenes:
        run(mask + [scene.product] + scene.dem, stdout=subprocess.DEVNULL)
    with concurrent.futures.ThreadPoolExecutor(PROCESSES) as pool:
        asked = [(scene, tool) for scene in scenes for tool in TOOLS if tool != "clearshore"]
        for done, _ in enumerate(pool.map(lambda pair: pair[0].ask_peer(pair[1]), asked), start=1):
            if done % 10 == 0 or done == len(asked):
                print(f"peers: {done} of {len(asked)}", file=sys.stderr)
        print("judging ...", file=sys.stderr)
        reports = dict(zip(TOOLS, pool.map(lambda tool: evaluate(tool, scenes), TOOLS)))

    (folder / "reports.json").write_text(json.dumps(reports) + "\n")
    text = document(reports, scenes, options)
    print(text)
    if options.update:
        update(options.update, "bench:suite", text)
    if options.picture:
        picture(options.picture, scenes)


if __name__ == "__main__":
    main()
