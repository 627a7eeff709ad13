#!/usr/bin/env python3
"""What numpy and scipy make of the contracts of the learned networks, for the Rust tests.

    network_references.py OUTPUT.json

Written from the descriptions of the networks, with the formulas of their own programs (ukis-csmask 1.0.0, km_predict,
CloudS2Mask, OmniCloudMask, CloudSEN12), in numpy: what a patch of reflectance becomes (`transforms`), the weights of a
patch (`profiles`), and whole small rasters cut, put through a stand-in for the network, and joined (`mosaics`).
tests/reference/test_networks.py checks that the committed file is what this script writes.
"""

import json
import pathlib
import sys

import numpy as np
from scipy.signal.windows import tukey
from scipy.special import softmax

ROOT = pathlib.Path(__file__).parents[2]
OUTPUT = ROOT / "rust/clearshore/src/learned/network/references.json"
DIGITS = 7  # significant digits that are written


# What each network's own program does to the digital numbers without offset (bands, rows, columns); 0 is no data.

def mean_deviation(dn: np.ndarray, mean: list[float], deviation: list[float]) -> np.ndarray:
    """ukis-csmask: reflectance, float32."""
    image = (dn / 10_000).astype(np.float32)
    image -= np.reshape(mean, (-1, 1, 1))
    image /= np.reshape(deviation, (-1, 1, 1))
    return image


def clouds2mask(dn: np.ndarray) -> np.ndarray:
    """CloudS2Mask up to the statistics, which its file applies; negative numbers, which its products never had, are 0."""
    return np.maximum(dn, 0).astype(np.float32) / 32767


def kappamask(dn: np.ndarray, maximum: list[float], shrunk: int) -> np.ndarray:
    """km_predict: its maxima lose the offset each time that a batch is built (`shrunk` times), negative results are 0."""
    maximum = np.reshape(maximum, (-1, 1, 1))
    for _ in range(shrunk):
        maximum = maximum + -1000 / 65535
    scaled = dn / 65535 / maximum
    scaled[scaled < 0] = 0
    return scaled


def omnicloudmask(dn: np.ndarray) -> np.ndarray:
    """OmniCloudMask: every band of the patch to mean 0 and deviation 1 where it is not 0."""
    out = np.zeros(dn.shape, np.float32)
    for band, scaled in zip(dn.astype(np.float64), out, strict=True):
        known = band != 0
        if known.any():
            scaled[known] = (band[known] - band[known].mean()) / (band[known].std() or 1)
    return out


UKIS_MEAN = [0.27552253007888794, 0.2556644380092621, 0.269801527261734, 0.33431220054626465, 0.20851291716098785,
             0.15826508402824402]
UKIS_DEVIATION = [0.24488002061843872, 0.22757470607757568, 0.2537152171134949, 0.23213787376880646,
                  0.148738831281662, 0.12604215741157532]
KAPPAMASK_UNET = [.21, .326, .264, .298, .245, .258, .266, .364, .259, .165, .055, .203, .208]
KAPPAMASK_DEEPLAB = [
    0.2065003365278244, 0.3510643243789673, 0.3327534794807434, 0.3624475598335266, 0.29547569155693054,
    0.29562827944755554, 0.29103532433509827, 0.3791866898536682, 0.2850232720375061, 0.18451209366321564,
    0.0799115002155304, 0.24786755442619324, 0.24827954173088074]

TRANSFORMS = {
    "ukis-csmask-4b": (4, lambda dn: mean_deviation(dn, UKIS_MEAN[:4], UKIS_DEVIATION[:4])),
    "ukis-csmask-6b": (6, lambda dn: mean_deviation(dn, UKIS_MEAN, UKIS_DEVIATION)),
    "cloudsen12-unetmobv2": (13, lambda dn: dn / 10_000),
    "clouds2mask": (13, clouds2mask),
    "kappamask-unet": (13, lambda dn: kappamask(dn, KAPPAMASK_UNET, 0)),
    "kappamask-unet, maxima shrunk once": (13, lambda dn: kappamask(dn, KAPPAMASK_UNET, 1)),
    "kappamask-unet, maxima shrunk twice": (13, lambda dn: kappamask(dn, KAPPAMASK_UNET, 2)),
    "kappamask-deeplabv3plus": (13, lambda dn: kappamask(dn, KAPPAMASK_DEEPLAB, 0)),
    "omnicloudmask": (3, omnicloudmask),
}


def transforms() -> dict:
    """Small patches with dark, negative and very bright pixels, and one without data."""
    cases = {}
    for seed, (name, (bands, transform)) in enumerate(TRANSFORMS.items()):
        random = np.random.default_rng(seed)
        dn = random.integers(-150, 18_000, (bands, 3, 4)).astype(float)
        dn[dn == 0] = 1
        dn[:, 1, 2] = 0
        cases[name] = {"digital_numbers": dn.astype(int).ravel().tolist(), "input": rounded(transform(dn))}
    return cases


# Stand-ins for a network, which answer differently at every place of a patch, so that it shows who answered.

def stand_in(patch: np.ndarray) -> np.ndarray:
    """Three logits from two bands: (bands, rows, columns) to (classes, rows, columns)."""
    rows, columns = np.indices(patch.shape[1:])
    first, second = patch
    return np.stack([first + 0.1 * rows, second - 0.05 * columns, first - second + 0.02 * rows * columns])


def raster(height: int, width: int, no_data: bool) -> np.ndarray:
    """Digital numbers (bands, rows, columns); with a swath's edge where wanted."""
    dn = np.random.default_rng(height).integers(100, 9000, (2, height, width)).astype(float)
    if no_data:
        rows, columns = np.indices(dn.shape[1:])
        dn[:, columns + rows // 3 < 7] = 0
        dn[:, -2:] = 0
    return dn


def of_ukis(dn: np.ndarray, patch: int, overlap: float) -> np.ndarray:
    """Padded by its mirror image, probabilities blended by Tukey's window."""
    bands, height, width = dn.shape
    lead, step = int(patch * overlap), int(patch - patch * overlap)
    image = np.pad(dn / 10_000, ((0, 0), *[(lead, patch + 1 + lead)] * 2), mode="symmetric")
    window = tukey(patch, alpha=overlap * 2)
    window = np.outer(window, window)
    sums = np.zeros((3, *image.shape[1:]))
    for row in range(0, image.shape[1] - patch + 1, step):
        for column in range(0, image.shape[2] - patch + 1, step):
            part = np.s_[:, row:row + patch, column:column + patch]
            sums[part] += softmax(stand_in(image[part]), axis=0) * window
    sums = sums[:, lead:lead + height, lead:lead + width]
    return sums / sums.sum(axis=0)  # the program itself takes the largest and never divides


def of_cropped(dn: np.ndarray, patch: int, overlap: int) -> np.ndarray:
    """Half the overlap is cut off each patch, but not at the edge of the raster; the last patches end with the raster."""
    _, height, width = dn.shape
    out = np.full((3, height, width), np.nan)

    def places(count: int) -> list[tuple[int, int, int]]:
        starts = sorted({min(start, count - patch) for start in range(0, count, patch - overlap)})
        ends = [0] + [(later + start + patch) // 2 for start, later in zip(starts, starts[1:])] + [count]
        return list(zip(starts, ends, ends[1:]))

    for row, top, bottom in places(height):
        for column, left, right in places(width):
            answer = softmax(stand_in(dn[:, row:row + patch, column:column + patch] / 10_000), axis=0)
            out[:, top:bottom, left:right] = answer[:, top - row:bottom - row, left - column:right - column]
    return out


def ramp(patch: int, overlap: int) -> np.ndarray:
    """OmniCloudMask's and CloudS2Mask's gradient along one axis."""
    gradient = np.full(patch, float(overlap))
    gradient[:overlap] = np.arange(1, overlap + 1)
    gradient[-overlap:] = np.arange(overlap, 0, -1)
    return gradient / overlap


def off_no_data(dn: np.ndarray, row: int, column: int, patch: int) -> tuple[int, int]:
    """A patch moves down while its first row is empty, or else up while its last is; then right, or left."""
    _, height, width = dn.shape

    def has(rows: slice, columns: slice) -> bool:
        return bool(dn[:, rows, columns].any())

    for axis in (0, 1):
        count = (height, width)[axis]

        def outer(at: int) -> bool:
            place = [slice(row, row + patch), slice(column, column + patch)]
            place[axis] = slice(at, at + 1)
            return has(*place)

        start = (row, column)[axis]
        moved = False
        while start + patch < count and not outer(start):
            start, moved = start + 1, True
        while not moved and start > 0 and not outer(start + patch - 1):
            start -= 1
        row, column = (start, column) if axis == 0 else (row, start)
    return row, column


def of_ramp(dn: np.ndarray, patch: int, overlap: int, staggered: bool, logits: bool) -> np.ndarray:
    """Patches move off no data, weights are ramps; OmniCloudMask blends logits, CloudS2Mask probabilities."""
    _, height, width = dn.shape
    step = patch - overlap
    weight = np.outer(ramp(patch, overlap), ramp(patch, overlap))
    sums, weights, done = np.zeros((3, height, width)), np.zeros((height, width)), set()
    for index, row in enumerate(range(0, height, step)):
        columns = list(range(0, width, step))
        if staggered and index % 2:
            columns = [max(0, column - step // 2) for column in columns] + [width - patch]
        for column in columns:
            place = min(row, height - patch), min(column, width - patch)
            if not dn[:, place[0]:place[0] + patch, place[1]:place[1] + patch].any():
                continue
            place = off_no_data(dn, *place, patch)
            if place in done:
                continue
            done.add(place)
            part = np.s_[:, place[0]:place[0] + patch, place[1]:place[1] + patch]
            answer = stand_in(dn[part] / 10_000)
            sums[part] += (answer if logits else softmax(answer, axis=0)) * weight
            weights[part[1:]] += weight
    with np.errstate(invalid="ignore"):
        blended = sums / weights
    blended = softmax(blended, axis=0) if logits else blended
    blended[:, (dn == 0).all(axis=0)] = np.nan
    return blended


def mosaics() -> dict:
    cases = {}
    for name, shape, no_data, join in [
        ("ukis", (23, 30), False, lambda dn: of_ukis(dn, 10, 0.2)),
        ("ukis, smaller than a patch", (6, 7), False, lambda dn: of_ukis(dn, 10, 0.2)),
        ("crop", (21, 26), False, lambda dn: of_cropped(dn, 10, 4)),
        ("ramp of logits", (25, 31), True, lambda dn: of_ramp(dn, 10, 3, staggered=False, logits=True)),
        ("staggered ramp of probabilities", (26, 32), True, lambda dn: of_ramp(dn, 10, 3, staggered=True, logits=False)),
    ]:
        dn = raster(*shape, no_data)
        cases[name] = {"shape": shape, "digital_numbers": dn.astype(int).ravel().tolist(), "probabilities": rounded(join(dn))}
    return cases


def rounded(values: np.ndarray) -> list[float | None]:
    flat = np.asarray(values, float).ravel()
    return [None if np.isnan(value) else float(f"{value:.{DIGITS}g}") for value in flat]


def references() -> str:
    tables = {
        "transforms": transforms(),
        "profiles": {
            "ukis-csmask-6b": rounded(tukey(256, alpha=0.4)),
            "clouds2mask": rounded(ramp(500, 128)),
            "omnicloudmask": rounded(ramp(1000, 300)),
        },
        "mosaics": mosaics(),
    }
    return json.dumps(tables, separators=(",", ":")).replace('"transforms"', '\n"transforms"').replace(
        ',"profiles"', ',\n"profiles"').replace(',"mosaics"', ',\n"mosaics"').replace(',"', ',\n"') + "\n"


if __name__ == "__main__":
    pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else OUTPUT).write_text(references())
