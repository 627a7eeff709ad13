#!/usr/bin/env python3
"""Weights with which samples of JPEG 2000's 5-3 low-pass stand in for blurred means of native pixels.

    low_pass_weights.py

B08 comes to 20 m as the mean of two by two pixels after a Gaussian blur of 0.6 pixels. Sample n of the low-pass at half
resolution lies on native pixel 2n, a quarter of a 20 m pixel up-left of that mean. Along a line, in cycles a native pixel,
the low-pass passes 3/4 + cos(2 pi f)/2 - cos(4 pi f)/4 (ITU-T T.800, table F.3), the wanted mean exp(-2 pi^2 0.6^2 f^2) cos(pi f),
half a native pixel later. The weights of the samples n - 1 to n + 2 are those of the least mean square difference over
all frequencies, those that fold over too, for images whose power falls as 1/f^2 and is blurred once more by the optics. Prints
them, the share of the image's own power that the difference has, and the same of the average by area (3/4, 1/4).
"""

import numpy as np

BLUR = 0.6  # native pixels
LARGEST = 0.01  # cycles a native pixel; slower changes are a mean for all that matters
TAPS = np.arange(-1, 3)


def main() -> None:
    f = np.linspace(-0.5, 0.5, 4001)
    low_pass = 0.75 + 0.5 * np.cos(2 * np.pi * f) - 0.25 * np.cos(4 * np.pi * f)
    optics = np.exp(-2 * (np.pi * BLUR * f) ** 2)
    wanted = optics * np.cos(np.pi * f) * np.exp(1j * np.pi * f)
    power = optics**2 / (f**2 + LARGEST**2)
    samples = np.exp(4j * np.pi * np.outer(f, TAPS)) * low_pass[:, np.newaxis]

    rows = samples * np.sqrt(power)[:, np.newaxis]
    target = wanted * np.sqrt(power)
    system = np.vstack([rows.real, rows.imag])
    right = np.concatenate([target.real, target.imag])
    # The weights add up to 1: put the last one in terms of the others.
    free = system[:, :-1] - system[:, -1:]
    weights = np.linalg.lstsq(free, right - system[:, -1], rcond=None)[0]
    weights = np.append(weights, 1 - weights.sum())

    def left(weights: np.ndarray) -> float:
        return (power * np.abs(samples @ weights - wanted) ** 2).sum() / (power * np.abs(wanted - 1) ** 2).sum()

    print("weights of n - 1 to n + 2:", np.round(weights, 4))
    print(f"difference: {left(weights):.4f} of what blur and mean take away; by area {left(np.array([0, 0.75, 0.25, 0])):.4f}")


if __name__ == "__main__":
    main()
