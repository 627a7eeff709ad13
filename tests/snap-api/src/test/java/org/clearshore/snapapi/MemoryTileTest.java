package org.clearshore.snapapi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Rectangle;
import org.esa.snap.core.datamodel.Band;
import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.datamodel.ProductData;
import org.esa.snap.core.gpf.Tile;
import org.junit.jupiter.api.Test;

class MemoryTileTest {
    /** As Sentinel-2's reader makes them: DN 0, 1000, 2000 and 65535 in the first row, reflectance DN / 10000 - 0.1. */
    private static Band reflectance() {
        Product product = new Product("scene", "S2_MSI_Level-1C", 4, 2);
        Band band = product.addBand("B1", ProductData.TYPE_UINT16);
        band.setScalingFactor(1e-4);
        band.setScalingOffset(-0.1);
        band.setRasterData(ProductData.createUnsignedInstance(new short[] {0, 1000, 2000, -1, 4, 5, 6, 7}));
        return band;
    }

    @Test
    void rawSamplesStayRawAndOthersAreScaled() {
        Tile tile = MemoryTile.source(reflectance(), new Rectangle(1, 0, 3, 2));
        ProductData raw = tile.getRawSamples();
        assertArrayEquals(new short[] {1000, 2000, -1, 5, 6, 7}, (short[]) raw.getElems());
        assertEquals(65535, raw.getElemIntAt(2));
        assertEquals(0.0, tile.getSampleDouble(1, 0), 1e-12);
        assertEquals(6.4535f, tile.getSampleFloat(3, 0));
        assertEquals(6, tile.getSampleInt(3, 0));
        assertArrayEquals(new float[] {0, 0.1f, 6.4535f, -0.0995f, -0.0994f, -0.0993f}, tile.getSamplesFloat(), 1e-7f);
        assertEquals(2000, tile.toRaw(0.1), 1e-9);
    }

    @Test
    void invalidPixelsAreNotANumber() {
        Band band = reflectance();
        band.setValidPixelExpression("B1.raw > 0");
        Tile tile = MemoryTile.source(band, new Rectangle(4, 2));
        assertFalse(tile.isSampleValid(0, 0));
        assertTrue(Float.isNaN(tile.getSamplesFloat()[0]));
        assertEquals(0.1f, tile.getSamplesFloat()[2], 1e-7f);
        assertEquals(0, tile.getRawSamples().getElemIntAt(0));
        band.setValidPixelExpression(null);
        band.setNoDataValue(1000);
        band.setNoDataValueUsed(true);
        assertTrue(Double.isNaN(tile.getSamplesDouble()[1]));
        band.setValidPixelExpression("sin(B1) > 0");
        assertThrows(UnsupportedOperationException.class, tile::getSamplesFloat);
        band.setValidity((x, y) -> x == 2 ? 0 : 1);
        assertTrue(Float.isNaN(tile.getSamplesFloat()[2]));
    }

    @Test
    void theBufferHasItsOwnLines() {
        Tile tile = MemoryTile.source(reflectance(), new Rectangle(1, 0, 2, 2));
        short[] buffer = tile.getDataBufferShort();
        assertTrue(tile.getScanlineStride() > tile.getWidth());
        assertEquals(6, buffer[tile.getScanlineOffset() + tile.getScanlineStride() + 1]);
        assertEquals(6, buffer[tile.getDataBufferIndex(2, 1)]);
    }

    @Test
    void wholeNumbersAreRoundedToScaledSamples() {
        MemoryTile tile = MemoryTile.target(reflectance(), new Rectangle(2, 1));
        tile.setSamples(new int[] {1, 2});
        assertEquals(11000, tile.getRawSamples().getElemIntAt(0));
        tile.setSamples(new double[] {0.1, 0.00019});
        assertEquals(1001, tile.getRawSamples().getElemIntAt(1));
    }

    @Test
    void theHighestBitOfUnsignedFlagsComesThrough() {
        Band flags = new Product("flags", "flags", 1, 1).addBand("flags", ProductData.TYPE_UINT32);
        flags.setNoDataValueUsed(true);
        flags.setRasterData(ProductData.createUnsignedInstance(new int[] {1 << 31}));
        Tile tile = MemoryTile.source(flags, new Rectangle(1, 1));
        assertEquals(1 << 31, tile.getSamplesInt()[0]);
        assertEquals(1 << 31, tile.getSampleInt(0, 0));
        assertTrue(tile.getSampleBit(0, 0, 31));
        assertEquals(2147483648f, tile.getSamplesFloat()[0]);
    }

    @Test
    void aTargetTileTakesSamplesOfAnyKind() {
        Product product = new Product("target", "flags", 4, 2);
        Band flags = product.addBand("flags", ProductData.TYPE_INT32);
        Rectangle region = new Rectangle(1, 1, 3, 1);
        MemoryTile tile = MemoryTile.target(flags, region);
        tile.setSamples(new int[] {1, 1 << 30, -1});
        assertArrayEquals(new int[] {1, 1 << 30, -1}, tile.getSamplesInt());
        tile.setSamples(new float[] {1.9f, -1.9f, 3});
        assertArrayEquals(new int[] {1, -1, 3}, tile.getSamplesInt());
        ProductData raw = tile.getRawSamples();
        raw.setElemIntAt(1, 8);
        assertEquals(-1, tile.getSampleInt(2, 1));
        tile.setRawSamples(raw);
        assertEquals(8, tile.getSampleInt(2, 1));
        tile.setSample(2, 1, 0, true);
        assertEquals(9, tile.getSampleInt(2, 1));
        assertTrue(tile.getSampleBit(2, 1, 3));
        assertThrows(IllegalArgumentException.class, () -> tile.setRawSamples(ProductData.createInstance(new int[2])));
        assertThrows(IllegalArgumentException.class,
                () -> tile.setRawSamples(ProductData.createInstance(new float[3])));
        assertThrows(IllegalArgumentException.class, () -> MemoryTile.target(flags, new Rectangle(2, 1, 3, 1)));
        assertThrows(IllegalStateException.class,
                () -> MemoryTile.source(reflectance(), region).setSample(1, 1, 5));
    }
}
