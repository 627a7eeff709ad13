#!/usr/bin/env python3
"""What s2cloudless's own program makes of real scenes of thirteen bands.

    s2cloudless_masks.py REAL_SCENES OUTPUT_FOLDER

REAL_SCENES is what real_scenes.py wrote. Writes NAME.npy (0 clear, 1 cloud, uint8, thresholds x rows x columns), averaged over 4 pixels and
dilated by 2 as its authors advise, and thresholds.npy. The scenes are cloud or clear all over: so there are thresholds beside the usual
one of 0.4, of which each divides one of them. Needs the Python package s2cloudless; without it nothing is written.
"""

import pathlib
import sys

import numpy as np

THRESHOLDS = [0.01, 0.03, 0.1, 0.4, 0.9, 0.99, 0.995]
BANDS = ["B01", "B02", "B04", "B05", "B08", "B8A", "B09", "B10", "B11", "B12"]


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        from s2cloudless import S2PixelCloudDetector
    except ImportError as error:
        print(f"skipped: {error}")
        return
    output = pathlib.Path(sys.argv[2])
    output.mkdir(parents=True, exist_ok=True)
    detector = S2PixelCloudDetector(average_over=4, dilation_size=2)
    for scene in pathlib.Path(sys.argv[1]).glob("slovenia_*"):
        planes = [np.load(scene / f"{band}.npy") for band in BANDS]
        image = (np.dstack(planes) / 10_000).astype(np.float32)
        probabilities = detector.get_cloud_probability_maps(image[np.newaxis])
        masks = [detector.get_mask_from_prob(probabilities, threshold)[0] for threshold in THRESHOLDS]
        np.save(output / f"{scene.name}.npy", np.stack(masks))
        print(scene.name, [float(mask.mean().round(3)) for mask in masks])
    np.save(output / "thresholds.npy", np.array(THRESHOLDS, np.float32))
    print(f"written: {output}")


if __name__ == "__main__":
    main()
