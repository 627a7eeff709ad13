package org.clearshore.snapapi;

import com.bc.ceres.core.ProgressMonitor;
import java.awt.Rectangle;
import java.lang.reflect.Field;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.esa.snap.core.datamodel.Band;
import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.datamodel.RasterDataNode;
import org.esa.snap.core.gpf.GPF;
import org.esa.snap.core.gpf.Operator;
import org.esa.snap.core.gpf.OperatorSpi;
import org.esa.snap.core.gpf.Tile;
import org.esa.snap.core.gpf.internal.OperatorContext;

/**
 * Drives an operator as SNAP does: {@code initialize} once when the target product is first asked for, {@code doExecute}
 * once before the first tile, tiles from any thread in any order. Products, images and graphs of SNAP take no part.
 */
public final class OperatorDriver implements AutoCloseable {
    private final OperatorSpi spi;
    private final Map<String, Product> sources = new LinkedHashMap<>();
    private final Map<String, Object> parameters = new HashMap<>();
    private ProgressMonitor monitor = ProgressMonitor.NULL;
    private Operator operator;

    public OperatorDriver(OperatorSpi spi) {
        this.spi = spi;
    }

    /** The product for the field named {@code sourceProduct}. */
    public OperatorDriver source(Product product) {
        return source(GPF.SOURCE_PRODUCT_FIELD_NAME, product);
    }

    /** The product for the field of the name or alias. */
    public OperatorDriver source(String id, Product product) {
        sources.put(id, product);
        return this;
    }

    /** A parameter by field name or alias, as text or as a value of the field's type. */
    public OperatorDriver parameter(String name, Object value) {
        parameters.put(name, value);
        return this;
    }

    /** The monitor for a {@code doExecute} that a first tile sets off. */
    public OperatorDriver monitor(ProgressMonitor monitor) {
        this.monitor = monitor;
        return this;
    }

    /** The operator with sources and parameters, not yet initialised. Refuses a name that is no parameter. */
    public synchronized Operator operator() {
        if (operator == null) {
            Operator created = spi.createOperator(new HashMap<>(), sources);
            OperatorContext context = contextOf(created);
            parameters.forEach((name, value) -> {
                if (!context.hasParameter(name)) {
                    throw new IllegalArgumentException(spi.getOperatorAlias() + " has no parameter " + name);
                }
                context.setParameter(name, value);
            });
            context.setMonitor(monitor);
            operator = created;
        }
        return operator;
    }

    /** The target product; initialises at the first call. */
    public synchronized Product target() {
        return operator().getTargetProduct();
    }

    /** Executes at the first call, as {@code gpt} does before it asks for tiles. */
    public void execute(ProgressMonitor pm) {
        operator().execute(pm);
    }

    /** Any part of a target band, computed now, or read where the band is passed through. */
    public Tile tile(String bandName, Rectangle region) {
        RasterDataNode raster = target().getRasterDataNode(bandName);
        if (raster == null) {
            throw new IllegalArgumentException("the target product has no raster " + bandName);
        }
        OperatorContext context = contextOf(operator());
        return raster instanceof Band && context.isComputing((Band) raster)
                ? context.computeTile((Band) raster, region) : MemoryTile.source(raster, region);
    }

    /** A whole target band. */
    public Tile tile(String bandName) {
        RasterDataNode raster = target().getRasterDataNode(bandName);
        return tile(bandName, new Rectangle(raster.getRasterSize()));
    }

    /** Says that the user cancelled: {@code checkForCancellation} throws from now on. */
    public void cancel() {
        contextOf(operator()).setCancelled(true);
    }

    /** Disposes the operator. */
    @Override
    public void close() {
        contextOf(operator()).dispose();
    }

    /** The context of any operator. */
    public static OperatorContext contextOf(Operator operator) {
        try {
            Field context = Operator.class.getDeclaredField("context");
            context.setAccessible(true);
            return (OperatorContext) context.get(operator);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
