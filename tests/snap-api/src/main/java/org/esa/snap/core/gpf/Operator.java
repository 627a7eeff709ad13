package org.esa.snap.core.gpf;

import com.bc.ceres.core.ProgressMonitor;
import java.awt.Dimension;
import java.awt.Rectangle;
import java.util.Map;
import java.util.logging.Logger;
import org.esa.snap.core.datamodel.Band;
import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.datamodel.RasterDataNode;
import org.esa.snap.core.gpf.internal.OperatorContext;

/** A step of a graph: shapes a target product at once, and computes its samples when they are asked for. */
public abstract class Operator {
    final OperatorContext context;

    protected Operator() {
        context = new OperatorContext(this);
    }

    public void setParameterDefaultValues() {
        context.setParameterDefaultValues();
    }

    @Override
    @SuppressWarnings({"deprecation", "removal"})
    protected final void finalize() throws Throwable {
        context.dispose();
        super.finalize();
    }

    public abstract void initialize() throws OperatorException;

    /** Initialises again, with a new target product. */
    public final void update() {
        context.updateOperator();
    }

    public final void execute(ProgressMonitor pm) {
        getTargetProduct();
        context.executeOperator(pm);
    }

    public void doExecute(ProgressMonitor pm) throws OperatorException {
        pm.beginTask("", 1);
        pm.worked(1);
        pm.done();
    }

    public void computeTile(Band targetBand, Tile targetTile, ProgressMonitor pm) throws OperatorException {
        throw new RuntimeException(getClass().getSimpleName() + ": 'computeTile()' method not implemented");
    }

    public void computeTileStack(Map<Band, Tile> targetTiles, Rectangle targetRectangle, ProgressMonitor pm)
            throws OperatorException {
        throw new RuntimeException(getClass().getSimpleName() + ": 'computeTileStack()' method not implemented");
    }

    public void dispose() {
    }

    public boolean canComputeTile() {
        return context.isComputeTileMethodImplemented();
    }

    public boolean canComputeTileStack() {
        return context.isComputeTileStackMethodImplemented();
    }

    protected final void setRequiresAllBands(boolean requiresAllBands) {
        context.setRequiresAllBands(requiresAllBands);
    }

    public final String getId() {
        return context.getId();
    }

    public final Product[] getSourceProducts() {
        return context.getSourceProducts();
    }

    public final void setSourceProducts(Product... products) {
        context.setSourceProducts(products);
    }

    /** The product named {@code sourceProduct}, or the first, or null. */
    public Product getSourceProduct() {
        Product product = getSourceProduct(GPF.SOURCE_PRODUCT_FIELD_NAME);
        Product[] all = getSourceProducts();
        return product != null || all.length == 0 ? product : all[0];
    }

    public void setSourceProduct(Product sourceProduct) {
        setSourceProduct(GPF.SOURCE_PRODUCT_FIELD_NAME, sourceProduct);
    }

    public final Product getSourceProduct(String id) {
        return context.getSourceProduct(id);
    }

    public final void setSourceProduct(String id, Product product) {
        context.setSourceProduct(id, product);
    }

    public final String getSourceProductId(Product product) {
        return context.getSourceProductId(product);
    }

    public final Product getTargetProduct() throws OperatorException {
        return context.getTargetProduct();
    }

    public final void setTargetProduct(Product targetProduct) {
        context.setTargetProduct(targetProduct);
    }

    public final Object getTargetProperty(String name) throws OperatorException {
        return context.getTargetProperty(name);
    }

    public Object getParameter(String name) {
        return context.getParameter(name);
    }

    public Object getParameter(String name, Object defaultValue) {
        Object value = context.getParameter(name);
        return value != null ? value : defaultValue;
    }

    public void setParameter(String name, Object value) {
        context.setParameter(name, value);
    }

    /** Refuses a region that is not inside the raster. */
    public final Tile getSourceTile(RasterDataNode rasterDataNode, Rectangle region) throws OperatorException {
        return context.getSourceTile(rasterDataNode, region);
    }

    protected final void checkForCancellation() throws OperatorException {
        context.checkForCancellation();
    }

    protected void ensureSceneGeoCoding(Product... products) throws OperatorException {
        for (Product product : products) {
            if (product.getSceneGeoCoding() == null) {
                throw new OperatorException("Source product '" + product.getName() + "' must be geo-coded.");
            }
        }
    }

    protected Dimension ensureSingleRasterSize(Product... products) throws OperatorException {
        Dimension size = null;
        for (Product product : products) {
            if (product.isMultiSize()) {
                throw new OperatorException("Source product '" + product.getName()
                        + "' contains rasters of different sizes and can not be processed.\n"
                        + "Please consider resampling it so that all rasters have the same size.");
            }
            size = requireSame(size, product.getSceneRasterSize(), "products");
        }
        return size;
    }

    protected Dimension ensureSingleRasterSize(RasterDataNode... rasterDataNodes) throws OperatorException {
        Dimension size = null;
        for (RasterDataNode raster : rasterDataNodes) {
            size = requireSame(size, raster.getRasterSize(), "rasters");
        }
        return size;
    }

    public final Logger getLogger() {
        return context.getLogger();
    }

    public final void setLogger(Logger logger) {
        context.setLogger(logger);
    }

    public final OperatorSpi getSpi() {
        return context.getOperatorSpi();
    }

    public final void setSpi(OperatorSpi operatorSpi) {
        if (!operatorSpi.getOperatorClass().isAssignableFrom(getClass())) {
            throw new IllegalArgumentException(operatorSpi + " is not for " + getClass());
        }
        context.setOperatorSpi(operatorSpi);
    }

    private static Dimension requireSame(Dimension expected, Dimension found, String what) {
        if (expected != null && !expected.equals(found)) {
            throw new OperatorException("All source " + what + " must have the same raster size of "
                    + expected.width + " x " + expected.height + " pixels.");
        }
        return found;
    }
}
