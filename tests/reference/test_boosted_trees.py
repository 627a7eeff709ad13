"""Boosted trees of the library beside LightGBM: the same probabilities to the last bit."""

import shutil
import subprocess
import sys

import lightgbm
import numpy as np
import pytest

from boosted_trees import FILE, MODELS, ROOT, ours

SCENES = ROOT.parent / "shared" / "data" / "l1c_pixels" / "eolearn_slovenia" / "scenes.npz"
# B01 B02 B04 B05 B08 B8A B09 B10 B11 B12 of the thirteen bands.
BANDS = [0, 1, 3, 4, 7, 8, 9, 10, 11, 12]


def probabilities(model, pixels, folder):
    """What the library says of (pixels, bands)."""
    if shutil.which("cargo") is None:
        pytest.skip("no cargo")
    return ours(model, pixels, folder)[0]


def thresholds(booster):
    lines = booster.model_to_string().splitlines()
    return np.array([float(word) for line in lines if line.startswith("threshold=") for word in line[len("threshold="):].split()])


def around(thresholds, random, shape):
    """Numbers of which half are thresholds, or the next ones beside them."""
    anywhere = random.uniform(-0.1, 1.2, shape)
    near = random.choice(thresholds, shape).astype(np.float32)
    beside = np.nextafter(near, random.choice([-1, 1], shape).astype(np.float32))
    return np.choose(random.integers(0, 4, shape), [anywhere, anywhere, near, beside]).astype(np.float32)


def test_trees_of_our_own_are_evaluated_as_lightgbm_does(tmp_path):
    random = np.random.default_rng(7)
    spectra = random.uniform(0, 1, (3000, 3)).astype(np.float32)
    is_cloud = spectra[:, 0] + 0.3 * random.standard_normal(3000) > 0.6
    parameters = {"objective": "binary", "num_leaves": 31, "verbose": -1, "seed": 1, "num_threads": 1}
    booster = lightgbm.train(parameters, lightgbm.Dataset(spectra, is_cloud), num_boost_round=40)
    booster.save_model(str(tmp_path / "own.txt"))
    manifest = tmp_path / "own.toml"
    manifest.write_text("""id = "own"
title = "Own"
version = "1"
kind = "boosted-trees"
file = "own.txt"
licence = "CC0-1.0"
source = "this test"
citation = "none"
bands = ["B02", "B03", "B11"]
resolution = 60
classes = ["clear", "cloud"]
""")
    pixels = around(thresholds(booster), random, (20_000, 3))
    assert np.array_equal(probabilities(manifest, pixels, tmp_path), booster.predict(pixels, num_threads=1))


def test_s2cloudless_is_evaluated_as_lightgbm_does(tmp_path):
    fetched = subprocess.run([sys.executable, ROOT / "models" / "fetch", "s2cloudless", "-o", MODELS], capture_output=True, text=True)
    if fetched.returncode != 0:
        pytest.skip(f"the model can't be had: {fetched.stderr[-200:]}")
    booster = lightgbm.Booster(model_file=str(MODELS / FILE))
    random = np.random.default_rng(8)
    pixels = around(thresholds(booster), random, (10_000, len(BANDS)))
    if SCENES.exists():
        real = np.load(SCENES)["bands"].reshape(-1, 13)[:, BANDS]
        pixels = np.concatenate([pixels, real.astype(np.float32)])
    assert np.array_equal(probabilities("s2cloudless", pixels, tmp_path), booster.predict(pixels, num_threads=1))
