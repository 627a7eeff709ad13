#!/usr/bin/env python3
"""What learned models' own programs make of real scenes.

    model_masks.py REAL_SCENES OUTPUT_FOLDER

REAL_SCENES is what real_scenes.py wrote. Of ukis-csmask 1.0.0, on the labelled Sentinel-2 scene: ukis-csmask-4b.npy and
ukis-csmask-6b.npy (0 clear, 1 cloud, 2 shadow, uint8), and labels.npy in the same classes. Of s2cloudless 1.7.3, on the scenes of
thirteen bands: s2cloudless-NAME.npy (0 clear, 1 cloud, uint8, thresholds x rows x columns), averaged over 4 pixels and dilated by 2
as its authors advise, and s2cloudless-thresholds.npy. Of a program whose Python package is missing nothing is written.
"""

import pathlib
import sys

import numpy as np

UKIS_BANDS = {"B02": "blue", "B03": "green", "B04": "red", "B08": "nir", "B11": "swir16", "B12": "swir22"}
# Of the labels: 0 shadow, 1 water, 3 land, 4 cloud.
CLASSES = np.array([2, 0, 0, 0, 1], np.uint8)
S2CLOUDLESS_BANDS = ["B01", "B02", "B04", "B05", "B08", "B8A", "B09", "B10", "B11", "B12"]
# The scenes are cloud or clear all over: beside the usual one of 0.4 there are thresholds of which each divides one of them.
THRESHOLDS = [0.01, 0.03, 0.1, 0.4, 0.9, 0.99, 0.995]


def image(scene: pathlib.Path, bands) -> np.ndarray:
    """(rows, columns, bands), reflectance."""
    return (np.dstack([np.load(scene / f"{band}.npy") for band in bands]) / 10_000).astype(np.float32)


def ukis_csmask(scenes: pathlib.Path, output: pathlib.Path) -> None:
    from ukis_csmask.mask import CSmask

    scene = scenes / "labelled_sentinel2"
    seen = image(scene, UKIS_BANDS)
    for count in (4, 6):
        mask = CSmask(seen[:, :, :count].copy(), list(UKIS_BANDS.values())[:count], "l1c", providers=["CPUExecutionProvider"])
        np.save(output / f"ukis-csmask-{count}b.npy", np.ascontiguousarray(mask.csm[:, :, 0]))
    np.save(output / "labels.npy", CLASSES[np.load(scene / "labels.npy")])


def s2cloudless(scenes: pathlib.Path, output: pathlib.Path) -> None:
    from s2cloudless import S2PixelCloudDetector

    detector = S2PixelCloudDetector(average_over=4, dilation_size=2)
    for scene in scenes.glob("slovenia_*"):
        probabilities = detector.get_cloud_probability_maps(image(scene, S2CLOUDLESS_BANDS)[np.newaxis])
        masks = [detector.get_mask_from_prob(probabilities, threshold)[0] for threshold in THRESHOLDS]
        np.save(output / f"s2cloudless-{scene.name}.npy", np.stack(masks))
    np.save(output / "s2cloudless-thresholds.npy", np.array(THRESHOLDS, np.float32))


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    scenes, output = map(pathlib.Path, sys.argv[1:])
    output.mkdir(parents=True, exist_ok=True)
    for program in (ukis_csmask, s2cloudless):
        try:
            program(scenes, output)
            print(f"written: {program.__name__}")
        except ImportError as error:
            print(f"skipped: {error}")


if __name__ == "__main__":
    main()
