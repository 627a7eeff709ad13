"""The library's boosted trees, for a test and a benchmark beside LightGBM."""

import os
import pathlib
import subprocess

import numpy as np

ROOT = pathlib.Path(__file__).parents[2]
MODELS = ROOT / "target" / "models"
FILE = "pixel_s2_cloud_detector_lightGBM_v0.2.txt"


def ours(model, pixels, folder, release=False):
    """What the library says of (pixels, bands), and the seconds that it took."""
    given, got = pathlib.Path(folder) / "pixels.npy", pathlib.Path(folder) / "probabilities.npy"
    np.save(given, pixels)
    profile = ["--release"] if release else []
    printed = subprocess.run(["cargo", "run", *profile, "--quiet", "--locked", "-p", "clearshore-io", "--example", "probabilities",
                              "--", str(model), str(given), str(got)],
                             cwd=ROOT, check=True, env=os.environ | {"CLEARSHORE_MODELS": str(MODELS)}, stdout=subprocess.PIPE, text=True)
    return np.load(got), float(printed.stdout)
