package org.esa.snap.core.datamodel;

/** From pixels to places and back; the methods with types of GeoTools are left out. */
public interface GeoCoding {
    boolean isCrossingMeridianAt180();

    boolean canGetPixelPos();

    boolean canGetGeoPos();

    PixelPos getPixelPos(GeoPos geoPos, PixelPos pixelPos);

    GeoPos getGeoPos(PixelPos pixelPos, GeoPos geoPos);

    void dispose();
}
