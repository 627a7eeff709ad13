#!/usr/bin/env python3
"""What whole_tile.py compares with, each as a program of its own. Prints one line of JSON.

    peers.py decode PRODUCT B02:0 B11 ...     GDAL decodes whole bands; `:0` is its first overview (half resolution)
    peers.py s2cloudless PRODUCT              bands at 60 m by GDAL, s2cloudless, a mask

The CPU-seconds of `decode` are those of decoding alone, without Python's start.
"""

import json
import pathlib
import re
import resource
import sys
import time

import numpy as np
import rasterio
from rasterio.enums import Resampling


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


def s2cloudless(product: pathlib.Path) -> dict:
    from s2cloudless import S2PixelCloudDetector

    metadata = (product / "MTD_MSIL1C.xml").read_text()
    offsets = {int(n): int(dn) for n, dn in re.findall(r'<RADIO_ADD_OFFSET band_id="(\d+)">(-?\d+)<', metadata)}
    (quantification,) = re.findall(r"<QUANTIFICATION_VALUE[^>]*>(\d+)<", metadata)
    band_ids = {"B01": 0, "B02": 1, "B04": 3, "B05": 4, "B08": 7, "B8A": 8, "B09": 9, "B10": 10, "B11": 11, "B12": 12}
    with rasterio.open(band_file(product, "B01")) as file:
        shape = file.shape
    planes = []
    for band, number in band_ids.items():
        with rasterio.open(band_file(product, band)) as file:
            dn = file.read(1, out_shape=shape, resampling=Resampling.average)
        planes.append((dn.astype(np.float32) + offsets.get(number, 0)) / float(quantification))
    detector = S2PixelCloudDetector(threshold=0.4, average_over=4, dilation_size=2, all_bands=False)
    mask = detector.get_cloud_masks(np.stack(planes, axis=-1)[np.newaxis])
    return {"cloud": float(mask.mean())}


if __name__ == "__main__":
    what, product, *rest = sys.argv[1:]
    result = decode(pathlib.Path(product), rest) if what == "decode" else s2cloudless(pathlib.Path(product))
    print(json.dumps(result))
