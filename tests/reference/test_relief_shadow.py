"""Relief shadow of the program beside the Python package insolation (Corripio 2003), on analytic relief over a plane grid.

Insolation's rays look at the nearest node of whole pixels and know no curvature of the Earth, so that its shadows end up
to a pixel or two off. Everywhere else, EDGE pixels and more from the end of a shadow in either mask, both must agree. The
grid lies on the central meridian of its UTM zone, where grid north is true north.
"""

import json
import pathlib
import shutil
import subprocess

import numpy as np
import pytest
import rasterio
from insolation import insolf
from scipy import ndimage

ROOT = pathlib.Path(__file__).parents[2]
EPSG, STEP = 32632, 20.0
# Upper-left corner of the grid, metres; pixels a side.
EASTING, NORTHING, SIDE = 498_000.0, 4_902_000.0, 200
# Pixels around it that insolation sees, and that the DEM has: where 8849 m of ground could stand, nothing must be unknown.
AROUND, BEYOND = 100, 1250
SUNS = [(135.0, 20.0), (250.0, 35.0), (80.0, 25.0), (10.0, 30.0)]
# A pixel's diagonal, twice.
EDGE = 2
LIT = 0


def shapes():
    side = SIDE + 2 * AROUND
    row, column = STEP * (np.mgrid[:side, :side] - side / 2)
    return {
        "cone": np.maximum(0.0, 500.0 - 0.9 * np.hypot(row, column)),
        "hills": sum(height * np.exp(-((row - y) ** 2 + (column - x) ** 2) / (2 * width**2))
                     for height, y, x, width in [(600, 300, -200, 300), (450, -700, 600, 200), (350, 500, 900, 150)]),
        "table": np.where((abs(row) < 400) & (abs(column + 0.5 * row) < 600), 300.0, 0.0),
        "wall": np.where((abs(column - 0.3 * row) < 50) & (abs(row) < 1200), 250.0, 0.0),
    }


@pytest.fixture(scope="session")
def program():
    """The program, built from this tree."""
    if shutil.which("cargo") is None:
        pytest.skip("no cargo")
    built = subprocess.run(["cargo", "build", "--quiet", "--locked", "-p", "clearshore-cli", "--message-format", "json"],
                           cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    return next(message["executable"] for message in map(json.loads, built) if message.get("executable"))


def ours(program, heights, sun, folder):
    """What the program says: 0 lit, 1 cast shadow, 2 the slope faces away, (rows, columns)."""
    beyond = BEYOND - AROUND
    profile = {"driver": "GTiff", "dtype": "float32", "count": 1, "height": SIDE + 2 * BEYOND,
               "width": SIDE + 2 * BEYOND, "crs": f"EPSG:{EPSG}",
               "transform": rasterio.Affine(STEP, 0, EASTING - BEYOND * STEP, 0, -STEP, NORTHING + BEYOND * STEP)}
    with rasterio.open(folder / "dem.tif", "w", **profile) as file:
        file.write(np.pad(heights, beyond).astype(np.float32), 1)
    command = [program, "relief", "--dem", folder / "dem.tif", "--epsg", EPSG, "--origin", f"{EASTING},{NORTHING}",
               "--pixel", STEP, "--size", f"{SIDE}x{SIDE}", "--sun", f"{sun[0]},{sun[1]}", "-o", folder / "shadow.tif"]
    subprocess.run(list(map(str, command)), check=True, capture_output=True)
    with rasterio.open(folder / "shadow.tif") as file:
        return file.read(1)


def near_edge(mask):
    square = np.ones((2 * EDGE + 1, 2 * EDGE + 1))
    return ndimage.binary_dilation(mask, square) & ndimage.binary_dilation(~mask, square)


@pytest.mark.parametrize("name", shapes())
def test_shadows_agree_with_insolation_but_for_their_edges(program, tmp_path, name):
    heights = shapes()[name]
    for sun in SUNS:
        values = ours(program, heights, sun, tmp_path)
        assert (values != 255).all(), sun
        dark = values != LIT
        lit = insolf.doshade(heights, STEP, insolf.normalvector(90 - sun[1], sun[0]))
        theirs = (lit == 0)[AROUND:-AROUND, AROUND:-AROUND]
        clear = ~near_edge(dark) & ~near_edge(theirs)
        shadow = dark & clear
        print(f"{name}, sun {sun}: shadow {dark.mean():.3f}, {(dark != theirs).sum()} differ, of them "
              f"{((dark != theirs) & clear).sum()} beyond the edges; {shadow.sum()} dark pixels there")
        assert shadow.sum() > 100, sun
        assert not ((dark != theirs) & clear).any(), sun
