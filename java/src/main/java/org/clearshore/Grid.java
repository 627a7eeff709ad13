package org.clearshore;

/** A north-up grid of square pixels in a UTM zone on WGS84. */
public final class Grid {
    /** EPSG code of the UTM zone: 32601 to 32660, 32701 to 32760. */
    public final int epsg;
    /** Easting of the outer upper-left corner, metres. */
    public final double easting;
    /** Northing of the outer upper-left corner, metres. */
    public final double northing;
    /** Side of a pixel, metres. */
    public final double pixelSize;
    /** Columns. */
    public final int width;
    /** Rows. */
    public final int height;

    public Grid(int epsg, double easting, double northing, double pixelSize, int width, int height) {
        this.epsg = epsg;
        this.easting = easting;
        this.northing = northing;
        this.pixelSize = pixelSize;
        this.width = width;
        this.height = height;
    }

    @Override
    public String toString() {
        return "EPSG:" + epsg + ", upper left " + easting + ", " + northing + ", " + width + " x " + height
                + " pixels of " + pixelSize + " m";
    }
}
