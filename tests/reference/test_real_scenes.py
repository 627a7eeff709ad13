"""The converted real scenes are what the Rust tests take them for: co-registered, and with the known numbers."""

import json
import pathlib

import numpy as np
import pytest

import real_scenes

SHARED_DATA = pathlib.Path(__file__).parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not SHARED_DATA.is_dir(), reason=f"no real data: {SHARED_DATA} is absent")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("real-scenes")
    assert real_scenes.convert(SHARED_DATA, folder) == list(real_scenes.SOURCES)
    assert real_scenes.convert(SHARED_DATA, folder) == [], "what is up to date is not written again"
    return folder


def plane(folder: pathlib.Path, scene: str, band: str) -> np.ndarray:
    return np.load(folder / scene / f"{band}.npy").astype(float)


def block_mean(plane: np.ndarray, size: int) -> np.ndarray:
    rows, columns = plane.shape[0] // size, plane.shape[1] // size
    return plane.reshape(rows, size, columns, size).mean(axis=(1, 3))


def mndwi(folder: pathlib.Path, scene: str) -> np.ndarray:
    """Of B03 and B11 on the grid of B11."""
    swir = plane(folder, scene, "B11")
    green = plane(folder, scene, "B03")
    green = block_mean(green, green.shape[0] // swir.shape[0])
    return (green - swir) / (green + swir)


# Neighbours in the spectrum that were taken at different pixel sizes.
@pytest.mark.parametrize("scene", ["shark_bay", "australia", "usa"])
@pytest.mark.parametrize("fine, coarse", [("B08", "B8A"), ("B02", "B01"), ("B8A", "B09")])
def test_bands_of_different_pixel_size_are_co_registered(folder, scene, fine, coarse):
    """Moved by any whole fine pixel, a band fits its neighbour of another pixel size worse."""
    a, b = plane(folder, scene, fine), plane(folder, scene, coarse)
    size = a.shape[0] // b.shape[0]

    def likeness(down: int, right: int) -> float:
        moved = block_mean(np.roll(a, (down, right), axis=(0, 1)), size)
        inner = slice(2, -2)
        return np.corrcoef(moved[inner, inner].ravel(), b[inner, inner].ravel())[0, 1]

    shifts = [(down, right) for down in range(-size, size + 1) for right in range(-size, size + 1)]
    assert max(shifts, key=lambda shift: likeness(*shift)) == (0, 0)


def test_the_two_halves_of_reykjavik_are_co_registered(folder):
    """Half a pixel of misfit would fit as well when moved by one pixel: the fit must fall the same on all sides."""
    a, b = plane(folder, "reykjavik", "B08"), plane(folder, "reykjavik", "B8A")
    inner = slice(2, -2)

    def likeness(down: int, right: int) -> float:
        moved = np.roll(a, (down, right), axis=(0, 1))
        return np.corrcoef(moved[inner, inner].ravel(), b[inner, inner].ravel())[0, 1]

    centre = likeness(0, 0)
    sides = [likeness(*shift) for shift in ((1, 0), (-1, 0), (0, 1), (0, -1))]
    assert centre > 0.98
    assert max(sides) < centre - 0.05
    assert max(sides) - min(sides) < 0.03


def test_known_numbers(folder):
    water = mndwi(folder, "shark_bay") > 0
    assert 100 * water.mean() == pytest.approx(35.7, abs=0.05)  # the data's description
    labels = np.load(folder / "labelled_sentinel2" / "labels.npy")
    assert dict(zip(*np.unique(labels, return_counts=True), strict=True)) == {0: 12169, 1: 546, 3: 101293, 4: 17064}
    cloud, clear = (plane(folder, f"slovenia_{name}", "B02").mean() for name in ("cloudy", "clear_1"))
    assert cloud > 3 * clear


@pytest.mark.parametrize("name", real_scenes.SOURCES)
def test_every_plane_is_named_sized_and_valid(folder, name):
    scene = json.loads((folder / name / "scene.json").read_text())
    planes = {path.stem: np.load(path) for path in (folder / name).glob("B*.npy")}
    assert set(planes) == set(scene["pixel_sizes"])
    assert {"B02", "B03", "B04", "B11", "B12"} <= set(planes)
    extents = {(dn.shape[0] * size, dn.shape[1] * size)
               for band, dn in planes.items() for size in [scene["pixel_sizes"][band]]}
    assert len(extents) == 1, "all bands cover the same ground"
    for dn in planes.values():
        assert dn.dtype == np.uint16 and dn.flags.c_contiguous and dn.min() >= 1
    assert (folder / name / "labels.npy").exists() == bool(scene["labels"])
