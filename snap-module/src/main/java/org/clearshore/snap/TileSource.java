package org.clearshore.snap;

import org.esa.snap.core.datamodel.RasterDataNode;
import org.esa.snap.core.gpf.Tile;

import java.awt.Rectangle;

/** Where pixels of the source come from: {@code Operator.getSourceTile}. */
@FunctionalInterface
interface TileSource {
    Tile get(RasterDataNode raster, Rectangle rectangle);
}
