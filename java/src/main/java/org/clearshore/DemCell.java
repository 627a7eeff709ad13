package org.clearshore;

/** A file of an elevation model of SNAP. */
public final class DemCell {
    /** Its name. */
    public String name;
    /** Latitude of a place well within it, degrees. */
    public double latitude;
    /** Longitude of that place, degrees. */
    public double longitude;
}
