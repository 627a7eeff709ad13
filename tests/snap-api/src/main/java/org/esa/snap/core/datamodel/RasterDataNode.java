package org.esa.snap.core.datamodel;

import com.bc.ceres.core.ProgressMonitor;
import java.awt.Dimension;
import java.awt.Rectangle;
import java.awt.geom.AffineTransform;
import java.io.IOException;
import java.util.function.IntBinaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.clearshore.snapapi.Samples;
import org.clearshore.snapapi.TestOnly;

/**
 * A raster in memory. Its samples are the raster data, unless {@link #setSamples} names another source.
 *
 * <p>SNAP's images are left out: their type moved between SNAP 10 and 13.
 */
public abstract class RasterDataNode extends DataNode implements Scaling {
    private static final Pattern RAW_ABOVE = Pattern.compile("(\\w+)\\.raw\\s*>\\s*(-?[0-9.]+)");

    private final ProductNodeGroup<Mask> overlayMasks = new ProductNodeGroup<>(this, "overlayMasks", false);
    private double scalingFactor = 1;
    private double scalingOffset;
    private boolean log10Scaled;
    private boolean noDataValueUsed;
    private double noDataValue;
    private String validPixelExpression;
    private IntBinaryOperator validity;
    private GeoCoding geoCoding;
    private AffineTransform imageToModelTransform;
    private ImageInfo imageInfo;
    private volatile Samples samples;

    protected RasterDataNode(String name, int dataType, long numElems) {
        super(name, dataType, numElems);
    }

    /** Where the samples come from, or null for the raster data. */
    @TestOnly
    public Samples getSamples() {
        return samples;
    }

    @TestOnly
    public void setSamples(Samples samples) {
        this.samples = samples;
    }

    /** Raw samples of a region inside the raster. */
    @TestOnly
    public ProductData readSamples(Rectangle region) {
        if (!new Rectangle(getRasterSize()).contains(region)) {
            throw new IllegalArgumentException(getName() + ": region " + region + " is not inside the raster");
        }
        return samples != null ? samples.read(region) : readRasterData(region);
    }

    /** The same from the raster data, whatever other source there is. */
    @TestOnly
    public ProductData readRasterData(Rectangle region) {
        if (getRasterData() == null) {
            throw new IllegalStateException(getName() + " has neither raster data nor another source of samples");
        }
        ProductData part = createCompatibleRasterData(region.width, region.height);
        for (int row = 0; row < region.height; row++) {
            System.arraycopy(getRasterData().getElems(), (region.y + row) * getRasterWidth() + region.x,
                    part.getElems(), row * region.width, region.width);
        }
        return part;
    }

    /** Says which pixels a valid-pixel expression accepts (not 0), as expressions are not evaluated here. */
    @TestOnly
    public void setValidity(IntBinaryOperator validity) {
        this.validity = validity;
    }

    public abstract int getRasterWidth();

    public abstract int getRasterHeight();

    public Dimension getRasterSize() {
        return new Dimension(getRasterWidth(), getRasterHeight());
    }

    public AffineTransform getImageToModelTransform() {
        return imageToModelTransform != null
                ? new AffineTransform(imageToModelTransform) : Product.findImageToModelTransform(getGeoCoding());
    }

    public void setImageToModelTransform(AffineTransform imageToModelTransform) {
        this.imageToModelTransform = new AffineTransform(imageToModelTransform);
    }

    /** The raster's own geo-coding, or the scene's. */
    public GeoCoding getGeoCoding() {
        Product product = getProduct();
        return geoCoding == null && product != null ? product.getSceneGeoCoding() : geoCoding;
    }

    public void setGeoCoding(GeoCoding geoCoding) {
        this.geoCoding = geoCoding;
        Product product = getProduct();
        if (product != null && product.getSceneGeoCoding() == null
                && product.getSceneRasterSize().equals(getRasterSize())) {
            product.setSceneGeoCoding(geoCoding);
        }
    }

    @Override
    public boolean isFloatingPointType() {
        return isScalingApplied() || super.isFloatingPointType();
    }

    public final double getScalingFactor() {
        return scalingFactor;
    }

    public final void setScalingFactor(double scalingFactor) {
        this.scalingFactor = scalingFactor;
    }

    public final double getScalingOffset() {
        return scalingOffset;
    }

    public final void setScalingOffset(double scalingOffset) {
        this.scalingOffset = scalingOffset;
    }

    public final boolean isLog10Scaled() {
        return log10Scaled;
    }

    public final void setLog10Scaled(boolean log10Scaled) {
        this.log10Scaled = log10Scaled;
    }

    public final boolean isScalingApplied() {
        return scalingFactor != 1 || scalingOffset != 0 || log10Scaled;
    }

    @Override
    public final double scale(double value) {
        double scaled = value * scalingFactor + scalingOffset;
        return log10Scaled ? Math.pow(10, scaled) : scaled;
    }

    @Override
    public final double scaleInverse(double value) {
        return ((log10Scaled ? Math.log10(value) : value) - scalingOffset) / scalingFactor;
    }

    public boolean isNoDataValueUsed() {
        return noDataValueUsed;
    }

    public void setNoDataValueUsed(boolean noDataValueUsed) {
        this.noDataValueUsed = noDataValueUsed;
    }

    /** Raw. */
    public double getNoDataValue() {
        return noDataValue;
    }

    public void setNoDataValue(double noDataValue) {
        ProductData stored = ProductData.createInstance(getDataType());
        stored.setElemDouble(noDataValue);
        this.noDataValue = stored.getElemDouble();
    }

    public double getGeophysicalNoDataValue() {
        return scale(noDataValue);
    }

    public void setGeophysicalNoDataValue(double noDataValue) {
        setNoDataValue(scaleInverse(noDataValue));
    }

    public String getValidPixelExpression() {
        return validPixelExpression;
    }

    public void setValidPixelExpression(String validPixelExpression) {
        this.validPixelExpression = validPixelExpression;
    }

    public boolean isValidMaskUsed() {
        return noDataValueUsed || validPixelExpression != null && !validPixelExpression.isBlank();
    }

    /** By the no-data value and the expression; of expressions only {@code band.raw > number} is understood. */
    public boolean isPixelValid(int x, int y) {
        if (noDataValueUsed) {
            double raw = rawAt(x, y);
            if (Double.isNaN(noDataValue) ? Double.isNaN(raw) : raw == noDataValue) {
                return false;
            }
        }
        if (validPixelExpression == null || validPixelExpression.isBlank()) {
            return true;
        }
        if (validity != null) {
            return validity.applyAsInt(x, y) != 0;
        }
        Matcher rule = RAW_ABOVE.matcher(validPixelExpression.trim());
        if (!rule.matches()) {
            throw new UnsupportedOperationException(getName() + ": set the validity for " + validPixelExpression);
        }
        return getProduct().getRasterDataNode(rule.group(1)).rawAt(x, y) > Double.parseDouble(rule.group(2));
    }

    public boolean hasRasterData() {
        return getRasterData() != null;
    }

    public ProductData getRasterData() {
        return getData();
    }

    public void setRasterData(ProductData rasterData) {
        if (rasterData != null && rasterData.getNumElems() != getRasterWidth() * getRasterHeight()) {
            throw new IllegalArgumentException(getName() + ": " + rasterData.getNumElems() + " samples for "
                    + getRasterWidth() + " x " + getRasterHeight() + " pixels");
        }
        setData(rasterData);
    }

    public boolean isSourceImageSet() {
        return samples != null;
    }

    public int getSampleInt(int x, int y) {
        return isScalingApplied() ? (int) scale(rawAt(x, y)) : readSamples(new Rectangle(x, y, 1, 1)).getElemInt();
    }

    public float getSampleFloat(int x, int y) {
        return (float) scale(rawAt(x, y));
    }

    public abstract int getPixelInt(int x, int y);

    public abstract float getPixelFloat(int x, int y);

    public abstract double getPixelDouble(int x, int y);

    public abstract void setPixelInt(int x, int y, int pixelValue);

    public abstract void setPixelFloat(int x, int y, float pixelValue);

    public abstract void setPixelDouble(int x, int y, double pixelValue);

    public int[] readPixels(int x, int y, int w, int h, int[] pixels) throws IOException {
        return readPixels(x, y, w, h, pixels, ProgressMonitor.NULL);
    }

    public abstract int[] readPixels(int x, int y, int w, int h, int[] pixels, ProgressMonitor pm) throws IOException;

    public float[] readPixels(int x, int y, int w, int h, float[] pixels) throws IOException {
        return readPixels(x, y, w, h, pixels, ProgressMonitor.NULL);
    }

    public abstract float[] readPixels(int x, int y, int w, int h, float[] pixels, ProgressMonitor pm)
            throws IOException;

    public double[] readPixels(int x, int y, int w, int h, double[] pixels) throws IOException {
        return readPixels(x, y, w, h, pixels, ProgressMonitor.NULL);
    }

    public abstract double[] readPixels(int x, int y, int w, int h, double[] pixels, ProgressMonitor pm)
            throws IOException;

    public ProductData createCompatibleRasterData() {
        return createCompatibleRasterData(getRasterWidth(), getRasterHeight());
    }

    public ProductData createCompatibleRasterData(int width, int height) {
        return ProductData.createInstance(getDataType(), width * height);
    }

    public boolean hasIntPixels() {
        return ProductData.isIntType(getDataType());
    }

    public ImageInfo getImageInfo() {
        return imageInfo;
    }

    public void setImageInfo(ImageInfo imageInfo) {
        this.imageInfo = imageInfo;
    }

    public ProductNodeGroup<Mask> getOverlayMaskGroup() {
        return overlayMasks;
    }

    private double rawAt(int x, int y) {
        return readSamples(new Rectangle(x, y, 1, 1)).getElemDouble();
    }
}
