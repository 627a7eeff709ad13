package org.esa.snap.core.gpf;

import java.awt.Rectangle;
import java.util.Iterator;
import org.esa.snap.core.datamodel.ProductData;
import org.esa.snap.core.datamodel.RasterDataNode;

/** A rectangle of samples of one raster. */
public interface Tile extends Iterable<Tile.Pos> {
    RasterDataNode getRasterDataNode();

    boolean isTarget();

    float toGeoPhysical(float rawSample);

    double toGeoPhysical(double rawSample);

    float toRaw(float sample);

    double toRaw(double sample);

    Rectangle getRectangle();

    int getMinX();

    int getMaxX();

    int getMinY();

    int getMaxY();

    int getWidth();

    int getHeight();

    int getDataBufferIndex(int x, int y);

    ProductData getDataBuffer();

    byte[] getDataBufferByte();

    short[] getDataBufferShort();

    int[] getDataBufferInt();

    float[] getDataBufferFloat();

    double[] getDataBufferDouble();

    int getScanlineOffset();

    int getScanlineStride();

    ProductData getRawSamples();

    void setRawSamples(ProductData rawSamples);

    byte[] getSamplesByte();

    short[] getSamplesShort();

    int[] getSamplesInt();

    float[] getSamplesFloat();

    double[] getSamplesDouble();

    void setSamples(byte[] samples);

    void setSamples(short[] samples);

    void setSamples(int[] samples);

    void setSamples(float[] samples);

    void setSamples(double[] samples);

    boolean isSampleValid(int x, int y);

    boolean getSampleBoolean(int x, int y);

    void setSample(int x, int y, boolean sample);

    int getSampleInt(int x, int y);

    void setSample(int x, int y, int sample);

    float getSampleFloat(int x, int y);

    void setSample(int x, int y, float sample);

    double getSampleDouble(int x, int y);

    void setSample(int x, int y, double sample);

    boolean getSampleBit(int x, int y, int bitIndex);

    void setSample(int x, int y, int bitIndex, boolean sample);

    @Override
    Iterator<Pos> iterator();

    /** A pixel of a tile. */
    final class Pos {
        public final int x;
        public final int y;

        public Pos(int x, int y) {
            this.x = x;
            this.y = y;
        }
    }
}
