package org.clearshore.snapapi;

import java.awt.geom.AffineTransform;
import java.awt.geom.NoninvertibleTransformException;
import java.awt.geom.Point2D;
import org.esa.snap.core.datamodel.GeoCoding;
import org.esa.snap.core.datamodel.GeoPos;
import org.esa.snap.core.datamodel.PixelPos;

/**
 * A map grid without a map projection, in place of SNAP's {@code CrsGeoCoding}: degrees are map metres divided by
 * {@value #METRES_PER_DEGREE}, enough to tell places apart.
 */
public class AffineGeoCoding implements GeoCoding {
    public static final double METRES_PER_DEGREE = 111_320;

    private final AffineTransform imageToMap;

    /** From the outer corner of the first pixel and the pixel's size, in metres. */
    public AffineGeoCoding(double easting, double northing, double pixelSize) {
        this(new AffineTransform(pixelSize, 0, 0, -pixelSize, easting, northing));
    }

    public AffineGeoCoding(AffineTransform imageToMap) {
        this.imageToMap = new AffineTransform(imageToMap);
    }

    public AffineTransform getImageToMap() {
        return new AffineTransform(imageToMap);
    }

    @Override
    public boolean isCrossingMeridianAt180() {
        return false;
    }

    @Override
    public boolean canGetPixelPos() {
        return true;
    }

    @Override
    public boolean canGetGeoPos() {
        return true;
    }

    @Override
    public PixelPos getPixelPos(GeoPos geoPos, PixelPos pixelPos) {
        PixelPos result = pixelPos == null ? new PixelPos() : pixelPos;
        try {
            imageToMap.inverseTransform(
                    new Point2D.Double(geoPos.lon * METRES_PER_DEGREE, geoPos.lat * METRES_PER_DEGREE), result);
        } catch (NoninvertibleTransformException e) {
            throw new IllegalStateException(e);
        }
        return result;
    }

    @Override
    public GeoPos getGeoPos(PixelPos pixelPos, GeoPos geoPos) {
        GeoPos result = geoPos == null ? new GeoPos() : geoPos;
        Point2D map = imageToMap.transform(pixelPos, null);
        result.setLocation(map.getY() / METRES_PER_DEGREE, map.getX() / METRES_PER_DEGREE);
        return result;
    }

    @Override
    public void dispose() {
    }
}
