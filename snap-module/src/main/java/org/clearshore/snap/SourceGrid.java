package org.clearshore.snap;

import org.clearshore.Grid;
import org.esa.snap.core.datamodel.Band;
import org.esa.snap.core.datamodel.GeoCoding;
import org.esa.snap.core.datamodel.GeoPos;
import org.esa.snap.core.datamodel.PixelPos;
import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.datamodel.RasterDataNode;
import org.esa.snap.core.gpf.OperatorException;

import java.awt.Point;
import java.awt.geom.AffineTransform;

/** Where a raster of the source lies: a north-up grid in metres, its zone not yet known. */
final class SourceGrid {
    /** Largest sensible pixel in degrees; a UTM grid's pixels are metres, and never this small. */
    private static final double DEGREES = 1;
    /** How far, in pixels, two places that are the same may seem apart. */
    private static final double TOLERANCE = 1e-3;

    final double easting;
    final double northing;
    final double pixelSize;
    final int width;
    final int height;
    private final GeoCoding geoCoding;

    private SourceGrid(String name, GeoCoding geoCoding, int width, int height) {
        if (geoCoding == null) {
            throw refused(name, "it is not geo-coded");
        }
        AffineTransform transform = Product.findImageToModelTransform(geoCoding);
        if (transform.isIdentity()) {
            throw refused(name, "its geo-coding is no map grid");
        }
        if (transform.getShearX() != 0 || transform.getShearY() != 0) {
            throw refused(name, "its grid is rotated");
        }
        this.pixelSize = transform.getScaleX();
        if (pixelSize < DEGREES) {
            throw refused(name, "its pixels are " + pixelSize + " units wide, as in a grid of latitude and longitude");
        }
        if (Math.abs(transform.getScaleY() + pixelSize) > TOLERANCE) {
            throw refused(name, "its pixels are " + pixelSize + " x " + -transform.getScaleY() + " m");
        }
        this.easting = transform.getTranslateX();
        this.northing = transform.getTranslateY();
        this.width = width;
        this.height = height;
        this.geoCoding = geoCoding;
    }

    /** The grid of a product whose rasters have one size. */
    static SourceGrid of(Product product) {
        return new SourceGrid("source product '" + product.getName() + "'", product.getSceneGeoCoding(),
                product.getSceneRasterWidth(), product.getSceneRasterHeight());
    }

    /** The grid of a raster. */
    static SourceGrid of(RasterDataNode raster) {
        return new SourceGrid("raster '" + raster.getName() + "'", raster.getGeoCoding(),
                raster.getRasterWidth(), raster.getRasterHeight());
    }

    /** The spectral band of a product of several sizes whose pixels have a size. */
    static Band referenceBand(Product product, int pixelSize) {
        for (String name : L1cMetadata.BANDS) {
            Band band = product.getBand(name);
            if (band != null && Math.abs(of(band).pixelSize - pixelSize) < TOLERANCE) {
                return band;
            }
        }
        throw new OperatorException("Source product '" + product.getName() + "' has no band with pixels of "
                + pixelSize + " m, whose grid the flags would have. Set 'resolution' to a size that it has.");
    }

    /** Longitude and latitude, degrees, of the outer corners from the upper left one clockwise. */
    double[][] corners() {
        int[][] corners = {{0, 0}, {width, 0}, {width, height}, {0, height}};
        double[][] places = new double[corners.length][];
        for (int i = 0; i < corners.length; i++) {
            GeoPos place = geoCoding.getGeoPos(new PixelPos(corners[i][0], corners[i][1]), null);
            places[i] = new double[]{place.lon, place.lat};
        }
        return places;
    }

    /** Whether another raster begins at the same corner and ends at the same. */
    boolean covers(SourceGrid other) {
        double tolerance = TOLERANCE * pixelSize;
        return Math.abs(easting - other.easting) <= tolerance && Math.abs(northing - other.northing) <= tolerance
                && Math.abs(width * pixelSize - other.width * other.pixelSize) <= tolerance
                && Math.abs(height * pixelSize - other.height * other.pixelSize) <= tolerance;
    }

    /** Column and row of this grid's first pixel in a larger one; null where it is not a part, aligned to the pixel. */
    Point offsetIn(Grid larger) {
        double column = (easting - larger.easting) / larger.pixelSize;
        double row = (larger.northing - northing) / larger.pixelSize;
        Point offset = new Point((int) Math.round(column), (int) Math.round(row));
        boolean aligned = Math.abs(pixelSize - larger.pixelSize) <= TOLERANCE
                && Math.abs(column - offset.x) <= TOLERANCE && Math.abs(row - offset.y) <= TOLERANCE;
        boolean inside = offset.x >= 0 && offset.y >= 0
                && offset.x + width <= larger.width && offset.y + height <= larger.height;
        return aligned && inside ? offset : null;
    }

    @Override
    public String toString() {
        return "upper left " + easting + ", " + northing + ", " + width + " x " + height + " pixels of " + pixelSize
                + " m";
    }

    private static OperatorException refused(String name, String why) {
        return new OperatorException("Clearshore needs a north-up UTM grid with square pixels, but " + name
                + " has none: " + why + ". Run Clearshore before Reproject and other changes of the grid.");
    }
}
