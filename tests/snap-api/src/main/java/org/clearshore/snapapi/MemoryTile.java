package org.clearshore.snapapi;

import java.awt.Rectangle;
import java.util.Iterator;
import java.util.stream.IntStream;
import org.esa.snap.core.datamodel.ProductData;
import org.esa.snap.core.datamodel.RasterDataNode;
import org.esa.snap.core.gpf.Tile;

/**
 * A tile whose lines lie apart in a larger buffer, as SNAP's often do: who takes the buffer must obey the scan-line
 * offset and stride.
 */
public final class MemoryTile implements Tile {
    private static final int MARGIN = 3;

    private final RasterDataNode node;
    private final Rectangle region;
    private final boolean target;
    private final ProductData buffer;

    private MemoryTile(RasterDataNode node, Rectangle region, boolean target) {
        this.node = node;
        this.region = new Rectangle(region);
        this.target = target;
        buffer = node.createCompatibleRasterData(getScanlineStride(), region.height + 1);
    }

    /** A tile to be read. */
    public static MemoryTile source(RasterDataNode node, Rectangle region) {
        MemoryTile tile = new MemoryTile(node, region, false);
        tile.write(node.readSamples(tile.getRectangle()));
        return tile;
    }

    /** An empty tile to be filled. */
    public static MemoryTile target(RasterDataNode node, Rectangle region) {
        if (region.isEmpty() || !new Rectangle(node.getRasterSize()).contains(region)) {
            throw new IllegalArgumentException(node.getName() + ": region " + region + " is not inside the raster");
        }
        return new MemoryTile(node, region, true);
    }

    @Override
    public RasterDataNode getRasterDataNode() {
        return node;
    }

    @Override
    public boolean isTarget() {
        return target;
    }

    @Override
    public float toGeoPhysical(float rawSample) {
        return (float) node.scale(rawSample);
    }

    @Override
    public double toGeoPhysical(double rawSample) {
        return node.scale(rawSample);
    }

    @Override
    public float toRaw(float sample) {
        return (float) node.scaleInverse(sample);
    }

    @Override
    public double toRaw(double sample) {
        return node.scaleInverse(sample);
    }

    @Override
    public Rectangle getRectangle() {
        return new Rectangle(region);
    }

    @Override
    public int getMinX() {
        return region.x;
    }

    @Override
    public int getMaxX() {
        return region.x + region.width - 1;
    }

    @Override
    public int getMinY() {
        return region.y;
    }

    @Override
    public int getMaxY() {
        return region.y + region.height - 1;
    }

    @Override
    public int getWidth() {
        return region.width;
    }

    @Override
    public int getHeight() {
        return region.height;
    }

    @Override
    public int getDataBufferIndex(int x, int y) {
        return getScanlineOffset() + (y - region.y) * getScanlineStride() + x - region.x;
    }

    @Override
    public ProductData getDataBuffer() {
        return buffer;
    }

    @Override
    public byte[] getDataBufferByte() {
        return buffer.getElems() instanceof byte[] ? (byte[]) buffer.getElems() : null;
    }

    @Override
    public short[] getDataBufferShort() {
        return buffer.getElems() instanceof short[] ? (short[]) buffer.getElems() : null;
    }

    @Override
    public int[] getDataBufferInt() {
        return buffer.getElems() instanceof int[] ? (int[]) buffer.getElems() : null;
    }

    @Override
    public float[] getDataBufferFloat() {
        return buffer.getElems() instanceof float[] ? (float[]) buffer.getElems() : null;
    }

    @Override
    public double[] getDataBufferDouble() {
        return buffer.getElems() instanceof double[] ? (double[]) buffer.getElems() : null;
    }

    @Override
    public int getScanlineOffset() {
        return MARGIN - 1;
    }

    @Override
    public int getScanlineStride() {
        return region.width + MARGIN;
    }

    /** A copy: what is changed in it comes into a target tile by {@link #setRawSamples}. */
    @Override
    public ProductData getRawSamples() {
        ProductData samples = node.createCompatibleRasterData(region.width, region.height);
        for (int row = 0; row < region.height; row++) {
            System.arraycopy(buffer.getElems(), getScanlineOffset() + row * getScanlineStride(),
                    samples.getElems(), row * region.width, region.width);
        }
        return samples;
    }

    @Override
    public void setRawSamples(ProductData rawSamples) {
        if (target) {
            write(rawSamples);
        }
    }

    @Override
    public byte[] getSamplesByte() {
        if (isPlain(byte[].class)) {
            return (byte[]) getRawSamples().getElems();
        }
        byte[] samples = new byte[region.width * region.height];
        forEach(0, (i, value) -> samples[i] = (byte) value);
        return samples;
    }

    @Override
    public short[] getSamplesShort() {
        if (isPlain(short[].class)) {
            return (short[]) getRawSamples().getElems();
        }
        short[] samples = new short[region.width * region.height];
        forEach(0, (i, value) -> samples[i] = (short) value);
        return samples;
    }

    @Override
    public int[] getSamplesInt() {
        if (isPlain(int[].class)) {
            return (int[]) getRawSamples().getElems();
        }
        int[] samples = new int[region.width * region.height];
        forEach(0, (i, value) -> samples[i] = (int) (long) value);
        return samples;
    }

    @Override
    public float[] getSamplesFloat() {
        if (isPlain(float[].class)) {
            return (float[]) getRawSamples().getElems();
        }
        float[] samples = new float[region.width * region.height];
        forEach(Double.NaN, (i, value) -> samples[i] = (float) value);
        return samples;
    }

    @Override
    public double[] getSamplesDouble() {
        if (isPlain(double[].class)) {
            return (double[]) getRawSamples().getElems();
        }
        double[] samples = new double[region.width * region.height];
        forEach(Double.NaN, (i, value) -> samples[i] = value);
        return samples;
    }

    @Override
    public void setSamples(byte[] samples) {
        forEach((i, x, y) -> setSample(x, y, samples[i]));
    }

    @Override
    public void setSamples(short[] samples) {
        forEach((i, x, y) -> setSample(x, y, samples[i]));
    }

    @Override
    public void setSamples(int[] samples) {
        forEach((i, x, y) -> setSample(x, y, samples[i]));
    }

    @Override
    public void setSamples(float[] samples) {
        forEach((i, x, y) -> setSample(x, y, samples[i]));
    }

    @Override
    public void setSamples(double[] samples) {
        forEach((i, x, y) -> setSample(x, y, samples[i]));
    }

    @Override
    public boolean isSampleValid(int x, int y) {
        return node.isPixelValid(x, y);
    }

    @Override
    public boolean getSampleBoolean(int x, int y) {
        return getSampleInt(x, y) != 0;
    }

    @Override
    public void setSample(int x, int y, boolean sample) {
        setSample(x, y, sample ? 1 : 0);
    }

    @Override
    public int getSampleInt(int x, int y) {
        return node.isScalingApplied() ? (int) Math.floor(getSampleDouble(x, y) + 0.5)
                : buffer.getElemIntAt(getDataBufferIndex(x, y));
    }

    @Override
    public void setSample(int x, int y, int sample) {
        put(x, y, node.isScalingApplied() ? Math.floor(toRaw((double) sample) + 0.5) : sample);
    }

    @Override
    public float getSampleFloat(int x, int y) {
        return (float) getSampleDouble(x, y);
    }

    @Override
    public void setSample(int x, int y, float sample) {
        put(x, y, toRaw(sample));
    }

    @Override
    public double getSampleDouble(int x, int y) {
        return toGeoPhysical(buffer.getElemDoubleAt(getDataBufferIndex(x, y)));
    }

    @Override
    public void setSample(int x, int y, double sample) {
        put(x, y, toRaw(sample));
    }

    @Override
    public boolean getSampleBit(int x, int y, int bitIndex) {
        return (buffer.getElemUIntAt(getDataBufferIndex(x, y)) >> bitIndex & 1) == 1;
    }

    @Override
    public void setSample(int x, int y, int bitIndex, boolean sample) {
        int index = getDataBufferIndex(x, y);
        int bit = 1 << bitIndex;
        int old = buffer.getElemIntAt(index);
        requireTarget();
        buffer.setElemIntAt(index, sample ? old | bit : old & ~bit);
    }

    @Override
    public Iterator<Pos> iterator() {
        return IntStream.range(0, region.width * region.height)
                .mapToObj(i -> new Pos(region.x + i % region.width, region.y + i / region.width)).iterator();
    }

    private void write(ProductData samples) {
        int expected = region.width * region.height;
        if (samples.getNumElems() != expected || samples.getElems().getClass() != buffer.getElems().getClass()) {
            throw new IllegalArgumentException(node.getName() + ": " + samples.getNumElems() + " samples of "
                    + samples.getTypeString() + " instead of " + expected + " of " + buffer.getTypeString());
        }
        for (int row = 0; row < region.height; row++) {
            System.arraycopy(samples.getElems(), row * region.width,
                    buffer.getElems(), getScanlineOffset() + row * getScanlineStride(), region.width);
        }
    }

    /** Java casts a value that falls between two whole numbers towards zero, and so does SNAP. */
    private void put(int x, int y, double raw) {
        requireTarget();
        buffer.setElemDoubleAt(getDataBufferIndex(x, y), node.hasIntPixels() ? (long) raw : raw);
    }

    private void requireTarget() {
        if (!target) {
            throw new IllegalStateException(node.getName() + ": a source tile can't be written");
        }
    }

    /** Whether the samples are the raw samples, in an array of the type. */
    private boolean isPlain(Class<?> array) {
        return !node.isScalingApplied() && !node.isValidMaskUsed() && array.isInstance(buffer.getElems());
    }

    private void forEach(double invalid, SampleSink sink) {
        boolean masked = node.isValidMaskUsed();
        forEach((i, x, y) -> sink.put(i, masked && !isSampleValid(x, y) ? invalid : getSampleDouble(x, y)));
    }

    private void forEach(PixelSink sink) {
        for (int i = 0; i < region.width * region.height; i++) {
            sink.put(i, region.x + i % region.width, region.y + i / region.width);
        }
    }

    @FunctionalInterface
    private interface SampleSink {
        void put(int index, double value);
    }

    @FunctionalInterface
    private interface PixelSink {
        void put(int index, int x, int y);
    }
}
