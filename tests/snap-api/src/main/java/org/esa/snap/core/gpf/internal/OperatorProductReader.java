package org.esa.snap.core.gpf.internal;

import com.bc.ceres.core.ProgressMonitor;
import java.awt.Rectangle;
import java.io.IOException;
import org.esa.snap.core.dataio.ProductReader;
import org.esa.snap.core.dataio.ProductReaderPlugIn;
import org.esa.snap.core.dataio.ProductSubsetDef;
import org.esa.snap.core.datamodel.Band;
import org.esa.snap.core.datamodel.ProductData;

/** The reader of a product that an operator makes. */
public class OperatorProductReader implements ProductReader {
    private OperatorContext operatorContext;

    public OperatorProductReader(OperatorContext operatorContext) {
        this.operatorContext = operatorContext;
    }

    /** The operator's context; null once the reader is closed. */
    public OperatorContext getOperatorContext() {
        return operatorContext;
    }

    @Override
    public Object getInput() {
        return operatorContext.getSourceProducts();
    }

    @Override
    public ProductReaderPlugIn getReaderPlugIn() {
        return null;
    }

    @Override
    public ProductSubsetDef getSubsetDef() {
        return null;
    }

    @Override
    public void readBandRasterData(Band destBand, int destOffsetX, int destOffsetY, int destWidth, int destHeight,
                                   ProductData destBuffer, ProgressMonitor pm) throws IOException {
        ProductData samples = destBand.readSamples(new Rectangle(destOffsetX, destOffsetY, destWidth, destHeight));
        System.arraycopy(samples.getElems(), 0, destBuffer.getElems(), 0, samples.getNumElems());
    }

    /** Disposes the operator. */
    @Override
    public synchronized void close() throws IOException {
        if (operatorContext != null && !operatorContext.isDisposed()) {
            operatorContext.dispose();
            operatorContext = null;
        }
    }
}
