"""Geometric medians and distances to them beside hdstats: the same values to 1e-5."""

import shutil

import numpy as np
import pytest

geomedians = pytest.importorskip("geomedians", reason="hdstats is not there")

# Step at which hdstats ends: at its usual 1e-4 it stops 3e-4 before the median.
STEP = 1e-7
TOLERANCE = 1e-5


@pytest.fixture(scope="session")
def program():
    if shutil.which("cargo") is None:
        pytest.skip("no cargo")
    return geomedians.program(release=False)


@pytest.mark.parametrize("dates", [1, 2, 5, 30, 71])
def test_values_are_those_of_hdstats(program, dates, tmp_path):
    values = geomedians.stack(2000, dates, seed=dates)
    whole = ~np.isnan(values[:, :, 0]).all(axis=1)
    expected, _ = geomedians.theirs(values[whole], STEP)
    got, _ = geomedians.ours(program, values[whole], tmp_path)
    # Where hdstats ends on an observation it gives the first mean step; two dates have a median everywhere between them.
    np.testing.assert_allclose(got, expected, rtol=0, atol=TOLERANCE)


def test_pixels_without_any_date_have_no_median(program, tmp_path):
    values = np.full((3, 4, geomedians.BANDS), np.nan, np.float32)
    got, _ = geomedians.ours(program, values, tmp_path)
    assert np.isnan(got).all()
