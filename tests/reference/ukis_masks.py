#!/usr/bin/env python3
"""What ukis-csmask's own program makes of the labelled Sentinel-2 scene.

    ukis_masks.py REAL_SCENES OUTPUT_FOLDER

REAL_SCENES is what real_scenes.py wrote. Writes ukis-csmask-4b.npy and ukis-csmask-6b.npy (0 clear, 1 cloud, 2 shadow, uint8) and
labels.npy in the same classes. Needs the Python packages ukis-csmask 1.0.0 and onnxruntime; without them nothing is written.
"""

import pathlib
import sys

import numpy as np

BANDS = {"B02": "blue", "B03": "green", "B04": "red", "B08": "nir", "B11": "swir16", "B12": "swir22"}
# Of the labels: 0 shadow, 1 water, 3 land, 4 cloud.
CLASSES = np.array([2, 0, 0, 0, 1], np.uint8)


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        from ukis_csmask.mask import CSmask
    except ImportError as error:
        print(f"skipped: {error}")
        return
    scene, output = pathlib.Path(sys.argv[1]) / "labelled_sentinel2", pathlib.Path(sys.argv[2])
    output.mkdir(parents=True, exist_ok=True)
    planes = [np.load(scene / f"{band}.npy") for band in BANDS]
    image = (np.dstack(planes) / 10_000).astype(np.float32)
    for count in (4, 6):
        mask = CSmask(image[:, :, :count].copy(), list(BANDS.values())[:count], "l1c",
                      providers=["CPUExecutionProvider"])
        np.save(output / f"ukis-csmask-{count}b.npy", np.ascontiguousarray(mask.csm[:, :, 0]))
    np.save(output / "labels.npy", CLASSES[np.load(scene / "labels.npy")])
    print(f"written: {output}")


if __name__ == "__main__":
    main()
