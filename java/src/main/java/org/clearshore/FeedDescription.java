package org.clearshore;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the caller says of a scene whose pixels it will give tile by tile.
 *
 * <p>A band may have the working grid's pixels or its own, finer or coarser by a whole factor; all bands cover the same
 * ground.
 */
public final class FeedDescription {
    /** Name of the product, for messages. */
    public String name;
    /** EPSG code of the UTM zone if the caller knows it; null lets it be found from {@link #corners}. */
    public Integer epsg;
    /** Easting and northing of the outer upper-left corner, metres. */
    public double easting;
    public double northing;
    /** Side of a pixel of the working grid, metres. */
    public double pixelSize;
    /** Columns and rows of the working grid. */
    public int width;
    public int height;
    /** Longitude and latitude in degrees of the four outer corners: upper left, upper right, lower right, lower left. */
    public double[][] corners;
    /** DN that means "saturated"; null for the usual 65535. */
    public Integer saturatedDn;
    /** The bands that can be given. */
    public List<Band> bands = new ArrayList<>();
    /** Directions to the sun at points of a regular lattice; null where they are unknown. */
    public Angles sun;
    /** Mean sun zenith and azimuth in degrees; null where they are unknown. */
    public double[] meanSun;
    /**
     * Directions to the sensor. Sun glint needs those of the bands that it looks at (B2, B3, B4, B8A, B11, B12), cloud
     * shadows those of B8A, or of B8 where that is missing. Without them sun glint is not known, and for cloud shadows the
     * sensor looks straight down.
     */
    public List<View> views = new ArrayList<>();
    /** Mean zenith and azimuth of the direction to the sensor in degrees, by names of bands. */
    public Map<String, double[]> meanViews = new LinkedHashMap<>();
    /**
     * Whether rectangles of B7, B8 and B8A are given at their own resolution when the run asks its listener for them
     * ({@link RunListener#give}).
     */
    public boolean givesOnRequest;

    /** A band. */
    public static final class Band {
        /** Name as in {@code B2}, {@code B02} or {@code B8A}. */
        public String name;
        /** Columns and rows of the band's own raster. */
        public int width;
        public int height;
        /** {@code dn} for raw numbers, {@code reflectance} for floats. */
        public String kind;
        /** QUANTIFICATION_VALUE of raw numbers. */
        public Double quantification;
        /** RADIO_ADD_OFFSET of raw numbers, DN; 0 where the product has none. */
        public Integer offset;
    }

    /** Directions at the points of a lattice, row by row. NaN where unknown. */
    public static class Angles {
        /** Rows and columns. */
        public int rows;
        public int columns;
        /** How far point (0, 0) lies below and right of the upper-left corner, metres. */
        public double firstRow;
        public double firstColumn;
        /** Distance between points, metres. */
        public double rowStep;
        public double columnStep;
        /** Zenith angles and azimuths from true north, degrees. */
        public float[] zenith;
        public float[] azimuth;
    }

    /** Directions to the sensor in a band at the points of a lattice, NaN where the detector did not look. */
    public static final class View extends Angles {
        /** Name as in {@code B8A}. */
        public String band;
        /**
         * Number of the detector, 1 to 12; 0 stands for all together, where nobody knows which one looked, and is then the
         * only one of its band.
         */
        public int detector;
    }
}
