#!/usr/bin/env python3
"""Other programs' cast shadow over a DEM on a plane grid, as they need it.

    relief_peers.py saga DEM.tif AZIMUTH ELEVATION CONVERGENCE SHADOW.tif
    relief_peers.py grass | insolation | topocalc ...

Azimuth from true north and elevation of the sun and the grid's convergence, degrees. SHADOW.tif is 1 where the sun is
hidden, 0 elsewhere. Prints one line of JSON with the CPU-seconds of the work alone, without Python's or GRASS's start. Exit
code 3: the peer is not on this machine. SAGA and GRASS are packages of Debian (saga, grass-core), the others of PyPI
(`insolation` needs `numba`; `topocalc` needs numpy and Cython to be there first, then `pip install --no-build-isolation`).
"""

import json
import math
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile

import numpy as np
import rasterio

ABSENT = 3
GRASS_JOB = """
set -e
r.in.gdal -o --quiet input="$1" output=dem
g.region raster=dem
TIMEFORMAT='cpu %U %S'
time r.horizon --quiet elevation=dem direction="$2" output=horizon
r.out.gdal --quiet -c -f input="$(g.list type=raster pattern='horizon_*')" output="$3" type=Float32
"""


def cpu_seconds(whose: int) -> float:
    usage = resource.getrusage(whose)
    return usage.ru_utime + usage.ru_stime


def run(command: list) -> subprocess.CompletedProcess:
    if shutil.which(command[0]) is None:
        print(f"{command[0]} is not installed", file=sys.stderr)
        sys.exit(ABSENT)
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed: {done.stdout[-1000:]} {done.stderr[-1000:]}")
    return done


def saga(dem: pathlib.Path, azimuth: float, elevation: float, convergence: float) -> tuple[np.ndarray, float]:
    """Analytical Hillshading, "shadows only", the slim kind."""
    with tempfile.TemporaryDirectory() as folder:
        shade = pathlib.Path(folder) / "shade.sdat"
        before = cpu_seconds(resource.RUSAGE_CHILDREN)
        run(["saga_cmd", "ta_lighting", 0, "-ELEVATION", dem, "-SHADE", shade, "-METHOD", 3, "-SHADOW", 0,
             "-AZIMUTH", (azimuth - convergence) % 360, "-DECLINATION", elevation])
        cpu = cpu_seconds(resource.RUSAGE_CHILDREN) - before
        with rasterio.open(shade) as file:
            return file.read(1) != file.nodata, cpu


def grass(dem: pathlib.Path, azimuth: float, elevation: float, _convergence: float) -> tuple[np.ndarray, float]:
    """r.horizon: it takes directions from true east, counterclockwise, and turns them to the grid itself."""
    with tempfile.TemporaryDirectory() as folder:
        job, horizon = pathlib.Path(folder) / "job", pathlib.Path(folder) / "horizon.tif"
        job.write_text(GRASS_JOB)
        done = run(["grass", "--tmp-location", dem, "--exec", "bash", job, dem, (90 - azimuth) % 360, horizon])
        user, system = re.search(r"^cpu ([\d.]+) ([\d.]+)$", done.stdout + done.stderr, re.MULTILINE).groups()
        with rasterio.open(horizon) as file:
            return file.read(1) > math.radians(elevation), float(user) + float(system)


def insolation(dem: pathlib.Path, azimuth: float, elevation: float, convergence: float) -> tuple[np.ndarray, float]:
    """`doshade` (Corripio 2003), compiled by numba before the clock starts."""
    from insolation import insolf

    import numba  # noqa: F401 (insolation asks for it only when it is used)

    sun = insolf.normalvector(90 - elevation, (azimuth - convergence) % 360)
    with rasterio.open(dem) as file:
        heights, step = file.read(1), file.res[0]
    insolf.doshade(heights[:9, :9].copy(), step, sun)
    before = cpu_seconds(resource.RUSAGE_SELF)
    lit = insolf.doshade(heights, step, sun)
    return lit == 0, cpu_seconds(resource.RUSAGE_SELF) - before


def topocalc(dem: pathlib.Path, azimuth: float, elevation: float, convergence: float) -> tuple[np.ndarray, float]:
    """`horizon` (Dozier and Frew 1990): azimuths from the south, positive in the east; cosines of zenith distances."""
    from topocalc.horizon import horizon

    with rasterio.open(dem) as file:
        heights, step = file.read(1).astype(float), file.res[0]
    direction = (180 - (azimuth - convergence) + 180) % 360 - 180
    before = cpu_seconds(resource.RUSAGE_SELF)
    cosines = horizon(direction, heights, step)
    return cosines > math.sin(math.radians(elevation)), cpu_seconds(resource.RUSAGE_SELF) - before


TOOLS = {"saga": saga, "grass": grass, "insolation": insolation, "topocalc": topocalc}


def main() -> None:
    tool, dem, azimuth, elevation, convergence, path = sys.argv[1:]
    try:
        shadow, cpu = TOOLS[tool](pathlib.Path(dem).resolve(), float(azimuth), float(elevation), float(convergence))
    except ModuleNotFoundError as error:
        print(f"{tool}: {error}", file=sys.stderr)
        sys.exit(ABSENT)
    with rasterio.open(dem) as file:
        profile = {"driver": "GTiff", "dtype": "uint8", "count": 1, "height": file.height, "width": file.width,
                   "crs": file.crs, "transform": file.transform}
    with rasterio.open(path, "w", **profile) as file:
        file.write(shadow.astype(np.uint8), 1)
    print(json.dumps({"cpu": cpu}))


if __name__ == "__main__":
    main()
