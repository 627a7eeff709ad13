package org.esa.snap.core.datamodel;

import com.bc.ceres.core.ProgressMonitor;
import java.awt.Rectangle;
import java.io.IOException;
import org.clearshore.snapapi.TestOnly;

/** A coarse grid of floats, interpolated bilinearly on the product's pixels. */
public class TiePointGrid extends RasterDataNode {
    private final int gridWidth;
    private final int gridHeight;
    private final double offsetX;
    private final double offsetY;
    private final double subSamplingX;
    private final double subSamplingY;

    public TiePointGrid(String name, int gridWidth, int gridHeight, double offsetX, double offsetY,
                        double subSamplingX, double subSamplingY, float[] tiePoints) {
        super(name, ProductData.TYPE_FLOAT32, (long) gridWidth * gridHeight);
        this.gridWidth = gridWidth;
        this.gridHeight = gridHeight;
        this.offsetX = offsetX;
        this.offsetY = offsetY;
        this.subSamplingX = subSamplingX;
        this.subSamplingY = subSamplingY;
        setData(ProductData.createInstance(tiePoints));
    }

    public int getGridWidth() {
        return gridWidth;
    }

    public int getGridHeight() {
        return gridHeight;
    }

    public double getOffsetX() {
        return offsetX;
    }

    public double getOffsetY() {
        return offsetY;
    }

    public double getSubSamplingX() {
        return subSamplingX;
    }

    public double getSubSamplingY() {
        return subSamplingY;
    }

    public ProductData getGridData() {
        return getData();
    }

    public float[] getTiePoints() {
        return (float[]) getDataElems();
    }

    @Override
    public int getRasterWidth() {
        return getProduct() != null ? getProduct().getSceneRasterWidth()
                : (int) Math.round((gridWidth - 1) * subSamplingX + 1);
    }

    @Override
    public int getRasterHeight() {
        return getProduct() != null ? getProduct().getSceneRasterHeight()
                : (int) Math.round((gridHeight - 1) * subSamplingY + 1);
    }

    @Override
    @TestOnly
    public ProductData readSamples(Rectangle region) {
        float[] values = new float[region.width * region.height];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) getPixelDouble(region.x + i % region.width + 0.5, region.y + i / region.width + 0.5);
        }
        return ProductData.createInstance(values);
    }

    /** At a place in pixels; the centre of the first pixel is (0.5, 0.5). Outside the grid it goes on straight. */
    public double getPixelDouble(double x, double y) {
        double column = (x - offsetX) / subSamplingX;
        double row = (y - offsetY) / subSamplingY;
        int left = Math.max(0, Math.min(gridWidth - 2, (int) Math.floor(column)));
        int top = Math.max(0, Math.min(gridHeight - 2, (int) Math.floor(row)));
        int right = Math.min(gridWidth - 1, left + 1);
        int bottom = Math.min(gridHeight - 1, top + 1);
        double u = column - left;
        double v = row - top;
        return (1 - v) * ((1 - u) * at(left, top) + u * at(right, top))
                + v * ((1 - u) * at(left, bottom) + u * at(right, bottom));
    }

    @Override
    public int getPixelInt(int x, int y) {
        return (int) Math.round(getPixelDouble(x, y));
    }

    @Override
    public float getPixelFloat(int x, int y) {
        return (float) getPixelDouble(x, y);
    }

    @Override
    public double getPixelDouble(int x, int y) {
        return getPixelDouble(x + 0.5, y + 0.5);
    }

    @Override
    public void setPixelInt(int x, int y, int pixelValue) {
        setPixelDouble(x, y, pixelValue);
    }

    @Override
    public void setPixelFloat(int x, int y, float pixelValue) {
        setPixelDouble(x, y, pixelValue);
    }

    /** Always refused. */
    @Override
    public void setPixelDouble(int x, int y, double pixelValue) {
        throw new UnsupportedOperationException("a tie-point grid can't be changed pixel by pixel");
    }

    @Override
    public int[] readPixels(int x, int y, int w, int h, int[] pixels, ProgressMonitor pm) throws IOException {
        int[] values = pixels == null ? new int[w * h] : pixels;
        for (int i = 0; i < w * h; i++) {
            values[i] = getPixelInt(x + i % w, y + i / w);
        }
        return values;
    }

    @Override
    public float[] readPixels(int x, int y, int w, int h, float[] pixels, ProgressMonitor pm) throws IOException {
        float[] values = pixels == null ? new float[w * h] : pixels;
        for (int i = 0; i < w * h; i++) {
            values[i] = getPixelFloat(x + i % w, y + i / w);
        }
        return values;
    }

    @Override
    public double[] readPixels(int x, int y, int w, int h, double[] pixels, ProgressMonitor pm) throws IOException {
        double[] values = pixels == null ? new double[w * h] : pixels;
        for (int i = 0; i < w * h; i++) {
            values[i] = getPixelDouble(x + i % w, y + i / w);
        }
        return values;
    }

    public TiePointGrid cloneTiePointGrid() {
        TiePointGrid clone = new TiePointGrid(getName(), gridWidth, gridHeight, offsetX, offsetY,
                subSamplingX, subSamplingY, getTiePoints().clone());
        clone.setDescription(getDescription());
        clone.setUnit(getUnit());
        return clone;
    }

    private double at(int column, int row) {
        return getTiePoints()[row * gridWidth + column];
    }
}
