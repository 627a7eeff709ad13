package org.esa.snap.core.datamodel;

import com.bc.ceres.core.ProgressMonitor;
import java.awt.Rectangle;
import java.io.IOException;

/** A raster whose size is given when it is made. */
public abstract class AbstractBand extends RasterDataNode {
    private final int rasterWidth;
    private final int rasterHeight;

    public AbstractBand(String name, int dataType, int rasterWidth, int rasterHeight) {
        super(name, dataType, (long) rasterWidth * rasterHeight);
        this.rasterWidth = rasterWidth;
        this.rasterHeight = rasterHeight;
    }

    @Override
    public int getRasterWidth() {
        return rasterWidth;
    }

    @Override
    public int getRasterHeight() {
        return rasterHeight;
    }

    /** Makes empty raster data where there is none. */
    public void ensureRasterData() {
        if (!hasRasterData()) {
            setRasterData(createCompatibleRasterData());
        }
    }

    @Override
    public int getPixelInt(int x, int y) {
        return getSampleInt(x, y);
    }

    @Override
    public float getPixelFloat(int x, int y) {
        return getSampleFloat(x, y);
    }

    @Override
    public double getPixelDouble(int x, int y) {
        return scale(readSamples(new Rectangle(x, y, 1, 1)).getElemDouble());
    }

    @Override
    public void setPixelInt(int x, int y, int pixelValue) {
        setPixelDouble(x, y, pixelValue);
    }

    @Override
    public void setPixelFloat(int x, int y, float pixelValue) {
        setPixelDouble(x, y, pixelValue);
    }

    @Override
    public void setPixelDouble(int x, int y, double pixelValue) {
        ensureRasterData();
        getRasterData().setElemDoubleAt(y * rasterWidth + x, scaleInverse(pixelValue));
    }

    @Override
    public int[] readPixels(int x, int y, int w, int h, int[] pixels, ProgressMonitor pm) throws IOException {
        int[] values = pixels == null ? new int[w * h] : pixels;
        ProductData raw = readSamples(new Rectangle(x, y, w, h));
        for (int i = 0; i < w * h; i++) {
            values[i] = isScalingApplied() ? (int) scale(raw.getElemDoubleAt(i)) : raw.getElemIntAt(i);
        }
        return values;
    }

    @Override
    public float[] readPixels(int x, int y, int w, int h, float[] pixels, ProgressMonitor pm) throws IOException {
        float[] values = pixels == null ? new float[w * h] : pixels;
        ProductData raw = readSamples(new Rectangle(x, y, w, h));
        for (int i = 0; i < w * h; i++) {
            values[i] = (float) scale(raw.getElemDoubleAt(i));
        }
        return values;
    }

    @Override
    public double[] readPixels(int x, int y, int w, int h, double[] pixels, ProgressMonitor pm) throws IOException {
        double[] values = pixels == null ? new double[w * h] : pixels;
        ProductData raw = readSamples(new Rectangle(x, y, w, h));
        for (int i = 0; i < w * h; i++) {
            values[i] = scale(raw.getElemDoubleAt(i));
        }
        return values;
    }
}
