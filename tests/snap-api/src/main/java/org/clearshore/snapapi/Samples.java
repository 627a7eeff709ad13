package org.clearshore.snapapi;

import java.awt.Rectangle;
import org.esa.snap.core.datamodel.ProductData;

/** Where a raster's samples come from: the place of SNAP's source image. */
@FunctionalInterface
public interface Samples {
    /**
     * Raw samples of a region inside the raster, line by line, in the raster's data type. Threads call it at the same
     * time; the caller must not change what it gets.
     */
    ProductData read(Rectangle region);
}
