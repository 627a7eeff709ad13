#!/usr/bin/env python3
"""Relief shadow: exactness and cost, beside other programs and Orekit Rugged, in one run.

    relief.py [--size 10980] [--threads 2] [--rounds 3] [--rays 100000] [--update docs/validation.md] [--picture FILE]

Run it by `./run bench relief`, on a machine that does nothing else. Exactness is measured on the golden cases of
../shared/golden/relief, which Rugged and an independent march made; without that folder this part is left out. Cost is
measured on a fractal relief of 2 x 2 degrees, made here and kept in target/bench. Peers (relief_peers.py) and Rugged
(Maven) that are not on this machine are left out with a message. Programs take turns; figures are medians over the rounds,
memory is the largest.
"""

import argparse
import json
import pathlib
import shutil
import statistics
import subprocess
import sys

import numpy as np
import rasterio
import rasterio.warp
from PIL import Image, ImageDraw

from documents import machine, update
from whole_tile import BENCH, PROGRAM, ROOT, measure

GOLDEN = ROOT.parent / "shared" / "golden" / "relief"
PEERS = pathlib.Path(__file__).with_name("relief_peers.py")
RUGGED = ROOT / "tests" / "reference" / "rugged"
PEER_NAMES = {"saga": "SAGA 8, ta_lighting, shadows only", "grass": "GRASS 8, r.horizon",
              "insolation": "insolation 0.1.9 (PyPI)", "topocalc": "topocalc 0.5.0 (PyPI)"}
ABSENT = 3
CAST, UNDEFINED = 1, 255

# The relief: cells from this one on, side of a cell in nodes, and what the ground is like.
SOUTH, WEST, SIDE, SEED = 44, 8, 3601, 6
WAVELENGTH, SPREAD, SEA = 40_000.0, 700.0, -600.0
SIDE_OF_SEA = 1201
NODE = 111_132.0 / (SIDE - 1)
# The tile over it: UTM zone 32 north, its middle at 9 E 45 N; the sun's azimuth and its elevations, degrees.
EPSG, MIDDLE = 32632, (500_000, 4_982_950)
AZIMUTH, ELEVATIONS, PICTURE_ELEVATIONS = 155.0, (12, 30, 60), (8, 16, 32)
# Side of the window that peers get, pixels of 10 m; nodes of Rugged's DEM, and how far its places lie from the middle.
PEER_SIDE, RUGGED_SIDE, RUGGED_PLACES = 2048, 1201, 0.03

# Exactness pooled over all cases: least overlap and greatest share of differing pixels on the strict references, least
# overlap on the masks with their knife edges. Cost: CPU-seconds at 10 m and 20 m, wall at 10 m, MiB beside the
# mask; pixels by CPU-second for one ray of Rugged.
BAR_OVERLAP, BAR_DIFFERENCE, BAR_MASK = 0.998, 0.000_5, 0.985
BAR_CPU_10, BAR_CPU_20, BAR_WALL, BAR_MEMORY, BAR_RUGGED = 8.0, 2.0, 5.0, 300.0, 300.0


def relief_command(dem: pathlib.Path, grid: dict, sun: tuple, output: pathlib.Path, *options) -> list:
    return [PROGRAM, "relief", "--dem", dem, "--epsg", grid["epsg"], "--origin", f"{grid['ulx']},{grid['uly']}", "--pixel",
            grid["step"], "--size", f"{grid['n']}x{grid['n']}", "--sun", f"{sun[0]},{sun[1]}", "-o", output, *options]


def read(path: pathlib.Path | str) -> np.ndarray:
    with rasterio.open(path) as file:
        return file.read(1)


def planar(cells: list, grid: dict, margin: tuple[float, float], path: pathlib.Path) -> tuple[slice, slice]:
    """A DEM on the grid and so many metres east and north of it (west and south where negative), as programs for the plane
    need it; 0 m where there is no cell. Gives the grid's rows and columns in it."""
    step, side = grid["step"], grid["n"]
    east, north = (int(np.ceil(abs(metres) / step)) * (1 if metres > 0 else -1) for metres in margin)
    top, left = max(north, 0), max(-east, 0)
    transform = rasterio.Affine(step, 0, grid["ulx"] - left * step, 0, -step, grid["uly"] + top * step)
    heights = np.zeros((side + abs(north), side + abs(east)), np.float32)
    for cell in cells:
        with rasterio.open(cell) as file:
            warped = np.full_like(heights, np.nan)
            rasterio.warp.reproject(rasterio.band(file, 1), warped, dst_transform=transform, dst_nodata=np.nan,
                                    dst_crs=f"EPSG:{grid['epsg']}", resampling=rasterio.warp.Resampling.bilinear)
        heights = np.where(np.isnan(warped), heights, warped)
    profile = {"driver": "GTiff", "dtype": "float32", "count": 1, "height": heights.shape[0],
               "width": heights.shape[1], "crs": f"EPSG:{grid['epsg']}", "transform": transform}
    with rasterio.open(path, "w", **profile) as file:
        file.write(heights, 1)
    return slice(top, top + side), slice(left, left + side)


def ask_peer(tool: str, dem: pathlib.Path, sun: tuple, convergence: float) -> tuple[np.ndarray, float] | None:
    """Its shadow and its CPU-seconds; None where it is not on this machine."""
    path = BENCH / f"relief-{tool}.tif"
    words = [sys.executable, PEERS, tool, dem, *sun, convergence, path]
    done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, text=True)
    if done.returncode == ABSENT:
        return None
    if done.returncode != 0:
        sys.exit(f"{tool} failed")
    return read(path) == 1, json.loads(done.stdout)["cpu"]


class Tally:
    """Pixels of a mask that agree with a reference, added up."""

    def __init__(self):
        self.judged = self.differing = self.both = self.either = 0

    def count(self, shadow: np.ndarray, reference: np.ndarray) -> None:
        known, true = reference != UNDEFINED, reference == 1
        self.judged += int(known.sum())
        self.differing += int((known & (shadow != true)).sum())
        self.both += int((known & shadow & true).sum())
        self.either += int((known & (shadow | true)).sum())

    @property
    def overlap(self) -> float:
        return self.both / max(self.either, 1)

    @property
    def difference(self) -> float:
        return self.differing / max(self.judged, 1)


def surround(tile: str, folder: pathlib.Path) -> None:
    """A golden cell among cells of sea level, as the references have it."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(GOLDEN / "dem" / f"{tile}.hgt.zip", folder)
    south, west = int(tile[1:3]), int(tile[4:])
    for cell in {cell_name(south + row, west + column) for row in (-1, 0, 1) for column in (-1, 0, 1)} - {f"{tile}.hgt"}:
        (folder / cell).write_bytes(bytes(2 * SIDE_OF_SEA**2))


def exactness(tools: list[str]) -> dict[str, dict[str, Tally]]:
    """Each tool's tallies on the golden cases: strict references, masks, and the strict ones by window."""
    folder = BENCH / "relief-golden"
    cases = json.loads((GOLDEN / "manifest.json").read_text())
    for tile in {case["tile"] for case in cases}:
        surround(tile, folder / tile)
    tallies: dict[str, dict[str, Tally]] = {}
    for case in cases:
        print(f"{case['case']} ...", file=sys.stderr)
        references = {kind: read(GOLDEN / f"{case['case']}.{kind}.tif") for kind in ("ref", "mask")}
        sun = (case["az_deg"], case["el_deg"])
        masks = {}
        for name, options in (("fast", []), ("exact", ["--exact"])):
            subprocess.run([str(word) for word in relief_command(folder / case["tile"], case, sun, folder / "ours.tif", *options)],
                           check=True, stdout=subprocess.DEVNULL)
            masks[name] = read(folder / "ours.tif") == CAST
        cell = f"zip://{GOLDEN}/dem/{case['tile']}.hgt.zip!{case['tile']}.hgt"
        azimuth, elevation = np.radians(sun)
        throw = read(cell).max() / np.tan(elevation)
        inside = planar([cell], case, (throw * np.sin(azimuth), throw * np.cos(azimuth)), folder / "plane.tif")
        for tool in tools:
            found = ask_peer(tool, folder / "plane.tif", sun, case["grid_convergence_deg"])
            if found:
                masks[tool] = found[0][inside]
        for name, mask in masks.items():
            rows = tallies.setdefault(name, {})
            for key, kind in (("strict", "ref"), ("mask", "mask"), (case["window"], "ref")):
                rows.setdefault(key, Tally()).count(mask, references[kind])
    return tallies


def cell_name(south: int, west: int) -> str:
    return f"N{south:02d}E{west:03d}.hgt"


def fractal() -> pathlib.Path:
    """Four SRTM cells of a fractal relief by the sea; its power falls with the fourth power of the wave number. And four
    cells of nothing but sea level, in the folder beside it."""
    folder, flat = BENCH / "relief-dem", BENCH / "relief-flat"
    last = folder / cell_name(SOUTH + 1, WEST + 1)
    if last.exists():
        return folder
    print("making a fractal relief ...", file=sys.stderr)
    folder.mkdir(parents=True, exist_ok=True)
    flat.mkdir(exist_ok=True)
    side = 2 * (SIDE - 1)
    waves = np.fft.rfft2(np.random.default_rng(SEED).standard_normal((side, side), np.float32))
    down, right = np.fft.fftfreq(side).astype(np.float32), np.fft.rfftfreq(side).astype(np.float32)
    waves /= down[:, None] ** 2 + right[None, :] ** 2 + np.float32(NODE / WAVELENGTH) ** 2
    heights = np.fft.irfft2(waves, s=(side, side))
    heights *= SPREAD / heights.std()
    heights = np.maximum(heights - SEA, 0.0).round().astype(">i2")
    # The first row and column again at the end: cells share their edges.
    heights = np.pad(heights, ((0, 1), (0, 1)), mode="wrap")
    for row in (0, 1):
        for column in (0, 1):
            cell = heights[row * (SIDE - 1):][:SIDE, column * (SIDE - 1):][:, :SIDE]
            name = cell_name(SOUTH + 1 - row, WEST + column)
            (flat / name).write_bytes(bytes(2 * SIDE * SIDE))
            if folder / name != last:
                (folder / name).write_bytes(cell.tobytes())
            else:
                end = cell.tobytes()
    last.write_bytes(end)
    return folder


def grid_of(pixel: float, side: int) -> dict:
    """A square in the tile's middle."""
    half = side * pixel / 2
    return {"epsg": EPSG, "ulx": MIDDLE[0] - half, "uly": MIDDLE[1] + half, "step": pixel, "n": side}


def cost(dem: pathlib.Path, size: int, threads: int, rounds: int) -> dict[str, dict]:
    def ours(pixel: int, side: int, elevation: float, *options, over: pathlib.Path = dem) -> list:
        grid = grid_of(pixel, side)
        return relief_command(over, grid, (AZIMUTH, elevation), BENCH / "relief.tif", "--threads", threads, *options)

    cases = {f"{size} x {size} of 10 m, sun at {elevation}°": (size**2, ours(10, size, elevation))
             for elevation in ELEVATIONS}
    cases |= {
        "the same over level ground, sun at 12°": (size**2, ours(10, size, 12, over=dem.with_name("relief-flat"))),
        f"a quarter of it: {size // 2} x {size // 2} of 10 m, sun at 30°": ((size // 2) ** 2, ours(10, size // 2, 30)),
        f"{size // 2} x {size // 2} of 20 m, sun at 12°": ((size // 2) ** 2, ours(20, size // 2, 12)),
        f"{size // 10} x {size // 10} of 10 m by exact rays, sun at 30°": (
            (size // 10) ** 2, ours(10, size // 10, 30, "--exact")),
    }
    rows: dict[str, list[dict]] = {}
    for _ in range(rounds):
        for name, (_, command) in cases.items():
            print(f"{name} ...", file=sys.stderr)
            rows.setdefault(name, []).append(measure(command, {}))
    return {name: {"pixels": cases[name][0], "cpu": statistics.median(row["cpu"] for row in runs),
                   "wall": statistics.median(row["wall"] for row in runs),
                   "memory": 1024 * max(row["memory"] for row in runs)} for name, runs in rows.items()}


def cost_of_peers(dem: pathlib.Path, tools: list[str], side: int, threads: int, rounds: int) -> dict[str, float]:
    """CPU-seconds on the same square under the sun at 30 degrees."""
    grid = grid_of(10, side)
    plane = BENCH / "relief-plane.tif"
    planar(sorted(dem.glob("*.hgt")), grid, (0.0, 0.0), plane)
    command = relief_command(dem, grid, (AZIMUTH, 30), BENCH / "relief.tif", "--threads", threads)
    rows: dict[str, list[float]] = {}
    for _ in range(rounds):
        rows.setdefault("ours", []).append(measure(command, {})["cpu"])
        for tool in tools:
            print(f"{tool} ...", file=sys.stderr)
            found = ask_peer(tool, plane, (AZIMUTH, 30), 0.0)
            if found:
                rows.setdefault(tool, []).append(found[1])
    return {name: statistics.median(runs) for name, runs in rows.items()}


def rays_of_rugged(dem: pathlib.Path, count: int) -> dict[int, float] | None:
    """Verified rays a second on one thread, by the sun's elevation."""
    if shutil.which("mvn") is None or shutil.which("java") is None:
        print("no Java or Maven: Rugged is left out", file=sys.stderr)
        return None
    if not any(subprocess.run(["mvn", "-B", "-q", "-ntp", *offline, "compile"], cwd=RUGGED,
                              stdout=subprocess.DEVNULL).returncode == 0 for offline in (["-o"], [])):
        print("Rugged can't be had from Maven: it is left out", file=sys.stderr)
        return None
    cells = [[read(dem / cell_name(SOUTH + 1 - row, WEST + column)) for column in (0, 1)] for row in (0, 1)]
    whole = np.block([[cells[0][0], cells[0][1][:, 1:]], [cells[1][0][1:], cells[1][1][1:, 1:]]])
    half = RUGGED_SIDE // 2
    first = SIDE - 1 - half
    heights = whole[first:first + RUGGED_SIDE, first:first + RUGGED_SIDE].astype(float)
    step = 1 / (SIDE - 1)
    longitude, latitude = WEST + 1, SOUTH + 1
    places = np.array([longitude, latitude]) + np.random.default_rng(SEED).uniform(-1, 1, (count, 2)) * RUGGED_PLACES
    target = ROOT / "target" / "rugged"
    rates = {}
    for elevation in ELEVATIONS:
        print(f"Rugged, sun at {elevation} ...", file=sys.stderr)
        job = np.concatenate([[longitude - half * step, latitude + half * step, step, step, RUGGED_SIDE, RUGGED_SIDE, 1,
                               count], heights.ravel(), [AZIMUTH, elevation], places.ravel()])
        (BENCH / "rugged-job").write_bytes(job.astype("<f8").tobytes())
        command = ["java", "-cp", f"{target / 'classes'}:{target / 'dependency'}/*", "Rays", BENCH / "rugged-job",
                   BENCH / "rugged-answers"]
        report = json.loads(subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE).stdout)
        rates[elevation] = report["rays"] / report["seconds"]
    return rates


def judge(result: dict, tallies: dict[str, dict[str, Tally]], size: int, threads: int) -> list[tuple]:
    """Figure, value, bar and whether the value must not be below it (else above it); no bar: None."""
    whole = [row for name, row in result["cost"].items() if name.startswith(f"{size} x {size} of 10 m")]
    (flat,) = (row for name, row in result["cost"].items() if "level ground" in name)
    (quarter,) = (row for name, row in result["cost"].items() if "quarter" in name)
    (coarse,) = (row for name, row in result["cost"].items() if "of 20 m" in name)
    beside = max(row["memory"] - row["pixels"] / 2**20 for row in whole)
    is_tile = size == 10980
    figures = []
    if "fast" in tallies:
        ours = tallies["fast"]
        figures += [("overlap (IoU) on the strict references", ours["strict"].overlap, BAR_OVERLAP, True),
                    ("pixels differing there, %", 100 * ours["strict"].difference, 100 * BAR_DIFFERENCE, False),
                    ("overlap on the masks with their knife edges", ours["mask"].overlap, BAR_MASK, True)]
    figures += [
        ("CPU-s of the tile at 10 m, any sun", max(row["cpu"] for row in whole), BAR_CPU_10 if is_tile else None, False),
        ("wall, s", max(row["wall"] for row in whole), BAR_WALL if is_tile and threads == 2 else None, False),
        ("CPU-s of the tile at 20 m", coarse["cpu"], BAR_CPU_20 if is_tile else None, False),
        ("peak MiB beside the mask, cells of the DEM included", beside, BAR_MEMORY if is_tile else None, False),
        ("CPU-s of the tile / 4 CPU-s of its quarter", whole[1]["cpu"] / (4 * quarter["cpu"]), None, False),
        ("CPU-s of the tile / CPU-s over level ground", whole[0]["cpu"] / flat["cpu"], None, False),
    ]
    if result["rugged"]:
        least = min(row["pixels"] / row["cpu"] / rate for row, rate in zip(whole, result["rugged"].values()))
        figures.append(("pixels a CPU-second / verified rays a second of Rugged", least,
                        BAR_RUGGED if is_tile else None, True))
    return figures


def report(result: dict, tallies: dict[str, dict[str, Tally]], options: argparse.Namespace) -> str:
    """The result as Markdown."""
    names = {"fast": "Clearshore", "exact": "Clearshore, `--exact`"} | PEER_NAMES
    lines = [f"{machine()}, {options.threads} threads, {options.rounds} rounds in turn. Command: `./run bench relief --size "
             f"{options.size} --threads {options.threads} --rounds {options.rounds}`.", ""]
    if tallies:
        windows = [key for key in tallies["fast"] if key not in ("strict", "mask")]
        lines += ["| golden cases | differing pixels | % | overlap (IoU) | " + " | ".join(windows)
                  + " | overlap on the masks |", "|---" * (5 + len(windows)) + "|"]
        for name, rows in tallies.items():
            strict = rows["strict"]
            lines.append(f"| {names[name]} | {strict.differing} of {strict.judged} | {100 * strict.difference:.4f} | "
                         f"{strict.overlap:.6f} | " + " | ".join(f"{rows[window].overlap:.4f}" for window in windows)
                         + f" | {rows['mask'].overlap:.5f} |")
        lines.append("")
    lines += ["| `clearshore relief`, fractal relief | CPU-s | wall, s | peak MiB | million pixels a CPU-s |", "|---|---|---|---|---|"]
    lines += [f"| {name} | {row['cpu']:.2f} | {row['wall']:.2f} | {row['memory']:.0f} | "
              f"{row['pixels'] / row['cpu'] / 1e6:.2f} |" for name, row in result["cost"].items()]
    lines += ["", f"| {result['side']} x {result['side']} pixels of 10 m, sun at 30° | CPU-s |", "|---|---|"]
    lines += [f"| {names.get(name, 'Clearshore, the whole program')} | {cpu:.2f} |" for name, cpu in result["peers"].items()]
    if result["rugged"]:
        lines += ["", "| Orekit Rugged 4.0.1, one thread | verified rays a second |", "|---|---|"]
        lines += [f"| sun at {elevation}° | {rate:.0f} |" for elevation, rate in result["rugged"].items()]
    lines += ["", "| figure | value | bar | |", "|---|---|---|---|"]
    for name, value, bar, at_least in result["judged"]:
        met = bar is not None and (value >= bar if at_least else value <= bar)
        verdict = "" if bar is None else "met" if met else "missed"
        sign = ">=" if at_least else "<="
        lines.append(f"| {name} | {value:.5g} | {'-' if bar is None else f'{sign} {bar:g}'} | {verdict} |")
    return "\n".join(lines) + "\n"


def picture(dem: pathlib.Path, path: pathlib.Path) -> None:
    """Cast shadow, and what else faces away, over a hillshade of the fractal relief; a panel for each sun."""
    grid, panel = grid_of(40, 460), 460
    plane = BENCH / "relief-picture-dem.tif"
    planar(sorted(dem.glob("*.hgt")), grid, (0.0, 0.0), plane)
    heights = read(plane)
    south, east = np.gradient(heights, grid["step"])
    # Light from the north-west, 45 degrees high, as maps have it: shade that is no shadow.
    shade = (1 + 0.7071 * (east - south)) / np.sqrt(2 * (1 + east**2 + south**2))
    grey = np.clip(70 + 150 * shade, 0, 255)
    base = np.repeat(grey[:, :, None], 3, axis=2)
    base[heights <= 0] = [176, 200, 222]
    sheet = Image.new("RGB", ((panel + 6) * len(PICTURE_ELEVATIONS) - 6, panel + 18), (255, 255, 255))
    draw = ImageDraw.Draw(sheet)
    for column, elevation in enumerate(PICTURE_ELEVATIONS):
        command = relief_command(dem, grid, (AZIMUTH, elevation), BENCH / "relief-picture.tif")
        subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)
        values = read(BENCH / "relief-picture.tif")
        shown = base.copy()
        for value, colour in ((1, (100, 0, 160)), (2, (205, 110, 225))):
            shown[values == value] = 0.35 * shown[values == value] + 0.65 * np.array(colour)
        left = (panel + 6) * column
        sheet.paste(Image.fromarray(shown.astype(np.uint8)), (left, 18))
        draw.text((left + 2, 2), f"sun at {elevation} degrees", fill=(20, 20, 20))
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.quantize(96, dither=Image.Dither.NONE).save(path, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=10980, help="rows at 10 m")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rays", type=int, default=100_000, help="rays that Rugged is asked for under each sun")
    parser.add_argument("--update", type=pathlib.Path, help="Markdown file whose marked block is replaced")
    parser.add_argument("--picture", type=pathlib.Path, help="PNG file to write a picture of shadows to; nothing else is done")
    options = parser.parse_args()

    BENCH.mkdir(parents=True, exist_ok=True)
    dem = fractal()
    if options.picture:
        picture(dem, options.picture)
        return
    # First: a child's peak memory counts that of the process which it was forked from.
    ours = cost(dem, options.size, options.threads, options.rounds)
    side = min(PEER_SIDE, options.size)
    peers = cost_of_peers(dem, list(PEER_NAMES), side, options.threads, options.rounds)
    tools = [tool for tool in PEER_NAMES if tool in peers]
    tallies = {}
    if GOLDEN.is_dir():
        tallies = exactness(tools)
    else:
        print(f"{GOLDEN} is absent: exactness is not measured", file=sys.stderr)
    result = {
        "size": options.size,
        "side": side,
        "cost": ours,
        "peers": peers,
        "rugged": rays_of_rugged(dem, options.rays),
    }
    result["judged"] = judge(result, tallies, options.size, options.threads)
    counts = {name: {key: vars(tally) for key, tally in rows.items()} for name, rows in tallies.items()}
    (BENCH / "relief.json").write_text(json.dumps(result | {"exactness": counts}, indent=1) + "\n")
    text = report(result, tallies, options)
    print(text)
    if options.update:
        update(options.update, "bench:relief", text)


if __name__ == "__main__":
    main()
