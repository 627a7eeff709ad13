package org.clearshore.snap;

import org.esa.snap.core.datamodel.Product;
import org.junit.jupiter.api.Test;

import java.util.List;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

class L1cMetadataTest {

    @Test
    void factsAreReadWhereTheReaderPutsThem() {
        SceneData data = SceneData.made(20);
        data.bands.get("B8A").offset = -777;
        L1cMetadata metadata = L1cMetadata.of(Sources.multiSize(data));
        assertTrue(metadata.isPresent());
        assertEquals("S2A_MSIL1C_20240601T101031_N0510_R022_T32TPR_20240601T120000", metadata.productName());
        assertEquals(List.of("T32TPR"), metadata.tiles());
        assertEquals(32632, metadata.epsg());
        assertEquals(10_000, metadata.quantification());
        assertEquals(65_535, metadata.saturatedDn());
        assertEquals(-1000, metadata.offset("B8"));
        assertEquals(-777, metadata.offset("B8A"));
        assertEquals(-1000, metadata.offset("B12"));
        assertArrayEquals(new double[]{30.15, 150.15}, metadata.meanSun());
        assertTrue(metadata.isUndegraded());
    }

    @Test
    void nothingIsInvented() {
        L1cMetadata metadata = L1cMetadata.of(new Product("empty", "type", 1, 1));
        assertFalse(metadata.isPresent());
        assertNull(metadata.productName());
        assertEquals(List.of(), metadata.tiles());
        assertNull(metadata.epsg());
        assertNull(metadata.quantification());
        assertNull(metadata.saturatedDn());
        assertNull(metadata.offset("B2"));
        assertNull(metadata.meanSun());
        assertFalse(metadata.isUndegraded());
    }

    @Test
    void aListOfOtherLengthIsNotTrusted() {
        Product product = Sources.multiSize(SceneData.made(20));
        product.getMetadataRoot().getElement("Level-1C_User_Product").getElement("General_Info")
                .getElement("Product_Image_Characteristics").getElement("Radiometric_Offset_List")
                .setAttributeString("RADIO_ADD_OFFSET_14", "0");
        assertEquals(-1000, L1cMetadata.of(product).offset("B2"));
        L1cMetadata metadata = L1cMetadata.of(product);
        var list = product.getMetadataRoot().getElement("Level-1C_User_Product").getElement("General_Info")
                .getElement("Product_Image_Characteristics").getElement("Radiometric_Offset_List");
        list.removeAttribute(list.getAttributeAt(0));
        assertNull(metadata.offset("B2"));
    }

    @Test
    void aDegradedGranuleCounts() {
        Product product = Sources.multiSize(SceneData.made(20));
        product.getMetadataRoot().getElement("Granules").getElementAt(0).getElement("Quality_Indicators_Info")
                .getElement("Image_Content_QI").setAttributeString("DEGRADED_MSI_DATA_PERCENTAGE", "0.01");
        assertFalse(L1cMetadata.of(product).isUndegraded());
    }
}
