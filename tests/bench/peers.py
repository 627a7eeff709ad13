#!/usr/bin/env python3
"""What whole_tile.py and suite.py compare with, each as a program of its own. Prints one line of JSON.

    peers.py decode PRODUCT B02:0 B11 ...     GDAL decodes whole bands; `:0` is its first overview (half resolution)
    peers.py s2cloudless PRODUCT [MASK.tif]   at 60 m; 0 clear, 1 cloud
    peers.py csmask-6 PRODUCT [MASK.tif]      ukis-csmask at 30 m, 6 bands; 0 other, 1 cloud, 2 cloud shadow
    peers.py csmask-4 PRODUCT [MASK.tif]      with 4 bands
    peers.py python-fmask PRODUCT MASK.tif PROGRAM
                                              python-fmask at 20 m by its program fmask_sentinel2Stacked, which the
                                              user has installed; its own numbers; MASK.tif "-": not kept

The CPU-seconds of `decode` are those of decoding alone, without Python's start. Settings are those that the packages'
authors recommend for the pixel size. Reflectance is TOA, without the offset of newer baselines. python-fmask reads the
product itself; the buffers that it adds at the end are off, for clouds are judged as they are.
"""

import json
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import time

import numpy as np
import rasterio
from rasterio.enums import Resampling

BANDS = ["B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B10", "B11", "B12"]
# Names that ukis-csmask has for bands.
FOUR = {"blue": "B02", "green": "B03", "red": "B04", "nir": "B08"}
TWO = {"swir16": "B11", "swir22": "B12"}


def band_file(product: pathlib.Path, band: str) -> pathlib.Path:
    (path,) = product.glob(f"GRANULE/*/IMG_DATA/*_{band}.jp2")
    return path


def cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def decode(product: pathlib.Path, bands: list[str]) -> dict:
    cpu, wall, pixels = cpu_seconds(), time.monotonic(), 0
    for band in bands:
        name, _, level = band.partition(":")
        options = {"overview_level": int(level)} if level else {}
        with rasterio.open(band_file(product, name), **options) as file:
            pixels += file.read(1).size
    return {"cpu": cpu_seconds() - cpu, "wall": time.monotonic() - wall, "pixels": pixels,
            "gdal": rasterio.__gdal_version__}


def reflectance(product: pathlib.Path, bands: list[str], pixel_size: int) -> np.ndarray:
    """(rows, columns, bands), float32: mean of the finer pixels, the nearest of the coarser ones."""
    metadata = (product / "MTD_MSIL1C.xml").read_text()
    offsets = {int(n): int(dn) for n, dn in re.findall(r'<RADIO_ADD_OFFSET band_id="(\d+)">(-?\d+)<', metadata)}
    (quantification,) = re.findall(r"<QUANTIFICATION_VALUE[^>]*>(\d+)<", metadata)
    planes = []
    for band in bands:
        with rasterio.open(band_file(product, band)) as file:
            shape = tuple(round(side * file.res[0] / pixel_size) for side in file.shape)
            dn = file.read(1, out_shape=shape, resampling=Resampling.average)
        planes.append((dn.astype(np.float32) + offsets.get(BANDS.index(band), 0)) / np.float32(quantification))
    return np.stack(planes, axis=-1)


def s2cloudless(product: pathlib.Path) -> np.ndarray:
    from s2cloudless import S2PixelCloudDetector

    bands = reflectance(product, ["B01", "B02", "B04", "B05", "B08", "B8A", "B09", "B10", "B11", "B12"], 60)
    detector = S2PixelCloudDetector(threshold=0.4, average_over=4, dilation_size=2, all_bands=False)
    return detector.get_cloud_masks(bands[np.newaxis])[0]


def csmask(product: pathlib.Path, names: dict[str, str]) -> np.ndarray:
    from ukis_csmask.mask import CSmask

    threads = int(os.environ.get("OMP_NUM_THREADS", "0"))
    mask = CSmask(reflectance(product, list(names.values()), 30), list(names), "l1c", nodata_value=0,
                  intra_op_num_threads=threads, providers=["CPUExecutionProvider"])
    return mask.csm[:, :, 0]


def python_fmask(product: pathlib.Path, program: pathlib.Path) -> np.ndarray:
    with tempfile.TemporaryDirectory() as folder:
        mask = pathlib.Path(folder, "mask.tif")
        command = [program, "--safedir", product, "-o", mask, "-e", folder]
        command += ["--cloudbufferdistance", "0", "--shadowbufferdistance", "0"]
        subprocess.run([str(word) for word in command], check=True, cwd=folder, stdin=subprocess.DEVNULL,
                       stdout=sys.stderr, env=os.environ | {"RIOS_DFLT_DRIVER": "GTiff"})
        with rasterio.open(mask) as file:
            return file.read(1)


def write(product: pathlib.Path, pixel_size: int, mask: np.ndarray, path: pathlib.Path) -> None:
    """The mask on the product's grid; it appears whole or not at all."""
    with rasterio.open(band_file(product, "B02")) as file:
        grid = {"crs": file.crs, "transform": file.transform * file.transform.scale(pixel_size / file.res[0])}
    rows, columns = mask.shape
    part = path.with_suffix(".part")
    with rasterio.open(part, "w", driver="GTiff", height=rows, width=columns, count=1, dtype="uint8",
                       compress="deflate", **grid) as file:
        file.write(mask.astype(np.uint8), 1)
    part.rename(path)


MASKS = {
    "s2cloudless": (60, s2cloudless),
    "csmask-6": (30, lambda product: csmask(product, FOUR | TWO)),
    "csmask-4": (30, lambda product: csmask(product, FOUR)),
    "python-fmask": (20, python_fmask),
}


def masked(tool: str, product: pathlib.Path, path: str = "-", *program: str) -> dict:
    pixel_size, make = MASKS[tool]
    mask = make(product, *map(pathlib.Path, program))
    if path != "-":
        write(product, pixel_size, mask, pathlib.Path(path))
    return {"pixels": mask.size}


if __name__ == "__main__":
    what, product, *rest = sys.argv[1:]
    product = pathlib.Path(product)
    print(json.dumps(decode(product, rest) if what == "decode" else masked(what, product, *rest)))
