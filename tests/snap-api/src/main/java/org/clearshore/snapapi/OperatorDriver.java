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
 * Drives an operator as SNAP does: {@code initialize} once when the target product is first asked for,
 * {@code doExecute} once before the first tile, tiles from any thread in any order. There are no images and no graphs.
 */
public final class OperatorDriver implements AutoCloseable {
    private final OperatorSpi spi;
    private final Map<String, Product> sources = new LinkedHashMap<>();
    private final Map<String, Object> parameters = new HashMap<>();
    private ProgressMonitor monitor = ProgressMonitor.NULL;
    private boolean desktop;
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

    /**
     * Behaves as SNAP Desktop does with a product that is opened but not saved: what a first tile's {@code doExecute}
     * throws is lost, and the tile is asked for all the same.
     */
    public OperatorDriver desktop() {
        desktop = true;
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
            context.setFailuresLost(desktop);
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

    /**
     * Lets {@code checkForCancellation} throw from now on. No part of SNAP 10 to 14 does so: a user's wish to cancel
     * reaches an operator through the monitor of {@code doExecute} alone.
     */
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
