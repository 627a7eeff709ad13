"""The exact line of sight and the fast sweep against Orekit Rugged, place by place, on analytic DEMs.

Rugged's Duvenhage algorithm takes hits up to an eighth of a cell outside a facet, so its hits are verified: one whose
altitude is 2 cm off the DEM is false, and the search goes on past it. All answers must agree, but for

- the knife's edge: rays that pass the DEM as closely as KNIFE_EDGE,
- Rugged's own errors (hits it misses, rays it can't follow): none on smooth shapes, at most RUGGED_ERRORS where every
  facet is steep.

Both are told by a third opinion, a march in small steps in Earth-centred coordinates (PROJ); it must side with the exact
ray on every other ray.

The fast sweep is `clearshore relief` on a UTM grid; Rugged gets the centres of the same pixels. It works in single
precision on a plane lattice, so its knife's edge is wider (SWEEP_EDGE). Between its samples it trusts that slopes change
by less than 2 from facet to facet. The cone and the ridge keep to that; the others are steeper than any ground that an
elevation model of 30 m has, and it may be wrong on a few of their pixels (SWEEP_ERRORS).
"""

import dataclasses
import json
import pathlib
import shutil
import subprocess

import numpy as np
import pyproj
import pytest
import rasterio

ROOT = pathlib.Path(__file__).parents[2]
PROJECT = pathlib.Path(__file__).parent / "rugged"
LIT, SHADOW = 0, 1
# Cast shadow in the program's file.
CAST = 1
# What Rugged's verification leaves open, metres.
KNIFE_EDGE = 0.02
# Share of the rays over a rough shape on which Rugged may be undecided or wrong.
RUGGED_ERRORS = 0.03
# The same over a smooth shape in whole metres, the steps of which are small facets of their own.
FEW_RUGGED_ERRORS = 0.0003
# Share of all rays that may pass on the knife's edge.
KNIVES = 0.001
ROUGH = ("checkerboard", "random")
STEEP = ("cliff", *ROUGH)
# The same of the sweep, metres: its control grid places pixels within a hundredth of a node, on slopes of about 45 degrees.
SWEEP_EDGE = 0.3
# Share of the pixels of a steep shape on which the sweep may be wrong.
SWEEP_ERRORS = 0.002
# Share of the pixels that may pass on the sweep's knife's edge: of all of a shape.
SWEEP_KNIVES = 0.005
LEAST_DISTANCE = 2.0
STEP = 1 / 3600
SIDE = 261
# Nodes a side of a cell of one second of arc.
CELL = 3601
# Targets lie in the middle, so that no ray leaves the DEM below its highest node.
INNER = 50
PLACES = 500
# The sweep's grid: pixels a side and their size in metres; on no lattice with the nodes, 2 km in the middle.
PIXELS, PIXEL = 64, 15.0
# Azimuth and elevation, degrees.
SUNS = [(0.0, 50.0), (33.0, 12.0), (117.5, 25.0), (180.0, 70.0), (225.0, 18.0), (301.0, 35.0)]


@dataclasses.dataclass
class Dem:
    west: float
    north: float
    heights: np.ndarray

    def at(self, longitude, latitude):
        row, column = (self.north - latitude) / STEP, (longitude - self.west) / STEP
        top, left = np.floor(row).astype(int), np.floor(column).astype(int)
        down, right = row - top, column - left
        h = self.heights
        return ((1 - down) * ((1 - right) * h[top, left] + right * h[top, left + 1])
                + down * ((1 - right) * h[top + 1, left] + right * h[top + 1, left + 1]))


def shapes():
    row, column = np.mgrid[:SIDE, :SIDE] - SIDE // 2
    inner = np.maximum(abs(row), abs(column)) <= INNER + 5
    random = np.random.default_rng(20260721)
    return {
        "flat": np.full((SIDE, SIDE), 120.0),
        "cone": np.maximum(0.0, 300.0 * (1 - np.hypot(row, column) / 30)),
        "cliff": np.where(column + row // 3 > 0, 200.0, 0.0),
        "ridge": np.maximum(0.0, 250.0 - 25.0 * abs(column - 0.4 * row)),
        "checkerboard": 60.0 * ((row + column) % 2) * inner,
        "random": random.uniform(0.0, 150.0, (SIDE, SIDE)) * inner,
    }


def run(command, **options):
    return subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True, **options).stdout


@pytest.fixture(scope="session")
def rugged():
    """The command that runs Rugged, or a reason to skip."""
    if shutil.which("mvn") is None or shutil.which("java") is None:
        pytest.skip("no Java or Maven: Rugged is not asked")
    for offline in (["-o"], []):
        built = subprocess.run(["mvn", "-B", "-q", "-ntp", *offline, "compile"], cwd=PROJECT,
                               capture_output=True, text=True)
        if built.returncode == 0:
            target = ROOT / "target" / "rugged"
            return ["java", "-cp", f"{target / 'classes'}:{target / 'dependency'}/*", "Rays"]
    if "resolve" in built.stdout:
        pytest.skip(f"Rugged can't be had from Maven: {built.stdout[-400:]}")
    pytest.fail(built.stdout)


@pytest.fixture(scope="session")
def exact():
    """The command that runs the exact ray, built from this tree."""
    if shutil.which("cargo") is None:
        pytest.skip("no cargo")
    lines = run(["cargo", "build", "--quiet", "--locked", "-p", "clearshore-io", "--example", "rays",
                 "--message-format", "json"], cwd=ROOT).splitlines()
    return [next(message["executable"] for message in map(json.loads, lines)
                 if message.get("target", {}).get("name") == "rays" and message.get("executable"))]


@pytest.fixture(scope="session")
def program():
    """The program, built from this tree."""
    if shutil.which("cargo") is None:
        pytest.skip("no cargo")
    lines = run(["cargo", "build", "--quiet", "--locked", "-p", "clearshore-cli", "--message-format", "json"],
                cwd=ROOT).splitlines()
    return next(message["executable"] for message in map(json.loads, lines) if message.get("executable"))


def ask(command, dem, suns, places, folder):
    """What a program says of places under suns, (suns, places), and the seconds it took."""
    job = np.concatenate([[dem.west, dem.north, STEP, STEP, SIDE, SIDE, len(suns), len(places)],
                          dem.heights.ravel(), np.ravel(suns), places.ravel()])
    (folder / "job").write_bytes(job.astype("<f8").tobytes())
    report = json.loads(run([*command, folder / "job", folder / "answers"]))
    return np.fromfile(folder / "answers", np.uint8).reshape(len(suns), len(places)), report["seconds"]


def clearance(dem, longitude, latitude, azimuth, elevation):
    """Least height of a ray above the DEM beyond 2 m, by small steps around the lowest of larger ones."""
    to_space = pyproj.Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
    to_ground = pyproj.Transformer.from_crs("EPSG:4978", "EPSG:4979", always_xy=True)
    height = float(dem.at(np.array(longitude), np.array(latitude)))
    start = np.array(to_space.transform(longitude, latitude, height))
    east_of, north_of = np.radians([longitude, latitude])
    az, el = np.radians([azimuth, elevation])
    east = np.array([-np.sin(east_of), np.cos(east_of), 0.0])
    up = np.array([np.cos(north_of) * np.cos(east_of), np.cos(north_of) * np.sin(east_of), np.sin(north_of)])
    along = np.cos(el) * (np.sin(az) * east + np.cos(az) * np.cross(up, east)) + np.sin(el) * up

    def above(distances):
        lon, lat, alt = to_ground.transform(*(start[:, None] + distances * along[:, None]))
        return np.asarray(alt) - dem.at(np.asarray(lon), np.asarray(lat))

    end = (dem.heights.max() - height + 0.1) / np.sin(el)
    coarse = np.arange(LEAST_DISTANCE, max(end, LEAST_DISTANCE + 1), 0.25)
    lowest = coarse[np.argmin(above(coarse))]
    fine = np.arange(max(lowest - 0.25, LEAST_DISTANCE), lowest + 0.25, 0.001)
    return above(fine).min()


@pytest.mark.parametrize("latitude, longitude", [(43.6, 7.2), (-33.4, -70.6)])
def test_rays_agree_with_rugged(rugged, exact, tmp_path, latitude, longitude):
    random = np.random.default_rng(7)
    rays = errors = knives = 0
    seconds = {"Rugged": 0.0, "exact": 0.0}
    for name, heights in shapes().items():
        half = SIDE // 2
        dem = Dem(longitude - half * STEP, latitude + half * STEP, heights.astype(np.float32).astype(float))
        places = np.array([longitude, latitude]) + random.uniform(-INNER, INNER, (PLACES, 2)) * STEP
        answers = {}
        for program, command in (("Rugged", rugged), ("exact", exact)):
            answers[program], took = ask(command, dem, SUNS, places, tmp_path)
            seconds[program] += took
        ours, theirs = answers["exact"], answers["Rugged"]
        assert np.isin(ours, [LIT, SHADOW]).all(), name
        if name == "flat":
            assert (ours == LIT).all()
        else:
            assert 0.01 < (ours == SHADOW).mean() < 0.9, name
        differing = np.argwhere(ours != theirs)
        shape_errors = 0
        for sun, place in differing:
            lowest = clearance(dem, *places[place], *SUNS[sun])
            if abs(lowest) <= KNIFE_EDGE:
                knives += 1
                continue
            shape_errors += 1
            assert (lowest < 0) == (ours[sun, place] == SHADOW), (name, SUNS[sun], places[place], lowest)
        assert shape_errors <= (RUGGED_ERRORS * ours.size if name in ROUGH else 0), name
        rays += ours.size
        errors += shape_errors
        print(f"{name}: {len(differing)} of {ours.size} differ, {shape_errors} by Rugged's error; "
              f"{(theirs > 1).sum()} it can't say; shadow {(ours == SHADOW).mean():.3f}")
    print(f"{rays} rays: {knives} on the knife's edge, {errors} errors of Rugged; seconds on all rays: {seconds}")
    assert knives <= KNIVES * rays


def swept(program, cell, sun, corner, epsg, folder):
    """The program's cast shadow over a cell, (rows, columns)."""
    run([program, "relief", "--dem", cell, "--epsg", epsg, "--origin", f"{corner[0]},{corner[1]}", "--pixel", PIXEL,
         "--size", f"{PIXELS}x{PIXELS}", "--sun", f"{sun[0]},{sun[1]}", "-o", folder / "shadow.tif"])
    with rasterio.open(folder / "shadow.tif") as file:
        return file.read(1)


@pytest.mark.parametrize("latitude, longitude, epsg", [(43.5, 7.5, 32632), (-33.5, -70.5, 32719)])
def test_the_sweep_agrees_with_rugged(rugged, program, tmp_path, latitude, longitude, epsg):
    # A whole cell, of whole metres, with the shape in its middle: relief beyond it can't reach the pixels.
    south, west = int(np.floor(latitude)), int(np.floor(longitude))
    cell = tmp_path / f"{'NS'[south < 0]}{abs(south):02d}{'EW'[west < 0]}{abs(west):03d}.hgt"
    to_grid = pyproj.Transformer.from_crs("EPSG:4326", f"EPSG:{epsg}", always_xy=True)
    middle = np.round(to_grid.transform(longitude, latitude))
    corner = middle + [-PIXELS * PIXEL / 2, PIXELS * PIXEL / 2]
    row, column = np.mgrid[:PIXELS, :PIXELS] + 0.5
    places = np.column_stack(to_grid.transform((corner[0] + PIXEL * column).ravel(), (corner[1] - PIXEL * row).ravel(),
                                               direction="INVERSE"))
    for name, heights in shapes().items():
        half = SIDE // 2
        dem = Dem(longitude - half * STEP, latitude + half * STEP, np.rint(heights))
        cell.write_bytes(np.pad(dem.heights, (CELL - SIDE) // 2, mode="edge").astype(">i2").tobytes())
        theirs, _ = ask(rugged, dem, SUNS, places, tmp_path)
        values = np.array([swept(program, cell, sun, corner, epsg, tmp_path).ravel() for sun in SUNS])
        assert (values != 255).all(), name
        ours = values == CAST
        if name == "flat":
            assert not ours.any()
        else:
            assert 0.01 < ours.mean() < 0.9, name
        knives = sweep_errors = rugged_errors = 0
        for sun, place in np.argwhere(ours != (theirs == SHADOW)):
            lowest = clearance(dem, *places[place], *SUNS[sun])
            if abs(lowest) <= SWEEP_EDGE:
                knives += 1
            elif (lowest < 0) == ours[sun, place]:
                rugged_errors += 1
            else:
                sweep_errors += 1
        print(f"{name}: of {ours.size} pixels {knives} on the knife's edge, {sweep_errors} errors of the sweep, "
              f"{rugged_errors} of Rugged; shadow {ours.mean():.3f}")
        assert sweep_errors <= (SWEEP_ERRORS * ours.size if name in STEEP else 0), name
        assert rugged_errors <= (RUGGED_ERRORS if name in ROUGH else FEW_RUGGED_ERRORS) * ours.size, name
        assert knives <= SWEEP_KNIVES * ours.size, name
