package org.clearshore.snap;

import org.clearshore.snapapi.WatchedSamples;
import org.esa.snap.core.datamodel.Band;
import org.esa.snap.core.datamodel.Mask;
import org.esa.snap.core.datamodel.MetadataElement;
import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.datamodel.ProductData;
import org.esa.snap.core.datamodel.RasterDataNode;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

/** Pixels that the product's quality masks call lost, defective or without data become CS_INVALID, on the slow way. */
class QualityMaskTest {
    private static final int INVALID = 1;
    private static final int SIDE = 120;
    private static final int ROW = 60;
    private static final int COLUMN = 45;

    private final SceneData data = SceneData.made(20);
    private final int[] unmarked = Drive.flags(Sources.multiSize(data));

    @Test
    void markedNativePixelsInvalidateThePixelThatTheyTouch() {
        for (String kind : new String[]{"msi_lost", "defective", "nodata"}) {
            Product source = degraded();
            source.addBand(mark("B_" + kind + "_B2", 2 * COLUMN + 1, 2 * ROW, 2 * SIDE));
            assertOneMarked(Drive.flags(source), kind);
        }
    }

    @Test
    void masksThatLeaveAPixelUsableAreNotAsked() {
        Product source = degraded();
        for (String name : new String[]{"B_msi_degraded_B2", "B_saturated_l1a_B2", "B_defective_B5"}) {
            source.addBand(mark(name, 2 * COLUMN, 2 * ROW, 2 * SIDE));
        }
        source.addBand(mark("B_defective_B10", COLUMN / 3, ROW / 3, SIDE / 3));
        assertArrayEquals(unmarked, Drive.flags(source));
    }

    @Test
    void rastersAreNotReadWhereNothingIsDegraded() {
        Product source = Sources.multiSize(data);
        Band mask = mark("B_defective_B2", 2 * COLUMN, 2 * ROW, 2 * SIDE);
        source.addBand(mask);
        WatchedSamples watched = WatchedSamples.watch(mask);
        assertArrayEquals(unmarked, Drive.flags(source));
        assertEquals(0, watched.reads().size());
    }

    @Test
    void masksOfOlderProductsAreDrawnFromVectors() {
        Product source = Sources.multiSize(data);
        Mask mask = Mask.BandMathsType.create("defective_B11", "", SIDE, SIDE, "true", java.awt.Color.RED, 0.5);
        mask.setSamples(mark("drawn", COLUMN, ROW, SIDE)::readSamples);
        source.addMask(mask);
        assertOneMarked(Drive.flags(source), "vector");
    }

    private Product degraded() {
        Product source = Sources.multiSize(data);
        MetadataElement quality = source.getMetadataRoot().getElement("Granules").getElementAt(0)
                .getElement("Quality_Indicators_Info").getElement("Image_Content_QI");
        quality.setAttributeString("DEGRADED_MSI_DATA_PERCENTAGE", "0.3");
        return source;
    }

    private static Band mark(String name, int column, int row, int side) {
        Band band = new Band(name, ProductData.TYPE_UINT8, side, side);
        byte[] mask = new byte[side * side];
        mask[row * side + column] = 1;
        band.setRasterData(ProductData.createInstance(ProductData.TYPE_UINT8, mask));
        return band;
    }

    private void assertOneMarked(int[] flags, String what) {
        int pixel = ROW * SIDE + COLUMN;
        assertEquals(0, unmarked[pixel] & INVALID, what);
        assertNotEquals(0, flags[pixel] & INVALID, what);
        for (int i = 0; i < flags.length; i++) {
            if (i != pixel) {
                assertEquals(unmarked[i] & INVALID, flags[i] & INVALID, what + " " + i);
            }
        }
    }
}
