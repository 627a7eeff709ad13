package org.clearshore.snap;

import org.esa.snap.core.datamodel.Band;
import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.datamodel.VirtualBand;
import org.esa.snap.core.gpf.OperatorException;
import org.esa.snap.core.util.ProductUtils;

/** Makes the target product, without its pixels. */
final class TargetShape {
    private static final String SUFFIX = "_Clearshore";
    /** Type of a product that has flags and no longer the bands of the source. */
    private static final String TYPE = "Clearshore";

    private TargetShape() {
    }

    /** All that the source has, and the flags beside it. All rasters of the source must have one size. */
    static Product besideSource(Product source, FlagBands bands) {
        refuseTaken(source, bands);
        Product target = new Product(source.getName() + SUFFIX, source.getProductType(),
                source.getSceneRasterWidth(), source.getSceneRasterHeight());
        for (Band band : source.getBands()) {
            if (band instanceof VirtualBand) {
                ProductUtils.copyVirtualBand(target, (VirtualBand) band, band.getName());
            } else {
                ProductUtils.copyBand(band.getName(), source, target, true);
            }
        }
        ProductUtils.copyProductNodes(source, target);
        ProductUtils.copyPreferredTileSize(source, target);
        bands.addTo(target);
        return target;
    }

    /** The flags alone, on the grid of the plan. */
    static Product alone(Product source, ScenePlan plan, FlagBands bands) {
        Product target = new Product(source.getName() + SUFFIX, TYPE, plan.grid.width, plan.grid.height);
        if (plan.reference == null) {
            ProductUtils.copyGeoCoding(source, target);
            ProductUtils.copyPreferredTileSize(source, target);
        } else {
            ProductUtils.copyGeoCoding(plan.reference, target);
        }
        ProductUtils.copyMetadata(source, target);
        ProductUtils.copyTimeInformation(source, target);
        bands.addTo(target);
        return target;
    }

    private static void refuseTaken(Product source, FlagBands bands) {
        for (String name : bands.names()) {
            if (source.containsRasterDataNode(name)) {
                throw new OperatorException("Source product '" + source.getName() + "' already has '" + name
                        + "', so Clearshore was run on it before. Give the product without flags, or set "
                        + "'copySourceBands' to false.");
            }
        }
    }
}
