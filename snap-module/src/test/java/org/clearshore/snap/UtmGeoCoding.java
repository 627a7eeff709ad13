package org.clearshore.snap;

import org.clearshore.snapapi.AffineGeoCoding;
import org.esa.snap.core.datamodel.GeoCoding;
import org.esa.snap.core.datamodel.GeoPos;
import org.esa.snap.core.datamodel.PixelPos;

import java.awt.geom.AffineTransform;
import java.awt.geom.Point2D;

/** A map grid in a UTM zone on WGS84, in place of SNAP's {@code CrsGeoCoding}. */
final class UtmGeoCoding extends AffineGeoCoding {
    private static final double RADIUS = 6_378_137;
    private static final double FLATTENING = 1 / 298.257223563;
    private static final double SCALE = 0.9996;

    private final int epsg;

    private UtmGeoCoding(int epsg, AffineTransform imageToMap) {
        super(imageToMap);
        this.epsg = epsg;
    }

    static GeoCoding of(int epsg, double easting, double northing, double pixelSize) {
        return of(epsg, new AffineTransform(pixelSize, 0, 0, -pixelSize, easting, northing));
    }

    static GeoCoding of(int epsg, AffineTransform imageToMap) {
        return new UtmGeoCoding(epsg, imageToMap);
    }

    @Override
    public GeoPos getGeoPos(PixelPos pixel, GeoPos place) {
        Point2D map = getImageToMap().transform(pixel, null);
        return place(epsg, map.getX(), map.getY());
    }

    /** Krüger's series to the third power of the flattening. */
    static GeoPos place(int epsg, double easting, double northing) {
        double n = FLATTENING / (2 - FLATTENING);
        double radius = RADIUS / (1 + n) * (1 + n * n / 4);
        double[] beta = {n / 2 - 2 * n * n / 3 + 37 * n * n * n / 96, n * n / 48 + n * n * n / 15, 17 * n * n * n / 480};
        double[] delta = {2 * n - 2 * n * n / 3 - 2 * n * n * n, 7 * n * n / 3 - 8 * n * n * n / 5, 56 * n * n * n / 15};
        double xi = (northing - (epsg > 32700 ? 10_000_000 : 0)) / (SCALE * radius);
        double eta = (easting - 500_000) / (SCALE * radius);
        double x = xi;
        double e = eta;
        for (int j = 1; j <= 3; j++) {
            x -= beta[j - 1] * Math.sin(2 * j * xi) * Math.cosh(2 * j * eta);
            e -= beta[j - 1] * Math.cos(2 * j * xi) * Math.sinh(2 * j * eta);
        }
        double conformal = Math.asin(Math.sin(x) / Math.cosh(e));
        double latitude = conformal;
        for (int j = 1; j <= 3; j++) {
            latitude += delta[j - 1] * Math.sin(2 * j * conformal);
        }
        double meridian = epsg % 100 * 6 - 183;
        return new GeoPos(Math.toDegrees(latitude), meridian + Math.toDegrees(Math.atan2(Math.sinh(e), Math.cos(x))));
    }
}
