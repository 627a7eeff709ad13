package org.esa.snap.core.dataop.dem;

import java.io.File;
import org.esa.snap.core.dataop.resamp.Resampling;

/** A kind of elevation model. */
public interface ElevationModelDescriptor {
    String getName();

    float getNoDataValue();

    int getRasterWidth();

    int getRasterHeight();

    int getTileWidthInDegrees();

    int getTileWidth();

    default int getTileHeight() {
        return getTileWidth();
    }

    int getNumXTiles();

    int getNumYTiles();

    /** Null where its files are not there and can't be downloaded. */
    ElevationModel createDem(Resampling resampling);

    boolean canBeDownloaded();

    File getDemInstallDir();
}
