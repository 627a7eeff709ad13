"""Writes rust/clearshore/tests/data/utm_positions.csv: UTM points with longitude, latitude and meridian
convergence by PROJ (pyproj), in degrees. Run with the project's Python environment."""

import csv
import math
import pathlib

import pyproj

ROOT = pathlib.Path(__file__).resolve().parents[2]
POINTS = [
    (epsg, easting, northing)
    for epsg in (32601, 32618, 32631, 32660, 32701, 32718, 32749, 32760)
    for easting in (199_980.0, 500_000.0, 609_780.0, 809_760.0)
    for northing in (0.0, 1_100_040.0, 4_900_020.0, 7_800_000.0, 9_000_000.0)
    if epsg < 32700 or northing > 0  # northing 0 in the south is the pole
]

with open(ROOT / "rust/clearshore/tests/data/utm_positions.csv", "w", newline="") as file:
    table = csv.writer(file, lineterminator="\n")
    table.writerow(["epsg", "easting", "northing", "longitude", "latitude", "convergence"])
    for epsg, easting, northing in POINTS:
        crs = pyproj.CRS.from_epsg(epsg)
        longitude, latitude = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True).transform(
            easting, northing
        )
        convergence = pyproj.Proj(crs).get_factors(longitude, latitude).meridian_convergence
        if math.isfinite(longitude) and math.isfinite(convergence):
            table.writerow([epsg, easting, northing, f"{longitude:.10f}", f"{latitude:.10f}", f"{convergence:.8f}"])
