package org.esa.snap.core.dataop.dem;

import org.esa.snap.core.datamodel.GeoPos;
import org.esa.snap.core.datamodel.PixelPos;
import org.esa.snap.core.dataop.resamp.Resampling;

/** Heights of the ground. */
public interface ElevationModel {
    ElevationModelDescriptor getDescriptor();

    double getElevation(GeoPos geoPos) throws Exception;

    PixelPos getIndex(GeoPos geoPos) throws Exception;

    GeoPos getGeoPos(PixelPos pixelPos) throws Exception;

    double getSample(double x, double y) throws Exception;

    boolean getSamples(int[] x, int[] y, double[][] samples) throws Exception;

    Resampling getResampling();

    void dispose();
}
