"""Boosted trees of s2cloudless: ours beside LightGBM in Python, CPU-seconds of one core, in the same run.

Pixels are those of simulated or real products at 60 m, row by row as a scene is judged (argument --product, again and again), and
spectra at random, of which no two are alike.
"""

import argparse
import pathlib
import sys
import tempfile
import time

import lightgbm
import numpy as np
import rasterio

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "reference"))
from boosted_trees import FILE, MODELS, ours  # noqa: E402

BANDS = ["B01", "B02", "B04", "B05", "B08", "B8A", "B09", "B10", "B11", "B12"]
OFFSET, QUANTIFICATION = 1000, 10_000


def pixels_of(product):
    """(pixels, bands), reflectance: the means of the first eighth of the rows."""
    planes = []
    for band in BANDS:
        with rasterio.open(next(product.glob(f"GRANULE/*/IMG_DATA/*_{band}.jp2"))) as file:
            along = round(60 / file.res[0])
            rows, columns = file.height // 8 // along, file.width // along
            values = file.read(1, window=((0, rows * along), (0, columns * along))).astype(np.float32)
        planes.append(values.reshape(rows, along, columns, along).mean(axis=(1, 3)))
    rows = min(len(plane) for plane in planes)
    values = np.stack([plane[:rows] for plane in planes], axis=-1).reshape(-1, len(BANDS))
    return ((values - OFFSET) / QUANTIFICATION).astype(np.float32)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--product", type=pathlib.Path, action="append", default=[])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    booster = lightgbm.Booster(model_file=str(MODELS / FILE))
    sets = {product.name: pixels_of(product) for product in options.product}
    sets["at random"] = np.random.default_rng(1).uniform(0, 0.6, (50_000, len(BANDS))).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        for name, pixels in sets.items():
            of_us, of_them = [], []
            for _ in range(options.rounds):
                probabilities, seconds = ours("s2cloudless", pixels, folder, release=True)
                of_us.append(seconds)
                started = time.process_time()
                expected = booster.predict(pixels, num_threads=1)
                of_them.append(time.process_time() - started)
            apart = abs(probabilities - expected).max()
            mine, theirs = min(of_us), min(of_them)
            print(f"{name}: {len(pixels)} pixels, {1e6 * mine / len(pixels):.2f} us each, LightGBM {1e6 * theirs / len(pixels):.2f}, "
                  f"{theirs / mine:.1f} times ours; largest difference {apart}")


if __name__ == "__main__":
    main()
