"""Geometric medians and distances to them beside hdstats: the same values to 1e-5, or nearer to the median."""

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


def compared(program, dates, folder):
    """The stack without pixels that have no date, hdstats' values and ours."""
    values = geomedians.stack(2000, dates, seed=dates)
    values = values[~np.isnan(values[:, :, 0]).all(axis=1)]
    return values, geomedians.theirs(values, STEP)[0], geomedians.ours(program, values, folder)[0]


# Of a stack with one date in all hdstats 0.2.1 gives numbers that it never set.
@pytest.mark.parametrize("dates", [2, 30, 71])
def test_values_are_those_of_hdstats(program, dates, tmp_path):
    _, expected, got = compared(program, dates, tmp_path)
    np.testing.assert_allclose(got, expected, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("dates", [5, 12])
def test_where_hdstats_stops_too_early_ours_is_nearer_to_the_median(program, dates, tmp_path):
    """With few dates the median may lie on or near one of them, where Weiszfeld's steps get short long before."""
    values, expected, got = compared(program, dates, tmp_path)
    apart = abs(got - expected).max(axis=1) > TOLERANCE
    assert 0 < apart.mean() < 0.02
    for stack, theirs, ours in zip(values[apart], expected[apart], got[apart]):
        away = [np.nansum(np.linalg.norm(stack.astype(float) - median[:geomedians.BANDS], axis=1)) for median in (ours, theirs)]
        assert away[0] <= away[1] + 1e-7


def test_pixels_without_any_date_have_no_median(program, tmp_path):
    values = np.full((3, 4, geomedians.BANDS), np.nan, np.float32)
    got, _ = geomedians.ours(program, values, tmp_path)
    assert np.isnan(got).all()
