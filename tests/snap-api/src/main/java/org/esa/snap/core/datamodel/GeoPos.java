package org.esa.snap.core.datamodel;

/** A place on WGS 84, degrees. */
public class GeoPos {
    public double lat;
    public double lon;

    public GeoPos() {
    }

    public GeoPos(double lat, double lon) {
        setLocation(lat, lon);
    }

    public double getLat() {
        return lat;
    }

    public double getLon() {
        return lon;
    }

    public void setLocation(double lat, double lon) {
        this.lat = lat;
        this.lon = lon;
    }

    public final boolean isValid() {
        return Math.abs(lat) <= 90 && Math.abs(lon) <= 180;
    }

    public final void setInvalid() {
        setLocation(Double.NaN, Double.NaN);
    }
}
