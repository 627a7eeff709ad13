package org.clearshore.snap;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What SNAP's resampler changes. It makes other numbers than the program, so flags of a source that has lost its file
 * differ a little: means are cut to whole numbers instead of rounded, 60 m bands are interpolated and lie a sixth of
 * their pixel aside (SNAP shifts the raster by half a target pixel). The resampler is imitated here from its
 * observable rules; SNAP's own code takes no part.
 */
class SnapResamplerTest {
    /** Share of pixels whose flags may differ from the program's mean; what was found is in the report. */
    private static final double BOUND_MEAN = 0.002;
    /** The same against the program's default, which takes the wavelet's low-pass instead of the mean. */
    private static final double BOUND_FAST = 0.02;

    @Test
    void flagsOfResampledTilesDifferLittle(TestReporter report) {
        Fixture fixture = Fixture.get();
        SceneData data = fixture.data(20, "mean");
        SceneData.BandData cirrus = data.bands.get("B10");
        for (SceneData.BandData band : data.bands.values()) {
            int factor = band.nativeWidth / data.width;
            if (factor > 1) {
                band.working = mean(band.nativeDn, band.nativeWidth, factor);
            }
        }
        int[] meansOnly = flags(fixture, data);
        cirrus.working = bilinear(cirrus.nativeDn, cirrus.nativeWidth, data.width);
        int[] resampled = flags(fixture, data);

        int[] mean = SceneData.ints(fixture.maskOfResampled(20, "mean", "clearshore_flags"));
        int[] fast = SceneData.ints(fixture.maskOfResampled(20, "fast", "clearshore_flags"));
        report.publishEntry(Map.of(
                "pixels", String.valueOf(mean.length),
                "differ from the program's mean, by cut means alone", String.valueOf(differing(meansOnly, mean)),
                "differ from the program's mean", String.valueOf(differing(resampled, mean)),
                "differ from the program's default", String.valueOf(differing(resampled, fast)),
                "program's mean and default differ", String.valueOf(differing(mean, fast))));
        assertTrue(differing(resampled, mean) <= BOUND_MEAN * mean.length, differing(resampled, mean) + " pixels");
        assertTrue(differing(resampled, fast) <= BOUND_FAST * fast.length, differing(resampled, fast) + " pixels");
    }

    private static int[] flags(Fixture fixture, SceneData data) {
        return Drive.flags(Sources.singleSize(data), "demFolder", fixture.dem.toFile());
    }

    @Test
    void theImitationDoesWhatItSays() {
        short[] fine = {10, 11, 0, 5, 12, 14, 0, 0};
        assertEquals(11, mean(fine, 4, 2)[0], "47 / 4 is cut");
        assertEquals(5, mean(fine, 4, 2)[1], "no data does not count");
        short[] coarse = {0, 60, 120, 180, 0, 60, 120, 180, 0, 60, 120, 180, 0, 60, 120, 180};
        short[] finer = bilinear(coarse, 4, 12);
        assertEquals(30, finer[3], "first pixel of the second column lies half a column to the left");
        assertEquals(50, finer[4]);
    }

    private static short[] mean(short[] fine, int width, int factor) {
        int columns = width / factor;
        short[] coarse = new short[fine.length / factor / factor];
        for (int i = 0; i < coarse.length; i++) {
            long sum = 0;
            int count = 0;
            for (int row = 0; row < factor; row++) {
                for (int column = 0; column < factor; column++) {
                    int dn = fine[(i / columns * factor + row) * width + i % columns * factor + column] & 0xffff;
                    sum += dn;
                    count += dn == 0 ? 0 : 1;
                }
            }
            coarse[i] = (short) (count == 0 ? 0 : sum / count);
        }
        return coarse;
    }

    private static short[] bilinear(short[] coarse, int width, int columns) {
        int factor = columns / width;
        int rows = coarse.length / width * factor;
        short[] fine = new short[rows * columns];
        for (int i = 0; i < fine.length; i++) {
            double y = (double) (i / columns) / factor - 0.5;
            double x = (double) (i % columns) / factor - 0.5;
            int row = (int) Math.floor(y);
            int column = (int) Math.floor(x);
            double down = y - row;
            double right = x - column;
            double upper = (1 - right) * at(coarse, width, row, column) + right * at(coarse, width, row, column + 1);
            double lower = (1 - right) * at(coarse, width, row + 1, column) + right * at(coarse, width, row + 1, column + 1);
            fine[i] = (short) ((1 - down) * upper + down * lower + 1e-9);
        }
        return fine;
    }

    private static int at(short[] raster, int width, int row, int column) {
        int rows = raster.length / width;
        return raster[Math.max(0, Math.min(rows - 1, row)) * width + Math.max(0, Math.min(width - 1, column))] & 0xffff;
    }

    private static int differing(int[] first, int[] second) {
        int count = 0;
        for (int i = 0; i < first.length; i++) {
            count += first[i] == second[i] ? 0 : 1;
        }
        return count;
    }
}
