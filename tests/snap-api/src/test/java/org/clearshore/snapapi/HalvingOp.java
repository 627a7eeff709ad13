package org.clearshore.snapapi;

import com.bc.ceres.core.ProgressMonitor;
import java.awt.Rectangle;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.esa.snap.core.datamodel.Band;
import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.datamodel.ProductData;
import org.esa.snap.core.gpf.OperatorException;
import org.esa.snap.core.gpf.OperatorSpi;
import org.esa.snap.core.gpf.Tile;
import org.esa.snap.core.gpf.annotations.OperatorMetadata;
import org.esa.snap.core.gpf.annotations.Parameter;
import org.esa.snap.core.util.ProductUtils;

/** Makes {@code half} and {@code negative} from the raw samples of {@code first}, which it passes through. */
@OperatorMetadata(alias = "Halving", description = "halves")
public class HalvingOp extends SourcedOp {
    final AtomicInteger initialised = new AtomicInteger();
    final AtomicInteger executed = new AtomicInteger();
    final AtomicInteger stacks = new AtomicInteger();
    final AtomicInteger disposed = new AtomicInteger();
    volatile RuntimeException failure;
    volatile boolean ready;

    @Parameter(defaultValue = "2", interval = "(0,10]", description = "what to divide by")
    int divisor;

    @Parameter(alias = "mode", defaultValue = "20", valueSet = {"10", "20", "60"}, label = "Resolution")
    String resolution;

    @Parameter(notNull = true)
    Double weight;

    @Parameter
    boolean loud;

    @Override
    public void initialize() throws OperatorException {
        initialised.incrementAndGet();
        Product target = new Product("target", "halved", source.getSceneRasterWidth(), source.getSceneRasterHeight());
        ProductUtils.copyBand("first", source, target, true);
        target.addBand("half", ProductData.TYPE_INT32);
        target.addBand("negative", ProductData.TYPE_FLOAT32);
        setTargetProduct(target);
    }

    @Override
    public void doExecute(ProgressMonitor pm) throws OperatorException {
        executed.incrementAndGet();
        pm.beginTask("halving", 2);
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            throw new OperatorException(e);
        }
        pm.worked(2);
        pm.done();
        if (failure != null) {
            throw failure;
        }
        ready = true;
    }

    @Override
    public void computeTileStack(Map<Band, Tile> targetTiles, Rectangle rectangle, ProgressMonitor pm) {
        if (!ready) {
            throw new IllegalStateException("a tile before doExecute");
        }
        checkForCancellation();
        stacks.incrementAndGet();
        Tile samples = getSourceTile(source.getBand("first"), rectangle);
        ProductData raw = samples.getRawSamples();
        int[] half = new int[raw.getNumElems()];
        float[] negative = new float[raw.getNumElems()];
        for (int i = 0; i < half.length; i++) {
            half[i] = raw.getElemIntAt(i) / divisor;
            negative[i] = -raw.getElemIntAt(i);
        }
        targetTiles.get(targetProduct.getBand("half")).setSamples(half);
        targetTiles.get(targetProduct.getBand("negative")).setRawSamples(ProductData.createInstance(negative));
    }

    @Override
    public void dispose() {
        disposed.incrementAndGet();
        super.dispose();
    }

    /** As a plugin registers it. */
    public static final class Spi extends OperatorSpi {
        public Spi() {
            super(HalvingOp.class);
        }
    }
}
