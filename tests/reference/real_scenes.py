#!/usr/bin/env python3
"""Real Sentinel-2 L1C pixels as plain .npy planes, for the Rust tests.

    real_scenes.py SHARED_DATA OUTPUT_FOLDER

SHARED_DATA holds l1c_pixels/. Each scene becomes a folder OUTPUT_FOLDER/NAME with one DN plane per band at its
own pixel size (B02.npy, ... uint16, C order, rows from north to south), labels.npy where there are labels, and
scene.json (written last: a folder with it is complete). A scene that is newer than its source and this script
is left alone.

The sources give no map position: zone and corner are plausible, not true, but for T49JGM's zone.
"""

import json
import pathlib
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

import h5py
import numpy as np
from scipy.io import loadmat

QUANTIFICATION = 10_000
ALL_BANDS = [f"B{n:02}" for n in range(1, 9)] + ["B8A"] + [f"B{n:02}" for n in range(9, 13)]
BANDS_20_M = ["B05", "B06", "B07", "B8A", "B11", "B12"]
BANDS_60_M = ["B01", "B09"]
UKIS_BANDS = ["B02", "B03", "B04", "B08", "B11", "B12"]
UKIS_LABELS = {0: "shadow", 1: "water", 3: "land", 4: "cloud"}


@dataclass
class Scene:
    """Planes are (rows, columns) of DN; pixel sizes in metres; EPSG of a UTM zone; outer upper-left corner."""

    epsg: int
    corner: tuple[float, float]
    working_pixel_size: int
    planes: dict[str, np.ndarray]
    pixel_sizes: dict[str, int]
    labels: np.ndarray | None = None
    label_names: dict[int, str] = field(default_factory=dict)


def digital_numbers(values: np.ndarray) -> np.ndarray:
    """DN as uint16; 0 means no data in a product, so that real pixels start at 1."""
    return np.ascontiguousarray(np.clip(np.round(values), 1, 65535).astype(np.uint16))


def scene(epsg, corner, working_pixel_size, stacks, labels=None, label_names=None) -> Scene:
    """A scene of stacks (bands' names, pixel size in metres, (rows, columns, bands) of DN)."""
    planes, sizes = {}, {}
    for names, size, stack in stacks:
        assert stack.shape[2] == len(names), (stack.shape, names)
        for i, name in enumerate(names):
            planes[name] = digital_numbers(stack[:, :, i])
            sizes[name] = size
    if labels is not None:
        labels = np.ascontiguousarray(labels, dtype=np.uint8)
    return Scene(epsg, corner, working_pixel_size, planes, sizes, labels, label_names or {})


def shark_bay(path: pathlib.Path) -> Scene:
    """DSen2's file: MATLAB's (rows, columns, bands) is (bands, columns, rows) in HDF5, and its 10 m bands are
    in DSen2's order B04, B03, B02, B08."""
    with h5py.File(path) as file:
        at = {size: np.transpose(file[f"im{size}"][()]) for size in (10, 20, 60)}
    return scene(32749, (739_980.0, 7_160_040.0), 20, [
        (["B04", "B03", "B02", "B08"], 10, at[10]),
        (BANDS_20_M, 20, at[20]),
        (BANDS_60_M, 60, at[60]),
    ])


def native_resolutions(epsg: int, corner: tuple[float, float]) -> Callable[[pathlib.Path], Scene]:
    """S2_SSC_CNN's full-resolution files. Their three arrays don't begin at one point: the 20 m array begins one
    10 m pixel above and left of the 10 m array, the 60 m array five (tests/reference/test_real_scenes.py finds
    it by correlation). What all three cover, in whole 60 m pixels, begins one pixel in, in each."""
    def read(path: pathlib.Path) -> Scene:
        file = loadmat(path)
        pixels_60_m = file["y60"].shape[0] - 1
        stack = {size: file[f"y{size}"][1:1 + pixels_60_m * 60 // size, 1:1 + pixels_60_m * 60 // size]
                 for size in (10, 20, 60)}
        return scene(epsg, corner, 20, [
            (["B02", "B03", "B04", "B08"], 10, stack[10]),
            (BANDS_20_M, 20, stack[20]),
            (BANDS_60_M, 60, stack[60]),
        ])
    return read


def reykjavik(path: pathlib.Path) -> Scene:
    """S2S_UCNN's reduced-resolution file: `Yim` holds the bands at twice their pixel size, `Xm_im` the original
    20 m bands. So the 10 m bands of `Yim` and `Xm_im` have one pixel size, 20 m; the former begin half a pixel
    below and right of the latter: the means of four neighbours lie on its pixels. B01 and B09 are empty."""
    file = loadmat(path)
    reduced = dict(zip((band for band in ALL_BANDS if band != "B10"), file["Yim"][:, 0], strict=True))
    ten_metres = ["B02", "B03", "B04", "B08"]
    stack = np.dstack([reduced[band] for band in ten_metres])
    between = (stack[:-1, :-1] + stack[1:, :-1] + stack[:-1, 1:] + stack[1:, 1:]) / 4
    return scene(32627, (450_000.0, 7_120_020.0), 20, [
        (ten_metres, 20, between),
        (BANDS_20_M, 20, file["Xm_im"][1:, 1:]),
    ])


def slovenia(index: int) -> Callable[[pathlib.Path], Scene]:
    """eo-learn's test patch, resampled by its makers to one 10 m grid; position from its bounding box."""
    def read(path: pathlib.Path) -> Scene:
        bands = np.load(path)["bands"][index] * QUANTIFICATION
        return scene(32633, (465_180.0, 5_080_260.0), 10, [(ALL_BANDS, 10, bands)])
    return read


def ukis(epsg: int, pixel_size: int) -> Callable[[pathlib.Path], Scene]:
    """ukis-csmask's labelled scenes: six bands of TOA reflectance on one grid."""
    def read(path: pathlib.Path) -> Scene:
        file = np.load(path)
        stacks = [(UKIS_BANDS, pixel_size, file["img"] * QUANTIFICATION)]
        return scene(epsg, (600_000.0, 5_000_040.0), pixel_size, stacks, file["msk"][:, :, 0], UKIS_LABELS)
    return read


# Slovenia's file holds frames 2, 4 and 0 of the patch, in this order; frame 2 is all cloud, the others are clear.
SOURCES: dict[str, tuple[str, Callable[[pathlib.Path], Scene]]] = {
    "shark_bay": ("dsen2/S2B_MSIL1C_20171022_T49JGM.mat", shark_bay),
    "australia": ("hvn2/australia.mat", native_resolutions(32752, (500_040.0, 8_300_040.0))),
    "usa": ("hvn2/usa.mat", native_resolutions(32615, (500_040.0, 4_500_000.0))),
    "reykjavik": ("hvn2/reykjavik_cell_RR.mat", reykjavik),
    "slovenia_cloudy": ("eolearn_slovenia/scenes.npz", slovenia(0)),
    "slovenia_clear_1": ("eolearn_slovenia/scenes.npz", slovenia(1)),
    "slovenia_clear_2": ("eolearn_slovenia/scenes.npz", slovenia(2)),
    "labelled_sentinel2": ("ukis_csmask/sentinel2_cols0-255.npz", ukis(32632, 20)),
    "labelled_landsat7": ("ukis_csmask/landsat7.npz", ukis(32632, 30)),
}


def write(scene: Scene, source: str, folder: pathlib.Path) -> None:
    """Writes a scene's folder; scene.json comes last."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for band, plane in scene.planes.items():
        np.save(folder / f"{band}.npy", plane)
    if scene.labels is not None:
        np.save(folder / "labels.npy", scene.labels)
    (folder / "scene.json").write_text(json.dumps({
        "source": source,
        "epsg": scene.epsg,
        "easting": scene.corner[0],
        "northing": scene.corner[1],
        "working_pixel_size": scene.working_pixel_size,
        "quantification": QUANTIFICATION,
        "pixel_sizes": {band: scene.pixel_sizes[band] for band in ALL_BANDS if band in scene.planes},
        "labels": {name: value for value, name in scene.label_names.items()},
    }, indent=1) + "\n")


def convert(data: pathlib.Path, output: pathlib.Path) -> list[str]:
    """Converts what is not yet up to date; gives the names of the scenes that were written."""
    written = []
    script = pathlib.Path(__file__)
    for name, (source, read) in SOURCES.items():
        path = data / "l1c_pixels" / source
        done = output / name / "scene.json"
        newest = max(path.stat().st_mtime, script.stat().st_mtime)
        if not done.exists() or done.stat().st_mtime < newest:
            write(read(path), source, output / name)
            written.append(name)
    return written


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    names = convert(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
    print("written:", ", ".join(names) or "nothing, all is up to date")
