package org.esa.snap.core.dataio;

import com.bc.ceres.core.ProgressMonitor;
import java.io.IOException;
import org.esa.snap.core.datamodel.Band;
import org.esa.snap.core.datamodel.ProductData;

/** Where a product came from. */
public interface ProductReader {
    ProductReaderPlugIn getReaderPlugIn();

    Object getInput();

    ProductSubsetDef getSubsetDef();

    void readBandRasterData(Band destBand, int destOffsetX, int destOffsetY, int destWidth, int destHeight,
                            ProductData destBuffer, ProgressMonitor pm) throws IOException;

    void close() throws IOException;
}
