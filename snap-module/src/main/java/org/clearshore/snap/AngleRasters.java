package org.clearshore.snap;

import org.clearshore.FeedDescription;
import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.datamodel.RasterDataNode;

import java.awt.Rectangle;

/** Directions as SNAP has them in rasters: coarse grids of the reader's, or bands and tie points of the source's size. */
final class AngleRasters {
    /** Distance between the points that are taken of fine rasters, metres: that of the product's own grid. */
    private static final double STEP = 5000;
    /** Stands for all detectors together: in the rasters of a band they are one. */
    private static final int ALL_DETECTORS = 0;

    private AngleRasters() {
    }

    /** Directions to the sun, their distances from the corner of the working grid; null where the source has none. */
    static FeedDescription.Angles sun(Product source, SourceGrid grid, TileSource tiles) {
        FeedDescription.Angles sun = new FeedDescription.Angles();
        return fill(sun, source, "sun", "", grid, tiles) ? sun : null;
    }

    /** Directions to the sensor in a band, or in all bands together; null where the source has neither. */
    static FeedDescription.View view(Product source, String band, SourceGrid grid, TileSource tiles) {
        FeedDescription.View view = new FeedDescription.View();
        view.band = band;
        view.detector = ALL_DETECTORS;
        boolean known = fill(view, source, "view", "_" + band, grid, tiles)
                || fill(view, source, "view", "_mean", grid, tiles);
        return known ? view : null;
    }

    /** Whether the source has both rasters, and a direction in them. */
    private static boolean fill(FeedDescription.Angles angles, Product source, String toward, String of,
                                SourceGrid grid, TileSource tiles) {
        RasterDataNode zenith = source.getRasterDataNode(toward + "_zenith" + of);
        RasterDataNode azimuth = source.getRasterDataNode(toward + "_azimuth" + of);
        if (zenith == null || azimuth == null || !zenith.getRasterSize().equals(azimuth.getRasterSize())) {
            return false;
        }
        SourceGrid raster = SourceGrid.of(zenith);
        boolean coarse = raster.pixelSize >= STEP;
        int step = coarse ? 1 : Math.max(1, (int) Math.round(STEP / raster.pixelSize));
        // The values of the reader's coarse grid stand at corners of its cells, others in the middle of pixels.
        double middle = coarse ? 0 : raster.pixelSize / 2;
        angles.columns = points(raster.width, step);
        angles.rows = points(raster.height, step);
        int across = distance(raster.width, angles.columns);
        int down = distance(raster.height, angles.rows);
        angles.firstColumn = raster.easting - grid.easting + middle;
        angles.firstRow = grid.northing - raster.northing + middle;
        angles.columnStep = across * raster.pixelSize;
        angles.rowStep = down * raster.pixelSize;
        angles.zenith = new float[angles.rows * angles.columns];
        angles.azimuth = new float[angles.rows * angles.columns];
        boolean known = false;
        for (int row = 0; row < angles.rows; row++) {
            for (int column = 0; column < angles.columns; column++) {
                int point = row * angles.columns + column;
                angles.zenith[point] = value(zenith, column * across, row * down, tiles);
                angles.azimuth[point] = value(azimuth, column * across, row * down, tiles);
                known |= Float.isFinite(angles.zenith[point]) && Float.isFinite(angles.azimuth[point]);
            }
        }
        return known;
    }

    /** How many points are taken of a line of pixels so that none is left out by more than a step. */
    private static int points(int pixels, int step) {
        return 1 + (pixels - 1 + step - 1) / step;
    }

    /** Whole pixels between points, the last of them still on the line. */
    private static int distance(int pixels, int points) {
        return points == 1 ? 1 : (pixels - 1) / (points - 1);
    }

    private static float value(RasterDataNode raster, int x, int y, TileSource tiles) {
        return tiles.get(raster, new Rectangle(x, y, 1, 1)).getSampleFloat(x, y);
    }
}
